/**
 * The end of an order's process, good or bad. Completing and publishing are one transaction; an order that
 * somebody wants cancelled is not completed any more.
 */
import { assert, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { type BillingOrder, billingView } from './billing-order.ts';
import { cancelRequested } from './errors.ts';
import { billingOrderFailed, provisioningRequested } from './events.ts';
import { answerCancel } from './request-cancel.ts';
import { changeOrder, lockOrder, readLines } from './store.ts';

async function lockKnown({ tx }: TransactionalContext, orderId: string): Promise<BillingOrder> {
  const order = await lockOrder(tx, orderId);
  assert(order, `expected billing order ${orderId}, found none`);
  return order;
}

/** Completes the order and asks for its provisioning. */
export async function completeOrder(
  context: TransactionalContext,
  { orderId }: { readonly orderId: string },
): Promise<BillingOrder | Refusal<'BILLING_ORDER_CANCEL_REQUESTED'>> {
  const order = await lockKnown(context, orderId);
  if (order.status === 'COMPLETED') return order;
  if (order.cancelRequestedAt) {
    return refuse(
      cancelRequested,
      `Expected an order that is wanted, found ${orderId} to be cancelled since ${order.cancelRequestedAt.toISOString()}.`,
    );
  }
  const { billing, shipping, accountId, customerId } = order;
  assert(
    billing && shipping && accountId && customerId,
    `expected ${orderId} to be loaded and priced`,
  );
  const lines = await readLines(context.tx, orderId);
  const now = context.clock.now();
  await context.emit(provisioningRequested, {
    eventId: context.newId(),
    eventType: 'PROVISIONING_ORDER_CREATED',
    timestamp: now.toISOString(),
    ...{ orderId, accountId, customerId },
    lineItems: lines.map(({ plan, monthlyCharge, ...line }) => line),
    billing: billingView(billing),
    shipping,
    status: 'READY_FOR_PROVISIONING',
    network: order.network,
    traceId: order.traceId,
    ...(order.spanId === null ? {} : { spanId: order.spanId }),
  });
  const done = { status: 'COMPLETED', currentStep: 'DONE', progress: 100 } as const;
  return await changeOrder(context, order, { ...done, completedAt: now });
}

/** Ends an order whose work is undone, or taken back; whoever asked for that is answered. */
export async function endOrder(
  context: TransactionalContext,
  input: {
    readonly orderId: string;
    readonly outcome: 'FAILED' | 'CANCELLED';
    readonly code: string;
    readonly message: string;
  },
): Promise<BillingOrder> {
  const order = await lockKnown(context, input.orderId);
  if (order.status === input.outcome) return order;
  const { outcome, code, message } = input;
  const ended = await changeOrder(context, order, {
    status: outcome,
    ...(outcome === 'FAILED' ? { errorCode: code, errorMessage: message } : {}),
  });
  const { orderId, accountId } = order;
  if (outcome === 'FAILED') {
    await context.emit(billingOrderFailed, { orderId, accountId, code, message });
  }
  if (order.cancelRequestedAt) {
    await answerCancel(context, order, order.cancelReason ?? message);
  }
  return ended;
}
