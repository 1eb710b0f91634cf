// Generated from ../openapi.yaml by `orderloom integrate`; not to be edited.

import { z } from 'zod';
import { defineError } from '../../../kernel/errors.ts';
import { defineRemoteEvent, defineRemoteProcedure, defineRemoteService } from '../../remote/service.ts';

const insufficientStock = defineError({"code":"INSUFFICIENT_STOCK","status":409,"title":"There is not enough stock."});
const productNotStocked = defineError({"code":"PRODUCT_NOT_STOCKED","status":409,"title":"A physical product has no stock."});
const reservationMismatch = defineError({"code":"RESERVATION_MISMATCH","status":409,"title":"The order has a reservation for other items."});
const reservationEnded = defineError({"code":"RESERVATION_ENDED","status":409,"title":"The reservation of the order was released or has expired."});
const reservationNotFound = defineError({"code":"RESERVATION_NOT_FOUND","status":404,"title":"The order has no reservation."});
const reservationConsumed = defineError({"code":"RESERVATION_CONSUMED","status":409,"title":"The reserved goods were shipped already."});
const stockBelowReserved = defineError({"code":"STOCK_BELOW_RESERVED","status":409,"title":"The stock cannot be less than what is reserved."});

export const inventoryCheckAvailability = defineRemoteProcedure({
  name: "warehouse.inventory.check-availability",
  summary: "Ask whether items could be reserved now",
  description: "The answer promises nothing; only inventory.reserve does.",
  input: z.object({ "items": z.union([z.array(z.strictObject({ "physical": z.boolean().describe("True: refused when the product has no stock. Otherwise it then needs none").optional(), "productId": z.string().regex(new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", 'u')), "quantity": z.int().gte(1).lte(1000000) })).min(1).max(200), z.string().max(4000).regex(new RegExp("^[A-Za-z0-9._-]+(:\\d{1,7})?(,[A-Za-z0-9._-]+(:\\d{1,7})?)*$", 'u'))]) }),
  output: z.object({ "available": z.boolean(), "items": z.array(z.object({ "available": z.int().gte(-9007199254740991).lte(9007199254740991).nullable().describe("Null: the product needs no stock"), "productId": z.string(), "requested": z.int().gte(-9007199254740991).lte(9007199254740991), "sufficient": z.boolean() })) }),
  errors: [],
  request: {
    method: "GET",
    path: "/inventory/availability",
    placement: { query: ["items"] },
    repeatable: true,
  },
});

export const inventoryExpireReservations = defineRemoteProcedure({
  name: "warehouse.inventory.expire-reservations",
  summary: "Free what was reserved too long ago",
  description: "Called by a timer. `more` says that another call would find more.\n\nFor callers with the role `service` or `operator` or `admin`.\n\nEmits `inventory.released`.",
  input: z.object({ "limit": z.int().gte(1).lte(1000).optional() }),
  output: z.object({ "more": z.boolean(), "orderIds": z.array(z.guid()) }),
  errors: [],
  request: {
    method: "POST",
    path: "/inventory/expire-reservations",
    placement: { body: "rest" },
    repeatable: true,
  },
});

export const inventoryListReservations = defineRemoteProcedure({
  name: "warehouse.inventory.list-reservations",
  summary: "List reservations, newest first",
  description: "For callers with the role `service` or `operator` or `admin` or `manager` or `support`.",
  input: z.object({ "limit": z.int().gte(1).lte(200).optional(), "cursor": z.string().max(500).optional(), "status": z.enum(["held","consumed","released","expired"]).optional(), "orderId": z.guid().optional(), "productId": z.string().regex(new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", 'u')).optional() }),
  output: z.object({ "count": z.object({ "capped": z.boolean(), "value": z.int().gte(-9007199254740991).lte(9007199254740991) }), "items": z.array(z.object({ "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "endedAt": z.iso.datetime({ offset: true }).nullable(), "expiresAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().gte(-9007199254740991).lte(9007199254740991) })), "orderId": z.guid(), "reservedAt": z.iso.datetime({ offset: true }), "status": z.enum(["held","consumed","released","expired"]) })), "nextCursor": z.string().nullable() }),
  errors: [],
  request: {
    method: "GET",
    path: "/inventory/reservations",
    placement: { query: ["limit","cursor","status","orderId","productId"] },
    repeatable: true,
  },
});

export const inventoryReserve = defineRemoteProcedure({
  name: "warehouse.inventory.reserve",
  summary: "Reserve stock for an order",
  description: "Reserves all items or none. An order is reserved once: the same items again answer with the reservation that is there.\n\nFor callers with the role `service` or `operator` or `admin`.\n\nEmits `inventory.reserved`.",
  input: z.object({ "holdHours": z.int().gte(1).lte(720).describe("When it expires by itself").optional(), "items": z.array(z.strictObject({ "physical": z.boolean().describe("True: refused when the product has no stock. Otherwise it then needs none").optional(), "productId": z.string().regex(new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", 'u')), "quantity": z.int().gte(1).lte(1000000) })).min(1).max(200), "orderId": z.guid() }),
  output: z.object({ "endedAt": z.iso.datetime({ offset: true }).nullable(), "expiresAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().gte(-9007199254740991).lte(9007199254740991) })), "orderId": z.guid(), "reservedAt": z.iso.datetime({ offset: true }), "status": z.enum(["held","consumed","released","expired"]) }),
  errors: [insufficientStock, productNotStocked, reservationMismatch, reservationEnded],
  request: {
    method: "POST",
    path: "/inventory/reservations",
    placement: { body: "rest" },
    repeatable: true,
  },
});

export const inventoryConsume = defineRemoteProcedure({
  name: "warehouse.inventory.consume",
  summary: "Take the reserved goods of an order out of the stock, as shipped",
  description: "For callers with the role `service` or `operator` or `admin`.\n\nEmits `inventory.consumed`.",
  input: z.object({ "orderId": z.guid() }),
  output: z.object({ "endedAt": z.iso.datetime({ offset: true }).nullable(), "expiresAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().gte(-9007199254740991).lte(9007199254740991) })), "orderId": z.guid(), "reservedAt": z.iso.datetime({ offset: true }), "status": z.enum(["held","consumed","released","expired"]) }),
  errors: [reservationNotFound, reservationEnded],
  request: {
    method: "POST",
    path: "/inventory/reservations/{orderId}/consume",
    placement: { path: ["orderId"] },
    repeatable: true,
  },
});

export const inventoryRelease = defineRemoteProcedure({
  name: "warehouse.inventory.release",
  summary: "Give back what an order has reserved",
  description: "Releasing again, or an order without a reservation, changes nothing.\n\nFor callers with the role `service` or `operator` or `admin`.\n\nEmits `inventory.released`.",
  input: z.object({ "orderId": z.guid() }),
  output: z.object({ "orderId": z.guid(), "reservation": z.object({ "endedAt": z.iso.datetime({ offset: true }).nullable(), "expiresAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().gte(-9007199254740991).lte(9007199254740991) })), "orderId": z.guid(), "reservedAt": z.iso.datetime({ offset: true }), "status": z.enum(["held","consumed","released","expired"]) }).nullable() }),
  errors: [reservationConsumed],
  request: {
    method: "POST",
    path: "/inventory/reservations/{orderId}/release",
    placement: { path: ["orderId"] },
    repeatable: true,
  },
});

export const inventoryListStock = defineRemoteProcedure({
  name: "warehouse.inventory.list-stock",
  summary: "List stock by product",
  description: "For callers with the role `service` or `operator` or `admin` or `manager` or `support`.",
  input: z.object({ "limit": z.int().gte(1).lte(200).optional(), "cursor": z.string().max(500).optional(), "availableBelow": z.int().gte(0).lte(1000000000).optional() }),
  output: z.object({ "count": z.object({ "capped": z.boolean(), "value": z.int().gte(-9007199254740991).lte(9007199254740991) }), "items": z.array(z.object({ "available": z.int().gte(-9007199254740991).lte(9007199254740991), "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "onHand": z.int().gte(-9007199254740991).lte(9007199254740991), "productId": z.string(), "reserved": z.int().gte(-9007199254740991).lte(9007199254740991), "updatedAt": z.iso.datetime({ offset: true }) })), "nextCursor": z.string().nullable() }),
  errors: [],
  request: {
    method: "GET",
    path: "/inventory/stock",
    placement: { query: ["limit","cursor","availableBelow"] },
    repeatable: true,
  },
});

export const inventorySetStock = defineRemoteProcedure({
  name: "warehouse.inventory.set-stock",
  summary: "Set how many units of a product are on hand",
  description: "For callers with the role `service` or `operator` or `admin`.",
  input: z.object({ "productId": z.string().regex(new RegExp("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", 'u')), "onHand": z.int().gte(0).lte(1000000000) }),
  output: z.object({ "available": z.int().gte(-9007199254740991).lte(9007199254740991), "onHand": z.int().gte(-9007199254740991).lte(9007199254740991), "productId": z.string(), "reserved": z.int().gte(-9007199254740991).lte(9007199254740991), "updatedAt": z.iso.datetime({ offset: true }) }),
  errors: [stockBelowReserved],
  request: {
    method: "PUT",
    path: "/inventory/stock/{productId}",
    placement: { path: ["productId"], body: "rest" },
    repeatable: true,
  },
});

export const inventoryConsumed = defineRemoteEvent({
  name: "warehouse.inventory.consumed",
  version: 1,
  summary: "Reserved stock was shipped",
  payload: z.object({ "consumedAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().lte(9007199254740991).gt(0) })), "orderId": z.guid() }),
  body: z.object({ "data": z.object({ "consumedAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().lte(9007199254740991).gt(0) })), "orderId": z.guid() }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("inventory.consumed") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

export const inventoryReleased = defineRemoteEvent({
  name: "warehouse.inventory.released",
  version: 1,
  summary: "Reserved stock was given back",
  payload: z.object({ "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().lte(9007199254740991).gt(0) })), "orderId": z.guid(), "reason": z.enum(["released","expired"]), "releasedAt": z.iso.datetime({ offset: true }) }),
  body: z.object({ "data": z.object({ "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().lte(9007199254740991).gt(0) })), "orderId": z.guid(), "reason": z.enum(["released","expired"]), "releasedAt": z.iso.datetime({ offset: true }) }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("inventory.released") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

export const inventoryReserved = defineRemoteEvent({
  name: "warehouse.inventory.reserved",
  version: 1,
  summary: "Stock was reserved for an order",
  payload: z.object({ "expiresAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().lte(9007199254740991).gt(0) })), "orderId": z.guid(), "reservedAt": z.iso.datetime({ offset: true }) }),
  body: z.object({ "data": z.object({ "expiresAt": z.iso.datetime({ offset: true }), "items": z.array(z.object({ "productId": z.string(), "quantity": z.int().lte(9007199254740991).gt(0) })), "orderId": z.guid(), "reservedAt": z.iso.datetime({ offset: true }) }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("inventory.reserved") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

/** The service with all that was taken from its document. */
export const warehouse = defineRemoteService({
  name: "warehouse",
  title: "Orderloom",
  basePath: "/api/v1",
  credential: {"header":"x-api-key","prefix":""},
  procedures: [inventoryCheckAvailability, inventoryExpireReservations, inventoryListReservations, inventoryReserve, inventoryConsume, inventoryRelease, inventoryListStock, inventorySetStock],
  events: [inventoryConsumed, inventoryReleased, inventoryReserved],
});
