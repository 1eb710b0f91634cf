/**
 * Writes the outcome of a payment and tells the world, in one transaction: the only place where a
 * payment becomes processed or failed. Whoever waits for the outcome is woken by the trigger,
 * whichever way the outcome came in: by the gateway's webhook or by its answer to a charge.
 */
import type { Refusal } from '../../kernel/errors.ts';
import { assert, refuse } from '../../kernel/errors.ts';
import { toWire } from '../../kernel/money.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { canTransition } from '../../kernel/state-machine.ts';
import { invalidPaymentDetails, paymentDeclined } from './errors.ts';
import {
  paymentFailed,
  paymentProcessed,
  triggerCompleted,
  triggerPaidAfterCancel,
} from './events.ts';
import type { Payment } from './payment.ts';
import { paymentStates } from './payment-states.ts';
import { isGivenUp, type PaymentsOptions } from './ports.ts';
import type { ChargeResult, MethodDetails } from './provider.ts';
import { sealMethod } from './sealed-method.ts';
import { changePayment, lockPayment } from './store.ts';

/** What is known of a success. */
export interface SuccessFacts {
  readonly transactionId: string | null;
  readonly paymentMethod?: string | undefined;
  readonly method?: MethodDetails | null | undefined;
  /** Where it was learned from, for the audit. */
  readonly source: string;
  /** True when whoever asks gives the money back itself, so that nobody else is to be woken. */
  readonly settling?: boolean | undefined;
  /** True when whoever took the money has told the world of it, which is not to hear of it twice. */
  readonly announced?: boolean | undefined;
}

/** The code of a payment that failed because its order was given up and its session closed. */
export const sessionClosedCode = 'SESSION_CLOSED';

/**
 * The locked payment as processed. Money for an order that was given up wakes the refund instead of
 * the order's process.
 */
export async function recordSuccess(
  context: TransactionalContext,
  options: PaymentsOptions,
  payment: Payment,
  facts: SuccessFacts,
): Promise<Payment> {
  assert(
    canTransition(paymentStates, payment.status, 'processed'),
    `expected a payment that may become processed, found a ${payment.status} one`,
  );
  const now = context.clock.now();
  const change = {
    status: 'processed',
    transactionId: facts.transactionId,
    paymentMethod: facts.paymentMethod ?? payment.paymentMethod,
    processedAt: now,
    failedAt: null,
    failureReason: null,
    failureCode: null,
    chargeStartedAt: null,
    sealedMethod: facts.method
      ? sealMethod(options.encryptionKey, payment.id, facts.method)
      : payment.sealedMethod,
  } as const;
  const entry = { action: 'payment.processed', detail: { source: facts.source } };
  const processed = await changePayment(context, payment, change, entry);
  if (!facts.announced)
    await context.emit(paymentProcessed, {
      ...subject(processed),
      amount: toWire(processed.amount),
      currency: processed.amount.currency,
      paymentMethod: processed.paymentMethod,
      transactionId: processed.transactionId ?? processed.sessionId ?? processed.id,
      processedAt: now.toISOString(),
    });
  if (!facts.settling) await wake(context, options, processed);
  return processed;
}

async function wake(
  context: TransactionalContext,
  options: PaymentsOptions,
  { id: paymentId, orderId, cancelRequestedAt }: Payment,
): Promise<void> {
  const order = await options.orders.find(context.tx, orderId, context.trace);
  if (cancelRequestedAt || !order || isGivenUp(order))
    await context.emit(triggerPaidAfterCancel, { orderId, paymentId });
  else await context.emit(triggerCompleted, { orderId, paymentId, status: 'completed' });
}

/** Why a payment failed, for people and for programs. */
export interface FailureFacts {
  readonly failureReason: string;
  readonly failureCode: string;
  readonly transactionId?: string | null | undefined;
  readonly method?: MethodDetails | null | undefined;
  readonly source: string;
  /** True when the world was told by somebody else, as with a success. */
  readonly announced?: boolean | undefined;
}

