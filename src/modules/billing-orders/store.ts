/** The only SQL of the billing orders module. */
import type { Kysely } from 'kysely';
import { assert } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { fromDecimal, type Money, toDecimal } from '../../kernel/money.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { canTransition } from '../../kernel/state-machine.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import {
  type Billing,
  type BillingOrder,
  type BillingOrderStatus,
  billingCurrency,
  billingOrderStates,
  type Network,
} from './billing-order.ts';
import type { BilledPromotion, DomainOrder, OrderedLine } from './provider.ts';
import { type BillingStep, stepProgress } from './steps.ts';

interface OrderRow {
  id: string;
  order_id: string;
  account_id: string | null;
  customer_id: string | null;
  original_order_id: string | null;
  order_type: 'CREATE' | 'CHANGE';
  order_status: BillingOrderStatus;
  network: Network;
  fulfillment_order_id: string | null;
  shipment_id: string | null;
  provision_id: string | null;
  current_step: BillingStep;
  progress: number;
  amdocs_account_ref: string | null;
  account_created: boolean;
  amdocs_order_ref: string | null;
  monthly_charges: string | null;
  promotional_credit: string | null;
  total_due: string | null;
  promotions: BilledPromotion[];
  shipping: DomainOrder['shipping'] | null;
  error_code: string | null;
  error_message: string | null;
  cancel_requested_at: Date | null;
  cancel_reason: string | null;
  trace_id: string;
  span_id: string | null;
  process_instance_id: string | null;
  process_definition_id: string | null;
  created_at: Date;
  updated_at: Date;
  completed_at: Date | null;
}

interface ItemRow {
  item_id: string;
  mdn: string;
  imei: string;
  iccid: string;
  device_model: string;
  sim_type: OrderedLine['simType'];
  plan: string;
  monthly_charge: string;
}

interface BillingTables {
  'billing_orders.orders': OrderRow;
}

const amountOf = (decimal: string): Money => fromDecimal(decimal, billingCurrency);

function billingOf(row: OrderRow): Billing | null {
  const { monthly_charges, promotional_credit, total_due } = row;
  if (monthly_charges === null || promotional_credit === null || total_due === null) return null;
  return {
    monthlyCharges: amountOf(monthly_charges),
    promotionalCredit: amountOf(promotional_credit),
    totalDue: amountOf(total_due),
  };
}

function toOrder(row: OrderRow): BillingOrder {
  return {
    id: row.id,
    orderId: row.order_id,
    accountId: row.account_id,
    customerId: row.customer_id,
    originalOrderId: row.original_order_id,
    type: row.order_type,
    status: row.order_status,
    network: row.network,
    fulfillmentOrderId: row.fulfillment_order_id,
    shipmentId: row.shipment_id,
    provisionId: row.provision_id,
    currentStep: row.current_step,
    progress: row.progress,
    amdocsAccountRef: row.amdocs_account_ref,
    accountCreated: row.account_created,
    amdocsOrderRef: row.amdocs_order_ref,
    billing: billingOf(row),
    promotions: row.promotions,
    shipping: row.shipping,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    cancelRequestedAt: row.cancel_requested_at,
    cancelReason: row.cancel_reason,
    traceId: row.trace_id,
    spanId: row.span_id,
    processInstanceId: row.process_instance_id,
    processDefinitionId: row.process_definition_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    completedAt: row.completed_at,
  };
}

/** What a new billing order starts with. */
export type NewBillingOrder = Pick<
  BillingOrder,
  | 'orderId'
  | 'accountId'
  | 'type'
  | 'network'
  | 'fulfillmentOrderId'
  | 'shipmentId'
  | 'provisionId'
  | 'traceId'
  | 'spanId'
>;

