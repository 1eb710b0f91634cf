/**
 * The life of a shipment, as data. Callbacks of a courier come late, twice and out of order, so every
 * state may be followed by any later one, and by none that is earlier.
 *
 * - `requested`: we want it carried; the courier has not confirmed it.
 * - `created`: booked, with a tracking number. It can still be cancelled.
 * - `in_transit`, `out_for_delivery`: with the courier.
 * - `failed`: not handed over. Left only by a later attempt that succeeds.
 * - `delivered`, `cancelled`: final.
 */
import { defineStateMachine } from '../../kernel/state-machine.ts';

/** The transitions of a shipment. */
export const shipmentStates = defineStateMachine({
  name: 'shipment',
  initial: 'requested',
  transitions: {
    requested: ['created', 'in_transit', 'out_for_delivery', 'delivered', 'failed', 'cancelled'],
    created: ['in_transit', 'out_for_delivery', 'delivered', 'failed', 'cancelled'],
    in_transit: ['out_for_delivery', 'delivered', 'failed', 'cancelled'],
    out_for_delivery: ['delivered', 'failed', 'cancelled'],
    delivered: [],
    failed: ['delivered'],
    cancelled: [],
  },
});

/** A declared status; there is no other. */
export type ShipmentStatus = keyof typeof shipmentStates.transitions;

/** Every status of a shipment. */
export const shipmentStatuses = [
  'requested',
  'created',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'failed',
  'cancelled',
] as const satisfies readonly ShipmentStatus[];

/** What a courier may report. */
export const reportedStatuses = [
  'created',
  'in_transit',
  'out_for_delivery',
  'delivered',
  'failed',
  'cancelled',
] as const satisfies readonly ShipmentStatus[];
/** A status that a courier may report. */
export type ReportedStatus = (typeof reportedStatuses)[number];
