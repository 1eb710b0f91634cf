/**
 * The cards of the payment gateway's sandbox, as data: what becomes of a charge is told by its
 * token. Any other well-formed token is a card that succeeds.
 */

/** What a card does. */
export interface SandboxCard {
  readonly label: string;
  readonly brand: string;
  readonly last4: string;
  readonly behaviour:
    | { readonly kind: 'succeeds' }
    | { readonly kind: 'fails'; readonly code: string; readonly reason: string }
    /** Not usable at all: nothing is tried. */
    | { readonly kind: 'invalid' }
    /** No answer, and no charge. */
    | { readonly kind: 'hangs' }
    /** Charged, and no answer, however often it is asked. */
    | { readonly kind: 'charges-then-hangs' };
}

/** The cards with a meaning of their own, by token. */
export const sandboxCards: Readonly<Record<string, SandboxCard>> = {
  tok_visa: {
    label: 'Visa that succeeds',
    brand: 'visa',
    last4: '4242',
    behaviour: { kind: 'succeeds' },
  },
  tok_mastercard: {
    label: 'Mastercard that succeeds',
    brand: 'mastercard',
    last4: '4444',
    behaviour: { kind: 'succeeds' },
  },
  tok_declined: {
    label: 'declined by the bank',
    brand: 'visa',
    last4: '0002',
    behaviour: { kind: 'fails', code: 'CARD_DECLINED', reason: 'Card declined' },
  },
  tok_insufficient_funds: {
    label: 'insufficient funds',
    brand: 'visa',
    last4: '9995',
    behaviour: { kind: 'fails', code: 'INSUFFICIENT_FUNDS', reason: 'Insufficient funds' },
  },
  tok_expired: {
    label: 'expired',
    brand: 'visa',
    last4: '0069',
    behaviour: { kind: 'fails', code: 'CARD_EXPIRED', reason: 'Card expired' },
  },
  tok_invalid: {
    label: 'invalid payment details',
    brand: 'unknown',
    last4: '0000',
    behaviour: { kind: 'invalid' },
  },
  tok_timeout: {
    label: 'no answer, not charged',
    brand: 'visa',
    last4: '0101',
    behaviour: { kind: 'hangs' },
  },
  tok_timeout_after_charge: {
    label: 'charged, but no answer',
    brand: 'visa',
    last4: '0119',
    behaviour: { kind: 'charges-then-hangs' },
  },
};

/** The card of a token. */
export function cardOf(token: string): SandboxCard {
  const known = Object.hasOwn(sandboxCards, token) ? sandboxCards[token] : undefined;
  return known ?? { label: token, brand: 'visa', last4: '1111', behaviour: { kind: 'succeeds' } };
}
