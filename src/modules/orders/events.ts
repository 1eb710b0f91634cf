/**
 * What the orders module tells the world. The payloads of `order.created` and `order.confirmed` are
 * those of the order management contracts, to the letter; the others follow their pattern.
 */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

const moment = z.iso.datetime();
const byOrder = (payload: { orderId: string }) => payload.orderId;
const subject = { orderId: idSchema, userId: idSchema };

/** A new order was placed. */
export const orderCreated = defineEvent({
  name: 'order.created',
  version: 1,
  topic: 'order.created',
  summary: 'A new order was placed',
  payload: z.object({
    ...subject,
    status: z.literal('pending'),
    totalAmount: z.number(),
    currency: z.string(),
    itemCount: z.number().int().describe('Number of lines'),
    createdAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** The payment was confirmed. */
export const orderConfirmed = defineEvent({
  name: 'order.confirmed',
  version: 1,
  topic: 'order.confirmed',
  summary: 'The payment of an order was confirmed',
  payload: z.object({
    ...subject,
    status: z.literal('confirmed'),
    paymentId: idSchema,
    confirmedAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** The payment failed. */
export const orderPaymentFailed = defineEvent({
  name: 'order.payment_failed',
  version: 1,
  topic: 'order.payment_failed',
  summary: 'The payment of an order failed',
  payload: z.object({
    ...subject,
    status: z.literal('payment_failed'),
    reason: z.string().nullable(),
    failedAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** After a failed payment, another attempt is awaited. */
export const orderPaymentRetried = defineEvent({
  name: 'order.payment_retried',
  version: 1,
  topic: 'order.payment_retried',
  summary: 'After a failed payment, another attempt is awaited',
  payload: z.object({ ...subject, status: z.literal('pending'), retriedAt: moment }),
  key: byOrder,
  forOwner: true,
});

/** The order left for the customer. */
export const orderShipped = defineEvent({
  name: 'order.shipped',
  version: 1,
  topic: 'order.shipped',
  summary: 'An order was dispatched',
  payload: z.object({
    ...subject,
    status: z.literal('shipped'),
    trackingNumber: z.string().nullable(),
    shippedAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** The order reached the customer. */
export const orderDelivered = defineEvent({
  name: 'order.delivered',
  version: 1,
  topic: 'order.delivered',
  summary: 'An order reached the customer',
  payload: z.object({ ...subject, status: z.literal('delivered'), deliveredAt: moment }),
  key: byOrder,
  forOwner: true,
});

/** The order was cancelled before shipping. */
export const orderCancelled = defineEvent({
  name: 'order.cancelled',
  version: 1,
  topic: 'order.cancelled',
  summary: 'An order was cancelled',
  payload: z.object({
    ...subject,
    status: z.literal('cancelled'),
    reason: z.string(),
    cancelledBy: z.string().describe('The id of a user, or "service" or "process"'),
    cancelledAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** The customer sends the goods back. */
export const orderReturned = defineEvent({
  name: 'order.returned',
  version: 1,
  topic: 'order.returned',
  summary: 'An order was returned',
  payload: z.object({
    ...subject,
    status: z.literal('returned'),
    reason: z.string().nullable(),
    returnedAt: moment,
  }),
  key: byOrder,
  forOwner: true,
});

/** The money of a cancelled or returned order went back. */
export const orderRefunded = defineEvent({
  name: 'order.refunded',
  version: 1,
  topic: 'order.refunded',
  summary: 'The money of an order went back',
  payload: z.object({ ...subject, status: z.literal('refunded'), refundedAt: moment }),
  key: byOrder,
  forOwner: true,
});

/** A person has to look at the order. */
export const orderApprovalRequested = defineEvent({
  name: 'order.approval_requested',
  version: 1,
  topic: 'order.approval_requested',
  summary: 'An order waits for the decision of a person',
  payload: z.object({
    ...subject,
    score: z.number().int().nullable(),
    requestedAt: moment,
  }),
  key: byOrder,
});

/** Starts what follows a new order. */
export const triggerCreated = defineEvent({
  name: 'orders.trigger.created',
  version: 1,
  summary: 'Trigger: an order was created',
  payload: z.object(subject),
  key: byOrder,
});

/** Resumes what waits for a decision. */
export const triggerApproved = defineEvent({
  name: 'orders.trigger.approved',
  version: 1,
  summary: 'Trigger: a person approved or rejected an order',
  payload: z.object({
    orderId: idSchema,
    approved: z.boolean(),
    reason: z.string().optional(),
    decidedBy: z.string(),
  }),
  key: byOrder,
});

/** All of them, for the manifest. */
export const orderEvents = [
  orderCreated,
  orderConfirmed,
  orderPaymentFailed,
  orderPaymentRetried,
  orderShipped,
  orderDelivered,
  orderCancelled,
  orderReturned,
  orderRefunded,
  orderApprovalRequested,
  triggerCreated,
  triggerApproved,
] as const;
