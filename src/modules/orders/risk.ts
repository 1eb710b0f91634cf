/**
 * How risky an order is: a pure sum of named factors, cut at 100. Every factor only ever adds points,
 * and adds no fewer when what it looks at grows, so a hint can raise a score and never lower it.
 *
 * The calibration is the reference's: a plain order of 100 by a customer without a delivered order
 * scores 30 (10 for the amount, 20 for being new), and 50,000 by a new customer 80, which is above
 * the 70 from which a person has to look.
 */
import { assert } from '../../kernel/errors.ts';
import { type Money, minorDigits } from '../../kernel/money.ts';
import type { Address } from './address.ts';

/** A score above this needs a person's approval. */
export const approvalThreshold = 70;

/** A score above this and up to the approval threshold is `medium`. */
const mediumThreshold = 40;

/** Earlier orders are counted up to here; more add nothing. */
export const velocityCap = 20;

/** Everything that the score looks at, and nothing else. */
export interface RiskFacts {
  readonly total: Money;
  /** Units over all lines. */
  readonly quantity: number;
  /** The caller said so. */
  readonly newCustomerHint: boolean;
  /** No earlier order of this customer was delivered. */
  readonly hasNoDeliveredOrder: boolean;
  /** Other orders of this customer in the last 24 hours. */
  readonly recentOrders: number;
  readonly shippingAddress: Address | null;
  readonly billingAddress: Address | null;
}

/** One reason of a score; its points are never negative. */
export interface RiskFactor {
  readonly name: 'amount' | 'new_customer' | 'address_mismatch' | 'velocity' | 'quantity';
  readonly points: number;
  readonly explanation: string;
}

/** A score from 0 to 100 with its reasons. */
export interface Risk {
  readonly score: number;
  readonly level: 'low' | 'medium' | 'high';
  readonly factors: readonly RiskFactor[];
}

/** The score of an order, from 0 to 100, with every factor named even when it adds nothing. */
export function calculateRisk(facts: RiskFacts): Risk {
  const factors = [
    amountFactor(facts),
    newCustomerFactor(facts),
    addressFactor(facts),
    velocityFactor(facts),
    quantityFactor(facts),
  ];
  const score = Math.min(
    100,
    factors.reduce((sum, factor) => sum + factor.points, 0),
  );
  const level = score > approvalThreshold ? 'high' : score > mediumThreshold ? 'medium' : 'low';
  return { score, level, factors };
}

/** Amount in major units and its points; linear between two rows, constant after the last. */
const amountScale: readonly (readonly [major: bigint, points: bigint])[] = [
  [0n, 0n],
  [100n, 10n],
  [1_000n, 20n],
  [5_000n, 30n],
  [10_000n, 40n],
  [50_000n, 60n],
  [250_000n, 80n],
];

function amountFactor({ total }: RiskFacts): RiskFactor {
  const points = amountPoints(total);
  return { name: 'amount', points, explanation: `A higher amount weighs more; at most 80 points` };
}

/**
 * The scale is made for currencies whose unit is about a dollar. A currency without minor units
 * (JPY, KRW) has a unit of about a cent, so a hundred of it count as one.
 */
function amountPoints(total: Money): number {
  const digits = minorDigits(total.currency);
  const unit = digits === 0 ? 100n : 10n ** BigInt(digits);
  assert(total.minor >= 0n, `expected an amount of at least 0, found ${total.minor}`);
  for (let row = 1; row < amountScale.length; row += 1) {
    const [fromMajor, fromPoints] = amountScale[row - 1]!;
    const [toMajor, toPoints] = amountScale[row]!;
    if (total.minor > toMajor * unit) continue;
    const above = total.minor - fromMajor * unit;
    const width = (toMajor - fromMajor) * unit;
    return Number(fromPoints + (above * (toPoints - fromPoints)) / width);
  }
  return Number(amountScale.at(-1)![1]);
}

function newCustomerFactor(facts: RiskFacts): RiskFactor {
  const name = 'new_customer';
  if (facts.hasNoDeliveredOrder)
    return { name, points: 20, explanation: 'No order of this customer was delivered yet' };
  if (facts.newCustomerHint)
    return { name, points: 20, explanation: 'The order says that the customer is new' };
  return { name, points: 0, explanation: 'An earlier order of this customer was delivered' };
}

function addressFactor({ shippingAddress: to, billingAddress: from }: RiskFacts): RiskFactor {
  const name = 'address_mismatch';
  if (!to || !from)
    return { name, points: 0, explanation: 'There are no two addresses to compare' };
  if (to.country !== from.country)
    return {
      name,
      points: 20,
      explanation: `Shipped to ${to.country}, billed to ${from.country}`,
    };
  const same = place(to) === place(from);
  return same
    ? { name, points: 0, explanation: 'Shipped to where it is billed' }
    : { name, points: 10, explanation: 'Shipped to another place than it is billed to' };
}

function place(address: Address): string {
  const parts = [address.line1, address.city, address.postalCode];
  return parts.map((part) => part.toLowerCase().replace(/\s+/g, ' ').trim()).join('|');
}

/** Up to five other orders a day are ordinary; each further one adds three points. */
function velocityFactor({ recentOrders }: RiskFacts): RiskFactor {
  const points = Math.min(15, Math.max(0, recentOrders - 5) * 3);
  const counted = recentOrders >= velocityCap ? `${velocityCap} or more` : `${recentOrders}`;
  return {
    name: 'velocity',
    points,
    explanation: `${counted} other orders of this customer in the last 24 hours`,
  };
}

/** Units over all lines that are exceeded, and what that adds. */
const quantityScale: readonly (readonly [above: number, points: number])[] = [
  [200, 15],
  [50, 10],
  [10, 5],
];

function quantityFactor({ quantity }: RiskFacts): RiskFactor {
  const points = quantityScale.find(([above]) => quantity > above)?.[1] ?? 0;
  return { name: 'quantity', points, explanation: `${quantity} units over all lines` };
}
