/**
 * Gives back all or part of a payment. What is asked for is written before the gateway is called, so
 * that refunds that run at once never add up to more than was paid; the same request acts once.
 */
import { assert, isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import {
  add,
  compare,
  equals,
  formatMoney,
  type Money,
  parseMoney,
  subtract,
  toWire,
} from '../../kernel/money.ts';
import type { ExternalContext, TransactionalContext } from '../../kernel/procedure.ts';
import {
  paymentNotFound,
  paymentNotRefundable,
  refundExceedsPayment,
  refundRefused,
} from './errors.ts';
import { paymentRefunded } from './events.ts';
import { type Payment, refundable } from './payment.ts';
import type { PaymentsOptions } from './ports.ts';
import type { RefundResult } from './provider.ts';
import { callOf, expireKey, refundKey } from './provider-keys.ts';
import {
  changePayment,
  findRefund,
  insertRefund,
  lockPayment,
  type Refund,
  settleRefund,
  sumOfPendingRefunds,
} from './store.ts';

/** What is to go back, and why. */
export interface RefundInput {
  readonly paymentId: string;
  /** All that is left when absent. */
  readonly amount?: number | string | undefined;
  readonly reason: string;
}

/** Every refusal of a refund. */
export type RefundCode =
  | 'PAYMENT_NOT_FOUND'
  | 'PAYMENT_NOT_REFUNDABLE'
  | 'REFUND_EXCEEDS_PAYMENT'
  | 'REFUND_REFUSED';

interface Started {
  readonly payment: Payment;
  readonly refund: Refund;
}

/** Gives the money back once for each request key; the payment as it is afterwards, or why not. */
export async function refundPayment(
  context: ExternalContext,
  options: PaymentsOptions,
  input: RefundInput,
  requestKey: string = context.idempotencyKey,
): Promise<Payment | Refusal<RefundCode>> {
  const started = await context.transaction((inner) => startRefund(inner, input, requestKey));
  if (isRefusal(started)) return started;
  const { payment, refund } = started;
  if (refund.status === 'refunded') return payment;
  if (refund.status === 'refused') return refusedByGateway('it refused this refund before');
  const result = await askGateway(context, options, started);
  const after = await context.transaction((inner) => recordRefund(inner, refund, result));
  return result.status === 'refused' ? refusedByGateway(result.failureReason) : after;
}

async function startRefund(
  context: TransactionalContext,
  input: RefundInput,
  requestKey: string,
): Promise<Started | Refusal<RefundCode>> {
  const payment = await lockPayment(context.tx, input.paymentId);
  if (!payment)
    return refuse(
      paymentNotFound,
      `Expected the id of a payment, found ${input.paymentId}. Check the id.`,
    );
  const before = await findRefund(context.tx, payment.id, requestKey);
  if (before) return { payment, refund: before };
  if (payment.status !== 'processed')
    return refuse(
      paymentNotRefundable,
      `Expected a processed payment, found a ${payment.status} one. There is nothing to give back.`,
      { data: { paymentStatus: payment.status } },
    );
  const left = subtract(refundable(payment), await sumOfPendingRefunds(context.tx, payment));
  const amount = amountOf(input, left);
  if (!amount || amount.minor <= 0n || compare(amount, left) > 0) return tooMuch(input, left);
  const { reason } = input;
  return { payment, refund: await insertRefund(context, payment, { amount, reason, requestKey }) };
}

function amountOf({ amount }: RefundInput, left: Money): Money | null {
  return amount === undefined ? left : parseMoney(amount, left.currency);
}

async function askGateway(
  context: ExternalContext,
  { provider }: PaymentsOptions,
  { payment, refund }: Started,
): Promise<RefundResult> {
  const transactionId = payment.transactionId ?? (await askForCharge(context, provider, payment));
  // The gateway took nothing, so that nothing can go back through it: what was reported as paid
  // without a charge is only taken back in our own records.
  if (transactionId === null) return { status: 'refunded', providerRefundId: 'none' };
  const { id: refundId, paymentId, amount, reason } = refund;
  return await provider.refund(
    { refundId, paymentId, amount, reason, transactionId },
    callOf(context, refundKey(refund)),
  );
}

/** A webhook may have reported success without naming the charge: the session knows it. */
async function askForCharge(
  context: ExternalContext,
  provider: PaymentsOptions['provider'],
  payment: Payment,
): Promise<string | null> {
  if (payment.sessionId === null) return null;
  const { sessionId } = payment;
  const closing = await provider.expireSession({ sessionId }, callOf(context, expireKey(payment)));
  return closing.status === 'completed' ? closing.transactionId : null;
}

async function recordRefund(
  context: TransactionalContext,
  refund: Refund,
  result: RefundResult,
): Promise<Payment> {
  const payment = await lockPayment(context.tx, refund.paymentId);
  assert(payment, `expected payment ${refund.paymentId} of a refund, found none`);
  if (result.status === 'refused') {
    await settleRefund(context, refund.id, { status: 'refused', providerRefundId: null });
    return payment;
  }
  const { status, providerRefundId } = result;
  if (!(await settleRefund(context, refund.id, { status, providerRefundId }))) return payment;
  const refunded = add(payment.refunded, refund.amount);
  const fullyRefunded = equals(refunded, payment.amount);
  const change = fullyRefunded ? { refunded, status: 'refunded' as const } : { refunded };
  const detail = { refundId: refund.id, amount: toWire(refund.amount), providerRefundId };
  const next = await changePayment(context, payment, change, { action: 'refund.done', detail });
  await context.emit(paymentRefunded, {
    paymentId: payment.id,
    orderId: payment.orderId,
    userId: payment.userId,
    amount: toWire(refund.amount),
    currency: refund.amount.currency,
    refundedAmount: toWire(refunded),
    fullyRefunded,
    reason: refund.reason,
    refundedAt: context.clock.now().toISOString(),
  });
  return next;
}

function tooMuch({ amount }: RefundInput, left: Money): Refusal<'REFUND_EXCEEDS_PAYMENT'> {
  const expected = `an amount above zero and up to ${formatMoney(left)}`;
  const found = amount === undefined ? 'nothing left' : String(amount);
  return refuse(refundExceedsPayment, `Expected ${expected}, found ${found}. Refund less.`, {
    issues: [{ pointer: '/amount', expected, found, message: `At most ${formatMoney(left)}.` }],
    data: { refundable: toWire(left), currency: left.currency },
  });
}

function refusedByGateway(why: string): Refusal<'REFUND_REFUSED'> {
  return refuse(
    refundRefused,
    `Expected the gateway to give the money back, found: ${why}. Refund it by another way.`,
    { data: { failureReason: why } },
  );
}
