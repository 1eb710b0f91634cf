/** Every way in which the orders module says no. */
import { defineError } from '../../kernel/errors.ts';

/** There is no order with this id. */
export const orderNotFound = defineError({
  code: 'ORDER_NOT_FOUND',
  status: 404,
  title: 'There is no such order',
});

/** The order, or the orders asked for, belong to somebody else. */
export const orderForbidden = defineError({
  code: 'ORDER_FORBIDDEN',
  status: 403,
  title: 'Only the buyer and staff may do this with an order',
});

/** The caller is no user and named none. */
export const userRequired = defineError({
  code: 'ORDER_USER_REQUIRED',
  status: 422,
  title: 'An order needs a user',
});

/** The user that the order is for does not exist. */
export const userNotFound = defineError({
  code: 'ORDER_USER_NOT_FOUND',
  status: 422,
  title: 'The user of the order does not exist',
});

/** A product does not exist or is not sold any more. */
export const unknownProduct = defineError({
  code: 'UNKNOWN_PRODUCT',
  status: 422,
  title: 'The order names a product that is not sold',
});

/** A unit price in the request is not the catalog's. */
export const priceMismatch = defineError({
  code: 'PRICE_MISMATCH',
  status: 422,
  title: 'A price is not the one in the catalog',
});

/** The total in the request is not the sum of the catalog's prices. */
export const totalMismatch = defineError({
  code: 'TOTAL_MISMATCH',
  status: 422,
  title: 'The total is not the sum of the catalog prices',
});

/** The sum is zero, or more than twelve digits. */
export const totalOutOfRange = defineError({
  code: 'TOTAL_OUT_OF_RANGE',
  status: 422,
  title: 'The total of an order must be above zero and below a trillion',
});

/** The order asks for a currency in which its products are not sold. */
export const currencyNotSupported = defineError({
  code: 'CURRENCY_NOT_SUPPORTED',
  status: 422,
  title: 'The products are not sold in this currency',
});

/** A physical product needs to go somewhere. */
export const shippingAddressRequired = defineError({
  code: 'SHIPPING_ADDRESS_REQUIRED',
  status: 422,
  title: 'Physical products need a shipping address',
});

/** The state machine knows no such change. */
export const invalidStatusTransition = defineError({
  code: 'INVALID_STATUS_TRANSITION',
  status: 409,
  title: 'The order cannot change to this status',
});

/** A change of status lacks a field that it has to record. */
export const statusFieldRequired = defineError({
  code: 'STATUS_FIELD_REQUIRED',
  status: 422,
  title: 'This change of status needs another field',
});

/** Too late to cancel. */
export const orderAlreadyShipped = defineError({
  code: 'ORDER_ALREADY_SHIPPED',
  status: 409,
  title: 'A shipped order cannot be cancelled',
});

/** Four eyes: the buyer may not approve the own order. */
export const approverIsBuyer = defineError({
  code: 'APPROVER_IS_BUYER',
  status: 403,
  title: 'The buyer may not decide on the own order',
});

/** The risk was low: there is nothing to decide. */
export const approvalNotRequired = defineError({
  code: 'APPROVAL_NOT_REQUIRED',
  status: 409,
  title: 'The order needs no approval',
});

/** Somebody decided before, the other way. */
export const approvalAlreadyDecided = defineError({
  code: 'APPROVAL_ALREADY_DECIDED',
  status: 409,
  title: 'The order was already decided the other way',
});

/** The order is not pending any more, so a decision has no effect. */
export const approvalTooLate = defineError({
  code: 'APPROVAL_TOO_LATE',
  status: 409,
  title: 'The order is no longer waiting for a decision',
});

/** All of them, for the manifest. */
export const orderErrors = [
  orderNotFound,
  orderForbidden,
  userRequired,
  userNotFound,
  unknownProduct,
  priceMismatch,
  totalMismatch,
  totalOutOfRange,
  currencyNotSupported,
  shippingAddressRequired,
  invalidStatusTransition,
  statusFieldRequired,
  orderAlreadyShipped,
  approverIsBuyer,
  approvalNotRequired,
  approvalAlreadyDecided,
  approvalTooLate,
] as const;
