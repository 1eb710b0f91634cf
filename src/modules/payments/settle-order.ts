/**
 * Settles the payment of an order that was given up: an open session is closed, money that was taken
 * goes back, and where there is nothing, nothing happens. It can be repeated at any time. It ends
 * only in a certain state: while a charge is under way it asks to be called again.
 */
import { assert, isRefusal, RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import type { ExternalContext, TransactionalContext } from '../../kernel/procedure.ts';
import type { Payment } from './payment.ts';
import type { PaymentsOptions } from './ports.ts';
import { askAboutCharge } from './process-payment.ts';
import { callOf, expireKey, sessionKey } from './provider-keys.ts';
import { recordSuccess, sessionClosedCode } from './record-outcome.ts';
import { refundPayment } from './refund-payment.ts';
import {
  changePayment,
  countRefusedRefunds,
  lockLatestPayment,
  lockLivePayment,
  lockPayment,
} from './store.ts';

/** What became of the payment of the order. */
export interface Settlement {
  readonly outcome: 'nothing' | 'session-closed' | 'refunded';
  readonly payment: Payment | null;
}

/** After this time an unanswered charge that the gateway does not know counts as never sent. */
const lostAfterMs = 60_000;

/**
 * Sees to it that no money of the order stays or comes. Throws a `RetryableFault` while that is not certain yet,
 * and a `TerminalFault` when the refund is refused.
 */
export async function settleOrder(
  context: ExternalContext,
  options: PaymentsOptions,
  input: { readonly orderId: string; readonly reason: string },
): Promise<Settlement> {
  const payment = await context.transaction((inner) => requestCancel(inner, input.orderId));
  if (payment && mayStillBePaid(payment)) await expirePage(context, options, payment);
  if (payment?.status !== 'pending') return await settleKnown(context, options, payment, input);
  if (payment.chargeStartedAt) await settleCharge(context, options, payment);
  else await closeSession(context, options, payment);
  const after = await context.transaction((inner) => lockPayment(inner.tx, payment.id));
  assert(after && after.status !== 'pending', `expected payment ${payment.id} to be settled`);
  return await settleKnown(context, options, after, input);
}

/** A webhook may have said that the payment failed while its page is open: nobody shall pay there. */
function mayStillBePaid({ status, failureCode, sessionId }: Payment): boolean {
  return status === 'failed' && failureCode !== sessionClosedCode && sessionId !== null;
}

/** Money that came through the page nevertheless is reported by its own webhook, and goes back. */
async function expirePage(
  context: ExternalContext,
  { provider }: PaymentsOptions,
  payment: Payment,
): Promise<void> {
  const sessionId = payment.sessionId!;
  await provider.expireSession({ sessionId }, callOf(context, expireKey(payment)));
}

/** From here on, money that comes for this order goes back. */
async function requestCancel(
  context: TransactionalContext,
  orderId: string,
): Promise<Payment | undefined> {
  const payment =
    (await lockLivePayment(context.tx, orderId)) ?? (await lockLatestPayment(context.tx, orderId));
  if (!payment || payment.cancelRequestedAt) return payment;
  const cancelRequestedAt = context.clock.now();
  const entry = { action: 'settle.requested' };
  return await changePayment(context, payment, { cancelRequestedAt }, entry);
}

async function settleKnown(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment | undefined,
  { reason }: { readonly reason: string },
): Promise<Settlement> {
  if (payment?.status === 'refunded') return { outcome: 'refunded', payment };
  if (payment?.failureCode === sessionClosedCode) return { outcome: 'session-closed', payment };
  if (payment?.status !== 'processed') return { outcome: 'nothing', payment: payment ?? null };
  const refused = await context.transaction((inner) => countRefusedRefunds(inner.tx, payment.id));
  const requestKey = `settle-${payment.id}-${refused}`;
  const { id: paymentId } = payment;
  const result = await refundPayment(context, options, { paymentId, reason }, requestKey);
  // Another refund of the same money is under way: once it is known, this one is done or has a rest.
  if (isRefusal(result) && result.code === 'REFUND_EXCEEDS_PAYMENT')
    throw new RetryableFault('REFUND_IN_FLIGHT', `settling payment ${paymentId}: ${result.detail}`);
  if (isRefusal(result))
    throw new TerminalFault(result.code, `settling payment ${paymentId}: ${result.detail}`);
  return { outcome: 'refunded', payment: result };
}

async function settleCharge(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment,
): Promise<void> {
  const ageMs = context.clock.now().getTime() - payment.chargeStartedAt!.getTime();
  if ((await askAboutCharge(context, options, payment, { settling: true })) !== null) return;
  if (ageMs <= lostAfterMs)
    throw new RetryableFault(
      'PAYMENT_IN_FLIGHT',
      `expected the outcome of the charge of payment ${payment.id}, found it still under way`,
      { retryAfterMs: 2_000 },
    );
  await closeSession(context, options, payment);
}

async function closeSession(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment,
): Promise<void> {
  const sessionId = payment.sessionId ?? (await findSession(context, options, payment));
  const closing =
    sessionId === null
      ? ({ status: 'unknown' } as const)
      : await options.provider.expireSession({ sessionId }, callOf(context, expireKey(payment)));
  await context.transaction(async (inner) => {
    const locked = await lockPayment(inner.tx, payment.id);
    if (locked?.status !== 'pending') return;
    if (closing.status === 'completed') {
      const { transactionId } = closing;
      const facts = { transactionId, source: 'session', settling: true };
      await recordSuccess(inner, options, locked, facts);
      return;
    }
    const change = {
      status: 'failed',
      failedAt: inner.clock.now(),
      failureCode: sessionClosedCode,
      failureReason: 'The order was given up before it was paid',
      chargeStartedAt: null,
      sessionId,
    } as const;
    await changePayment(inner, locked, change, { action: 'session.closed' });
  });
}

/** A crash may have come between opening the session and writing it down. */
async function findSession(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment,
): Promise<string | null> {
  const call = callOf(context, sessionKey(payment));
  const done = await options.provider.findByIdempotencyKey(call);
  return done?.kind === 'session' ? done.session.sessionId : null;
}
