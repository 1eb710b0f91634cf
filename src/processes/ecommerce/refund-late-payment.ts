/** Gives back money that came for an order after it was given up. */
import { when, workflow } from '../../engine/index.ts';
import { triggerPaidAfterCancel } from '../../modules/payments/index.ts';
import { settlePayment } from './settle-payment.ts';

/** Refunds a payment that came too late. */
export const refundLatePayment = workflow('refund-late-payment', {
  version: 1,
  name: 'Refund a late payment',
  businessKey: '{{ on-late-payment.orderId }}',
})
  .step(when({ id: 'on-late-payment', name: 'Paid too late', on: triggerPaidAfterCancel }))
  .step(settlePayment, ({ inputData }) => ({
    orderId: inputData.orderId,
    reason: 'The order was cancelled before the payment arrived',
  }))
  .commit();
