/**
 * What billing orders tell the world, and what moves their processes. Payloads that leave by a topic are
 * those of its contract, to the letter. The `main` cluster has the names of the cloud network.
 */
import { z } from 'zod';
import { defineEvent, type Topic } from '../../kernel/event.ts';

/** A topic of both networks: `wkfl-provisioning-request-cloud` and `wkfl-provisioning-request-comcast`. */
export function networkTopic(name: string): Topic {
  return { main: `${name}-cloud`, cloud: `${name}-cloud`, comcast: `${name}-comcast` };
}

const orderId = z.string();
const moment = z.iso.datetime();
const byOrder = (payload: { orderId: string }) => payload.orderId;

const lineItems = z.array(
  z.object({
    lineItemId: z.string(),
    mdn: z.string(),
    imei: z.string(),
    iccid: z.string(),
    deviceModel: z.string(),
    simType: z.string(),
  }),
);

/** A billing order is complete: its lines are to be provisioned for good. */
export const provisioningRequested = defineEvent({
  name: 'billing-order.provisioning-requested',
  version: 1,
  topic: networkTopic('wkfl-provisioning-request'),
  summary: 'A billing order is complete and its lines are ready for provisioning',
  payload: z.object({
    eventId: z.string(),
    eventType: z.literal('PROVISIONING_ORDER_CREATED'),
    timestamp: moment,
    orderId,
    accountId: z.string(),
    customerId: z.string(),
    lineItems,
    billing: z.object({
      monthlyCharges: z.number(),
      promotionalCredit: z.number().describe('Negative'),
      totalDue: z.number(),
    }),
    shipping: z.object({ address: z.string(), method: z.string() }),
    status: z.literal('READY_FOR_PROVISIONING'),
    network: z.enum(['cloud', 'comcast']),
    traceId: z.string(),
    spanId: z.string().optional(),
  }),
  key: byOrder,
});

/**
 * A complete order was taken back: its lines are to be deprovisioned. It goes where the request to provision
 * them went, behind it.
 */
export const deprovisioningRequested = defineEvent({
  name: 'billing-order.deprovisioning-requested',
  version: 1,
  topic: networkTopic('wkfl-provisioning-request'),
  summary: 'A complete billing order was taken back and its lines are to be deprovisioned',
  payload: z.object({
    eventId: z.string(),
    eventType: z.literal('DEPROVISIONING_ORDER_CREATED'),
    timestamp: moment,
    orderId,
    accountId: z.string(),
    customerId: z.string(),
    lineItems,
    status: z.literal('READY_FOR_DEPROVISIONING'),
    reason: z.string(),
    network: z.enum(['cloud', 'comcast']),
    traceId: z.string(),
    spanId: z.string().optional(),
  }),
  key: byOrder,
});

/** The answer to a request to cancel. */
export const cancelAnswered = defineEvent({
  name: 'billing-order.cancel-answered',
  version: 1,
  topic: networkTopic('wkfl-cancel-order-response'),
  summary: 'The answer to a request to cancel a billing order',
  payload: z.object({
    eventId: z.string(),
    eventType: z.literal('CANCEL_ORDER_RESPONSE'),
    timestamp: moment,
    orderId,
    status: z.enum(['CANCELLED', 'NOT_FOUND', 'NOT_CANCELLABLE']),
    reason: z.string(),
    traceId: z.string(),
  }),
  key: byOrder,
});

/** Ends the work on an order that is not complete. */
export const cancellationRequested = defineEvent({
  name: 'billing-order.cancellation-requested',
  version: 1,
  summary: 'Trigger: an order under way is to be cancelled',
  payload: z.object({ orderId, reason: z.string() }),
  key: byOrder,
});

/** The network has worked on a line. */
export const lineProvisioned = defineEvent({
  name: 'billing-order.line-provisioned',
  version: 1,
  summary: 'Trigger: the network has activated a line, or could not',
  payload: z.object({ orderId, lineId: z.string(), succeeded: z.boolean() }),
  key: byOrder,
});

/** The biller has worked on an order. */
export const writtenBack = defineEvent({
  name: 'billing-order.written-back',
  version: 1,
  summary: 'Trigger: the biller has written an order back',
  payload: z.object({ orderId, succeeded: z.boolean(), reason: z.string() }),
  key: byOrder,
});

/** An order has failed, and what was done for it is undone. */
export const billingOrderFailed = defineEvent({
  name: 'billing-order.failed',
  version: 1,
  summary: 'A billing order has failed and was undone',
  payload: z.object({
    orderId,
    accountId: z.string().nullable().describe('Null when nobody said, and it was not loaded'),
    code: z.string(),
    message: z.string(),
  }),
  key: byOrder,
});

/** All of them, for the manifest. */
export const billingOrderEvents = [
  provisioningRequested,
  deprovisioningRequested,
  cancelAnswered,
  cancellationRequested,
  lineProvisioned,
  writtenBack,
  billingOrderFailed,
] as const;
