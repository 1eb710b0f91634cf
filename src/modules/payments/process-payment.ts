/**
 * Charges an order at once. Three steps, and no transaction is open during the outside ones:
 *
 * 1. Claim: every rule is checked and the order's one live payment is marked as being charged.
 * 2. An open session of that payment is closed at the gateway, so that nobody pays twice, and the
 *    charge is sent under a key that belongs to the payment: however often it is sent, it acts once.
 * 3. The answer is written, with its events.
 *
 * When no answer comes, the claim stays and the fault says that the outcome is unknown. The same
 * request, sent again, goes on; another one first asks the gateway what became of the charge.
 */
import { hasRole } from '../../kernel/caller.ts';
import { assert, isRefusal, type Refusal, RetryableFault, refuse } from '../../kernel/errors.ts';
import type { Currency } from '../../kernel/money.ts';
import type { ExternalContext, TransactionalContext } from '../../kernel/procedure.ts';
import { checkClaim, findPaymentOrder } from './check-order.ts';
import {
  orderNotPayable,
  paymentAlreadyProcessed,
  paymentForbidden,
  paymentInProgress,
  paymentMethodInactive,
} from './errors.ts';
import type { Payment } from './payment.ts';
import type { PaymentsOptions } from './ports.ts';
import { type PaymentMethod, paymentMethods } from './provider.ts';
import { callOf, chargeKey, expireKey } from './provider-keys.ts';
import { declined, recordCharge, recordSuccess, releaseCharge } from './record-outcome.ts';
import {
  audit,
  changePayment,
  insertOrLockLive,
  lockLatestPayment,
  lockLivePayment,
  lockPayment,
  lockPaymentOfRequest,
} from './store.ts';

/** A request to charge; the token goes to the gateway and nowhere else. */
export interface ProcessPaymentInput {
  readonly orderId: string;
  readonly userId?: string | undefined;
  readonly amount: number | string;
  readonly currency?: Currency | undefined;
  readonly paymentMethod: PaymentMethod;
  readonly cardToken: string;
}

/** Every refusal of a charge. */
export type ProcessPaymentCode =
  | 'PAYMENT_ORDER_UNKNOWN'
  | 'PAYMENT_FORBIDDEN'
  | 'PAYMENT_USER_MISMATCH'
  | 'ORDER_NOT_PAYABLE'
  | 'PAYMENT_AMOUNT_MISMATCH'
  | 'PAYMENT_METHOD_INACTIVE'
  | 'PAYMENT_ALREADY_PROCESSED'
  | 'PAYMENT_IN_PROGRESS'
  | 'PAYMENT_DECLINED'
  | 'INVALID_PAYMENT_DETAILS';

type Outcome = Payment | Refusal<ProcessPaymentCode>;

/** A charge that is older than this is asked about when another request wants to pay. */
const abandonedAfterMs = 60_000;

/** The processed payment, or why there is none. */
export async function processPayment(
  context: ExternalContext,
  options: PaymentsOptions,
  input: ProcessPaymentInput,
): Promise<Outcome> {
  const claim = await context.transaction((inner) =>
    claimPayment(inner, options, input, context.idempotencyKey),
  );
  if (isRefusal(claim)) return claim;
  if (claim.kind === 'settled') return claim.outcome;
  if (claim.kind === 'abandoned') {
    await askAboutCharge(context, options, claim.payment);
    return await processPayment(context, options, input);
  }
  const paid = await closeSession(context, options, claim.payment);
  return paid ?? (await charge(context, options, input, claim.payment));
}

type Claim =
  /** This payment is ours to charge. */
  | { readonly kind: 'claimed'; readonly payment: Payment }
  /** The same request was answered before. */
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  /** Another request charged and never heard the answer. */
  | { readonly kind: 'abandoned'; readonly payment: Payment };

async function claimPayment(
  context: TransactionalContext,
  options: PaymentsOptions,
  input: ProcessPaymentInput,
  requestKey: string,
): Promise<Claim | Refusal<ProcessPaymentCode>> {
  const order = await findPaymentOrder(context, options.orders, input.orderId);
  if (isRefusal(order)) return order;
  const { caller } = context;
  if (caller.userId !== order.userId && !hasRole(caller, 'service', 'admin'))
    return refuse(
      paymentForbidden,
      'Expected the buyer of the order, found another user. Only the buyer pays.',
    );
  const before = await lockPaymentOfRequest(context.tx, order.id, requestKey);
  if (before && before.status !== 'pending')
    return { kind: 'settled', outcome: before.status === 'failed' ? declined(before) : before };
  const wrong = (await whyNotLive(context, order.id)) ?? checkClaim(order, input);
  if (wrong) return wrong;
  if (!(options.activeMethods ?? paymentMethods).includes(input.paymentMethod))
    return methodInactive(options, input.paymentMethod);
  const { paymentMethod } = input;
  const provider = options.provider.name;
  const live = await insertOrLockLive(context, {
    orderId: order.id,
    userId: order.userId,
    amount: order.total,
    paymentMethod,
    provider,
  });
  return await claimLive(context, live, { requestKey, paymentMethod });
}

/** A paid order is refused as paid, whatever its status has become since; a given up one as closed. */
async function whyNotLive(context: TransactionalContext, orderId: string) {
  const live = await lockLivePayment(context.tx, orderId);
  if (live?.status === 'processed') return alreadyProcessed(live);
  const latest = live ?? (await lockLatestPayment(context.tx, orderId));
  if (!latest?.cancelRequestedAt) return undefined;
  return refuse(orderNotPayable, 'Expected an order to be paid, found one that was given up.');
}

