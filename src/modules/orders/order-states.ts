/**
 * The life of an order, as data.
 *
 * - `pending`: placed and not paid. Left by a payment, its failure, or a cancellation.
 * - `payment_failed`: the last payment failed. Left by a new attempt (`pending`) or a cancellation.
 * - `confirmed`: paid. Left by shipping, or by a cancellation, which refunds.
 * - `shipped`: with the courier. It can no longer be cancelled, only delivered or returned.
 * - `delivered`: with the customer; complete once `completedAt` is set. A return may still follow.
 * - `returned`, `cancelled`: left only when the money went back.
 * - `refunded`: the money went back. Final.
 */
import { defineStateMachine } from '../../kernel/state-machine.ts';

/** The transitions of an order; every change of status is checked against them. */
export const orderStates = defineStateMachine({
  name: 'order',
  initial: 'pending',
  transitions: {
    pending: ['confirmed', 'payment_failed', 'cancelled'],
    payment_failed: ['pending', 'cancelled'],
    confirmed: ['shipped', 'cancelled'],
    shipped: ['delivered', 'returned'],
    delivered: ['returned'],
    returned: ['refunded'],
    cancelled: ['refunded'],
    refunded: [],
  },
});

/** A declared status; there is no other. */
export type OrderStatus = keyof typeof orderStates.transitions;

/** Every status, in the order of an order's life. */
export const orderStatuses = [
  'pending',
  'payment_failed',
  'confirmed',
  'shipped',
  'delivered',
  'returned',
  'cancelled',
  'refunded',
] as const satisfies readonly OrderStatus[];
