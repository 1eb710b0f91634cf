/**
 * Settles what was paid for an order that was given up: an open page is closed, money that came goes
 * back, and where there is nothing, nothing happens.
 */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Ends certain: what came is on its way back, and nothing more can be paid. */
export const settlePayment = step({
  id: 'settle-payment',
  input: z.object({ orderId: z.string(), reason: z.string() }),
  output: z.object({ orderId: z.string(), outcome: z.string(), refundedAmount: z.number() }),
  // Settling is the same work as the undo of the payment session, so the two never refund twice.
  execute: ({ engine, inputData }) => engine.run('payments.settle-order', inputData),
  irreversible: 'money that was given back is paid anew',
});
