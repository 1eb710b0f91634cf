/**
 * What every call to the courier carries. The keys belong to our shipment and not to a request, so
 * that a repeated or racing request never books a parcel twice.
 */
import type { ExternalContext } from '../../kernel/procedure.ts';
import type { CourierCall } from './provider.ts';
import type { Shipment } from './shipment.ts';

/** Booking the shipment. */
export const bookingKey = ({ id }: Pick<Shipment, 'id'>) => `shipment-${id}`;

/** Cancelling it. */
export const cancellationKey = ({ id }: Pick<Shipment, 'id'>) => `cancel-${id}`;

/** The call with this key. */
export function callOf(context: ExternalContext, idempotencyKey: string): CourierCall {
  const { traceId, spanId } = context.trace;
  return { idempotencyKey, signal: context.signal, traceparent: `00-${traceId}-${spanId}-01` };
}
