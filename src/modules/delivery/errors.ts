/** Every way in which the delivery module says no. */
import { defineError } from '../../kernel/errors.ts';

/** There is no shipment of this order, or with this id. */
export const shipmentNotFound = defineError({
  code: 'SHIPMENT_NOT_FOUND',
  status: 404,
  title: 'There is no such shipment',
});

/** The order that is to be shipped does not exist. */
export const deliveryOrderUnknown = defineError({
  code: 'DELIVERY_ORDER_UNKNOWN',
  status: 404,
  title: 'The order of the shipment does not exist',
});

/** The shipment belongs to somebody else. */
export const shipmentForbidden = defineError({
  code: 'SHIPMENT_FORBIDDEN',
  status: 403,
  title: 'Only the buyer and staff see a shipment',
});

/** The courier does not take the parcel. */
export const shipmentRefused = defineError({
  code: 'SHIPMENT_REFUSED',
  status: 422,
  title: 'The courier does not take the parcel',
});

/** It was cancelled before it was booked. */
export const shipmentCancelled = defineError({
  code: 'SHIPMENT_CANCELLED',
  status: 409,
  title: 'The shipment was cancelled',
});

/** The courier has the parcel. */
export const shipmentAlreadyPickedUp = defineError({
  code: 'SHIPMENT_ALREADY_PICKED_UP',
  status: 409,
  title: 'A parcel that the courier has cannot be cancelled',
});

/** News of a delivery for an order that is not being delivered. */
export const deliveryNotExpected = defineError({
  code: 'DELIVERY_NOT_EXPECTED',
  status: 409,
  title: 'The order is not being delivered',
});

/** A webhook whose ids belong to different shipments. */
export const deliveryWebhookContradicts = defineError({
  code: 'DELIVERY_WEBHOOK_CONTRADICTS',
  status: 409,
  title: 'The webhook names different shipments',
});

/** All of them, for the manifest. */
export const deliveryErrors = [
  shipmentNotFound,
  deliveryOrderUnknown,
  shipmentForbidden,
  shipmentRefused,
  shipmentCancelled,
  shipmentAlreadyPickedUp,
  deliveryNotExpected,
  deliveryWebhookContradicts,
] as const;
