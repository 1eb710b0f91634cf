/**
 * Takes a shipment back before the courier has the parcel. It can be repeated at any time; where there
 * is no shipment, nothing happens.
 */
import { assert, type Refusal, refuse } from '../../kernel/errors.ts';
import type { ExternalContext, TransactionalContext } from '../../kernel/procedure.ts';
import { bookingKey, callOf, cancellationKey } from './courier-call.ts';
import { shipmentAlreadyPickedUp } from './errors.ts';
import type { DeliveryOptions } from './ports.ts';
import type { Shipment } from './shipment.ts';
import { changeShipment, lockShipment, lockShipmentOfOrder } from './store.ts';

/** The cancelled shipment, or null when the order has none. */
export async function cancelShipment(
  context: ExternalContext,
  options: DeliveryOptions,
  input: { readonly orderId: string },
): Promise<Shipment | null | Refusal<'SHIPMENT_ALREADY_PICKED_UP'>> {
  const shipment = await context.transaction((inner) => requestCancel(inner, input.orderId));
  if (!shipment || shipment.status === 'cancelled') return shipment ?? null;
  if (shipment.status === 'failed') return shipment;
  if (shipment.status !== 'requested' && shipment.status !== 'created') return pickedUp(shipment);
  const courierShipmentId =
    shipment.courierShipmentId ?? (await findBooking(context, options, shipment));
  const answer =
    courierShipmentId === null
      ? ({ status: 'unknown' } as const)
      : await options.courier.cancelShipment(
          { courierShipmentId },
          callOf(context, cancellationKey(shipment)),
        );
  const { status } = answer;
  const known = await context.transaction((inner) => record(inner, shipment.id, status));
  return status === 'picked-up' ? pickedUp(known) : known;
}

/** From here on, a booking that is still under way is cancelled when it ends. */
async function requestCancel(
  context: TransactionalContext,
  orderId: string,
): Promise<Shipment | undefined> {
  const shipment = await lockShipmentOfOrder(context.tx, orderId);
  const open = shipment?.status === 'requested' || shipment?.status === 'created';
  if (!shipment || !open || shipment.cancelRequestedAt) return shipment;
  return await changeShipment(context, shipment, { cancelRequestedAt: context.clock.now() });
}

async function record(
  context: TransactionalContext,
  shipmentId: string,
  answer: 'cancelled' | 'unknown' | 'picked-up',
): Promise<Shipment> {
  const shipment = await lockShipment(context.tx, shipmentId);
  assert(shipment, `expected shipment ${shipmentId}, found none`);
  const open = shipment.status === 'requested' || shipment.status === 'created';
  if (answer !== 'picked-up' && open)
    return await changeShipment(context, shipment, { status: 'cancelled' });
  if (answer !== 'picked-up') return shipment;
  // The parcel goes on, so what the courier says of it is news again.
  return await changeShipment(context, shipment, { cancelRequestedAt: null });
}

/** A crash may have come between booking the shipment and writing it down. */
async function findBooking(
  context: ExternalContext,
  { courier }: DeliveryOptions,
  shipment: Shipment,
): Promise<string | null> {
  const booked = await courier.findByIdempotencyKey(callOf(context, bookingKey(shipment)));
  return booked?.courierShipmentId ?? null;
}

function pickedUp({ id, status }: Shipment): Refusal<'SHIPMENT_ALREADY_PICKED_UP'> {
  return refuse(
    shipmentAlreadyPickedUp,
    `Expected a shipment that was not picked up, found ${id} with the courier. ` +
      'Let it arrive and take it back as a return.',
    { data: { shipmentId: id, status } },
  );
}
