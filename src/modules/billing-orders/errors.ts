/**
 * Every way in which a billing order is refused. The codes of the steps are what the error events of the
 * drawings catch.
 */
import { defineError } from '../../kernel/errors.ts';

/** The operator's domain, or this program, knows no such order. */
export const billingOrderNotFound = defineError({
  code: 'BILLING_ORDER_NOT_FOUND',
  status: 404,
  title: 'There is no such billing order',
});

/** One order is one process. */
export const workflowAlreadyStarted = defineError({
  code: 'WORKFLOW_ALREADY_STARTED',
  status: 409,
  title: 'The order has a process already',
});

/** What is asked for and what the operator's domain has are two different orders. */
export const orderContradicts = defineError({
  code: 'BILLING_ORDER_CONTRADICTS',
  status: 422,
  title: 'The order is another one than was asked for',
});

/** A change has been billed: it is undone by another change. */
export const billingOrderNotCancellable = defineError({
  code: 'BILLING_ORDER_NOT_CANCELLABLE',
  status: 409,
  title: 'The billing order cannot be cancelled',
});

/** What goes out with an order has gone out, or never will. */
export const billingOrderNotChangeable = defineError({
  code: 'BILLING_ORDER_NOT_CHANGEABLE',
  status: 409,
  title: 'The billing order is not under way any more',
});

/** Somebody wants the order cancelled, so it is not completed any more. */
export const cancelRequested = defineError({
  code: 'BILLING_ORDER_CANCEL_REQUESTED',
  status: 409,
  title: 'The order is being cancelled',
});

/** The biller does not open the account. */
export const accountCreationError = defineError({
  code: 'ACCOUNT_CREATION_ERROR',
  status: 422,
  title: 'The account cannot be created',
});

/** The network does not take the line. */
export const lineActivationError = defineError({
  code: 'LINE_ACTIVATION_ERROR',
  status: 422,
  title: 'The line cannot be activated',
});

/** The device does not go into the line. */
export const deviceAssignmentError = defineError({
  code: 'DEVICE_ASSIGNMENT_ERROR',
  status: 422,
  title: 'The device cannot be assigned',
});

/** The credit of a promotion is not given. */
export const promotionError = defineError({
  code: 'PROMOTION_ERROR',
  status: 422,
  title: 'The promotion cannot be applied',
});

/** The money does not come. */
export const paymentError = defineError({
  code: 'BILLING_PAYMENT_ERROR',
  status: 422,
  title: 'The payment of the billing order failed',
});

/** The biller does not take the order. */
export const billingOrderError = defineError({
  code: 'BILLING_ORDER_ERROR',
  status: 422,
  title: 'The biller does not take the order',
});

/** The biller does not take the change. */
export const changeOrderError = defineError({
  code: 'CHANGE_ORDER_ERROR',
  status: 422,
  title: 'The change cannot be made',
});

/** All of them, for the manifest. */
export const billingOrderErrors = [
  billingOrderNotFound,
  workflowAlreadyStarted,
  orderContradicts,
  billingOrderNotCancellable,
  billingOrderNotChangeable,
  cancelRequested,
  accountCreationError,
  lineActivationError,
  deviceAssignmentError,
  promotionError,
  paymentError,
  billingOrderError,
  changeOrderError,
] as const;
