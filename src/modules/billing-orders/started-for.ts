/**
 * Whether a process is the one that was started for an order. Anybody who may start processes can start a
 * drawing by its name; one that works on an order besides its own process would undo what that one has done.
 */
import { z } from 'zod';
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { BillingOrder } from './billing-order.ts';
import { billingOrderNotFound } from './errors.ts';

/** What the process of an order was started with; a process that somebody started by its name has none. */
export const billingOrderId = z.string().nullish().describe('Of the order that it was started for');

/** True for the process that was started for this order. */
export function isStartedFor(
  order: BillingOrder | undefined,
  input: { readonly billingOrderId?: string | null | undefined },
): order is BillingOrder {
  return order !== undefined && order.id === input.billingOrderId;
}

/** The refusal of every other process. */
export function notStarted(orderId: string): Refusal<'BILLING_ORDER_NOT_FOUND'> {
  return refuse(
    billingOrderNotFound,
    `Expected the process that was started for order ${orderId}, found another one. Cancel it, and start ` +
      'orders by POST /api/workflow/start or by an event: one order is one process.',
  );
}
