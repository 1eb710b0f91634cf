/**
 * Opens a page of the gateway on which the customer pays. The payment is written first, so that a
 * crash leaves something to go on from; the gateway is called under the payment's key, so that going
 * on finds the same page. An order that was paid before its session was opened gets none, and a
 * request that is repeated after its payment was settled, even as failed, gets that payment.
 */
import { assert, isRefusal, type Refusal, RetryableFault } from '../../kernel/errors.ts';
import type { ExternalContext, TransactionalContext } from '../../kernel/procedure.ts';
import { type Claimed, checkAmount, checkClaim, findPaymentOrder } from './check-order.ts';
import { type Payment, sessionMethod } from './payment.ts';
import type { PaymentsOptions } from './ports.ts';
import type { ProviderSession } from './provider.ts';
import { callOf, expireKey, sessionKey } from './provider-keys.ts';
import {
  changePayment,
  insertOrLockLive,
  keepSessionRequest,
  lockLivePayment,
  lockPayment,
  lockPaymentOfSessionRequest,
} from './store.ts';

/** Every refusal of a session. */
export type CreateSessionCode =
  | 'PAYMENT_ORDER_UNKNOWN'
  | 'ORDER_NOT_PAYABLE'
  | 'PAYMENT_USER_MISMATCH'
  | 'PAYMENT_AMOUNT_MISMATCH';

/** The payment with its session, or already settled without one. */
export async function createSession(
  context: ExternalContext,
  options: PaymentsOptions,
  input: Claimed,
): Promise<Payment | Refusal<CreateSessionCode>> {
  const { idempotencyKey } = context;
  const payment = await context.transaction(
    async (inner) =>
      (await lockPaymentOfSessionRequest(inner.tx, input.orderId, idempotencyKey)) ??
      (await openPayment(inner, options, input, idempotencyKey)),
  );
  if (isRefusal(payment) || payment.status !== 'pending' || payment.sessionId !== null)
    return payment;
  // A charge is under way or the order was given up: a page beside it would let the customer pay twice.
  if (payment.chargeStartedAt || payment.cancelRequestedAt) return payment;
  const { id: paymentId, orderId, userId, amount } = payment;
  const session = await options.provider.createSession(
    { paymentId, orderId, userId, amount },
    callOf(context, sessionKey(payment)),
  );
  const kept = await context.transaction((inner) => keepSession(inner, paymentId, session));
  return kept.status === 'pending' && !kept.chargeStartedAt && !kept.cancelRequestedAt
    ? kept
    : await closeAgain(context, options, kept, session);
}

async function openPayment(
  context: TransactionalContext,
  options: PaymentsOptions,
  input: Claimed,
  requestKey: string,
): Promise<Payment | Refusal<CreateSessionCode>> {
  const order = await findPaymentOrder(context, options.orders, input.orderId);
  if (isRefusal(order)) return order;
  const live = await lockLivePayment(context.tx, order.id);
  const wrong = live ? checkAmount(order, input) : checkClaim(order, input);
  if (wrong) return wrong;
  const payment =
    live ??
    (await insertOrLockLive(context, {
      orderId: order.id,
      userId: order.userId,
      amount: order.total,
      paymentMethod: sessionMethod,
      provider: options.provider.name,
    }));
  await keepSessionRequest(context.tx, payment.id, requestKey);
  return payment;
}

async function keepSession(
  context: TransactionalContext,
  paymentId: string,
  session: ProviderSession,
): Promise<Payment> {
  const payment = await lockPayment(context.tx, paymentId);
  assert(payment, `expected payment ${paymentId} of a session, found none`);
  return await changePayment(
    context,
    payment,
    {
      sessionId: session.sessionId,
      sessionUrl: session.url,
      sessionExpiresAt: session.expiresAt,
    },
    { action: 'session.opened' },
  );
}

/** While the page was being opened, the payment was settled otherwise: nobody may use the page. */
async function closeAgain(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment,
  { sessionId }: ProviderSession,
): Promise<Payment> {
  const closing = await options.provider.expireSession(
    { sessionId },
    callOf(context, expireKey(payment)),
  );
  if (closing.status === 'completed' && payment.status !== 'processed')
    throw new RetryableFault(
      'PAYMENT_SESSION_RACE',
      `expected the unused session of payment ${payment.id}, found it paid; ` +
        "the gateway's webhook settles it",
      { retryAfterMs: 1_000 },
    );
  return payment;
}
