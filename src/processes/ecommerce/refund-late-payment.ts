/** Gives back money that came for an order after it was given up. */
import { z } from 'zod';
import { step, when, workflow } from '../../engine/index.ts';
import { triggerPaidAfterCancel } from '../../modules/payments/index.ts';

const settlePayment = step({
  id: 'settle-payment',
  input: z.object({ orderId: z.string() }),
  output: z.object({ orderId: z.string(), outcome: z.string(), refundedAmount: z.number() }),
  // Settling is the same work as the undo of the payment session, so the two never refund twice.
  execute: ({ engine, inputData }) =>
    engine.run('payments.settle-order', {
      orderId: inputData.orderId,
      reason: 'The order was cancelled before the payment arrived',
    }),
  irreversible: 'money that was given back is paid anew',
});

/** Refunds a payment that came too late. */
export const refundLatePayment = workflow('refund-late-payment', {
  version: 1,
  name: 'Refund a late payment',
  businessKey: '{{ on-late-payment.orderId }}',
})
  .step(when({ id: 'on-late-payment', name: 'Paid too late', on: triggerPaidAfterCancel }))
  .step(settlePayment, ({ inputData }) => ({ orderId: inputData.orderId }))
  .commit();
