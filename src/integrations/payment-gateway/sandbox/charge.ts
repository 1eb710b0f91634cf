/**
 * Charges and refunds of the sandbox, pure: what a card makes of a charge, what may be given back
 * of it.
 */
import { assert } from '../../../kernel/errors.ts';
import { newId } from '../../../kernel/ids.ts';
import { add, isCurrency, type Money, parseMoney, toWire } from '../../../kernel/money.ts';
import type { components } from '../generated/openapi.ts';
import { cardOf } from './cards.ts';

type Schemas = components['schemas'];
type Charge = Schemas['Charge'];

/** What a card made of a charge. */
export type Tried =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'hangs' }
  | { readonly kind: 'done' | 'charges-then-hangs'; readonly charge: Charge };

/** What the card makes of the charge; nothing is kept here. */
export function tryCard(
  request: Pick<Charge, 'orderId' | 'reference' | 'amount' | 'currency' | 'paymentMethod'> & {
    readonly cardToken: string;
    readonly holder?: string;
  },
  createdAt: string,
): Tried {
  const { orderId, reference, amount, currency, paymentMethod, holder = null } = request;
  const { behaviour, brand, last4 } = cardOf(request.cardToken);
  if (behaviour.kind === 'invalid' || behaviour.kind === 'hangs') return { kind: behaviour.kind };
  const failed = behaviour.kind === 'fails';
  return {
    kind: behaviour.kind === 'charges-then-hangs' ? 'charges-then-hangs' : 'done',
    charge: {
      ...{ id: `ch_${newId()}`, orderId, reference, sessionId: null, amount, currency },
      ...{ paymentMethod, createdAt, amountRefunded: 0 },
      status: failed ? 'failed' : 'succeeded',
      method: { brand, last4, holder },
      failureCode: failed ? behaviour.code : null,
      failureReason: failed ? behaviour.reason : null,
    },
  };
}

/** The amount, or null when it does not fit its currency. */
export function moneyOf({ amount, currency }: { amount: number; currency: string }): Money | null {
  return isCurrency(currency) ? parseMoney(amount, currency) : null;
}

/** What was given back of the charge so far. */
export function refundedOf(charge: Charge, { currency }: Money): Money {
  const refunded = parseMoney(charge.amountRefunded, currency);
  assert(refunded, `charge ${charge.id} was refunded an amount that does not fit ${currency}`);
  return refunded;
}

/** Why this cannot be given back, or null when it can. */
export function refusalOfRefund(charge: Charge, amount: Money): Schemas['Problem'] | null {
  if (charge.status !== 'succeeded') {
    const message = 'expected a charge that succeeded, found one that failed; nothing was taken';
    return { code: 'CHARGE_NOT_REFUNDABLE', message };
  }
  if (charge.currency !== amount.currency) {
    const message = `expected ${charge.currency}, the currency of the charge, found ${amount.currency}`;
    return { code: 'CURRENCY_MISMATCH', message };
  }
  const after = add(refundedOf(charge, amount), amount);
  if (toWire(after) <= charge.amount) return null;
  const message = `expected at most ${charge.amount} less ${charge.amountRefunded} refunded before, found ${toWire(amount)}`;
  return { code: 'REFUND_EXCEEDS_CHARGE', message };
}
