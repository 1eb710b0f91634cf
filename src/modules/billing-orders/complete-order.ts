/**
 * The end of an order's process, good or bad. Completing and publishing are one transaction; an order that
 * somebody wants cancelled is not completed any more.
 */
import { assert, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { type BillingOrder, billingView } from './billing-order.ts';
import { cancelRequested } from './errors.ts';
import { billingOrderFailed, deprovisioningRequested, provisioningRequested } from './events.ts';
import { answerCancel } from './request-cancel.ts';
import { isStartedFor, notStarted } from './started-for.ts';
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
  const { billing, shipping } = order;
  assert(billing && shipping, `expected ${orderId} to be loaded and priced`);
  await context.emit(provisioningRequested, {
    ...(await whatIsProvisioned(context, order)),
    eventType: 'PROVISIONING_ORDER_CREATED',
    billing: billingView(billing),
    shipping,
    status: 'READY_FOR_PROVISIONING',
  });
  const done = { status: 'COMPLETED', currentStep: 'DONE', progress: 100 } as const;
  return await changeOrder(context, order, { ...done, completedAt: context.clock.now() });
}

/** The lines and whose they are, as provisioning is told of them in both directions. */
async function whatIsProvisioned(context: TransactionalContext, order: BillingOrder) {
  const { orderId, accountId, customerId, network, traceId, spanId } = order;
  assert(accountId && customerId, `expected ${orderId} to be loaded`);
  const lines = await readLines(context.tx, orderId);
  return {
    eventId: context.newId(),
    timestamp: context.clock.now().toISOString(),
    ...{ orderId, accountId, customerId, network, traceId },
    lineItems: lines.map(({ plan, monthlyCharge, ...line }) => line),
    ...(spanId === null ? {} : { spanId }),
  };
}

/** Ends an order whose work is undone, or taken back; whoever asked for that is answered. */
export async function endOrder(
  context: TransactionalContext,
  input: {
    readonly orderId: string;
    readonly billingOrderId?: string | null | undefined;
    readonly outcome: 'FAILED' | 'CANCELLED';
    readonly code: string;
    readonly message: string;
  },
): Promise<BillingOrder | Refusal<'BILLING_ORDER_NOT_FOUND'>> {
  const order = await lockOrder(context.tx, input.orderId);
  if (!isStartedFor(order, input)) return notStarted(input.orderId);
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
  if (order.status === 'CANCELLING') {
    await context.emit(deprovisioningRequested, {
      ...(await whatIsProvisioned(context, order)),
      eventType: 'DEPROVISIONING_ORDER_CREATED',
      status: 'READY_FOR_DEPROVISIONING',
      reason: order.cancelReason ?? message,
    });
  }
  if (order.cancelRequestedAt) {
    await answerCancel(context, order, order.cancelReason ?? message);
  }
  return ended;
}
