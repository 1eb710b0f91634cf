/**
 * Records the decision of a person on a risky order, and wakes what waits for it. The first decision
 * stands: the same one again changes nothing, the other one is refused. A decision may come before
 * the risk is known; it is then kept for when it is needed.
 */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { actorOf } from './actor.ts';
import {
  approvalAlreadyDecided,
  approvalNotRequired,
  approvalTooLate,
  approverIsBuyer,
} from './errors.ts';
import { triggerApproved } from './events.ts';
import { type AccessCode, findOwnOrder } from './find-own-order.ts';
import type { Order } from './order.ts';
import { changeOrder } from './store.ts';

/** The decision on one order. */
export interface ApproveOrderInput {
  readonly orderId: string;
  readonly approved: boolean;
  readonly reason?: string | undefined;
}

type DecisionCode =
  | 'APPROVER_IS_BUYER'
  | 'APPROVAL_NOT_REQUIRED'
  | 'APPROVAL_ALREADY_DECIDED'
  | 'APPROVAL_TOO_LATE';

/** Records the first decision and gives the order with it; another one after it is refused. */
export async function approveOrder(
  context: TransactionalContext,
  input: ApproveOrderInput,
): Promise<Order | Refusal<AccessCode | DecisionCode>> {
  const found = await findOwnOrder(context, { orderId: input.orderId, lock: true });
  if (isRefusal(found)) return found;
  const order = found;
  if (context.caller.userId === order.userId)
    return refuse(
      approverIsBuyer,
      'Expected a decision by somebody else, found one by the buyer. Ask a colleague.',
    );
  const approval = input.approved ? 'approved' : 'rejected';
  if (order.approval === approval) return order;
  const refusal = whyNotDecide(order);
  if (refusal) return refusal;
  const decidedBy = actorOf(context.caller);
  await context.emit(triggerApproved, {
    orderId: order.id,
    approved: input.approved,
    ...(input.reason === undefined ? {} : { reason: input.reason }),
    decidedBy,
  });
  const change = { approval, approvalReason: input.reason ?? null, decidedBy } as const;
  return await changeOrder(context.tx, order, change, context.clock.now());
}

function whyNotDecide(order: Order): Refusal<DecisionCode> | undefined {
  const { approval, status } = order;
  if (approval === 'approved' || approval === 'rejected')
    return refuse(
      approvalAlreadyDecided,
      `Expected an undecided order, found one that was ${approval} by ${order.decidedBy}. ` +
        'The first decision stands.',
      { data: { approval, decidedBy: order.decidedBy } },
    );
  if (status !== 'pending')
    return refuse(
      approvalTooLate,
      `Expected a pending order, found one that is ${status}. A decision has no effect any more.`,
      { data: { status } },
    );
  if (approval === 'not_required')
    return refuse(
      approvalNotRequired,
      `Expected an order that waits for approval, found one with a risk of ${order.risk?.score}. ` +
        'It goes on without a decision.',
      { data: { score: order.risk?.score ?? null } },
    );
  return undefined;
}
