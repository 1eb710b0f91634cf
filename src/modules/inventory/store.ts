/**
 * The only SQL of the inventory module; its long statements stand in `statements.ts`. Whoever changes
 * the stock of several products locks their rows in the order of their ids first, and whoever changes
 * a reservation locks it before any stock, so that no two statements can wait for each other.
 */
import { type Kysely, sql } from 'kysely';
import type { Transaction } from '../../kernel/transaction.ts';
import { cappedCount, readKeysetPage, tables } from '../../postgres/index.ts';
import {
  type Reservation,
  type ReservationLine,
  type ReservationStatus,
  requestText,
  type WantedItem,
} from './reservation.ts';
import { endExpiredStatement, endOneStatement, reserveStatement } from './statements.ts';
import type { Stock } from './stock.ts';

interface StockRow {
  product_id: string;
  on_hand: number;
  reserved: number;
  updated_at: Date;
}

interface ReservationRow {
  order_id: string;
  status: ReservationStatus;
  reserved_at: Date;
  expires_at: Date;
  ended_at: Date | null;
}

interface InventoryTables {
  'inventory.stock': StockRow;
  'inventory.reservations': ReservationRow;
  'inventory.reservation_lines': { order_id: string; product_id: string; quantity: number };
}

function toStock(row: StockRow): Stock {
  const { product_id, on_hand, reserved, updated_at } = row;
  return { productId: product_id, onHand: on_hand, reserved, updatedAt: updated_at };
}

function toReservation(row: ReservationRow, items: readonly ReservationLine[]): Reservation {
  return {
    orderId: row.order_id,
    status: row.status,
    items,
    reservedAt: row.reserved_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
  };
}

/** One wanted product as it was found under its lock. */
export interface JudgedItem extends ReservationLine {
  /** Units that were free; null when the product has no stock row. */
  readonly available: number | null;
  readonly fits: boolean;
}

/**
 * Takes the items for the order when every one fits. Empty when the order has a reservation already.
 * When one item does not fit, no stock is taken, and the transaction must roll back, since the order
 * stays claimed in it.
 */
export async function takeStock(
  tx: Transaction,
  order: { orderId: string; items: readonly WantedItem[]; at: Date; expiresAt: Date },
): Promise<JudgedItem[]> {
  const { rows } = await tx.query<{
    product_id: string;
    quantity: number;
    available: number | null;
    fits: boolean;
  }>(reserveStatement, [
    order.orderId,
    order.items.map((item) => item.productId),
    order.items.map((item) => item.quantity),
    order.items.map((item) => item.physical ?? false),
    order.at,
    order.expiresAt,
    requestText(order.items),
  ]);
  return rows.map(({ product_id, ...rest }) => ({ productId: product_id, ...rest }));
}

/** Which held reservations come to their end. */
export type EndingChoice =
  | { readonly orderId: string; readonly to: 'released' | 'consumed' }
  | { readonly limit: number; readonly to: 'expired' };

/** Ends the chosen reservations that are held, and returns them as they are now. */
export async function endReservations(
  tx: Transaction,
  choice: EndingChoice,
  at: Date,
): Promise<Reservation[]> {
  const { rows } =
    choice.to === 'expired'
      ? await tx.query<ReservedLineRow>(endExpiredStatement, [choice.to, at, choice.limit])
      : await tx.query<ReservedLineRow>(endOneStatement, [choice.to, at, choice.orderId]);
  return groupReservations(rows);
}

type ReservedLineRow = ReservationRow & { product_id: string | null; quantity: number | null };

/** Rows of one reservation stand together; one without lines has a single row without a product. */
function groupReservations(rows: readonly ReservedLineRow[]): Reservation[] {
  const groups = new Map<string, { row: ReservationRow; items: ReservationLine[] }>();
  for (const row of rows) {
    const group = groups.get(row.order_id) ?? { row, items: [] };
    groups.set(row.order_id, group);
    if (row.product_id !== null && row.quantity !== null) {
      group.items.push({ productId: row.product_id, quantity: row.quantity });
    }
  }
  return [...groups.values()].map(({ row, items }) => toReservation(row, items));
}

/** The reservation of this order. */
export async function findReservation(
  tx: Transaction,
  orderId: string,
): Promise<Reservation | undefined> {
  const { rows } = await tx.query<ReservedLineRow>(
    `select reservation.*, line.product_id, line.quantity
     from inventory.reservations as reservation
     left join inventory.reservation_lines as line using (order_id)
     where order_id = $1
     order by line.product_id`,
    [orderId],
  );
  return groupReservations(rows)[0];
}

/** What the order asked for when it reserved, as `requestText`. */
export async function findRequest(tx: Transaction, orderId: string): Promise<string | undefined> {
  const { rows } = await tx.query<{ requested: string }>(
    'select requested from inventory.reservations where order_id = $1',
    [orderId],
  );
  return rows[0]?.requested;
}

