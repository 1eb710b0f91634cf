/**
 * Takes in what the gateway, or another payment service, says of a payment, in one transaction with everything that follows from
 * it. The same news twice acts once. News that comes before the session was opened is kept as the
 * outcome of the order's payment. Late money, for an order that was given up, is kept too, and
 * wakes the refund: money that was taken must never go unnoticed.
 */
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { Currency } from '../../kernel/money.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { checkAmount, findPaymentOrder } from './check-order.ts';
import { orderNotPayable, paymentNotFound, paymentWebhookContradicts } from './errors.ts';
import { type Payment, sessionMethod } from './payment.ts';
import { isGivenUp, isPayable, type PaymentsOptions } from './ports.ts';
import type { MethodDetails } from './provider.ts';
import { recordFailure, recordSuccess, sessionClosedCode } from './record-outcome.ts';
import {
  audit,
  changePayment,
  insertOrLockLive,
  lockLatestPayment,
  lockLivePayment,
  lockPayment,
  lockPaymentOfSession,
} from './store.ts';

/** The news; at least one of the ids is there. */
export interface PaymentWebhook {
  readonly orderId?: string | undefined;
  readonly paymentId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly status: 'completed' | 'failed';
  readonly transactionId?: string | undefined;
  readonly failureReason?: string | undefined;
  readonly failureCode?: string | undefined;
  readonly amount?: number | string | undefined;
  readonly currency?: Currency | undefined;
  readonly paymentMethod?: string | undefined;
  readonly method?: MethodDetails | undefined;
  /** True when the world was told by whoever sent it. @defaultValue false */
  readonly announced?: boolean | undefined;
}

/** Every refusal of a webhook. */
export type WebhookCode =
  | 'PAYMENT_NOT_FOUND'
  | 'PAYMENT_ORDER_UNKNOWN'
  | 'ORDER_NOT_PAYABLE'
  | 'PAYMENT_AMOUNT_MISMATCH'
  | 'PAYMENT_WEBHOOK_CONTRADICTS';

/** The payment after the news, and whether the news changed anything. */
export interface Received {
  readonly payment: Payment;
  readonly applied: boolean;
}

/** Settles the payment by what was said of it; `applied` is false when that was known. */
export async function receiveWebhook(
  context: TransactionalContext,
  options: PaymentsOptions,
  body: PaymentWebhook,
): Promise<Received | Refusal<WebhookCode>> {
  const known = await lockNamedPayment(context, options, body);
  if (isRefusal(known)) return known;
  const payment = known ?? (await openForWebhook(context, options, body.orderId!, body.status));
  if (isRefusal(payment)) return payment;
  const { orderId } = payment;
  const wrong = checkAmount({ total: payment.amount }, { orderId, ...amountOf(body) });
  if (wrong) return wrong;
  return body.status === 'completed'
    ? await applyCompleted(context, options, payment, body)
    : await applyFailed(context, options, payment, body);
}

function amountOf({ amount, currency }: PaymentWebhook) {
  return { amount, currency };
}

/** The payment that the body names; undefined when it names an order that has none yet. */
async function lockNamedPayment(
  context: TransactionalContext,
  options: PaymentsOptions,
  body: PaymentWebhook,
): Promise<Payment | undefined | Refusal<'PAYMENT_NOT_FOUND' | 'PAYMENT_WEBHOOK_CONTRADICTS'>> {
  const { tx } = context;
  const { paymentId, sessionId, orderId } = body;
  const payment =
    (paymentId !== undefined ? await lockPayment(tx, paymentId) : undefined) ??
    (sessionId !== undefined
      ? await lockPaymentOfSession(tx, options.provider.name, sessionId)
      : undefined);
  if (payment) {
    const contradicts =
      (orderId !== undefined && orderId.toLowerCase() !== payment.orderId) ||
      (paymentId !== undefined && paymentId.toLowerCase() !== payment.id);
    return contradicts ? contradiction(payment, 'it names another order or payment') : payment;
  }
  if (paymentId !== undefined || orderId === undefined)
    return refuse(
      paymentNotFound,
      `Expected a known payment or session, found ${paymentId ?? sessionId}. ` +
        'Send the webhook again later if the payment is being made just now.',
    );
  return (await lockLivePayment(tx, orderId)) ?? (await lockLatestPayment(tx, orderId));
}

