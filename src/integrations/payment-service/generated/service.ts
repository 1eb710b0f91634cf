// Generated from ../openapi.yaml by `orderloom integrate`; not to be edited.

import { z } from 'zod';
import { defineError } from '../../../kernel/errors.ts';
import { defineRemoteEvent, defineRemoteProcedure, defineRemoteService } from '../../remote/service.ts';

const paymentDeclined = defineError({"code":"PAYMENT_DECLINED","status":402,"title":"The payment was declined"});
const paymentForbidden = defineError({"code":"PAYMENT_FORBIDDEN","status":403,"title":"Only the buyer may do this with a payment"});
const paymentOrderUnknown = defineError({"code":"PAYMENT_ORDER_UNKNOWN","status":404,"title":"The order of the payment does not exist"});
const orderNotPayable = defineError({"code":"ORDER_NOT_PAYABLE","status":409,"title":"The order cannot be paid in its state"});
const paymentAlreadyProcessed = defineError({"code":"PAYMENT_ALREADY_PROCESSED","status":409,"title":"The order is already paid"});
const paymentInProgress = defineError({"code":"PAYMENT_IN_PROGRESS","status":409,"title":"The order is being paid by another request"});
const paymentUserMismatch = defineError({"code":"PAYMENT_USER_MISMATCH","status":422,"title":"The user is not the buyer of the order"});
const paymentAmountMismatch = defineError({"code":"PAYMENT_AMOUNT_MISMATCH","status":422,"title":"The amount is not the total of the order"});
const paymentMethodInactive = defineError({"code":"PAYMENT_METHOD_INACTIVE","status":422,"title":"The payment method is not active"});
const invalidPaymentDetails = defineError({"code":"INVALID_PAYMENT_DETAILS","status":422,"title":"The payment details are not valid"});
const paymentNotFound = defineError({"code":"PAYMENT_NOT_FOUND","status":404,"title":"There is no such payment"});
const paymentNotRefundable = defineError({"code":"PAYMENT_NOT_REFUNDABLE","status":409,"title":"The payment cannot be refunded in its state"});
const refundRefused = defineError({"code":"REFUND_REFUSED","status":409,"title":"The gateway refused the refund"});
const refundExceedsPayment = defineError({"code":"REFUND_EXCEEDS_PAYMENT","status":422,"title":"The refund is larger than what is left of the payment"});

export const paymentsProcess = defineRemoteProcedure({
  name: "payment-service.payments.process",
  summary: "Pay an order",
  description: "Charges at once. The outcome also wakes the process of the order. When the gateway does not answer, send the same request again with the same Idempotency-Key: it never charges twice.\n\nEmits `payment.processed`, `payment.failed`, `payments.trigger.completed`, `payments.trigger.paid-after-cancel`.",
  input: z.object({ "amount": z.union([z.number(), z.string().regex(new RegExp("^-?\\d{1,12}(\\.\\d{1,4})?$", 'u'))]).describe("Has to be the total of the order"), "cardToken": z.string().min(1).max(200).describe("The gateway's token; neither stored nor logged"), "currency": z.string().regex(new RegExp("^[A-Z]{3}$", 'u')).optional(), "orderId": z.guid(), "paymentMethod": z.enum(["credit_card","debit_card","paypal","bank_transfer","apple_pay","google_pay"]), "userId": z.guid().describe("Has to be the buyer").optional() }),
  output: z.object({ "amount": z.number(), "createdAt": z.iso.datetime({ offset: true }), "currency": z.string(), "failureCode": z.string().nullable(), "failureReason": z.string().nullable(), "id": z.guid(), "masked": z.boolean().describe("True when details are hidden from this reader"), "method": z.object({ "brand": z.string().nullable(), "holder": z.string().nullable(), "last4": z.string().nullable() }).nullable(), "orderId": z.guid(), "paymentMethod": z.string(), "processedAt": z.iso.datetime({ offset: true }).nullable(), "refundedAmount": z.number(), "sessionId": z.string().nullable(), "status": z.enum(["pending","processed","failed","refunded"]), "transactionId": z.string().nullable().describe("The gateway's id of the charge"), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }),
  errors: [paymentDeclined, paymentForbidden, paymentOrderUnknown, orderNotPayable, paymentAlreadyProcessed, paymentInProgress, paymentUserMismatch, paymentAmountMismatch, paymentMethodInactive, invalidPaymentDetails],
  request: {
    method: "POST",
    path: "/payments",
    placement: { body: "rest" },
    repeatable: true,
  },
});

