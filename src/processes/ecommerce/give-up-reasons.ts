/**
 * Why an order is given up. Whatever ends the first half of the process early is an error with one of
 * these codes, so that there is one way of giving an order up, and the customer reads why in words.
 */
import type { ErrorInfo } from '../../engine/index.ts';

/** Said to the customer; null: the error says it itself. */
const reasons: Readonly<Record<string, string | null>> = {
  ORDER_REJECTED: null,
  APPROVAL_TIMED_OUT: 'The order was not approved in time',
  INSUFFICIENT_STOCK: 'Not all of the ordered items are in stock',
  PAYMENT_FAILED: null,
  PAYMENT_TIMED_OUT: 'The order was not paid in time',
  CANCELLED_ON_REQUEST: null,
  SHIPMENT_REFUSED: 'The courier does not deliver to this address',
  // The order changed while a step was on its way: somebody cancelled it, and the news is coming.
  INVALID_STATUS_TRANSITION: 'The order was cancelled',
  ORDER_NOT_PAYABLE: 'The order was cancelled',
  APPROVAL_TOO_LATE: 'The order was cancelled',
  SHIPMENT_CANCELLED: 'The order was cancelled',
};

/** Errors that mean "give the order up"; any other one is an incident for a person. */
export const giveUpCodes: readonly string[] = Object.keys(reasons);

/** Why, in words for the customer. */
export function giveUpReason(error: ErrorInfo): string {
  return (reasons[error.code] ?? error.message).slice(0, 500);
}
