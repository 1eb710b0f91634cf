/**
 * The one place where the status of an order changes: each change follows the state machine, is
 * written and announced together.
 */
import { assert, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { canTransition } from '../../kernel/state-machine.ts';
import { actorOf } from './actor.ts';
import { invalidStatusTransition } from './errors.ts';
import {
  orderCancelled,
  orderConfirmed,
  orderDelivered,
  orderPaymentFailed,
  orderPaymentRetried,
  orderRefunded,
  orderReturned,
  orderShipped,
} from './events.ts';
import type { Order } from './order.ts';
import { type OrderStatus, orderStates } from './order-states.ts';
import { changeOrder, type OrderChange } from './store.ts';

/** What may come with a change of status. */
export interface StatusFacts {
  readonly paymentId?: string | undefined;
  readonly trackingNumber?: string | undefined;
  readonly reason?: string | undefined;
  /** Delivered is also the end: nothing more is to be done. */
  readonly completed?: boolean | undefined;
}

/** Why the order cannot go there, with where it could go. */
export function invalidTransition(
  order: Order,
  to: OrderStatus,
): Refusal<'INVALID_STATUS_TRANSITION'> {
  const allowed = orderStates.transitions[order.status];
  const ways = allowed.length > 0 ? allowed.join(', ') : 'nothing, it is final';
  return refuse(
    invalidStatusTransition,
    `Expected a status that may follow ${order.status} (${ways}), found ${to}. ` +
      'Read the order again and choose one of these.',
    { data: { from: order.status, to, allowed } },
  );
}

/** Takes a locked order to a status that may follow its own, and announces it. */
export async function changeStatus(
  context: TransactionalContext,
  order: Order,
  to: OrderStatus,
  facts: StatusFacts,
): Promise<Order> {
  assert(
    canTransition(orderStates, order.status, to),
    `expected a status that may follow ${order.status}, found ${to}`,
  );
  const at = context.clock.now();
  const change = changeFor(to, facts, at);
  const next = await changeOrder(context.tx, order, { status: to, ...change }, at);
  await announcements[to](context, next, { ...facts, at: at.toISOString() });
  return next;
}

function changeFor(to: OrderStatus, facts: StatusFacts, at: Date): OrderChange {
  switch (to) {
    case 'confirmed':
      return facts.paymentId === undefined ? {} : { paymentId: facts.paymentId };
    case 'shipped':
      return facts.trackingNumber === undefined ? {} : { trackingNumber: facts.trackingNumber };
    case 'delivered':
      return facts.completed ? { completedAt: at } : {};
    case 'cancelled':
      return { cancelledAt: at, cancelReason: facts.reason ?? defaultCancelReason };
    default:
      return {};
  }
}

const defaultCancelReason = 'No reason was given';

type Announce = (
  context: TransactionalContext,
  order: Order,
  facts: StatusFacts & { readonly at: string },
) => Promise<void>;

/** Every status has its announcement; a new status without one does not compile. */
const announcements: Readonly<Record<OrderStatus, Announce>> = {
  pending: (context, order, { at }) =>
    context.emit(orderPaymentRetried, { ...subject(order), status: 'pending', retriedAt: at }),
  payment_failed: (context, order, { at, reason }) =>
    context.emit(orderPaymentFailed, {
      ...subject(order),
      status: 'payment_failed',
      reason: reason ?? null,
      failedAt: at,
    }),
  confirmed: async (context, order, { at }) => {
    assert(order.paymentId !== null, `expected a payment of confirmed order ${order.id}`);
    await context.emit(orderConfirmed, {
      ...subject(order),
      status: 'confirmed',
      paymentId: order.paymentId,
      confirmedAt: at,
    });
  },
  shipped: (context, order, { at }) =>
    context.emit(orderShipped, {
      ...subject(order),
      status: 'shipped',
      trackingNumber: order.trackingNumber,
      shippedAt: at,
    }),
  delivered: (context, order, { at }) =>
    context.emit(orderDelivered, { ...subject(order), status: 'delivered', deliveredAt: at }),
  cancelled: (context, order, { at }) =>
    context.emit(orderCancelled, {
      ...subject(order),
      status: 'cancelled',
      reason: order.cancelReason ?? defaultCancelReason,
      cancelledBy: actorOf(context.caller),
      cancelledAt: at,
    }),
  returned: (context, order, { at, reason }) =>
    context.emit(orderReturned, {
      ...subject(order),
      status: 'returned',
      reason: reason ?? null,
      returnedAt: at,
    }),
  refunded: (context, order, { at }) =>
    context.emit(orderRefunded, { ...subject(order), status: 'refunded', refundedAt: at }),
};

function subject({ id, userId }: Order): { orderId: string; userId: string } {
  return { orderId: id, userId };
}
