/**
 * Takes in what other systems tell of an order, over a topic or a webhook: that it left the warehouse, that
 * the network has worked on a line, that the biller has, that somebody wants it cancelled. News of an order
 * that has no process yet starts it.
 */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import type { BillingEvent } from './billing-event.ts';
import type { Network } from './billing-order.ts';
import { noteReferences } from './change-references.ts';
import { billingOrderNotFound } from './errors.ts';
import { lineProvisioned, writtenBack } from './events.ts';
import type { Workflows } from './ports.ts';
import type { OrderedLine } from './provider.ts';
import { answerCancel, requestCancel } from './request-cancel.ts';
import { type StartedWorkflow, startWorkflow } from './start-workflow.ts';
import { findOrder, readLines } from './store.ts';

/** What came of an event. */
export interface ReceivedEvent {
  readonly orderId: string;
  /** True when it has started the order's process. */
  readonly started: boolean;
}

/** Acts upon one event. Repeats are kept away by whoever brings it. */
export async function receiveEvent(
  context: TransactionalContext,
  workflows: Workflows,
  event: BillingEvent,
): Promise<ReceivedEvent | Refusal<'BILLING_ORDER_NOT_FOUND'>> {
  const orderId = event.mboOrderId;
  switch (event.eventType) {
    case 'FULFILLMENT_COMPLETE': {
      const { order, isNew } = await start(context, workflows, event);
      const { fulfillmentOrderId, shipmentId } = event;
      if (!isNew) await noteReferences(context, order, { fulfillmentOrderId, shipmentId });
      return { orderId, started: isNew };
    }
    case 'PROVISIONING_COMPLETE': {
      const { isNew } = await start(context, workflows, event);
      const ordered = await readLines(context.tx, orderId);
      for (const { lineId, succeeded } of toldLines(event, ordered)) {
        await context.emit(lineProvisioned, { orderId, lineId, succeeded });
      }
      return { orderId, started: isNew };
    }
    case 'WRITEBACK_COMPLETE': {
      if (!(await findOrder(context.tx, orderId))) return unknown(orderId);
      const succeeded = event.writebackStatus === 'SUCCESS';
      await context.emit(writtenBack, { orderId, succeeded, reason: event.reason ?? '' });
      return { orderId, started: false };
    }
    case 'CANCEL_ORDER_REQUEST': {
      const { traceId } = context.trace;
      const cancelled = await requestCancel(context, workflows, {
        orderId,
        reason: event.reason ?? 'asked for by another system',
      });
      if (isRefusal(cancelled)) {
        const status = cancelled.definition.status === 404 ? 'NOT_FOUND' : 'NOT_CANCELLABLE';
        await answerCancel(context, { orderId, traceId }, cancelled.detail, status);
      }
      return { orderId, started: false };
    }
  }
}

/**
 * The lines that an event tells of, by the ids that we have for them: the network may know a line by an id of
 * its own and its number, and tells of a single one without a list.
 */
function toldLines(
  event: Extract<BillingEvent, { eventType: 'PROVISIONING_COMPLETE' }>,
  ordered: readonly OrderedLine[],
): readonly { readonly lineId: string; readonly succeeded: boolean }[] {
  const numbered = (mdn: string | undefined) =>
    mdn === undefined ? undefined : ordered.find((line) => line.mdn === mdn)?.lineItemId;
  if (event.lineItems.length > 0) {
    return event.lineItems.map(({ lineId, mdn, status }) => {
      const isOurs = ordered.some(({ lineItemId }) => lineItemId === lineId);
      const ours = isOurs ? lineId : (numbered(mdn) ?? lineId);
      return { lineId: ours, succeeded: status === 'PROVISIONED' };
    });
  }
  const lineId = numbered(event.mdn);
  const succeeded = (event.provisioningStatus ?? 'SUCCESS') === 'SUCCESS';
  return lineId === undefined ? [] : [{ lineId, succeeded }];
}

/** Starts the order, or finds it. Whose it is need not be said: the operator's domain knows. */
async function start(
  context: TransactionalContext,
  workflows: Workflows,
  event: BillingEvent & {
    readonly accountId?: string | undefined;
    readonly fulfillmentOrderId?: string | undefined;
    readonly shipmentId?: string | undefined;
  },
): Promise<StartedWorkflow> {
  const { mboOrderId: orderId, accountId, network, traceId, spanId } = event;
  return await startWorkflow(context, workflows, {
    ...{ orderId, accountId: accountId ?? null },
    type: 'CREATE',
    network: network satisfies Network,
    fulfillmentOrderId: event.fulfillmentOrderId ?? null,
    shipmentId: event.shipmentId ?? null,
    provisionId: null,
    traceId: traceId ?? context.trace.traceId,
    spanId: spanId ?? null,
  });
}

function unknown(orderId: string): Refusal<'BILLING_ORDER_NOT_FOUND'> {
  return refuse(
    billingOrderNotFound,
    `Expected an order that was started, found none with the id ${orderId}.`,
  );
}
