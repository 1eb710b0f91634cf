/** Finds an order for a caller: the buyer's own, or any for staff. */
import { type Caller, mayAccessUserData } from '../../kernel/caller.ts';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { orderForbidden, orderNotFound } from './errors.ts';
import type { Order } from './order.ts';
import { findOrder, lockOrder } from './store.ts';

/** The two ways in which a caller may not get at an order. */
export type AccessCode = 'ORDER_NOT_FOUND' | 'ORDER_FORBIDDEN';

interface Wanted {
  readonly orderId: string;
  /** Locks the order until the transaction ends, for a change. */
  readonly lock?: boolean;
}

/** The order, when it exists and the caller may see it. */
export async function findOwnOrder(
  context: { readonly tx: Transaction; readonly caller: Caller },
  { orderId, lock = false }: Wanted,
): Promise<Order | Refusal<AccessCode>> {
  const order = await (lock ? lockOrder : findOrder)(context.tx, orderId);
  if (!order)
    return refuse(
      orderNotFound,
      `Expected the id of an order, found ${orderId}. Check the id, or list the orders.`,
    );
  if (mayAccessUserData(context.caller, order.userId)) return order;
  return refuse(
    orderForbidden,
    `Expected an order of the caller, found order ${orderId} of another user.`,
  );
}