/** Free units of each of these products that has stock. */
export async function readAvailable(
  tx: Transaction,
  productIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await tx.query<{ product_id: string; available: number }>(
    `select product_id, on_hand - reserved as available
     from inventory.stock where product_id = any ($1)`,
    [productIds],
  );
  return new Map(rows.map((row) => [row.product_id, row.available]));
}

/** Sets the units on hand; undefined, and nothing is written, when more than that are reserved. */
export async function writeStock(
  tx: Transaction,
  level: { productId: string; onHand: number; at: Date },
): Promise<Stock | undefined> {
  const { rows } = await tx.query<StockRow>(
    `insert into inventory.stock as stock (product_id, on_hand, reserved, updated_at)
     values ($1, $2, 0, $3)
     on conflict (product_id) do update
     set on_hand = excluded.on_hand, updated_at = excluded.updated_at
     where stock.reserved <= excluded.on_hand
     returning *`,
    [level.productId, level.onHand, level.at],
  );
  return rows[0] && toStock(rows[0]);
}

/** Adds stock for products that have none, and leaves the others as they are. */
export async function insertMissingStock(
  tx: Transaction,
  levels: readonly { productId: string; onHand: number }[],
  at: Date,
): Promise<void> {
  await tx.query(
    `insert into inventory.stock (product_id, on_hand, reserved, updated_at)
     select product_id, on_hand, 0, $3
     from unnest($1::text[], $2::integer[]) as level (product_id, on_hand)
     on conflict do nothing`,
    [levels.map((level) => level.productId), levels.map((level) => level.onHand), at],
  );
}

/** The stock of this product. */
export async function findStock(tx: Transaction, productId: string): Promise<Stock | undefined> {
  const { rows } = await tx.query<StockRow>('select * from inventory.stock where product_id = $1', [
    productId,
  ]);
  return rows[0] && toStock(rows[0]);
}

/** Which stock a list shows. */
export interface StockFilter {
  readonly availableBelow?: number | undefined;
}

function filteredStock(db: Kysely<InventoryTables>, filter: StockFilter) {
  const query = db.selectFrom('inventory.stock');
  return filter.availableBelow === undefined
    ? query
    : query.where(sql<boolean>`on_hand - reserved < ${filter.availableBelow}`);
}

/** One page of stock by product id, read with one row more than `limit`, and the capped count. */
export async function readStockPage(
  tx: Transaction,
  options: { filter: StockFilter; afterId: string | undefined; limit: number },
): Promise<{ stock: Stock[]; counted: number }> {
  const { filter, afterId: after, limit } = options;
  const rows = filteredStock(tables<InventoryTables>(tx), filter);
  const page = { rows, by: 'product_id', order: 'asc', after, limit } as const;
  const { found, counted } = await readKeysetPage(tx, page, (one) => one.selectAll());
  return { stock: found.map(toStock), counted };
}

/** Which reservations a list shows. */
export interface ReservationFilter {
  readonly status?: ReservationStatus | undefined;
  readonly orderId?: string | undefined;
  readonly productId?: string | undefined;
}

function filteredReservations(db: Kysely<InventoryTables>, filter: ReservationFilter) {
  const { status, orderId, productId } = filter;
  let query = db.selectFrom('inventory.reservations as reservation');
  if (status !== undefined) query = query.where('status', '=', status);
  if (orderId !== undefined) query = query.where('reservation.order_id', '=', orderId);
  if (productId !== undefined) {
    query = query.where((is) =>
      is.exists(
        is
          .selectFrom('inventory.reservation_lines as line')
          .select('line.order_id')
          .whereRef('line.order_id', '=', 'reservation.order_id')
          .where('line.product_id', '=', productId),
      ),
    );
  }
  return query;
}

const itemsOfReservation = sql<ReservationLine[]>`(
  select coalesce(
    json_agg(json_build_object('productId', product_id, 'quantity', quantity) order by product_id),
    '[]')
  from inventory.reservation_lines as line where line.order_id = reservation.order_id
)`;

/** One page of reservations, newest first, read with one more than `limit`, and the capped count. */
export async function readReservationPage(
  tx: Transaction,
  options: {
    filter: ReservationFilter;
    after: { reservedAt: string; orderId: string } | undefined;
    limit: number;
  },
): Promise<{ reservations: Reservation[]; counted: number }> {
  const { after, limit } = options;
  const db = tables<InventoryTables>(tx);
  const query = filteredReservations(db, options.filter);
  const page = after
    ? query.where(
        sql<boolean>`(reserved_at, reservation.order_id)
          < (${after.reservedAt}::timestamptz, ${after.orderId}::uuid)`,
      )
    : query;
  const rows = await page
    .selectAll('reservation')
    .select(itemsOfReservation.as('items'))
    .orderBy('reserved_at', 'desc')
    .orderBy('reservation.order_id', 'desc')
    .limit(limit + 1)
    .execute();
  return {
    reservations: rows.map((row) => toReservation(row, row.items)),
    counted: await cappedCount(tx, query),
  };
}
