/**
 * Opens the page on which the customer pays. The engine's idempotency key goes to the gateway, so that
 * one order has one session. Undone by settling: an open session is closed, money that came goes back.
 */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Opens one payment session of the order, or finds the one that is open. */
export const createPaymentSession = step({
  id: 'create-payment-session',
  input: z.object({
    orderId: z.string(),
    userId: z.string(),
    amount: z.number(),
    currency: z.string(),
  }),
  output: z.object({ paymentId: z.string(), url: z.string().nullable() }),
  execute: ({ engine, inputData }) => engine.run('payments.create-session', inputData),
  compensate: ({ engine, inputData }) =>
    engine.run('payments.settle-order', {
      orderId: inputData.orderId,
      reason: 'The order was cancelled',
    }),
});
