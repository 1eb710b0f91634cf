/**
 * The only SQL of the orders module. An order and its lines are written by one statement, since
 * placing orders is the hottest path of the program, and read by one.
 */
import { type Kysely, sql } from 'kysely';
import { assert } from '../../kernel/errors.ts';
import { fromDecimal, isCurrency, toDecimal } from '../../kernel/money.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import type { Address } from './address.ts';
import type { Approval, Order } from './order.ts';
import type { OrderStatus } from './order-states.ts';
import type { Risk } from './risk.ts';

interface OrderTable {
  id: string;
  user_id: string;
  status: OrderStatus;
  total_amount: string;
  currency: string;
  shipping_address: Address | null;
  billing_address: Address | null;
  requires_shipping: boolean;
  new_customer: boolean;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
  cancelled_at: Date | null;
  cancel_reason: string | null;
  risk: Risk | null;
  approval: Approval;
  approval_reason: string | null;
  decided_by: string | null;
  payment_id: string | null;
  tracking_number: string | null;
}

interface ItemRow {
  id: string;
  productId: string;
  productName: string;
  quantity: number;
  price: string;
  subtotal: string;
}

type OrderRow = OrderTable & { items: ItemRow[] };

interface OrdersTables {
  'orders.orders': OrderTable;
}

const columns = [
  'id',
  'user_id',
  'status',
  'total_amount',
  'currency',
  'shipping_address',
  'billing_address',
  'requires_shipping',
  'new_customer',
  'created_at',
  'updated_at',
  'completed_at',
  'cancelled_at',
  'cancel_reason',
  'risk',
  'approval',
  'approval_reason',
  'decided_by',
  'payment_id',
  'tracking_number',
] as const satisfies readonly (keyof OrderTable)[];

/** The lines of an order as JSON; amounts as text, so that no digit passes through a float. */
const itemsOf = `(
  select json_agg(json_build_object(
    'id', i.id, 'productId', i.product_id, 'productName', i.product_name, 'quantity', i.quantity,
    'price', i.price::text, 'subtotal', i.subtotal::text) order by i.position)
  from orders.order_items i where i.order_id = o.id)`;

const selectOrder = `
  select ${columns.map((column) => `o.${column}`).join(', ')}, ${itemsOf} as items
  from orders.orders o`;

function toOrder(row: OrderRow): Order {
  const { currency } = row;
  assert(isCurrency(currency), `expected an ISO 4217 currency in order ${row.id}: ${currency}`);
  return {
    id: row.id,
    userId: row.user_id,
    status: row.status,
    total: fromDecimal(row.total_amount, currency),
    items: row.items.map((item) => ({
      ...item,
      price: fromDecimal(item.price, currency),
      subtotal: fromDecimal(item.subtotal, currency),
    })),
    shippingAddress: row.shipping_address,
    billingAddress: row.billing_address,
    requiresShipping: row.requires_shipping,
    newCustomer: row.new_customer,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    completedAt: row.completed_at,
    cancelledAt: row.cancelled_at,
    cancelReason: row.cancel_reason,
    risk: row.risk,
    approval: row.approval,
    approvalReason: row.approval_reason,
    decidedBy: row.decided_by,
    paymentId: row.payment_id,
    trackingNumber: row.tracking_number,
  };
}

const insertOrderSql = `
  with placed as (
    insert into orders.orders
      (id, user_id, status, total_amount, currency, shipping_address, billing_address,
       requires_shipping, new_customer, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
  )
  insert into orders.order_items
    (id, order_id, position, product_id, product_name, quantity, price, subtotal)
  select id, $1, position, product_id, product_name, quantity, price, subtotal
  from unnest($11::uuid[], $12::text[], $13::text[], $14::int[], $15::numeric[], $16::numeric[])
    with ordinality as line (id, product_id, product_name, quantity, price, subtotal, position)`;

/** Writes a new order with its lines, in one statement, without waiting for its answer. */
export function insertOrder(tx: Transaction, order: Order): void {
  const { items } = order;
  tx.send(insertOrderSql, [
    order.id,
    order.userId,
    order.status,
    toDecimal(order.total),
    order.total.currency,
    order.shippingAddress,
    order.billingAddress,
    order.requiresShipping,
    order.newCustomer,
    order.createdAt,
    items.map((item) => item.id),
    items.map((item) => item.productId),
    items.map((item) => item.productName),
    items.map((item) => item.quantity),
    items.map((item) => toDecimal(item.price)),
    items.map((item) => toDecimal(item.subtotal)),
  ]);
}

