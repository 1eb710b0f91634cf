/**
 * What a payment is, and what of it each kind of reader sees. A card or account number never gets
 * here: the gateway gives a brand and four digits, and only those who may see them do.
 */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import { equals, type Money, subtract, toWire } from '../../kernel/money.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { type PaymentStatus, paymentStatuses } from './payment-states.ts';
import { openMethod } from './sealed-method.ts';

/** How a payment through the gateway's page is called until the gateway says how it was paid. */
export const sessionMethod = 'payment_session';

/** A payment as the module works with it. */
export interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string;
  readonly amount: Money;
  readonly refunded: Money;
  readonly paymentMethod: string;
  readonly status: PaymentStatus;
  readonly transactionId: string | null;
  readonly processedAt: Date | null;
  readonly failedAt: Date | null;
  readonly failureReason: string | null;
  readonly failureCode: string | null;
  readonly provider: string;
  readonly sessionId: string | null;
  readonly sessionUrl: string | null;
  readonly sessionExpiresAt: Date | null;
  readonly sealedMethod: Buffer | null;
  /** Counts the charges that were tried; part of the key sent to the gateway. */
  readonly chargeAttempt: number;
  /** Set while a charge is under way or its outcome is unknown. */
  readonly chargeStartedAt: Date | null;
  /** The idempotency key of the request that charges. */
  readonly chargeRequestKey: string | null;
  /** Set when the order was given up: money that still comes goes back. */
  readonly cancelRequestedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const moment = z.iso.datetime();

/** A payment as its readers see it. */
export const paymentSchema = z.object({
  id: idSchema,
  orderId: idSchema,
  userId: idSchema,
  amount: z.number(),
  currency: z.string(),
  paymentMethod: z.string().meta({ examples: ['credit_card'] }),
  status: z.enum(paymentStatuses),
  transactionId: z.string().nullable().describe("The gateway's id of the charge"),
  processedAt: moment.nullable(),
  failureReason: z.string().nullable(),
  failureCode: z.string().nullable(),
  refundedAmount: z.number(),
  sessionId: z.string().nullable(),
  method: z
    .object({
      brand: z.string().nullable(),
      last4: z.string().nullable(),
      holder: z.string().nullable(),
    })
    .nullable(),
  masked: z.boolean().describe('True when details are hidden from this reader'),
  createdAt: moment,
  updatedAt: moment,
});
/** The payment as one reader sees it. */
export type PaymentView = z.input<typeof paymentSchema>;

/** A payment in a list, with what its reader may do with it. */
export const paymentRowSchema = paymentSchema.extend({ can: z.array(actionSchema) });

/** Who sees the details of somebody's payments: besides the payer, those who handle money. */
function seesDetails(caller: Caller): boolean {
  return hasRole(caller, 'admin', 'manager', 'service');
}

/** True for those who may know that a payment exists. */
export function maySeePayment(caller: Caller, userId: string): boolean {
  return caller.userId === userId || seesDetails(caller) || hasRole(caller, 'support', 'operator');
}

/** Keeps the last four characters. */
function mask(text: string | null): string | null {
  return text && `****${text.length > 8 ? text.slice(-4) : ''}`;
}

/**
 * The payment for one reader. The payer sees brand and last four digits; managers, admins and
 * services also the holder; support and operators see that there is something, masked.
 */
export function paymentView(payment: Payment, caller: Caller, key: Uint8Array): PaymentView {
  const handlesMoney = seesDetails(caller);
  const masked = !handlesMoney && caller.userId !== payment.userId;
  const method = payment.sealedMethod && openMethod(key, payment.id, payment.sealedMethod);
  return {
    id: payment.id,
    orderId: payment.orderId,
    userId: payment.userId,
    amount: toWire(payment.amount),
    currency: payment.amount.currency,
    paymentMethod: payment.paymentMethod,
    status: payment.status,
    transactionId: masked ? mask(payment.transactionId) : payment.transactionId,
    processedAt: payment.processedAt?.toISOString() ?? null,
    failureReason: payment.failureReason,
    failureCode: payment.failureCode,
    refundedAmount: toWire(payment.refunded),
    sessionId: masked ? mask(payment.sessionId) : payment.sessionId,
    method: method && {
      brand: masked ? null : method.brand,
      last4: masked && method.last4 ? '****' : method.last4,
      holder: handlesMoney ? method.holder : null,
    },
    masked,
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
  };
}

/** What a reader may do with a payment, and why not. */
export function paymentActions(payment: Payment, caller: Caller): Action[] {
  const reason = whyNotRefund(payment, caller);
  const action = 'payments.refund';
  return [reason === undefined ? { action, allowed: true } : { action, allowed: false, reason }];
}

function whyNotRefund(payment: Payment, caller: Caller): string | undefined {
  if (!seesDetails(caller)) return 'Only managers and admins refund.';
  if (payment.status !== 'processed') return `A ${payment.status} payment cannot be refunded.`;
  return equals(payment.amount, payment.refunded) ? 'All of it went back already.' : undefined;
}

/** What could still go back. */
export function refundable(payment: Payment): Money {
  return subtract(payment.amount, payment.refunded);
}