/** Writes that the payment, which is locked and pending, has failed, and says so in the same transaction. */
export async function recordFailure(
  context: TransactionalContext,
  options: PaymentsOptions,
  payment: Payment,
  facts: FailureFacts,
): Promise<Payment> {
  const { failureReason, failureCode, source } = facts;
  const now = context.clock.now();
  const failed = await changePayment(
    context,
    payment,
    {
      status: 'failed',
      failedAt: now,
      failureReason,
      failureCode,
      transactionId: facts.transactionId ?? payment.transactionId,
      chargeStartedAt: null,
      sealedMethod: facts.method
        ? sealMethod(options.encryptionKey, payment.id, facts.method)
        : payment.sealedMethod,
    },
    { action: 'payment.failed', detail: { source, failureCode } },
  );
  if (!facts.announced)
    await context.emit(paymentFailed, {
      ...subject(failed),
      amount: toWire(failed.amount),
      currency: failed.amount.currency,
      failureReason,
      failureCode,
      failedAt: now.toISOString(),
    });
  await context.emit(triggerCompleted, {
    orderId: failed.orderId,
    paymentId: failed.id,
    status: 'failed',
    failureReason,
    failureCode,
  });
  return failed;
}

/** What became of a charge. */
export type ChargeOutcome = Payment | Refusal<'PAYMENT_DECLINED' | 'INVALID_PAYMENT_DETAILS'>;

/**
 * Writes what the gateway answered to a charge. A webhook may have been faster: then only what is
 * still missing is written. The outcome comes wrapped: a transaction that resolves to a refusal is
 * rolled back, and that a bank said no has to be kept.
 */
export async function recordCharge(
  context: TransactionalContext,
  options: PaymentsOptions,
  paymentId: string,
  result: ChargeResult,
  { settling = false }: { settling?: boolean } = {},
): Promise<{ readonly outcome: ChargeOutcome }> {
  const facts = { paymentId, result, settling };
  return { outcome: await outcomeOfCharge(context, options, facts) };
}

async function outcomeOfCharge(
  context: TransactionalContext,
  options: PaymentsOptions,
  facts: { readonly paymentId: string; readonly result: ChargeResult; readonly settling: boolean },
): Promise<ChargeOutcome> {
  const { paymentId, result, settling } = facts;
  const payment = await lockPayment(context.tx, paymentId);
  assert(payment, `expected the charged payment ${paymentId}, found none`);
  const source = 'charge';
  if (result.status === 'succeeded') {
    if (payment.status === 'pending' || payment.status === 'failed')
      return await recordSuccess(context, options, payment, { ...result, source, settling });
    return await completeDetails(context, options, payment, result);
  }
  if (result.status === 'invalid') {
    if (payment.status === 'pending') await releaseCharge(context, payment, 'charge.invalid');
    return refuse(
      invalidPaymentDetails,
      `Expected payment details that the gateway can use, found: ${result.failureReason}. ` +
        'Ask the customer to enter them again.',
      { data: { failureReason: result.failureReason } },
    );
  }
  if (payment.status !== 'pending')
    return payment.status === 'failed' ? declined(payment) : payment;
  return declined(await recordFailure(context, options, payment, { ...result, source }));
}

/** Ends a charge that took nothing; the next one goes out under another key. */
export async function releaseCharge(
  context: TransactionalContext,
  payment: Payment,
  action: string,
): Promise<Payment> {
  const change = {
    chargeStartedAt: null,
    chargeRequestKey: null,
    chargeAttempt: payment.chargeAttempt + 1,
  };
  return await changePayment(context, payment, change, { action });
}

async function completeDetails(
  context: TransactionalContext,
  options: PaymentsOptions,
  payment: Payment,
  result: Extract<ChargeResult, { status: 'succeeded' }>,
): Promise<Payment> {
  if (payment.sealedMethod && payment.transactionId) return payment;
  const sealedMethod = sealMethod(options.encryptionKey, payment.id, result.method);
  const transactionId = payment.transactionId ?? result.transactionId;
  const entry = { action: 'payment.details' };
  return await changePayment(context, payment, { sealedMethod, transactionId }, entry);
}

/** The refusal of a failed payment, the same however often it is asked for. */
export function declined(payment: Payment): Refusal<'PAYMENT_DECLINED'> {
  const { id: paymentId, orderId, failureReason, failureCode } = payment;
  return refuse(
    paymentDeclined,
    `Expected the payment to succeed, found: ${failureReason}. ` +
      'Ask the customer for another way to pay.',
    { data: { paymentId, orderId, failureReason, failureCode } },
  );
}

function subject({ id, orderId, userId }: Payment) {
  return { paymentId: id, orderId, userId };
}
