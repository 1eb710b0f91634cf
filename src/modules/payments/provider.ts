/**
 * The port to a payment gateway. Payments are made by whoever implements it; nothing in this module
 * knows a vendor.
 *
 * What every implementation guarantees:
 *
 * - A business answer (declined, invalid details, not found) is *returned*. The world failing is
 *   *thrown*: a `RetryableFault` whose `outcomeUnknown` is true when the gateway may have done the
 *   work although no answer came, false when it certainly did not; a `TerminalFault` when another
 *   attempt cannot help (wrong credentials, an answer that breaks the gateway's own contract).
 * - The idempotency key goes to the gateway unchanged. The same key with the same request acts once
 *   and answers the same, however often it is sent.
 * - No method writes the card token anywhere but to the gateway.
 */
import type { Money } from '../../kernel/money.ts';

/** How a customer pays. The list is closed: a method is valid when it is here. */
export const paymentMethods = [
  'credit_card',
  'debit_card',
  'paypal',
  'bank_transfer',
  'apple_pay',
  'google_pay',
] as const;
/** One of the known methods. */
export type PaymentMethod = (typeof paymentMethods)[number];

/** What every call carries besides its request. */
export interface ProviderCall {
  /** Sent to the gateway; the same on every attempt of one piece of work. */
  readonly idempotencyKey: string;
  /** Aborts the call; the outcome is then unknown. */
  readonly signal: AbortSignal;
  /** W3C trace context to hand on. */
  readonly traceparent?: string;
}

/** What may be kept and shown of a card or account; never its number. */
export interface MethodDetails {
  /** E.g. `visa`; null for methods without one. */
  readonly brand: string | null;
  /** The last four digits; null for methods without them. */
  readonly last4: string | null;
  /** The name on the card or account, where the gateway gives it. */
  readonly holder: string | null;
}

/** What a page is opened for. */
export interface SessionRequest {
  readonly orderId: string;
  /** Our payment; comes back in the gateway's webhooks as its reference. */
  readonly paymentId: string;
  readonly userId: string;
  readonly amount: Money;
}

/** An open page of the gateway. */
export interface ProviderSession {
  readonly sessionId: string;
  /** Where the customer pays. */
  readonly url: string;
  readonly expiresAt: Date | null;
}

/** What became of a session that was asked to close. */
export type SessionClosing =
  | { readonly status: 'expired' }
  /** Too late: the customer has paid. */
  | { readonly status: 'completed'; readonly transactionId: string }
  /** The gateway does not know the session, so nobody can pay it. */
  | { readonly status: 'unknown' };

/** What became of a session so far. */
export type SessionNews =
  /** The customer may still pay. */
  | { readonly status: 'open' }
  | { readonly status: 'completed'; readonly transactionId: string }
  | {
      readonly status: 'failed';
      readonly failureCode: string;
      readonly failureReason: string;
      readonly transactionId: string | null;
    }
  /** Nobody has paid, and nobody can any more. */
  | { readonly status: 'expired' }
  /** The gateway does not know the session. */
  | { readonly status: 'unknown' };

/** What is charged, and how. */
export interface ChargeRequest {
  readonly orderId: string;
  readonly paymentId: string;
  readonly userId: string;
  readonly amount: Money;
  readonly paymentMethod: PaymentMethod;
  /** The gateway's own token for the card or account. Secret. */
  readonly cardToken: string;
}

/** A certain answer to a charge; an uncertain one is a fault. */
export type ChargeResult =
  | {
      readonly status: 'succeeded';
      readonly transactionId: string;
      readonly method: MethodDetails;
    }
  /** The bank said no: `INSUFFICIENT_FUNDS`, `CARD_DECLINED`, `CARD_EXPIRED`, ... */
  | {
      readonly status: 'declined';
      readonly failureCode: string;
      /** For people, e.g. `Insufficient funds`. */
      readonly failureReason: string;
      readonly transactionId: string | null;
      readonly method: MethodDetails | null;
    }
  /** The gateway could not use what it was given, e.g. an unknown token. Nothing was tried. */
  | { readonly status: 'invalid'; readonly failureReason: string };

/** What goes back, of which charge. */
export interface RefundRequest {
  readonly paymentId: string;
  /** Our refund; comes back in the gateway's reports as its reference. */
  readonly refundId: string;
  /** The gateway's id of the charge. */
  readonly transactionId: string;
  readonly amount: Money;
  readonly reason: string;
}

/** A certain answer to a refund. */
export type RefundResult =
  | { readonly status: 'refunded'; readonly providerRefundId: string }
  | { readonly status: 'refused'; readonly failureCode: string; readonly failureReason: string };

/** What the gateway did under an idempotency key, by the kind of work. */
export type ProviderOutcome =
  | { readonly kind: 'session'; readonly session: ProviderSession }
  | { readonly kind: 'charge'; readonly result: ChargeResult }
  | { readonly kind: 'refund'; readonly result: RefundResult };

/** A payment gateway. */
export interface PaymentProvider {
  /** Short lower-case name, e.g. `sandbox`; kept with each payment. */
  readonly name: string;
  /** Opens a page on which the customer pays; the result comes by webhook. */
  createSession(request: SessionRequest, call: ProviderCall): Promise<ProviderSession>;
  /** Closes a session, so that it can no longer be paid. Closing one twice is `expired` again. */
  expireSession(request: { sessionId: string }, call: ProviderCall): Promise<SessionClosing>;
  /** Tells what became of a session; for news that did not come by webhook. Changes nothing. */
  lookUpSession(request: { sessionId: string }, call: ProviderCall): Promise<SessionNews>;
  /** Charges at once. */
  charge(request: ChargeRequest, call: ProviderCall): Promise<ChargeResult>;
  /** Gives back all or part of a charge. */
  refund(request: RefundRequest, call: ProviderCall): Promise<RefundResult>;
  /**
   * Asks what was done under `call.idempotencyKey`; null when certainly nothing was. This is how an
   * unknown outcome becomes a known one.
   */
  findByIdempotencyKey(call: ProviderCall): Promise<ProviderOutcome | null>;
}