async function claimLive(
  context: TransactionalContext,
  payment: Payment,
  by: { requestKey: string; paymentMethod: PaymentMethod },
): Promise<Claim | Refusal<ProcessPaymentCode>> {
  if (payment.status === 'processed') return alreadyProcessed(payment);
  const { chargeStartedAt, chargeRequestKey } = payment;
  const now = context.clock.now();
  if (chargeStartedAt && chargeRequestKey !== by.requestKey) {
    if (now.getTime() - chargeStartedAt.getTime() > abandonedAfterMs)
      return { kind: 'abandoned', payment };
    return refuse(
      paymentInProgress,
      'Expected no other charge of this order, found one that waits for the gateway. ' +
        'Ask for the payment in a moment, or send the same request again with its Idempotency-Key.',
      { data: { paymentId: payment.id } },
    );
  }
  const change = {
    chargeStartedAt: now,
    chargeRequestKey: by.requestKey,
    paymentMethod: by.paymentMethod,
  };
  const detail = { attempt: payment.chargeAttempt, paymentMethod: by.paymentMethod };
  const claimed = await changePayment(context, payment, change, {
    action: 'charge.started',
    detail,
  });
  return { kind: 'claimed', payment: claimed };
}

/** Closes the payment's session, if it has one; a refusal when the customer was faster there. */
async function closeSession(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment,
): Promise<Refusal<'PAYMENT_ALREADY_PROCESSED'> | undefined> {
  if (payment.sessionId === null) return undefined;
  const closing = await options.provider.expireSession(
    { sessionId: payment.sessionId },
    callOf(context, expireKey(payment)),
  );
  if (closing.status !== 'completed') return undefined;
  const known = await context.transaction(async (inner) => {
    const locked = await lockPayment(inner.tx, payment.id);
    assert(locked, `expected payment ${payment.id}, found none`);
    if (locked.status !== 'pending') return locked;
    const { transactionId } = closing;
    const source = 'session';
    return await recordSuccess(inner, options, locked, { transactionId, source });
  });
  return alreadyProcessed(known);
}

async function charge(
  context: ExternalContext,
  options: PaymentsOptions,
  input: ProcessPaymentInput,
  payment: Payment,
): Promise<Outcome> {
  const { id: paymentId, orderId, userId, amount } = payment;
  const { paymentMethod, cardToken } = input;
  try {
    const result = await options.provider.charge(
      { orderId, paymentId, userId, amount, paymentMethod, cardToken },
      callOf(context, chargeKey(payment)),
    );
    const { outcome } = await context.transaction((inner) =>
      recordCharge(inner, options, paymentId, result),
    );
    return outcome;
  } catch (fault) {
    if (fault instanceof RetryableFault) await noteFault(context, payment, fault);
    throw fault;
  }
}

/** Keeps the claim when the gateway may have charged, and gives it back when it certainly did not. */
async function noteFault(
  context: ExternalContext,
  payment: Payment,
  fault: RetryableFault,
): Promise<void> {
  await context.transaction(async (inner) => {
    const locked = await lockPayment(inner.tx, payment.id);
    if (locked?.status !== 'pending' || locked.chargeAttempt !== payment.chargeAttempt) return;
    if (!fault.outcomeUnknown) await releaseCharge(inner, locked, 'charge.not-sent');
    else
      await audit(inner, locked, {
        action: 'charge.outcome-unknown',
        before: locked.status,
        detail: { faultCode: fault.code },
      });
  });
}

/**
 * Asks the gateway what became of a charge and writes it; null when nothing was done, after which the
 * payment is free for another charge, unless its order is being settled.
 */
export async function askAboutCharge(
  context: ExternalContext,
  options: PaymentsOptions,
  payment: Payment,
  { settling = false }: { settling?: boolean } = {},
): Promise<Outcome | null> {
  const done = await options.provider.findByIdempotencyKey(callOf(context, chargeKey(payment)));
  if (done?.kind === 'charge') {
    const { outcome } = await context.transaction((inner) =>
      recordCharge(inner, options, payment.id, done.result, { settling }),
    );
    return outcome;
  }
  if (settling) return null;
  await context.transaction(async (inner) => {
    const locked = await lockPayment(inner.tx, payment.id);
    if (locked?.status === 'pending' && locked.chargeAttempt === payment.chargeAttempt)
      await changePayment(inner, locked, { chargeStartedAt: null }, { action: 'charge.not-done' });
  });
  return null;
}

/** What became of a request whose outcome is unknown; null when it certainly charged nothing. */
export async function reconcilePayment(
  context: ExternalContext,
  options: PaymentsOptions,
  input: ProcessPaymentInput,
): Promise<Outcome | null> {
  const payment = await context.transaction((inner) =>
    lockPaymentOfRequest(inner.tx, input.orderId, context.idempotencyKey),
  );
  if (!payment) return null;
  if (payment.status === 'failed') return declined(payment);
  return payment.status === 'pending' ? await askAboutCharge(context, options, payment) : payment;
}

function alreadyProcessed(payment: Payment): Refusal<'PAYMENT_ALREADY_PROCESSED'> {
  return refuse(
    paymentAlreadyProcessed,
    `Expected an unpaid order, found one with the ${payment.status} payment ${payment.id}.`,
    { data: { paymentId: payment.id, paymentStatus: payment.status } },
  );
}

function methodInactive(options: PaymentsOptions, found: PaymentMethod) {
  const expected = (options.activeMethods ?? paymentMethods).join(', ');
  return refuse(
    paymentMethodInactive,
    `Expected an active payment method (${expected}), found ${found}. Choose one of these.`,
    {
      issues: [
        { pointer: '/paymentMethod', expected, found, message: 'This method is switched off.' },
      ],
    },
  );
}
