/**
 * Takes in what the courier says of a shipment. Callbacks come late, twice and out of order: only one
 * that moves the shipment on changes anything and wakes what waits; a stale one is taken and ignored,
 * so that the courier need not repeat it. A callback that comes before the shipment is known is kept
 * when one may be in the making.
 */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { canTransition } from '../../kernel/state-machine.ts';
import {
  deliveryNotExpected,
  deliveryOrderUnknown,
  deliveryWebhookContradicts,
  shipmentNotFound,
} from './errors.ts';
import { triggerStatusUpdated } from './events.ts';
import type { DeliverableOrder, DeliveryOptions } from './ports.ts';
import type { Shipment } from './shipment.ts';
import { type ReportedStatus, shipmentStates } from './shipment-states.ts';
import {
  changeShipment,
  insertOrLock,
  lockCourierShipment,
  lockShipment,
  lockShipmentOfOrder,
  lockTrackedShipment,
} from './store.ts';

/** The news; at least one of the ids is there. */
export interface DeliveryWebhook {
  readonly orderId?: string | undefined;
  /** Ours. */
  readonly reference?: string | undefined;
  /** The courier's, or ours. */
  readonly shipmentId?: string | undefined;
  readonly trackingNumber?: string | undefined;
  readonly status: ReportedStatus;
  readonly detail?: string | undefined;
}

/** Every refusal of a webhook. */
export type DeliveryWebhookCode =
  | 'SHIPMENT_NOT_FOUND'
  | 'DELIVERY_ORDER_UNKNOWN'
  | 'DELIVERY_NOT_EXPECTED'
  | 'DELIVERY_WEBHOOK_CONTRADICTS';

/** The shipment after the news, and whether the news moved it. */
export interface Received {
  readonly shipment: Shipment;
  readonly applied: boolean;
}

/** Moves the shipment on by what the courier says; `applied` is false when it was that far already. */
export async function receiveWebhook(
  context: TransactionalContext,
  options: DeliveryOptions,
  body: DeliveryWebhook,
): Promise<Received | Refusal<DeliveryWebhookCode>> {
  const shipment = await lockNamedShipment(context, options, body);
  if (isRefusal(shipment)) return shipment;
  if (!canTransition(shipmentStates, shipment.status, body.status))
    return { shipment, applied: false };
  const moved = await changeShipment(context, shipment, {
    status: body.status,
    detail: body.detail ?? null,
    trackingNumber: shipment.trackingNumber ?? body.trackingNumber ?? null,
    deliveredAt: body.status === 'delivered' ? context.clock.now() : null,
  });
  await wake(context, moved, body);
  return { shipment: moved, applied: true };
}

/**
 * Being booked is no news for whoever waits. That the courier cancels by itself ends the delivery
 * without success; that it confirms our own cancellation is no news either.
 */
async function wake(
  context: TransactionalContext,
  { id: shipmentId, orderId, cancelRequestedAt }: Shipment,
  { status, detail }: DeliveryWebhook,
): Promise<void> {
  if (status === 'created' || (status === 'cancelled' && cancelRequestedAt)) return;
  const cancelled = status === 'cancelled';
  const said = detail ?? (cancelled ? 'The courier cancelled the shipment' : undefined);
  await context.emit(triggerStatusUpdated, {
    orderId,
    shipmentId,
    status: cancelled ? 'failed' : status,
    ...(said === undefined ? {} : { detail: said }),
  });
}

/** The shipment that the body names by any of its ids; all of them have to agree. */
async function lockNamedShipment(
  context: TransactionalContext,
  options: DeliveryOptions,
  body: DeliveryWebhook,
): Promise<Shipment | Refusal<DeliveryWebhookCode>> {
  const shipment = await lockByAnyId(context, options, body);
  const { orderId } = body;
  if (shipment && orderId !== undefined && orderId.toLowerCase() !== shipment.orderId)
    return refuse(
      deliveryWebhookContradicts,
      `Expected order ${shipment.orderId} of shipment ${shipment.id}, found ${orderId}.`,
      { data: { shipmentId: shipment.id, orderId: shipment.orderId } },
    );
  if (shipment) return shipment;
  if (orderId === undefined)
    return refuse(
      shipmentNotFound,
      'Expected the id or tracking number of a known shipment, found ' +
        `${body.reference ?? body.shipmentId ?? body.trackingNumber}. Send it again later.`,
    );
  return (
    (await lockShipmentOfOrder(context.tx, orderId)) ?? (await keepEarly(context, options, orderId))
  );
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function lockByAnyId(
  { tx }: TransactionalContext,
  { courier }: DeliveryOptions,
  { reference, shipmentId, trackingNumber }: DeliveryWebhook,
): Promise<Shipment | undefined> {
  for (const id of [reference, shipmentId]) {
    const own = id !== undefined && uuid.test(id) ? await lockShipment(tx, id) : undefined;
    if (own) return own;
  }
  const theirs =
    shipmentId === undefined ? undefined : await lockCourierShipment(tx, courier.name, shipmentId);
  if (theirs || trackingNumber === undefined) return theirs;
  return await lockTrackedShipment(tx, courier.name, trackingNumber);
}

async function keepEarly(
  context: TransactionalContext,
  options: DeliveryOptions,
  orderId: string,
): Promise<Shipment | Refusal<'DELIVERY_ORDER_UNKNOWN' | 'DELIVERY_NOT_EXPECTED'>> {
  const order = await options.orders.find(context.tx, orderId, context.trace);
  if (!order)
    return refuse(
      deliveryOrderUnknown,
      `Expected the id of an order, found ${orderId}. Check the id.`,
    );
  if (!(await isShipmentExpected(context, options, orderId, order)))
    return refuse(
      deliveryNotExpected,
      `Expected an order that is paid and on its way, found one that is ${order.status} and has ` +
        'no shipment. It has to be paid first, and must not be given up.',
      { data: { orderStatus: order.status } },
    );
  const { userId } = order;
  return await insertOrLock(context, { orderId, userId, provider: options.courier.name });
}

/**
 * True when a shipment may be in the making at this moment. A paid order is still pending for the
 * moment that its process takes to confirm it.
 */
async function isShipmentExpected(
  { tx, trace }: TransactionalContext,
  { payments }: DeliveryOptions,
  orderId: string,
  { status }: DeliverableOrder,
): Promise<boolean> {
  if (status === 'confirmed' || status === 'shipped') return true;
  const waits = status === 'pending' || status === 'payment_failed';
  return waits && (await payments.isPaid(tx, orderId, trace));
}
