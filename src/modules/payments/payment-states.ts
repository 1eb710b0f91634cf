/**
 * The life of a payment, as data.
 *
 * - `pending`: a session is open or a charge is under way. Left by the gateway's answer, or, when the
 *   order is given up, by closing the session (`failed` with the code `SESSION_CLOSED`).
 * - `failed`: no money was taken. Still left when the gateway reports a late success, because money
 *   that was taken has to be known, to be given back.
 * - `processed`: the money was taken; parts of it may have gone back. Left by its full refund.
 * - `refunded`: all of it went back. Final.
 */
import { defineStateMachine } from '../../kernel/state-machine.ts';

/** The transitions of a payment. */
export const paymentStates = defineStateMachine({
  name: 'payment',
  initial: 'pending',
  transitions: {
    pending: ['processed', 'failed'],
    failed: ['processed'],
    processed: ['refunded'],
    refunded: [],
  },
});

/** A declared status; there is no other. */
export type PaymentStatus = keyof typeof paymentStates.transitions;

/** Every status of a payment. */
export const paymentStatuses = [
  'pending',
  'processed',
  'failed',
  'refunded',
] as const satisfies readonly PaymentStatus[];
