// Generated from ../openapi.yaml by `orderloom integrate`; not to be edited.

import { z } from 'zod';
import { defineError } from '../../../kernel/errors.ts';
import { defineRemoteProcedure, defineRemoteService } from '../../remote/service.ts';

const orderForbidden = defineError({"code":"ORDER_FORBIDDEN","status":403,"title":"Only the buyer and staff may do this with an order"});
const orderNotFound = defineError({"code":"ORDER_NOT_FOUND","status":404,"title":"There is no such order"});

export const ordersGet = defineRemoteProcedure({
  name: "order-service.orders.get",
  summary: "Get an order",
  description: "Buyers see their own orders, staff see all.",
  input: z.object({ "orderId": z.guid() }),
  output: z.object({ "approval": z.enum(["unknown","not_required","pending","approved","rejected"]), "approvalReason": z.string().nullable(), "billingAddress": z.object({ "city": z.string().min(1).max(100), "country": z.string().regex(new RegExp("^[A-Z]{2}$", 'u')), "line1": z.string().min(1).max(200).describe("Street and number"), "line2": z.string().min(1).max(200).optional(), "name": z.string().min(1).max(200).describe("Who receives").optional(), "phone": z.string().min(1).max(40).optional(), "postalCode": z.string().min(1).max(20), "state": z.string().min(1).max(100).describe("State, province or region").optional() }).nullable(), "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "cancelReason": z.string().nullable(), "cancelledAt": z.iso.datetime({ offset: true }).nullable(), "completedAt": z.iso.datetime({ offset: true }).nullable(), "createdAt": z.iso.datetime({ offset: true }), "currency": z.string(), "decidedBy": z.string().nullable().describe("Who approved or rejected"), "id": z.guid(), "items": z.array(z.object({ "id": z.guid(), "orderId": z.guid(), "price": z.number(), "productId": z.string(), "productName": z.string(), "quantity": z.int().gte(-9007199254740991).lte(9007199254740991), "subtotal": z.number() })), "newCustomer": z.boolean().describe("The hint given with the order"), "paymentId": z.guid().nullable().describe("The payment that confirmed it"), "requiresShipping": z.boolean().describe("True when it holds a physical product"), "risk": z.object({ "factors": z.array(z.object({ "explanation": z.string(), "name": z.string(), "points": z.int().gte(-9007199254740991).lte(9007199254740991) })), "level": z.enum(["low","medium","high"]).describe("high: above 70, a person has to approve"), "score": z.int().gte(0).lte(100) }).nullable().describe("Null until it was calculated"), "shippingAddress": z.object({ "city": z.string().min(1).max(100), "country": z.string().regex(new RegExp("^[A-Z]{2}$", 'u')), "line1": z.string().min(1).max(200).describe("Street and number"), "line2": z.string().min(1).max(200).optional(), "name": z.string().min(1).max(200).describe("Who receives").optional(), "phone": z.string().min(1).max(40).optional(), "postalCode": z.string().min(1).max(20), "state": z.string().min(1).max(100).describe("State, province or region").optional() }).nullable(), "status": z.enum(["pending","payment_failed","confirmed","shipped","delivered","returned","cancelled","refunded"]), "totalAmount": z.number(), "trackingNumber": z.string().nullable(), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }),
  errors: [orderForbidden, orderNotFound],
  request: {
    method: "GET",
    path: "/orders/{orderId}",
    placement: { path: ["orderId"] },
    repeatable: true,
  },
});

/** The service with all that was taken from its document. */
export const orderService = defineRemoteService({
  name: "order-service",
  title: "Orderloom",
  basePath: "/api/v1",
  credential: {"header":"x-api-key","prefix":""},
  procedures: [ordersGet],
  events: [],
});