/** The order of this id. */
export async function findOrder(tx: Transaction, orderId: string): Promise<Order | undefined> {
  const { rows } = await tx.query<OrderRow>(`${selectOrder} where o.id = $1`, [orderId]);
  return rows[0] && toOrder(rows[0]);
}

/** The order of this id, locked until the transaction ends. */
export async function lockOrder(tx: Transaction, orderId: string): Promise<Order | undefined> {
  const { rows } = await tx.query<OrderRow>(`${selectOrder} where o.id = $1 for update of o`, [
    orderId,
  ]);
  return rows[0] && toOrder(rows[0]);
}

/** What of an order may change after it was placed. */
export type OrderChange = Partial<
  Pick<
    Order,
    | 'status'
    | 'completedAt'
    | 'cancelledAt'
    | 'cancelReason'
    | 'risk'
    | 'approval'
    | 'approvalReason'
    | 'decidedBy'
    | 'paymentId'
    | 'trackingNumber'
  >
>;

/** Writes the change to an order that this transaction has locked, and returns the order after it. */
export async function changeOrder(
  tx: Transaction,
  order: Order,
  change: OrderChange,
  at: Date,
): Promise<Order> {
  const next: Order = { ...order, ...change, updatedAt: at };
  const { rowCount } = await tx.query(
    `update orders.orders set
       status = $2, completed_at = $3, cancelled_at = $4, cancel_reason = $5, risk = $6, approval = $7,
       approval_reason = $8, decided_by = $9, payment_id = $10, tracking_number = $11, updated_at = $12
     where id = $1`,
    [
      next.id,
      next.status,
      next.completedAt,
      next.cancelledAt,
      next.cancelReason,
      next.risk,
      next.approval,
      next.approvalReason,
      next.decidedBy,
      next.paymentId,
      next.trackingNumber,
      next.updatedAt,
    ],
  );
  assert(rowCount === 1, `expected the locked order ${order.id}, found ${rowCount} rows`);
  return next;
}

/**
 * What is known of a customer besides this order: whether an earlier one was ever delivered, and how
 * many others were placed since a moment, counted up to `cap`. Both look at few rows only.
 */
export async function readCustomerHistory(
  tx: Transaction,
  options: { order: Order; since: Date; cap: number },
): Promise<{ hasDelivered: boolean; recentOrders: number }> {
  const { order, since, cap } = options;
  const { rows } = await tx.query<{ delivered: boolean; recent: number }>(
    `select
       exists (select from orders.orders
               where user_id = $1 and id <> $2 and status = 'delivered') as delivered,
       (select count(*)::int from (
          select created_at from orders.orders
          where user_id = $1 and id <> $2 order by id desc limit $4) latest
        where created_at >= $3) as recent`,
    [order.userId, order.id, since, cap],
  );
  return { hasDelivered: rows[0]!.delivered, recentOrders: rows[0]!.recent };
}

/** Which orders a list shows. */
export interface OrderFilter {
  readonly userId?: string | undefined;
  readonly status?: OrderStatus | undefined;
  readonly approval?: Approval | undefined;
}

function filtered(db: Kysely<OrdersTables>, filter: OrderFilter) {
  let query = db.selectFrom('orders.orders as o');
  if (filter.userId !== undefined) query = query.where('o.user_id', '=', filter.userId);
  if (filter.status !== undefined) query = query.where('o.status', '=', filter.status);
  if (filter.approval !== undefined) query = query.where('o.approval', '=', filter.approval);
  return query;
}

/** One page of orders, newest first, read with one row more than `limit`, and the capped count. */
export async function readOrderPage(
  tx: Transaction,
  options: { filter: OrderFilter; afterId: string | undefined; limit: number },
): Promise<{ orders: Order[]; counted: number }> {
  const { filter, afterId: after, limit } = options;
  const rows = filtered(tables<OrdersTables>(tx), filter);
  const { found, counted } = await readKeysetPage(tx, { rows, by: 'o.id', after, limit }, (page) =>
    page
      .select(columns.map((column) => `o.${column}` as const))
      .select(sql<ItemRow[]>`${sql.raw(itemsOf)}`.as('items')),
  );
  return { orders: found.map(toOrder), counted };
}
