/**
 * Calculates the risk of an order from what is known at this moment, and keeps it with the order. An
 * order whose risk is not high needs no approval; a decision that a person took before stands.
 */
import type { Refusal } from '../../kernel/errors.ts';
import { isRefusal } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { type AccessCode, findOwnOrder } from './find-own-order.ts';
import type { Order } from './order.ts';
import { calculateRisk, velocityCap } from './risk.ts';
import { changeOrder, readCustomerHistory } from './store.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** Calculates the risk of the locked order and keeps it; gives the order with it. */
export async function calculateOrderRisk(
  context: TransactionalContext,
  input: { readonly orderId: string },
): Promise<Order | Refusal<AccessCode>> {
  const found = await findOwnOrder(context, { orderId: input.orderId, lock: true });
  if (isRefusal(found)) return found;
  const order = found;
  const now = context.clock.now();
  const history = await readCustomerHistory(context.tx, {
    order,
    since: new Date(now.getTime() - dayMs),
    cap: velocityCap,
  });
  const risk = calculateRisk({
    total: order.total,
    quantity: order.items.reduce((sum, item) => sum + item.quantity, 0),
    newCustomerHint: order.newCustomer,
    hasNoDeliveredOrder: !history.hasDelivered,
    recentOrders: history.recentOrders,
    shippingAddress: order.shippingAddress,
    billingAddress: order.billingAddress,
  });
  const undecided = order.approval === 'unknown' || order.approval === 'not_required';
  const approval = undecided
    ? risk.level === 'high'
      ? 'unknown'
      : 'not_required'
    : order.approval;
  return await changeOrder(context.tx, order, { risk, approval }, now);
}
