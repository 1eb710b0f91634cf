// Generated from ../openapi.yaml by `orderloom integrate`; not to be edited.

import { z } from 'zod';
import { defineError } from '../../../kernel/errors.ts';
import { defineRemoteProcedure, defineRemoteService } from '../../remote/service.ts';

const orderForbidden = defineError({"code":"ORDER_FORBIDDEN","status":403,"title":"Only the buyer and staff may do this with an order"});
const orderNotFound = defineError({"code":"ORDER_NOT_FOUND","status":404,"title":"There is no such order"});
const billingOrderNotFound = defineError({"code":"BILLING_ORDER_NOT_FOUND","status":404,"title":"There is no such billing order"});

export const ordersGet = defineRemoteProcedure({
  name: "order-service.orders.get",
  summary: "Get an order",
  description: "Buyers see their own orders, staff see all.\n\nWhere it finds nothing, `billing-orders.get` is asked by those who may.",
  input: z.object({ "orderId": z.union([z.guid(), z.string().regex(new RegExp("^[A-Za-z0-9][\\w.:-]{0,49}$", 'u'))]) }),
  output: z.union([z.object({ "approval": z.enum(["unknown","not_required","pending","approved","rejected"]), "approvalReason": z.string().nullable(), "billingAddress": z.object({ "city": z.string().min(1).max(100), "country": z.string().regex(new RegExp("^[A-Z]{2}$", 'u')), "line1": z.string().min(1).max(200).describe("Street and number"), "line2": z.string().min(1).max(200).optional(), "name": z.string().min(1).max(200).describe("Who receives").optional(), "phone": z.string().min(1).max(40).optional(), "postalCode": z.string().min(1).max(20), "state": z.string().min(1).max(100).describe("State, province or region").optional() }).nullable(), "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "cancelReason": z.string().nullable(), "cancelledAt": z.iso.datetime({ offset: true }).nullable(), "completedAt": z.iso.datetime({ offset: true }).nullable(), "createdAt": z.iso.datetime({ offset: true }), "currency": z.string(), "decidedBy": z.string().nullable().describe("Who approved or rejected"), "id": z.guid(), "items": z.array(z.object({ "id": z.guid(), "orderId": z.guid(), "price": z.number(), "productId": z.string(), "productName": z.string(), "quantity": z.int().gte(-9007199254740991).lte(9007199254740991), "subtotal": z.number() })), "newCustomer": z.boolean().describe("The hint given with the order"), "paymentId": z.guid().nullable().describe("The payment that confirmed it"), "requiresShipping": z.boolean().describe("True when it holds a physical product"), "risk": z.object({ "factors": z.array(z.object({ "explanation": z.string(), "name": z.string(), "points": z.int().gte(-9007199254740991).lte(9007199254740991) })), "level": z.enum(["low","medium","high"]).describe("high: above 70, a person has to approve"), "score": z.int().gte(0).lte(100) }).nullable().describe("Null until it was calculated"), "shippingAddress": z.object({ "city": z.string().min(1).max(100), "country": z.string().regex(new RegExp("^[A-Z]{2}$", 'u')), "line1": z.string().min(1).max(200).describe("Street and number"), "line2": z.string().min(1).max(200).optional(), "name": z.string().min(1).max(200).describe("Who receives").optional(), "phone": z.string().min(1).max(40).optional(), "postalCode": z.string().min(1).max(20), "state": z.string().min(1).max(100).describe("State, province or region").optional() }).nullable(), "status": z.enum(["pending","payment_failed","confirmed","shipped","delivered","returned","cancelled","refunded"]), "totalAmount": z.number(), "trackingNumber": z.string().nullable(), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }), z.object({ "accountId": z.string().nullable().describe("Null until the order is loaded, if nobody said"), "amdocsAccountRef": z.string().nullable(), "amdocsOrderRef": z.string().nullable(), "billing": z.object({ "monthlyCharges": z.number(), "promotionalCredit": z.number().describe("Zero or less"), "totalDue": z.number() }).nullable(), "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "completedAt": z.iso.datetime({ offset: true }).nullable(), "createdAt": z.iso.datetime({ offset: true }), "currentStep": z.enum(["START","LOAD_ORDER","CREATE_ACCOUNT","EVALUATE_CHANGE","APPLY_PROMOTIONS","ACTIVATE_LINE","APPLY_CHANGE","TAKE_PAYMENT","CREATE_BILLER_ORDER","SUBMIT_BILLING_ORDER","AWAIT_WRITEBACK","SYNC_ORDER","DONE"]), "customerId": z.string().nullable(), "error": z.object({ "code": z.string(), "message": z.string() }).nullable(), "fulfillmentOrderId": z.string().nullable(), "id": z.guid(), "network": z.enum(["cloud","comcast"]), "orderId": z.string(), "originalOrderId": z.string().nullable().describe("The order that a change is for"), "processDefinitionId": z.string().nullable(), "processInstanceId": z.guid().nullable(), "progress": z.int().gte(-9007199254740991).lte(9007199254740991), "provisionId": z.string().nullable(), "shipmentId": z.string().nullable(), "status": z.enum(["CREATED","IN_PROGRESS","COMPLETED","FAILED","CANCELLING","CANCELLED"]), "steps": z.array(z.object({ "completedAt": z.iso.datetime({ offset: true }).nullable(), "startedAt": z.iso.datetime({ offset: true }), "step": z.enum(["START","LOAD_ORDER","CREATE_ACCOUNT","EVALUATE_CHANGE","APPLY_PROMOTIONS","ACTIVATE_LINE","APPLY_CHANGE","TAKE_PAYMENT","CREATE_BILLER_ORDER","SUBMIT_BILLING_ORDER","AWAIT_WRITEBACK","SYNC_ORDER","DONE"]) })), "traceId": z.string(), "type": z.enum(["CREATE","CHANGE"]), "updatedAt": z.iso.datetime({ offset: true }) })]),
  errors: [orderForbidden, orderNotFound, billingOrderNotFound],
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
