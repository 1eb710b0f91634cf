/** Writes down that the payment failed. The cancellation that follows is its own step. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Marks the payment of the order as failed. */
export const markPaymentFailed = step({
  id: 'mark-payment-failed',
  input: z.object({ orderId: z.string(), reason: z.string() }),
  execute: ({ engine, inputData }) =>
    engine.run('orders.update-status', { ...inputData, status: 'payment_failed' }),
  irreversible: 'a failed payment stays a fact of the order',
});
