/** The public face of the payments module. */
export * from './events.ts';
export { paymentsModule } from './module.ts';
export { paymentRowSchema, paymentSchema } from './payment.ts';
export { type PaymentStatus, paymentStates } from './payment-states.ts';
export type { OrdersPort, PayableOrder, PaymentsOptions } from './ports.ts';
