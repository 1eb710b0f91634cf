/** Puts an order in front of a person. A decision that came earlier stands. */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { approvalTooLate } from './errors.ts';
import { orderApprovalRequested } from './events.ts';
import { type AccessCode, findOwnOrder } from './find-own-order.ts';
import type { Order } from './order.ts';
import { changeOrder } from './store.ts';

/** The order, waiting for a decision or already decided. Asking twice asks once. */
export async function requestApproval(
  context: TransactionalContext,
  input: { readonly orderId: string },
): Promise<Order | Refusal<AccessCode | 'APPROVAL_TOO_LATE'>> {
  const found = await findOwnOrder(context, { orderId: input.orderId, lock: true });
  if (isRefusal(found)) return found;
  const order = found;
  if (order.approval !== 'unknown' && order.approval !== 'not_required') return order;
  if (order.status !== 'pending')
    return refuse(
      approvalTooLate,
      `Expected a pending order, found one that is ${order.status}. There is nothing to approve.`,
      { data: { status: order.status } },
    );
  const now = context.clock.now();
  await context.emit(orderApprovalRequested, {
    orderId: order.id,
    userId: order.userId,
    score: order.risk?.score ?? null,
    requestedAt: now.toISOString(),
  });
  return await changeOrder(context.tx, order, { approval: 'pending' }, now);
}
