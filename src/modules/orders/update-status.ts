/**
 * Changes the status of an order for staff and processes, and lets the buyer cancel. `completed` is
 * no status of its own: it is `delivered` with the moment of completion. Asking for the status that
 * the order has changes nothing.
 */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { canTransition } from '../../kernel/state-machine.ts';
import { cancelLocked } from './cancel-order.ts';
import { changeStatus, invalidTransition, type StatusFacts } from './change-status.ts';
import { orderForbidden, statusFieldRequired } from './errors.ts';
import { type AccessCode, findOwnOrder } from './find-own-order.ts';
import { isOrderStaff, type Order } from './order.ts';
import { type OrderStatus, orderStates, orderStatuses } from './order-states.ts';
import { changeOrder } from './store.ts';

/** What may be asked for. */
export const requestableStatuses = [...orderStatuses, 'completed'] as const;

/** The status that is asked for, with what it records. */
export interface UpdateStatusInput extends Omit<StatusFacts, 'completed'> {
  readonly orderId: string;
  readonly status: OrderStatus | 'completed';
}

/** Every refusal of a change of status. */
export type UpdateStatusCode =
  | AccessCode
  | 'INVALID_STATUS_TRANSITION'
  | 'STATUS_FIELD_REQUIRED'
  | 'ORDER_ALREADY_SHIPPED';

/** The order with the status that was asked for. */
export async function updateStatus(
  context: TransactionalContext,
  input: UpdateStatusInput,
): Promise<Order | Refusal<UpdateStatusCode>> {
  const found = await findOwnOrder(context, { orderId: input.orderId, lock: true });
  if (isRefusal(found)) return found;
  const order = found;
  if (input.status === 'cancelled') return await cancelLocked(context, order, input.reason);
  if (!isOrderStaff(context.caller))
    return refuse(
      orderForbidden,
      `Expected a member of staff, found the buyer. A buyer may only cancel, not ask for ${input.status}.`,
    );
  const completed = input.status === 'completed';
  const to = input.status === 'completed' ? 'delivered' : input.status;
  if (order.status === to) return completed ? await complete(context, order) : order;
  if (!canTransition(orderStates, order.status, to)) return invalidTransition(order, to);
  if (to === 'confirmed' && input.paymentId === undefined) return paymentIdMissing();
  return await changeStatus(context, order, to, { ...input, completed });
}

async function complete(context: TransactionalContext, order: Order): Promise<Order> {
  if (order.completedAt) return order;
  const now = context.clock.now();
  return await changeOrder(context.tx, order, { completedAt: now }, now);
}

function paymentIdMissing() {
  return refuse(
    statusFieldRequired,
    'Expected the id of the payment that confirms the order, found none. Add "paymentId".',
    {
      issues: [
        {
          pointer: '/paymentId',
          expected: 'the id of the payment',
          found: 'nothing',
          message: 'A confirmed order names its payment.',
        },
      ],
    },
  );
}
