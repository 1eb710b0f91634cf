/**
 * The idempotency keys that go to the gateway. They belong to our payment and not to a request, so
 * that two requests that race, or a process and a request, can never make the gateway act twice.
 */
import type { ExternalContext } from '../../kernel/procedure.ts';
import type { Payment } from './payment.ts';
import type { ProviderCall } from './provider.ts';
import type { Refund } from './store.ts';

/** Opening the page of a payment. */
export const sessionKey = ({ id }: Payment) => `session-${id}`;

/** Closing it. */
export const expireKey = ({ id }: Payment) => `expire-${id}`;

/** Charging; the number rises only when it is certain that the charge before took nothing. */
export const chargeKey = ({ id, chargeAttempt }: Payment) => `charge-${id}-${chargeAttempt}`;

/** Giving money back. */
export const refundKey = ({ id }: Refund) => `refund-${id}`;

/** What every call to the gateway carries. */
export function callOf(context: ExternalContext, idempotencyKey: string): ProviderCall {
  const { traceId, spanId } = context.trace;
  return {
    idempotencyKey,
    signal: context.signal,
    traceparent: `00-${traceId}-${spanId}-01`,
  };
}
