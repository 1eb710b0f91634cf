/** The only SQL of the delivery module. */
import type { Kysely } from 'kysely';
import { assert } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import type { CourierAddress, CourierParcelItem } from './provider.ts';
import type { Shipment } from './shipment.ts';
import type { ShipmentStatus } from './shipment-states.ts';

interface ShipmentRow {
  id: string;
  order_id: string;
  user_id: string;
  status: ShipmentStatus;
  detail: string | null;
  provider: string;
  address: CourierAddress | null;
  items: CourierParcelItem[];
  courier_shipment_id: string | null;
  tracking_number: string | null;
  tracking_url: string | null;
  estimated_delivery_at: Date | null;
  delivered_at: Date | null;
  cancel_requested_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

interface DeliveryTables {
  'delivery.shipments': ShipmentRow;
}

function toShipment(row: ShipmentRow): Shipment {
  return {
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    status: row.status,
    detail: row.detail,
    provider: row.provider,
    address: row.address,
    items: row.items,
    courierShipmentId: row.courier_shipment_id,
    trackingNumber: row.tracking_number,
    trackingUrl: row.tracking_url,
    estimatedDeliveryAt: row.estimated_delivery_at,
    deliveredAt: row.delivered_at,
    cancelRequestedAt: row.cancel_requested_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

async function one(
  tx: Transaction,
  where: string,
  values: readonly unknown[],
): Promise<Shipment | undefined> {
  const { rows } = await tx.query<ShipmentRow>(`select * from delivery.shipments ${where}`, values);
  return rows[0] && toShipment(rows[0]);
}

/** The shipment of this order. */
export const findShipmentOfOrder = (tx: Transaction, orderId: string) =>
  one(tx, 'where order_id = $1', [orderId]);

/** The shipment of this order, locked until the transaction ends. */
export const lockShipmentOfOrder = (tx: Transaction, orderId: string) =>
  one(tx, 'where order_id = $1 for update', [orderId]);

/** The shipment of this id of ours, locked. */
export const lockShipment = (tx: Transaction, shipmentId: string) =>
  one(tx, 'where id = $1 for update', [shipmentId]);

/** The shipment of this id of the courier, locked. */
export const lockCourierShipment = (tx: Transaction, provider: string, courierShipmentId: string) =>
  one(tx, 'where provider = $1 and courier_shipment_id = $2 for update', [
    provider,
    courierShipmentId,
  ]);

/** The shipment with this tracking number, locked. */
export const lockTrackedShipment = (tx: Transaction, provider: string, trackingNumber: string) =>
  one(tx, 'where provider = $1 and tracking_number = $2 order by id desc limit 1 for update', [
    provider,
    trackingNumber,
  ]);

/**
 * Booked shipments that have not arrived and of which nothing was heard since a moment, those that
 * were silent for longest first. They count as asked about from now on; others who ask at the same
 * time get others.
 */
export async function claimUnheardShipments(
  tx: Transaction,
  claim: {
    readonly provider: string;
    readonly now: Date;
    readonly silentSince: Date;
    readonly bookedSince: Date;
    readonly limit: number;
  },
): Promise<readonly Shipment[]> {
  const { rows } = await tx.query<ShipmentRow>(
    `update delivery.shipments set asked_at = $2 where id in (
       select id from delivery.shipments
        where status in ('created', 'in_transit', 'out_for_delivery', 'failed')
          and courier_shipment_id is not null and provider = $1 and created_at > $4
          and coalesce(asked_at, updated_at) <= $3
        order by coalesce(asked_at, updated_at) limit $5 for update skip locked)
     returning *`,
    [claim.provider, claim.now, claim.silentSince, claim.bookedSince, claim.limit],
  );
  return rows.map(toShipment);
}

/** What a new shipment starts with. */
export interface NewShipment {
  readonly orderId: string;
  readonly userId: string;
  readonly provider: string;
}

/** Adds a requested shipment, or gives the one of the order when there is one; locked either way. */
export async function insertOrLock(
  context: TransactionalContext,
  { orderId, userId, provider }: NewShipment,
): Promise<Shipment> {
  await context.tx.query(
    `insert into delivery.shipments (id, order_id, user_id, status, provider, created_at, updated_at)
     values ($1, $2, $3, 'requested', $4, $5, $5)
     on conflict (order_id) do nothing`,
    [context.newId(), orderId, userId, provider, context.clock.now()],
  );
  const shipment = await lockShipmentOfOrder(context.tx, orderId);
  assert(shipment, `expected a shipment of order ${orderId} after adding one`);
  return shipment;
}

/** What of a shipment may change. */
export type ShipmentChange = Partial<
  Omit<Shipment, 'id' | 'orderId' | 'userId' | 'provider' | 'createdAt' | 'updatedAt'>
>;

/** Writes the change to a shipment that this transaction has locked. */
export async function changeShipment(
  context: TransactionalContext,
  shipment: Shipment,
  change: ShipmentChange,
): Promise<Shipment> {
  const next: Shipment = { ...shipment, ...change, updatedAt: context.clock.now() };
  await context.tx.query(
    `update delivery.shipments set
       status = $2, detail = $3, address = $4, items = $5, courier_shipment_id = $6,
       tracking_number = $7, tracking_url = $8, estimated_delivery_at = $9, delivered_at = $10,
       cancel_requested_at = $11, updated_at = $12
     where id = $1`,
    [
      next.id,
      next.status,
      next.detail,
      next.address,
      JSON.stringify(next.items),
      next.courierShipmentId,
      next.trackingNumber,
      next.trackingUrl,
      next.estimatedDeliveryAt,
      next.deliveredAt,
      next.cancelRequestedAt,
      next.updatedAt,
    ],
  );
  return next;
}

/** Which shipments a list shows. */
export interface ShipmentFilter {
  readonly userId?: string | undefined;
  readonly status?: ShipmentStatus | undefined;
}

function filtered(db: Kysely<DeliveryTables>, filter: ShipmentFilter) {
  let query = db.selectFrom('delivery.shipments');
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  return query;
}

/** One page of shipments, newest first, with one row more than `limit`, and the capped count. */
export async function readShipmentPage(
  tx: Transaction,
  options: { filter: ShipmentFilter; afterId: string | undefined; limit: number },
): Promise<{ shipments: Shipment[]; counted: number }> {
  const { filter, afterId: after, limit } = options;
  const rows = filtered(tables<DeliveryTables>(tx), filter);
  const page = { rows, by: 'id', after, limit };
  const { found, counted } = await readKeysetPage(tx, page, (one) => one.selectAll());
  return { shipments: found.map(toShipment), counted };
}
