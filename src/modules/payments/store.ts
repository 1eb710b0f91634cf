/** The only SQL of the payments module. Every change of a payment is written with its audit row. */
import { assert, RetryableFault } from '../../kernel/errors.ts';
import { fromDecimal, isCurrency, type Money, toDecimal, zero } from '../../kernel/money.ts';
import { countCap } from '../../kernel/page.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Payment } from './payment.ts';
import type { PaymentStatus } from './payment-states.ts';

interface PaymentRow {
  id: string;
  order_id: string;
  user_id: string;
  amount: string;
  refunded_amount: string;
  currency: string;
  payment_method: string;
  status: PaymentStatus;
  transaction_id: string | null;
  processed_at: Date | null;
  failed_at: Date | null;
  failure_reason: string | null;
  failure_code: string | null;
  provider: string;
  session_id: string | null;
  session_url: string | null;
  session_expires_at: Date | null;
  sealed_method: Buffer | null;
  charge_attempt: number;
  charge_started_at: Date | null;
  charge_request_key: string | null;
  cancel_requested_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

function currencyOf(row: { currency: string }) {
  const { currency } = row;
  assert(isCurrency(currency), `expected an ISO 4217 currency in a payment, found ${currency}`);
  return currency;
}

function toPayment(row: PaymentRow): Payment {
  const currency = currencyOf(row);
  return {
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    amount: fromDecimal(row.amount, currency),
    refunded: fromDecimal(row.refunded_amount, currency),
    paymentMethod: row.payment_method,
    status: row.status,
    transactionId: row.transaction_id,
    processedAt: row.processed_at,
    failedAt: row.failed_at,
    failureReason: row.failure_reason,
    failureCode: row.failure_code,
    provider: row.provider,
    sessionId: row.session_id,
    sessionUrl: row.session_url,
    sessionExpiresAt: row.session_expires_at,
    sealedMethod: row.sealed_method,
    chargeAttempt: row.charge_attempt,
    chargeStartedAt: row.charge_started_at,
    chargeRequestKey: row.charge_request_key,
    cancelRequestedAt: row.cancel_requested_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

async function one(
  tx: Transaction,
  where: string,
  values: readonly unknown[],
): Promise<Payment | undefined> {
  const { rows } = await tx.query<PaymentRow>(`select * from payments.payments ${where}`, values);
  return rows[0] && toPayment(rows[0]);
}

/** The payment of this id. */
export const findPayment = (tx: Transaction, paymentId: string) =>
  one(tx, 'where id = $1', [paymentId]);

/** The payment of this id, locked until the transaction ends. */
export const lockPayment = (tx: Transaction, paymentId: string) =>
  one(tx, 'where id = $1 for update', [paymentId]);

/** The payment of this session of the gateway, locked. */
export const lockPaymentOfSession = (tx: Transaction, provider: string, sessionId: string) =>
  one(tx, 'where provider = $1 and session_id = $2 for update', [provider, sessionId]);

/** The payment of the order that is open or holds money, locked. There is at most one. */
export const lockLivePayment = (tx: Transaction, orderId: string) =>
  one(tx, `where order_id = $1 and status in ('pending', 'processed') for update`, [orderId]);

/** The newest payment of the order, whatever its status, locked. */
export const lockLatestPayment = (tx: Transaction, orderId: string) =>
  one(tx, 'where order_id = $1 order by id desc limit 1 for update', [orderId]);

/** The payment that the request with this idempotency key charged, locked. */
export const lockPaymentOfRequest = (tx: Transaction, orderId: string, requestKey: string) =>
  one(tx, 'where charge_request_key = $2 and order_id = $1 order by id desc limit 1 for update', [
    orderId,
    requestKey,
  ]);

/** The payment that the request with this idempotency key opened a session for, locked. */
export const lockPaymentOfSessionRequest = (tx: Transaction, orderId: string, requestKey: string) =>
  one(tx, 'where order_id = $1 and session_request_key = $2 order by id desc limit 1 for update', [
    orderId,
    requestKey,
  ]);

/** Keeps the idempotency key of the first request that wants a session of this payment. */
export async function keepSessionRequest(
  tx: Transaction,
  paymentId: string,
  requestKey: string,
): Promise<void> {
  await tx.query(
    `update payments.payments set session_request_key = $2
     where id = $1 and session_request_key is null`,
    [paymentId, requestKey],
  );
}

/**
 * Payments with an open session of which nothing was heard since a moment, those that were silent for
 * longest first. They count as asked about from now on; others who ask at the same time get others.
 */
export async function claimUnheardSessions(
  tx: Transaction,
  claim: {
    readonly provider: string;
    readonly now: Date;
    readonly silentSince: Date;
    readonly limit: number;
  },
): Promise<readonly Payment[]> {
  const { rows } = await tx.query<PaymentRow>(
    `update payments.payments set asked_at = $2 where id in (
       select id from payments.payments
        where status = 'pending' and session_id is not null and provider = $1
          and coalesce(asked_at, updated_at) <= $3
        order by coalesce(asked_at, updated_at) limit $4 for update skip locked)
     returning *`,
    [claim.provider, claim.now, claim.silentSince, claim.limit],
  );
  return rows.map(toPayment);
}

/** What a new payment starts with. */
export interface NewPayment {
  readonly orderId: string;
  readonly userId: string;
  readonly amount: Money;
  readonly paymentMethod: string;
  readonly provider: string;
}

/**
 * Adds a pending payment, or gives the live one of the order when there is one already; locked either
 * way. Two transactions that add at once end with the same payment.
 */
export async function insertOrLockLive(
  context: TransactionalContext,
  payment: NewPayment,
): Promise<Payment> {
  // The live payment that was in the way may be settled as failed before it is locked: then the way is
  // free. That this happens ten times in a row is not to be expected.
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const inserted = await insertPending(context, payment);
    const live = await lockLivePayment(context.tx, payment.orderId);
    if (live && inserted) await audit(context, live, { action: 'payment.opened', before: null });
    if (live) return live;
  }
  throw new RetryableFault(
    'PAYMENT_CONTENTION',
    `expected a live payment of order ${payment.orderId}, found each one settled at once`,
  );
}

async function insertPending(context: TransactionalContext, payment: NewPayment): Promise<boolean> {
  const { rowCount } = await context.tx.query(
    `insert into payments.payments
       (id, order_id, user_id, amount, currency, payment_method, status, provider, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, 'pending', $7, $8, $8)
     on conflict (order_id) where status in ('pending', 'processed') do nothing`,
    [
      context.newId(),
      payment.orderId,
      payment.userId,
      toDecimal(payment.amount),
      payment.amount.currency,
      payment.paymentMethod,
      payment.provider,
      context.clock.now(),
    ],
  );
  return rowCount === 1;
}

/** What of a payment may change. */
export type PaymentChange = Partial<
  Omit<Payment, 'id' | 'orderId' | 'userId' | 'amount' | 'provider' | 'createdAt' | 'updatedAt'>
>;

/** What is written beside a change; never secret. */
export interface AuditEntry {
  readonly action: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Writes the change to a payment that this transaction has locked, and its audit row. */
export async function changePayment(
  context: TransactionalContext,
  payment: Payment,
  change: PaymentChange,
  entry: AuditEntry,
): Promise<Payment> {
  const next: Payment = { ...payment, ...change, updatedAt: context.clock.now() };
  const { rowCount } = await context.tx.query(
    `update payments.payments set
       refunded_amount = $2, payment_method = $3, status = $4, transaction_id = $5, processed_at = $6,
       failed_at = $7, failure_reason = $8, failure_code = $9, session_id = $10, session_url = $11,
       session_expires_at = $12, sealed_method = $13, charge_attempt = $14, charge_started_at = $15,
       charge_request_key = $16, cancel_requested_at = $17, updated_at = $18
     where id = $1`,
    [
      next.id,
      toDecimal(next.refunded),
      next.paymentMethod,
      next.status,
      next.transactionId,
      next.processedAt,
      next.failedAt,
      next.failureReason,
      next.failureCode,
      next.sessionId,
      next.sessionUrl,
      next.sessionExpiresAt,
      next.sealedMethod,
      next.chargeAttempt,
      next.chargeStartedAt,
      next.chargeRequestKey,
      next.cancelRequestedAt,
      next.updatedAt,
    ],
  );
  assert(rowCount === 1, `expected the locked payment ${payment.id}, found ${rowCount} rows`);
  await audit(context, next, { ...entry, before: payment.status });
  return next;
}

/** Writes what was done with a payment. Rows are never changed or removed. */
export async function audit(
  context: TransactionalContext,
  payment: Payment,
  entry: AuditEntry & { readonly before: PaymentStatus | null },
): Promise<void> {
  const { caller, clock, trace } = context;
  await context.tx.query(
    `insert into payments.audit
       (payment_id, order_id, at, actor, action, status_before, status_after, amount, currency, detail,
        trace_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      payment.id,
      payment.orderId,
      clock.now(),
      caller.userId ?? caller.kind,
      entry.action,
      entry.before,
      payment.status,
      toDecimal(payment.amount),
      payment.amount.currency,
      entry.detail ?? {},
      trace.traceId,
    ],
  );
}

/** One page of the payments of an order, newest first, with one row more than `limit`. */
export async function readPaymentPage(
  tx: Transaction,
  options: { orderId: string; afterId: string | undefined; limit: number },
): Promise<{ payments: Payment[]; counted: number }> {
  const { rows } = await tx.query<PaymentRow>(
    `select * from payments.payments
     where order_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [options.orderId, options.afterId ?? null, options.limit + 1],
  );
  const counted = await tx.query<{ value: number }>(
    `select count(*)::int as value
     from (select from payments.payments where order_id = $1 limit ${countCap + 1}) capped`,
    [options.orderId],
  );
  return { payments: rows.map(toPayment), counted: counted.rows[0]!.value };
}

/** A refund that was asked for. */
export interface Refund {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly reason: string;
  readonly status: 'pending' | 'refunded' | 'refused';
}

interface RefundRow {
  id: string;
  payment_id: string;
  amount: string;
  currency: string;
  reason: string;
  status: Refund['status'];
}

function toRefund(row: RefundRow): Refund {
  const { id, reason, status } = row;
  const amount = fromDecimal(row.amount, currencyOf(row));
  return { id, paymentId: row.payment_id, amount, reason, status };
}

const selectRefund = `
  select r.id, r.payment_id, r.amount, p.currency, r.reason, r.status
  from payments.refunds r join payments.payments p on p.id = r.payment_id`;

/** The refund that was asked for under this key, if it was. */
export async function findRefund(
  tx: Transaction,
  paymentId: string,
  requestKey: string,
): Promise<Refund | undefined> {
  const { rows } = await tx.query<RefundRow>(
    `${selectRefund} where r.payment_id = $1 and r.request_key = $2`,
    [paymentId, requestKey],
  );
  return rows[0] && toRefund(rows[0]);
}

/** The sum of refunds that are under way. The payment has to be locked. */
export async function sumOfPendingRefunds(tx: Transaction, payment: Payment): Promise<Money> {
  const { rows } = await tx.query<{ sum: string | null }>(
    `select sum(amount) from payments.refunds where payment_id = $1 and status = 'pending'`,
    [payment.id],
  );
  const { currency } = payment.amount;
  const sum = rows[0]?.sum;
  return sum ? fromDecimal(sum, currency) : zero(currency);
}

/** How often the gateway refused to give money of this payment back. */
export async function countRefusedRefunds(tx: Transaction, paymentId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from payments.refunds
     where payment_id = $1 and status = 'refused'`,
    [paymentId],
  );
  return rows[0]!.count;
}

/** Adds a refund that is about to be asked of the gateway. */
export async function insertRefund(
  context: TransactionalContext,
  payment: Payment,
  refund: { amount: Money; reason: string; requestKey: string },
): Promise<Refund> {
  const id = context.newId();
  await context.tx.query(
    `insert into payments.refunds (id, payment_id, request_key, amount, reason, status, created_at)
     values ($1, $2, $3, $4, $5, 'pending', $6)`,
    [
      id,
      payment.id,
      refund.requestKey,
      toDecimal(refund.amount),
      refund.reason,
      context.clock.now(),
    ],
  );
  const { amount, reason } = refund;
  return { id, paymentId: payment.id, amount, reason, status: 'pending' };
}

/** Writes the gateway's answer to a refund; false when it was written before. */
export async function settleRefund(
  context: TransactionalContext,
  refundId: string,
  answer: { status: 'refunded' | 'refused'; providerRefundId: string | null },
): Promise<boolean> {
  const { rowCount } = await context.tx.query(
    `update payments.refunds set status = $2, provider_refund_id = $3, settled_at = $4
     where id = $1 and status = 'pending'`,
    [refundId, answer.status, answer.providerRefundId, context.clock.now()],
  );
  return rowCount === 1;
}
