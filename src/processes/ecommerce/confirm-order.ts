/** Confirms the paid order. Not undone by itself: cancelling the order takes it back. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Confirms the order with the payment that paid it. */
export const confirmOrder = step({
  id: 'confirm-order',
  input: z.object({ orderId: z.string(), paymentId: z.string() }),
  execute: ({ engine, inputData }) =>
    engine.run('orders.update-status', { ...inputData, status: 'confirmed' }),
  irreversible: 'a confirmed order is cancelled, not unconfirmed',
});
