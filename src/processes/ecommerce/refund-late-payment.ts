/** Gives back money that came for an order after it was given up. */
import { z } from 'zod';
import { step, when, workflow } from '../../engine/index.ts';
import { triggerPaidAfterCancel } from '../../modules/payments/index.ts';

const refundPayment = step({
  id: 'refund-payment',
  input: z.object({ orderId: z.string(), paymentId: z.string() }),
  output: z.object({ id: z.string(), status: z.string() }),
  execute: ({ engine, inputData }) =>
    engine.run('payments.refund', {
      paymentId: inputData.paymentId,
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
  .step(refundPayment)
  .commit();
