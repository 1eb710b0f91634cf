/**
 * Cancels an order that has not left yet. Whoever carries the order (the process) hears of it by
 * `order.cancelled` and gives back stock and money.
 */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { canTransition } from '../../kernel/state-machine.ts';
import { changeStatus, invalidTransition } from './change-status.ts';
import { orderAlreadyShipped } from './errors.ts';
import { type AccessCode, findOwnOrder } from './find-own-order.ts';
import type { Order } from './order.ts';
import { orderStates } from './order-states.ts';

/** Every refusal of a cancellation. */
export type CancelCode = AccessCode | 'ORDER_ALREADY_SHIPPED' | 'INVALID_STATUS_TRANSITION';

/** The cancelled order. Cancelling twice cancels once, also when its money has gone back meanwhile. */
export async function cancelOrder(
  context: TransactionalContext,
  input: { readonly orderId: string; readonly reason?: string | undefined },
): Promise<Order | Refusal<CancelCode>> {
  const found = await findOwnOrder(context, { orderId: input.orderId, lock: true });
  if (isRefusal(found)) return found;
  return await cancelLocked(context, found, input.reason);
}

/** Cancels an order that this transaction has locked and whose caller may do so. */
export async function cancelLocked(
  context: TransactionalContext,
  order: Order,
  reason: string | undefined,
): Promise<Order | Refusal<'ORDER_ALREADY_SHIPPED' | 'INVALID_STATUS_TRANSITION'>> {
  if (order.status === 'cancelled' || wasCancelled(order)) return order;
  if (canTransition(orderStates, order.status, 'cancelled'))
    return await changeStatus(context, order, 'cancelled', { reason });
  if (order.status === 'refunded') return invalidTransition(order, 'cancelled');
  return refuse(
    orderAlreadyShipped,
    `Expected an order before shipping, found one that is ${order.status}. ` +
      'Return it after delivery instead.',
    { data: { status: order.status } },
  );
}

/**
 * The money of a cancelled order may be back before whoever cancels it a second time is there: a payment
 * that came late is given back by a process of its own, while the order's process waits for its turn.
 */
function wasCancelled({ status, cancelledAt }: Order): boolean {
  return status === 'refunded' && cancelledAt !== null;
}
