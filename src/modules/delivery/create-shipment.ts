/**
 * Has an order carried: one shipment of each order, however often it is asked for. It is written
 * before the courier is called, so that a crash leaves something to go on from, and so that the
 * courier's callbacks, which may be faster than its answer, find it.
 */
import { assert, isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { ExternalContext, TransactionalContext } from '../../kernel/procedure.ts';
import { bookingKey, callOf, cancellationKey } from './courier-call.ts';
import { deliveryOrderUnknown, shipmentCancelled, shipmentRefused } from './errors.ts';
import type { DeliveryOptions } from './ports.ts';
import type { CourierAddress, CourierParcelItem, CourierShipment } from './provider.ts';
import type { Shipment } from './shipment.ts';
import { changeShipment, insertOrLock, lockShipment } from './store.ts';

/** What is carried, and where. */
export interface CreateShipmentInput {
  readonly orderId: string;
  readonly address: CourierAddress;
  readonly items: readonly CourierParcelItem[];
}

/** Every refusal of a shipment. */
export type CreateShipmentCode =
  | 'DELIVERY_ORDER_UNKNOWN'
  | 'SHIPMENT_REFUSED'
  | 'SHIPMENT_CANCELLED';

/** The shipment of the order, booked with the courier once, or the reason why it is not. */
export async function createShipment(
  context: ExternalContext,
  options: DeliveryOptions,
  input: CreateShipmentInput,
): Promise<Shipment | Refusal<CreateShipmentCode>> {
  const shipment = await context.transaction((inner) => requestShipment(inner, options, input));
  if (isRefusal(shipment)) return shipment;
  if (shipment.courierShipmentId !== null) return shipment;
  if (shipment.status === 'cancelled') return cancelled(shipment);
  const { id: shipmentId, orderId } = shipment;
  const { address, items } = input;
  const booking = await options.courier.createShipment(
    { shipmentId, orderId, address, items },
    callOf(context, bookingKey(shipment)),
  );
  if (booking.status === 'refused') return await giveUp(context, shipment, booking.reason);
  return await keep(context, options, shipment, booking.shipment);
}

/** What became of a booking whose outcome is unknown; null when certainly nothing was booked. */
export async function reconcileShipment(
  context: ExternalContext,
  options: DeliveryOptions,
  input: CreateShipmentInput,
): Promise<Shipment | Refusal<CreateShipmentCode> | null> {
  const shipment = await context.transaction((inner) => requestShipment(inner, options, input));
  if (isRefusal(shipment) || shipment.courierShipmentId !== null) return shipment;
  const call = callOf(context, bookingKey(shipment));
  const booked = await options.courier.findByIdempotencyKey(call);
  return booked && (await keep(context, options, shipment, booked));
}

async function requestShipment(
  context: TransactionalContext,
  { orders, courier }: DeliveryOptions,
  { orderId, address, items }: CreateShipmentInput,
): Promise<Shipment | Refusal<'DELIVERY_ORDER_UNKNOWN'>> {
  const order = await orders.find(context.tx, orderId, context.trace);
  if (!order)
    return refuse(
      deliveryOrderUnknown,
      `Expected the id of an order, found ${orderId}. Place the order first.`,
    );
  const { userId } = order;
  const shipment = await insertOrLock(context, { orderId, userId, provider: courier.name });
  return shipment.address ? shipment : await changeShipment(context, shipment, { address, items });
}

/** Writes what the courier confirmed; a callback that was faster keeps its later status. */
async function keep(
  context: ExternalContext,
  options: DeliveryOptions,
  { id }: Shipment,
  booked: CourierShipment,
): Promise<Shipment | Refusal<'SHIPMENT_CANCELLED'>> {
  const kept = await context.transaction(async (inner) => {
    const shipment = await lockShipment(inner.tx, id);
    assert(shipment, `expected shipment ${id}, found none`);
    const status = shipment.status === 'requested' ? 'created' : shipment.status;
    const detail = shipment.status === 'requested' ? null : shipment.detail;
    return await changeShipment(inner, shipment, { ...booked, status, detail });
  });
  if (!kept.cancelRequestedAt) return kept;
  // It was cancelled while the courier was booking it.
  const { courierShipmentId } = booked;
  await options.courier.cancelShipment(
    { courierShipmentId },
    callOf(context, cancellationKey(kept)),
  );
  return cancelled(kept);
}

/** The shipment stays requested, so that it can be asked for again with a better address. */
async function giveUp(
  context: ExternalContext,
  { id }: Shipment,
  reason: string,
): Promise<Refusal<'SHIPMENT_REFUSED'>> {
  await context.transaction(async (inner) => {
    const shipment = await lockShipment(inner.tx, id);
    if (shipment?.status === 'requested')
      await changeShipment(inner, shipment, { detail: reason, address: null });
  });
  return refused(reason);
}

function refused(reason: string): Refusal<'SHIPMENT_REFUSED'> {
  return refuse(
    shipmentRefused,
    `Expected the courier to take the parcel, found: ${reason}. Correct the address or send it otherwise.`,
    { data: { reason } },
  );
}

function cancelled({ id }: Shipment): Refusal<'SHIPMENT_CANCELLED'> {
  return refuse(shipmentCancelled, `Expected a shipment to book, found ${id} cancelled.`, {
    data: { shipmentId: id },
  });
}
