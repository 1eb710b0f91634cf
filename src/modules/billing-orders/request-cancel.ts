/**
 * Cancels an order, wherever it stands. Under way, its process is told and undoes what was done; complete,
 * a process of its own takes it back. Either answers when it is done. An order that never was, or has ended
 * without anything left, is answered at once. Asking again changes nothing.
 */
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { type BillingOrder, creditReference, paymentReference } from './billing-order.ts';
import { billingOrderNotCancellable, billingOrderNotFound } from './errors.ts';
import { cancelAnswered, cancellationRequested } from './events.ts';
import type { Workflows } from './ports.ts';
import { changeOrder, lockOrder, readLines } from './store.ts';

/** Why an order is not cancelled. */
export type CancelCode = 'BILLING_ORDER_NOT_FOUND' | 'BILLING_ORDER_NOT_CANCELLABLE';

/** The order, cancelled or on its way there. */
export async function requestCancel(
  context: TransactionalContext,
  workflows: Workflows,
  { orderId: asked, reason }: { readonly orderId: string; readonly reason: string },
): Promise<BillingOrder | Refusal<CancelCode>> {
  const order = await lockOrder(context.tx, asked);
  if (!order) {
    return refuse(billingOrderNotFound, `Expected the id of a billing order, found ${asked}.`);
  }
  const { orderId } = order;
  const isRepeated = order.cancelRequestedAt !== null;
  const change = { cancelRequestedAt: context.clock.now(), cancelReason: reason };
  switch (order.status) {
    case 'CREATED':
    case 'IN_PROGRESS':
      if (isRepeated) return order;
      await context.emit(cancellationRequested, { orderId, reason });
      return await changeOrder(context, order, change);
    case 'COMPLETED':
      if (order.type === 'CHANGE') return notCancellable(order);
      await workflows.start(context.tx, {
        process: 'cancelBilling',
        input: await whatIsTakenBack(context, order, reason),
        startKey: `cancel-billing ${orderId}`,
        trace: context.trace,
      });
      return await changeOrder(context, order, { ...change, status: 'CANCELLING' });
    case 'CANCELLING':
      return order;
    default:
      await answerCancel(context, order, 'nothing of the order is left');
      return order;
  }
}

async function whatIsTakenBack({ tx }: TransactionalContext, order: BillingOrder, reason: string) {
  const { orderId, accountId, promotions } = order;
  return {
    ...{ billingOrderId: order.id, orderId, accountId, reason },
    lines: await readLines(tx, orderId),
    paymentReferences: [
      paymentReference(orderId),
      ...promotions.map(({ promoCode }) => creditReference(orderId, promoCode)),
    ],
  };
}

/** Answers on the response topic that nothing of the order is left. */
export async function answerCancel(
  context: TransactionalContext,
  { orderId, traceId }: Pick<BillingOrder, 'orderId' | 'traceId'>,
  reason: string,
  status: 'CANCELLED' | 'NOT_FOUND' | 'NOT_CANCELLABLE' = 'CANCELLED',
): Promise<void> {
  await context.emit(cancelAnswered, {
    eventId: context.newId(),
    eventType: 'CANCEL_ORDER_RESPONSE',
    timestamp: context.clock.now().toISOString(),
    ...{ orderId, status, reason, traceId },
  });
}

function notCancellable({ orderId }: BillingOrder): Refusal<'BILLING_ORDER_NOT_CANCELLABLE'> {
  return refuse(
    billingOrderNotCancellable,
    `Expected an order of new lines, found ${orderId}, a change that is billed. Change it back by another order.`,
  );
}