/** Opens the payment of an order whose outcome comes before its session. */
async function openForWebhook(
  context: TransactionalContext,
  options: PaymentsOptions,
  orderId: string,
  status: PaymentWebhook['status'],
): Promise<Payment | Refusal<'PAYMENT_ORDER_UNKNOWN' | 'ORDER_NOT_PAYABLE'>> {
  const order = await findPaymentOrder(context, options.orders, orderId);
  if (isRefusal(order)) return order;
  const lateMoney = status === 'completed' && isGivenUp(order);
  if (!isPayable(order) && !lateMoney)
    return refuse(
      orderNotPayable,
      `Expected an order that is pending or payment_failed, found one that is ${order.status}.`,
      { data: { orderStatus: order.status } },
    );
  return await insertOrLockLive(context, {
    orderId: order.id,
    userId: order.userId,
    amount: order.total,
    paymentMethod: sessionMethod,
    provider: options.provider.name,
  });
}

async function applyCompleted(
  context: TransactionalContext,
  options: PaymentsOptions,
  payment: Payment,
  body: PaymentWebhook,
): Promise<Received | Refusal<'PAYMENT_WEBHOOK_CONTRADICTS'>> {
  if (payment.status === 'processed' || payment.status === 'refunded')
    return await applyRepeated(context, payment, body);
  // A failure may be corrected only by a real charge, or where we closed the session ourselves.
  const late = payment.failureCode === sessionClosedCode || body.transactionId !== undefined;
  if (payment.status === 'failed' && !late)
    return contradiction(payment, 'it failed, and the webhook names no charge');
  const processed = await recordSuccess(context, options, payment, {
    transactionId: body.transactionId ?? null,
    paymentMethod: body.paymentMethod,
    method: body.method,
    ...origin(body),
  });
  return { payment: processed, applied: true };
}

/** The same news again. It may still bring the id of the charge. */
async function applyRepeated(
  context: TransactionalContext,
  payment: Payment,
  { transactionId }: PaymentWebhook,
): Promise<Received | Refusal<'PAYMENT_WEBHOOK_CONTRADICTS'>> {
  if (transactionId === undefined || transactionId === payment.transactionId)
    return await ignored(context, payment);
  if (payment.transactionId !== null)
    return contradiction(payment, `it was paid by ${payment.transactionId}, not ${transactionId}`);
  const entry = { action: 'payment.details' };
  const completed = await changePayment(context, payment, { transactionId }, entry);
  return { payment: completed, applied: false };
}

async function applyFailed(
  context: TransactionalContext,
  options: PaymentsOptions,
  payment: Payment,
  body: PaymentWebhook,
): Promise<Received | Refusal<'PAYMENT_WEBHOOK_CONTRADICTS'>> {
  if (payment.status === 'failed') return await ignored(context, payment);
  if (payment.status !== 'pending')
    return contradiction(payment, `it is ${payment.status}, and the webhook says failed`);
  const failed = await recordFailure(context, options, payment, {
    failureReason: body.failureReason ?? 'The payment was declined',
    failureCode: body.failureCode ?? 'PAYMENT_DECLINED',
    transactionId: body.transactionId,
    ...origin(body),
  });
  return { payment: failed, applied: true };
}

/** News that the world knows already came by a topic, all other news from the gateway itself. */
function origin({ announced = false }: PaymentWebhook) {
  return { announced, source: announced ? 'topic' : 'webhook' };
}

async function ignored(context: TransactionalContext, payment: Payment): Promise<Received> {
  await audit(context, payment, { action: 'webhook.repeated', before: payment.status });
  return { payment, applied: false };
}

function contradiction(payment: Payment, what: string): Refusal<'PAYMENT_WEBHOOK_CONTRADICTS'> {
  return refuse(
    paymentWebhookContradicts,
    `Expected news that fits payment ${payment.id}, found a contradiction: ${what}. ` +
      'Compare the payment with the records of the gateway.',
    { data: { paymentId: payment.id, paymentStatus: payment.status } },
  );
}
