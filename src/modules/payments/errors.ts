/** Every way in which the payments module says no. */
import { defineError } from '../../kernel/errors.ts';

/** There is no payment with this id, or for this session. */
export const paymentNotFound = defineError({
  code: 'PAYMENT_NOT_FOUND',
  status: 404,
  title: 'There is no such payment',
});

/** The order that is to be paid does not exist. */
export const paymentOrderUnknown = defineError({
  code: 'PAYMENT_ORDER_UNKNOWN',
  status: 404,
  title: 'The order of the payment does not exist',
});

/** The payment or order belongs to somebody else. */
export const paymentForbidden = defineError({
  code: 'PAYMENT_FORBIDDEN',
  status: 403,
  title: 'Only the buyer may do this with a payment',
});

/** The user that was named is not the buyer. */
export const paymentUserMismatch = defineError({
  code: 'PAYMENT_USER_MISMATCH',
  status: 422,
  title: 'The user is not the buyer of the order',
});

/** The order is not in a state in which it can be paid. */
export const orderNotPayable = defineError({
  code: 'ORDER_NOT_PAYABLE',
  status: 409,
  title: 'The order cannot be paid in its state',
});

/** The amount or currency is not that of the order. */
export const paymentAmountMismatch = defineError({
  code: 'PAYMENT_AMOUNT_MISMATCH',
  status: 422,
  title: 'The amount is not the total of the order',
});

/** The method exists but is switched off. */
export const paymentMethodInactive = defineError({
  code: 'PAYMENT_METHOD_INACTIVE',
  status: 422,
  title: 'The payment method is not active',
});

/** The order was paid. */
export const paymentAlreadyProcessed = defineError({
  code: 'PAYMENT_ALREADY_PROCESSED',
  status: 409,
  title: 'The order is already paid',
});

/** Another request is charging for the same order. */
export const paymentInProgress = defineError({
  code: 'PAYMENT_IN_PROGRESS',
  status: 409,
  title: 'The order is being paid by another request',
});

/** The bank said no. */
export const paymentDeclined = defineError({
  code: 'PAYMENT_DECLINED',
  status: 402,
  title: 'The payment was declined',
});

/** The gateway could not use what it was given. */
export const invalidPaymentDetails = defineError({
  code: 'INVALID_PAYMENT_DETAILS',
  status: 422,
  title: 'The payment details are not valid',
});

/** A webhook says the opposite of what is known. */
export const paymentWebhookContradicts = defineError({
  code: 'PAYMENT_WEBHOOK_CONTRADICTS',
  status: 409,
  title: 'The webhook contradicts what is known of the payment',
});

/** Only money that was taken can go back. */
export const paymentNotRefundable = defineError({
  code: 'PAYMENT_NOT_REFUNDABLE',
  status: 409,
  title: 'The payment cannot be refunded in its state',
});

/** More is to go back than is left. */
export const refundExceedsPayment = defineError({
  code: 'REFUND_EXCEEDS_PAYMENT',
  status: 422,
  title: 'The refund is larger than what is left of the payment',
});

/** The gateway does not give the money back. */
export const refundRefused = defineError({
  code: 'REFUND_REFUSED',
  status: 409,
  title: 'The gateway refused the refund',
});

/** All of them, for the manifest. */
export const paymentErrors = [
  paymentNotFound,
  paymentOrderUnknown,
  paymentForbidden,
  paymentUserMismatch,
  orderNotPayable,
  paymentAmountMismatch,
  paymentMethodInactive,
  paymentAlreadyProcessed,
  paymentInProgress,
  paymentDeclined,
  invalidPaymentDetails,
  paymentWebhookContradicts,
  paymentNotRefundable,
  refundExceedsPayment,
  refundRefused,
] as const;