/** Adds the order; false, and nothing is written, when it is there already. */
export async function insertOrder(
  { tx, clock, newId }: TransactionalContext,
  order: NewBillingOrder,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into billing_orders.orders (id, order_id, account_id, order_type, order_status, network,
       fulfillment_order_id, shipment_id, provision_id, current_step, progress, trace_id, span_id,
       created_at, updated_at)
     values ($1, $2, $3, $4, 'CREATED', $5, $6, $7, $8, 'START', 0, $9, $10, $11, $11)
     on conflict (order_id) do nothing`,
    [
      newId(),
      order.orderId,
      order.accountId,
      order.type,
      order.network,
      order.fulfillmentOrderId,
      order.shipmentId,
      order.provisionId,
      order.traceId,
      order.spanId,
      clock.now(),
    ],
  );
  return rowCount === 1;
}

async function one(
  tx: Transaction,
  orderId: string,
  more: string,
): Promise<BillingOrder | undefined> {
  const by = async (column: 'order_id' | 'id') => {
    const { rows } = await tx.query<OrderRow>(
      `select * from billing_orders.orders where ${column} = $1 ${more}`,
      [orderId],
    );
    return rows[0] && toOrder(rows[0]);
  };
  const found = await by('order_id');
  return found || !idSchema.safeParse(orderId).success ? found : await by('id');
}

/** The billing order of this customer's order, or with this id of its own. */
export const findOrder = (tx: Transaction, orderId: string) => one(tx, orderId, '');

/** The same, locked until the transaction ends. */
export const lockOrder = (tx: Transaction, orderId: string) => one(tx, orderId, 'for update');

/** What of an order may change, besides its status and its step. */
export type OrderChange = Partial<
  Pick<
    BillingOrder,
    | 'accountId'
    | 'customerId'
    | 'originalOrderId'
    | 'fulfillmentOrderId'
    | 'shipmentId'
    | 'provisionId'
    | 'amdocsAccountRef'
    | 'accountCreated'
    | 'amdocsOrderRef'
    | 'billing'
    | 'promotions'
    | 'shipping'
    | 'errorCode'
    | 'errorMessage'
    | 'cancelRequestedAt'
    | 'cancelReason'
    | 'processInstanceId'
    | 'processDefinitionId'
    | 'completedAt'
    | 'status'
    | 'currentStep'
    | 'progress'
  >
>;

/** Writes the change to an order that this transaction has locked. */
export async function changeOrder(
  { tx, clock }: TransactionalContext,
  order: BillingOrder,
  change: OrderChange,
): Promise<BillingOrder> {
  const next: BillingOrder = { ...order, ...change, updatedAt: clock.now() };
  const isAllowed =
    next.status === order.status || canTransition(billingOrderStates, order.status, next.status);
  assert(
    isAllowed,
    `billing order ${order.orderId} cannot go from ${order.status} to ${next.status}`,
  );
  const { billing } = next;
  await tx.query(
    `update billing_orders.orders set
       customer_id = $2, original_order_id = $3, order_status = $4, current_step = $5, progress = $6,
       amdocs_account_ref = $7, amdocs_order_ref = $8, monthly_charges = $9, promotional_credit = $10,
       total_due = $11, promotions = $12, shipping = $13, error_code = $14, error_message = $15,
       cancel_requested_at = $16, cancel_reason = $17, process_instance_id = $18,
       process_definition_id = $19, completed_at = $20, updated_at = $21, account_created = $22,
       account_id = $23, fulfillment_order_id = $24, shipment_id = $25, provision_id = $26
     where id = $1`,
    [
      next.id,
      next.customerId,
      next.originalOrderId,
      next.status,
      next.currentStep,
      next.progress,
      next.amdocsAccountRef,
      next.amdocsOrderRef,
      billing && toDecimal(billing.monthlyCharges),
      billing && toDecimal(billing.promotionalCredit),
      billing && toDecimal(billing.totalDue),
      JSON.stringify(next.promotions),
      next.shipping && JSON.stringify(next.shipping),
      next.errorCode,
      next.errorMessage,
      next.cancelRequestedAt,
      next.cancelReason,
      next.processInstanceId,
      next.processDefinitionId,
      next.completedAt,
      next.updatedAt,
      next.accountCreated,
      next.accountId,
      next.fulfillmentOrderId,
      next.shipmentId,
      next.provisionId,
    ],
  );
  return next;
}

/** Notes that a step of an open order begins. Progress only grows: the status shows the furthest step. */
export async function beginStep(
  { tx, clock }: TransactionalContext,
  orderId: string,
  step: BillingStep,
): Promise<void> {
  const now = clock.now();
  const { rowCount } = await tx.query(
    `update billing_orders.orders
        set current_step = case when progress <= $3 then $2 else current_step end,
            progress = greatest(progress, $3), updated_at = $4
      where order_id = $1 and order_status in ('CREATED', 'IN_PROGRESS')`,
    [orderId, step, stepProgress[step], now],
  );
  if (rowCount === 0) return;
  await tx.query(
    `insert into billing_orders.steps (order_id, step, started_at) values ($1, $2, $3)
     on conflict (order_id, step) do nothing`,
    [orderId, step, now],
  );
}

/** Notes that a step is done; the last time counts, where lines take it side by side. */
export async function completeStep(
  { tx, clock }: TransactionalContext,
  orderId: string,
  step: BillingStep,
): Promise<void> {
  await tx.query(
    'update billing_orders.steps set completed_at = $3 where order_id = $1 and step = $2',
    [orderId, step, clock.now()],
  );
}

/** A step with its times. */
export interface StepTimes {
  readonly step: BillingStep;
  readonly startedAt: Date;
  readonly completedAt: Date | null;
}

/** The steps that an order has taken, in their order. */
export async function readSteps(tx: Transaction, orderId: string): Promise<readonly StepTimes[]> {
  const { rows } = await tx.query<{
    step: BillingStep;
    started_at: Date;
    completed_at: Date | null;
  }>(
    `select step, started_at, completed_at from billing_orders.steps
      where order_id = $1 order by started_at, step`,
    [orderId],
  );
  return rows.map((row) => ({
    step: row.step,
    startedAt: row.started_at,
    completedAt: row.completed_at,
  }));
}

/** Writes the lines of an order, once. */
export async function insertLines(
  tx: Transaction,
  orderId: string,
  lines: readonly OrderedLine[],
): Promise<void> {
  const rows = lines.map((line, position) => ({
    ...line,
    position,
    monthlyCharge: String(line.monthlyCharge),
  }));
  await tx.query(
    `insert into billing_orders.items
       (order_id, item_id, position, mdn, imei, iccid, device_model, sim_type, plan, monthly_charge)
     select $1, "lineItemId", position, mdn, imei, iccid, "deviceModel", "simType", plan,
            "monthlyCharge"::numeric
       from jsonb_to_recordset($2::jsonb) as line ("lineItemId" text, position integer, mdn text,
         imei text, iccid text, "deviceModel" text, "simType" text, plan text, "monthlyCharge" text)
     on conflict (order_id, item_id) do nothing`,
    [orderId, JSON.stringify(rows)],
  );
}

/** The lines of an order, as they were ordered. */
export async function readLines(tx: Transaction, orderId: string): Promise<readonly OrderedLine[]> {
  const { rows } = await tx.query<ItemRow>(
    'select * from billing_orders.items where order_id = $1 order by position',
    [orderId],
  );
  return rows.map((row) => ({
    lineItemId: row.item_id,
    mdn: row.mdn,
    imei: row.imei,
    iccid: row.iccid,
    deviceModel: row.device_model,
    simType: row.sim_type,
    plan: row.plan,
    monthlyCharge: Number(row.monthly_charge),
  }));
}

/** Ended orders that an estimate is made of. */
const lately = 100;

/** How long orders of a kind took lately, in milliseconds; null when none has ended. */
export async function usualDurationMs(
  tx: Transaction,
  type: BillingOrder['type'],
): Promise<number | null> {
  const { rows } = await tx.query<{ ms: number | null }>(
    `select extract(epoch from avg(completed_at - created_at))::float8 * 1000 as ms
       from (select created_at, completed_at from billing_orders.orders
              where order_status = 'COMPLETED' and order_type = $1
              order by completed_at desc limit ${lately}) as ended`,
    [type],
  );
  return rows[0]?.ms ?? null;
}

/** Which orders a list shows. */
export interface OrderFilter {
  readonly status?: BillingOrderStatus | undefined;
  readonly accountId?: string | undefined;
}

function filtered(db: Kysely<BillingTables>, { status, accountId }: OrderFilter) {
  let query = db.selectFrom('billing_orders.orders');
  if (status !== undefined) query = query.where('order_status', '=', status);
  if (accountId !== undefined) query = query.where('account_id', '=', accountId);
  return query;
}

/** One page of orders, newest first, with one row more than `limit`, and the capped count. */
export async function readOrderPage(
  tx: Transaction,
  options: { filter: OrderFilter; afterId: string | undefined; limit: number },
): Promise<{ orders: BillingOrder[]; counted: number }> {
  const { filter, afterId: after, limit } = options;
  const rows = filtered(tables<BillingTables>(tx), filter);
  const page = { rows, by: 'id', after, limit };
  const { found, counted } = await readKeysetPage(tx, page, (one) => one.selectAll());
  return { orders: found.map(toOrder), counted };
}