export const paymentsListForOrder = defineRemoteProcedure({
  name: "payment-service.payments.list-for-order",
  summary: "List the payments of an order, newest first",
  input: z.object({ "orderId": z.guid(), "limit": z.int().gte(1).lte(200).optional(), "cursor": z.string().max(500).optional() }),
  output: z.object({ "count": z.object({ "capped": z.boolean(), "value": z.int().gte(-9007199254740991).lte(9007199254740991) }), "items": z.array(z.object({ "amount": z.number(), "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "createdAt": z.iso.datetime({ offset: true }), "currency": z.string(), "failureCode": z.string().nullable(), "failureReason": z.string().nullable(), "id": z.guid(), "masked": z.boolean().describe("True when details are hidden from this reader"), "method": z.object({ "brand": z.string().nullable(), "holder": z.string().nullable(), "last4": z.string().nullable() }).nullable(), "orderId": z.guid(), "paymentMethod": z.string(), "processedAt": z.iso.datetime({ offset: true }).nullable(), "refundedAmount": z.number(), "sessionId": z.string().nullable(), "status": z.enum(["pending","processed","failed","refunded"]), "transactionId": z.string().nullable().describe("The gateway's id of the charge"), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() })), "nextCursor": z.string().nullable() }),
  errors: [paymentForbidden, paymentOrderUnknown],
  request: {
    method: "GET",
    path: "/payments/order/{orderId}",
    placement: { path: ["orderId"], query: ["limit","cursor"] },
    repeatable: true,
  },
});

export const paymentsSettleOrder = defineRemoteProcedure({
  name: "payment-service.payments.settle-order",
  summary: "Settle the payment of an order that was given up",
  description: "Closes an open session, gives back what was taken, and does nothing otherwise.\n\nFor callers with the role `service` or `admin` or `manager`.\n\nEmits `payment.processed`, `payment.failed`, `payments.trigger.completed`, `payments.trigger.paid-after-cancel`, `payment.refunded`.",
  input: z.object({ "orderId": z.guid(), "reason": z.string().min(1).max(500).optional() }),
  output: z.object({ "orderId": z.guid(), "outcome": z.enum(["nothing","session-closed","refunded"]), "paymentId": z.guid().nullable(), "refundedAmount": z.number() }),
  errors: [],
  request: {
    method: "POST",
    path: "/payments/order/{orderId}/settle",
    placement: { path: ["orderId"], body: "rest" },
    repeatable: true,
  },
});

export const paymentsCreateSession = defineRemoteProcedure({
  name: "payment-service.payments.create-session",
  summary: "Open a page on which the customer pays an order",
  description: "An order has one open session: asking again gives the same one.\n\nFor callers with the role `service` or `admin`.",
  input: z.object({ "amount": z.union([z.number(), z.string().regex(new RegExp("^-?\\d{1,12}(\\.\\d{1,4})?$", 'u'))]).describe("Has to be the total of the order").optional(), "currency": z.string().regex(new RegExp("^[A-Z]{3}$", 'u')).optional(), "orderId": z.guid(), "userId": z.guid().describe("Has to be the buyer").optional() }),
  output: z.object({ "amount": z.number(), "currency": z.string(), "expiresAt": z.iso.datetime({ offset: true }).nullable(), "orderId": z.guid(), "paymentId": z.guid(), "sessionId": z.string().nullable(), "status": z.enum(["pending","processed","failed","refunded"]), "url": z.string().nullable().describe("Where the customer pays; null when nothing is to be paid") }),
  errors: [paymentOrderUnknown, orderNotPayable, paymentUserMismatch, paymentAmountMismatch],
  request: {
    method: "POST",
    path: "/payments/sessions",
    placement: { body: "rest" },
    repeatable: true,
  },
});

export const paymentsCheckSessions = defineRemoteProcedure({
  name: "payment-service.payments.check-sessions",
  summary: "Ask the gateway about open sessions that nothing was heard of",
  description: "For webhooks that never come. Runs by itself now and then; what it learns is taken in like a webhook.\n\nFor callers with the role `service` or `admin` or `operator`.\n\nEmits `payment.processed`, `payment.failed`, `payments.trigger.completed`, `payments.trigger.paid-after-cancel`.",
  input: z.object({ "limit": z.int().gte(1).lte(500).optional() }),
  output: z.object({ "asked": z.int().gte(-9007199254740991).lte(9007199254740991), "more": z.boolean().describe("True when there may be further ones to ask about at once"), "settled": z.int().gte(-9007199254740991).lte(9007199254740991).describe("Payments that the answer settled") }),
  errors: [],
  request: {
    method: "POST",
    path: "/payments/sessions/check",
    placement: { body: "rest" },
    repeatable: true,
  },
});

export const paymentsGet = defineRemoteProcedure({
  name: "payment-service.payments.get",
  summary: "Get a payment",
  description: "Details are masked for readers who may know of the payment but not of its card.",
  input: z.object({ "paymentId": z.guid() }),
  output: z.object({ "amount": z.number(), "can": z.array(z.object({ "action": z.string(), "allowed": z.boolean(), "reason": z.string().optional() })), "createdAt": z.iso.datetime({ offset: true }), "currency": z.string(), "failureCode": z.string().nullable(), "failureReason": z.string().nullable(), "id": z.guid(), "masked": z.boolean().describe("True when details are hidden from this reader"), "method": z.object({ "brand": z.string().nullable(), "holder": z.string().nullable(), "last4": z.string().nullable() }).nullable(), "orderId": z.guid(), "paymentMethod": z.string(), "processedAt": z.iso.datetime({ offset: true }).nullable(), "refundedAmount": z.number(), "sessionId": z.string().nullable(), "status": z.enum(["pending","processed","failed","refunded"]), "transactionId": z.string().nullable().describe("The gateway's id of the charge"), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }),
  errors: [paymentForbidden, paymentNotFound],
  request: {
    method: "GET",
    path: "/payments/{paymentId}",
    placement: { path: ["paymentId"] },
    repeatable: true,
  },
});

export const paymentsRefund = defineRemoteProcedure({
  name: "payment-service.payments.refund",
  summary: "Give back all or part of a payment",
  description: "For callers with the role `admin` or `manager` or `service`.\n\nEmits `payment.refunded`.",
  input: z.object({ "paymentId": z.guid(), "amount": z.union([z.number(), z.string().regex(new RegExp("^-?\\d{1,12}(\\.\\d{1,4})?$", 'u'))]).describe("All that is left when absent").optional(), "reason": z.string().min(1).max(500) }),
  output: z.object({ "amount": z.number(), "createdAt": z.iso.datetime({ offset: true }), "currency": z.string(), "failureCode": z.string().nullable(), "failureReason": z.string().nullable(), "id": z.guid(), "masked": z.boolean().describe("True when details are hidden from this reader"), "method": z.object({ "brand": z.string().nullable(), "holder": z.string().nullable(), "last4": z.string().nullable() }).nullable(), "orderId": z.guid(), "paymentMethod": z.string(), "processedAt": z.iso.datetime({ offset: true }).nullable(), "refundedAmount": z.number(), "sessionId": z.string().nullable(), "status": z.enum(["pending","processed","failed","refunded"]), "transactionId": z.string().nullable().describe("The gateway's id of the charge"), "updatedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }),
  errors: [paymentNotFound, paymentNotRefundable, refundRefused, refundExceedsPayment],
  request: {
    method: "POST",
    path: "/payments/{paymentId}/refund",
    placement: { path: ["paymentId"], body: "rest" },
    repeatable: true,
  },
});

export const paymentFailed = defineRemoteEvent({
  name: "payment-service.payment.failed",
  version: 1,
  summary: "A payment failed",
  payload: z.object({ "amount": z.number(), "currency": z.string(), "failedAt": z.iso.datetime({ offset: true }), "failureCode": z.string(), "failureReason": z.string(), "orderId": z.guid(), "paymentId": z.guid(), "userId": z.guid() }),
  body: z.object({ "data": z.object({ "amount": z.number(), "currency": z.string(), "failedAt": z.iso.datetime({ offset: true }), "failureCode": z.string(), "failureReason": z.string(), "orderId": z.guid(), "paymentId": z.guid(), "userId": z.guid() }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("payment.failed") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

export const paymentProcessed = defineRemoteEvent({
  name: "payment-service.payment.processed",
  version: 1,
  summary: "A payment succeeded",
  payload: z.object({ "amount": z.number(), "currency": z.string(), "orderId": z.guid(), "paymentId": z.guid(), "paymentMethod": z.string(), "processedAt": z.iso.datetime({ offset: true }), "transactionId": z.string().describe("The gateway's id of the charge, or of the session when it named no charge"), "userId": z.guid() }),
  body: z.object({ "data": z.object({ "amount": z.number(), "currency": z.string(), "orderId": z.guid(), "paymentId": z.guid(), "paymentMethod": z.string(), "processedAt": z.iso.datetime({ offset: true }), "transactionId": z.string().describe("The gateway's id of the charge, or of the session when it named no charge"), "userId": z.guid() }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("payment.processed") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

export const paymentRefunded = defineRemoteEvent({
  name: "payment-service.payment.refunded",
  version: 1,
  summary: "A payment was refunded, in whole or in part",
  payload: z.object({ "amount": z.number().describe("What went back this time"), "currency": z.string(), "fullyRefunded": z.boolean(), "orderId": z.guid(), "paymentId": z.guid(), "reason": z.string(), "refundedAmount": z.number().describe("What went back so far"), "refundedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }),
  body: z.object({ "data": z.object({ "amount": z.number().describe("What went back this time"), "currency": z.string(), "fullyRefunded": z.boolean(), "orderId": z.guid(), "paymentId": z.guid(), "reason": z.string(), "refundedAmount": z.number().describe("What went back so far"), "refundedAt": z.iso.datetime({ offset: true }), "userId": z.guid() }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("payment.refunded") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

export const paymentsTriggerCompleted = defineRemoteEvent({
  name: "payment-service.payments.trigger.completed",
  version: 1,
  summary: "Trigger: the outcome of a payment is known",
  payload: z.object({ "failureCode": z.string().optional(), "failureReason": z.string().optional(), "orderId": z.guid(), "paymentId": z.guid(), "status": z.enum(["completed","failed"]) }),
  body: z.object({ "data": z.object({ "failureCode": z.string().optional(), "failureReason": z.string().optional(), "orderId": z.guid(), "paymentId": z.guid(), "status": z.enum(["completed","failed"]) }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("payments.trigger.completed") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

export const paymentsTriggerPaidAfterCancel = defineRemoteEvent({
  name: "payment-service.payments.trigger.paid-after-cancel",
  version: 1,
  summary: "Trigger: a payment arrived for an order that was given up",
  payload: z.object({ "orderId": z.guid(), "paymentId": z.guid() }),
  body: z.object({ "data": z.object({ "orderId": z.guid(), "paymentId": z.guid() }), "datacontenttype": z.literal("application/json"), "dataversion": z.string().describe("The version of the data"), "id": z.string().min(1).max(200).describe("The same on every delivery of this event"), "partitionkey": z.string().describe("Events with the same one keep their order"), "sequence": z.string().describe("The position in the log of the sender"), "source": z.string().min(1).max(200), "specversion": z.literal("1.0"), "subject": z.string().max(500).describe("What the event is about"), "time": z.iso.datetime({ offset: true }), "traceid": z.string().describe("The trace in which the event occurred").optional(), "type": z.literal("payments.trigger.paid-after-cancel") }),
  payloadIn: "data",
  key: (payload) => String((payload as Readonly<Record<string, unknown>>)["orderId"]),
});

/** The service with all that was taken from its document. */
export const paymentService = defineRemoteService({
  name: "payment-service",
  title: "Orderloom",
  basePath: "/api/v1",
  credential: {"header":"x-api-key","prefix":""},
  procedures: [paymentsProcess, paymentsListForOrder, paymentsSettleOrder, paymentsCreateSession, paymentsCheckSessions, paymentsGet, paymentsRefund],
  events: [paymentFailed, paymentProcessed, paymentRefunded, paymentsTriggerCompleted, paymentsTriggerPaidAfterCancel],
});
