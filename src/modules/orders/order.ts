/**
 * What an order is: its shape on the wire, its limits, and what its reader may do with it. Pure.
 */
import { z } from 'zod';
import { type Caller, hasRole, mayAccessUserData } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import type { Money } from '../../kernel/money.ts';
import type { Action } from '../../kernel/page.ts';
import { canTransition } from '../../kernel/state-machine.ts';
import { type Address, addressSchema } from './address.ts';
import { type OrderStatus, orderStates, orderStatuses } from './order-states.ts';
import type { Risk } from './risk.ts';

/** At most this many lines in one order, and this many of one product in a line. */
export const orderLimits = { items: 100, quantity: 1000 } as const;

/** One line of an order. `price` is of one unit, `subtotal` is `quantity * price`. */
export const orderItemSchema = z.object({
  id: idSchema,
  orderId: idSchema,
  productId: z.string(),
  productName: z.string(),
  quantity: z.number().int(),
  price: z.number(),
  subtotal: z.number(),
});

/** What a person decided, or has to: `unknown` until the risk is known. */
export const approvalStates = [
  'unknown',
  'not_required',
  'pending',
  'approved',
  'rejected',
] as const;
/** One of the approval states. */
export type Approval = (typeof approvalStates)[number];

/** From harmless to what a person has to look at. */
const riskLevels = ['low', 'medium', 'high'] as const;

/** A risk score with the named factors that add up to it. */
export const riskSchema = z.object({
  score: z.number().int().min(0).max(100),
  level: z.enum(riskLevels).describe('high: above 70, a person has to approve'),
  factors: z.array(
    z.object({
      name: z.string(),
      points: z.number().int(),
      explanation: z.string(),
    }),
  ),
});

const moment = z.iso.datetime();

/** An order as everybody sees it. Amounts are in major units, times in UTC. */
export const orderSchema = z.object({
  id: idSchema,
  userId: idSchema,
  status: z.enum(orderStatuses),
  totalAmount: z.number().meta({ examples: [99.98] }),
  currency: z.string().meta({ examples: ['USD'] }),
  items: z.array(orderItemSchema),
  shippingAddress: addressSchema.nullable(),
  billingAddress: addressSchema.nullable(),
  requiresShipping: z.boolean().describe('True when it holds a physical product'),
  createdAt: moment,
  updatedAt: moment,
  completedAt: moment.nullable(),
  cancelledAt: moment.nullable(),
  cancelReason: z.string().nullable(),
  risk: riskSchema.nullable().describe('Null until it was calculated'),
  approval: z.enum(approvalStates),
  approvalReason: z.string().nullable(),
  decidedBy: z.string().nullable().describe('Who approved or rejected'),
  newCustomer: z.boolean().describe('The hint given with the order'),
  paymentId: idSchema.nullable().describe('The payment that confirmed it'),
  trackingNumber: z.string().nullable(),
});
/** The order as the API shows it. */
export type OrderView = z.input<typeof orderSchema>;

/** A line with exact amounts; `subtotal` is `quantity` times `price`. */
export interface OrderItem {
  readonly id: string;
  readonly productId: string;
  readonly productName: string;
  readonly quantity: number;
  readonly price: Money;
  readonly subtotal: Money;
}

/** An order as the module works with it. */
export interface Order {
  readonly id: string;
  readonly userId: string;
  readonly status: OrderStatus;
  readonly total: Money;
  readonly items: readonly OrderItem[];
  readonly shippingAddress: Address | null;
  readonly billingAddress: Address | null;
  readonly requiresShipping: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly completedAt: Date | null;
  readonly cancelledAt: Date | null;
  readonly cancelReason: string | null;
  readonly risk: Risk | null;
  readonly approval: Approval;
  readonly approvalReason: string | null;
  readonly decidedBy: string | null;
  readonly newCustomer: boolean;
  readonly paymentId: string | null;
  readonly trackingNumber: string | null;
}

/** True for those who work on orders: they may change the status of any. */
export function isOrderStaff(caller: Caller): boolean {
  return hasRole(caller, 'admin', 'manager', 'operator', 'service');
}

/**
 * What a caller may do with an order now, and why not. The use cases check the same rules again, so
 * a stale answer does no harm.
 */
export function orderActions(order: Order, caller: Caller): Action[] {
  const answer = (action: string, reason: string | undefined): Action =>
    reason === undefined ? { action, allowed: true } : { action, allowed: false, reason };
  return [
    answer('orders.cancel', whyNotCancel(order, caller)),
    answer('orders.approve', whyNotApprove(order, caller)),
    answer('orders.update-status', whyNotUpdate(order, caller)),
  ];
}

function whyNotCancel(order: Order, caller: Caller): string | undefined {
  if (!mayAccessUserData(caller, order.userId)) return 'Only the buyer or staff may cancel.';
  if (canTransition(orderStates, order.status, 'cancelled')) return undefined;
  return `An order that is ${order.status} can no longer be cancelled.`;
}

function whyNotApprove(order: Order, caller: Caller): string | undefined {
  if (!hasRole(caller, 'manager', 'admin')) return 'Only a manager or an admin may decide.';
  if (caller.userId === order.userId) return 'The buyer may not decide on the own order.';
  if (order.approval === 'pending' && order.status === 'pending') return undefined;
  return order.status === 'pending'
    ? `There is nothing to decide: the approval is ${order.approval}.`
    : `There is nothing to decide: the order is ${order.status}.`;
}

function whyNotUpdate(order: Order, caller: Caller): string | undefined {
  if (!isOrderStaff(caller)) return 'Only staff may change the status.';
  if (orderStates.transitions[order.status].length > 0) return undefined;
  return `No status follows ${order.status}.`;
}
