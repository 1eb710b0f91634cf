// Generated from ../openapi.yaml by `orderloom integrate`; not to be edited.

import { z } from 'zod';
import { defineError } from '../../../kernel/errors.ts';
import { defineRemoteEvent, defineRemoteProcedure, defineRemoteService } from '../../remote/service.ts';

const shipmentForbidden = defineError({"code":"SHIPMENT_FORBIDDEN","status":403,"title":"Only the buyer and staff see a shipment"});
const shipmentNotFound = defineError({"code":"SHIPMENT_NOT_FOUND","status":404,"title":"There is no such shipment"});
const shipmentAlreadyPickedUp = defineError({"code":"SHIPMENT_ALREADY_PICKED_UP","status":409,"title":"A parcel that the courier has cannot be cancelled"});
const deliveryOrderUnknown = defineError({"code":"DELIVERY_ORDER_UNKNOWN","status":404,"title":"The order of the shipment does not exist"});
const shipmentCancelled = defineError({"code":"SHIPMENT_CANCELLED","status":409,"title":"The shipment was cancelled"});
const shipmentRefused = defineError({"code":"SHIPMENT_REFUSED","status":422,"title":"The courier does not take the parcel"});

export const deliveryGetStatus = defineRemoteProcedure({
  name: "delivery-service.delivery.get-status",
  summary: "Show where the shipment of an order is",
  input: z.object({ "orderId": z.guid() }),
  output: z.object({ "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "createdAt": z.iso.datetime({ offset: true }), "deliveredAt": z.iso.datetime({ offset: true }).nullable(), "detail": z.string().nullable(), "estimatedDeliveryAt": z.iso.datetime({ offset: true }).nullable(), "orderId": z.guid(), "shipmentId": z.guid(), "status": z.enum(["requested","created","in_transit","out_for_delivery","delivered","failed","cancelled"]), "trackingNumber": z.string().nullable(), "trackingUrl": z.string().nullable(), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }),
  errors: [shipmentForbidden, shipmentNotFound],
  request: {
    method: "GET",
    path: "/delivery/orders/{orderId}",
    placement: { path: ["orderId"] },
    repeatable: true,
  },
});

export const deliveryCancelShipment = defineRemoteProcedure({
  name: "delivery-service.delivery.cancel-shipment",
  summary: "Take a shipment back before pick-up",
  description: "Where there is no shipment, nothing happens.\n\nFor callers with the role `service` or `admin` or `manager` or `operator`.",
  input: z.object({ "orderId": z.guid() }),
  output: z.object({ "orderId": z.guid(), "shipmentId": z.guid().nullable(), "status": z.enum(["requested","created","in_transit","out_for_delivery","delivered","failed","cancelled"]).nullable().describe("Null when there is no shipment") }),
  errors: [shipmentAlreadyPickedUp],
  request: {
    method: "POST",
    path: "/delivery/orders/{orderId}/cancel",
    placement: { path: ["orderId"] },
    repeatable: true,
  },
});

export const deliveryList = defineRemoteProcedure({
  name: "delivery-service.delivery.list",
  summary: "List shipments, newest first",
  description: "For callers with the role `admin` or `manager` or `support` or `operator` or `service`.",
  input: z.object({ "limit": z.int().gte(1).lte(200).optional(), "cursor": z.string().max(500).optional(), "userId": z.guid().optional(), "status": z.enum(["requested","created","in_transit","out_for_delivery","delivered","failed","cancelled"]).optional() }),
  output: z.object({ "count": z.object({ "capped": z.boolean(), "value": z.int().gte(-9007199254740991).lte(9007199254740991) }), "items": z.array(z.object({ "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "createdAt": z.iso.datetime({ offset: true }), "deliveredAt": z.iso.datetime({ offset: true }).nullable(), "detail": z.string().nullable(), "estimatedDeliveryAt": z.iso.datetime({ offset: true }).nullable(), "orderId": z.guid(), "shipmentId": z.guid(), "status": z.enum(["requested","created","in_transit","out_for_delivery","delivered","failed","cancelled"]), "trackingNumber": z.string().nullable(), "trackingUrl": z.string().nullable(), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() })), "nextCursor": z.string().nullable() }),
  errors: [],
  request: {
    method: "GET",
    path: "/delivery/shipments",
    placement: { query: ["limit","cursor","userId","status"] },
    repeatable: true,
  },
});

export const deliveryCreateShipment = defineRemoteProcedure({
  name: "delivery-service.delivery.create-shipment",
  summary: "Have an order carried",
  description: "An order has one shipment: asking again gives the same one.\n\nFor callers with the role `service` or `admin` or `operator`.",
  input: z.object({ "address": z.strictObject({ "city": z.string().min(1).max(100), "country": z.string().regex(new RegExp("^[A-Z]{2}$", 'u')), "line1": z.string().min(1).max(200), "line2": z.string().min(1).max(200).nullable().optional(), "name": z.string().min(1).max(200).nullable().optional(), "phone": z.string().min(1).max(40).nullable().optional(), "postalCode": z.string().min(1).max(20), "state": z.string().min(1).max(100).nullable().optional() }), "items": z.array(z.strictObject({ "productId": z.string().min(1).max(100), "productName": z.string().min(1).max(200), "quantity": z.int().gte(1).lte(9007199254740991) })).max(100).optional(), "orderId": z.guid() }),
  output: z.object({ "createdAt": z.iso.datetime({ offset: true }), "deliveredAt": z.iso.datetime({ offset: true }).nullable(), "detail": z.string().nullable(), "estimatedDeliveryAt": z.iso.datetime({ offset: true }).nullable(), "orderId": z.guid(), "shipmentId": z.guid(), "status": z.enum(["requested","created","in_transit","out_for_delivery","delivered","failed","cancelled"]), "trackingNumber": z.string().nullable(), "trackingUrl": z.string().nullable(), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }),
  errors: [deliveryOrderUnknown, shipmentCancelled, shipmentRefused],
  request: {
    method: "POST",
    path: "/delivery/shipments",
    placement: { body: "rest" },
    repeatable: true,
  },
});

export const deliveryCheckShipments = defineRemoteProcedure({
  name: "delivery-service.delivery.check-shipments",
  summary: "Ask the courier about parcels that nothing was heard of",
  description: "For callbacks that never come. Runs by itself now and then; what it learns is taken in like a callback.\n\nFor callers with the role `service` or `admin` or `operator`.\n\nEmits `delivery.trigger.status-updated`.",
  input: z.object({ "limit": z.int().gte(1).lte(500).optional() }),
  output: z.object({ "asked": z.int().gte(-9007199254740991).lte(9007199254740991), "more": z.boolean().describe("True when there may be further ones to ask about at once"), "moved": z.int().gte(-9007199254740991).lte(9007199254740991).describe("Shipments that the answer moved on") }),
  errors: [],
  request: {
    method: "POST",
    path: "/delivery/shipments/check",
    placement: { body: "rest" },
    repeatable: true,
  },
});

export const deliveryTriggerStatusUpdated = defineRemoteEvent({
  name: "delivery-service.delivery.trigger.status-updated",
  version: 1,
  summary: "Trigger: a shipment moved on",
  payload: z.object({ "detail": z.string().optional(), "orderId": z.guid(), "shipmentId": z.guid(), "status": z.enum(["in_transit","out_for_delivery","delivered","failed"]) }),
  body: z.object({ "data": z.object({ "detail": z.string().optional(), "orderId": z.guid(), "shipmentId": z.guid(), "status": z.enum(["in_transit","out_for_delivery","delivered","failed"]) }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("delivery.trigger.status-updated") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

/** The service with all that was taken from its document. */
export const deliveryService = defineRemoteService({
  name: "delivery-service",
  title: "Orderloom",
  basePath: "/api/v1",
  credential: {"header":"x-api-key","prefix":""},
  procedures: [deliveryGetStatus, deliveryCancelShipment, deliveryList, deliveryCreateShipment, deliveryCheckShipments],
  events: [deliveryTriggerStatusUpdated],
});
