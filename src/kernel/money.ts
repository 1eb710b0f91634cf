/**
 * Exact money. An amount is an integer count of minor units (cents) with its ISO 4217 currency; no
 * binary fraction ever takes part. On the wire an amount is a JSON number in major units
 * (`99.99`), as the order management contracts have it; it is read through its shortest decimal
 * text, so that no digit is invented or lost.
 */
import * as currencies from 'dinero.js/currencies';
import { z } from 'zod';
import { assert } from './errors.ts';

/** Minor units and currency, e.g. `{ minor: 9999n, currency: 'USD' }`. */
export interface Money {
  readonly minor: bigint;
  readonly currency: Currency;
}

/** ISO 4217 alphabetic code that this program can sell in. */
export type Currency = keyof typeof currencies;

/** Largest amount accepted from outside: twelve digits before the point (contract of NUMERIC(14,2)). */
const largestMajorDigits = 12;

/** Digits after the point of a currency: 2 for USD, 0 for JPY, 3 for BHD. */
export function minorDigits(currency: Currency): number {
  return currencies[currency].exponent;
}

/** True for an ISO 4217 code that amounts can be held in; narrows the type. */
export function isCurrency(code: string): code is Currency {
  return Object.hasOwn(currencies, code);
}

/**
 * An ISO 4217 code. Typed by hand, since a refinement cannot narrow and a transformation would have no
 * JSON Schema.
 */
export const currencySchema = z
  .string()
  .refine(isCurrency, { message: 'expected an ISO 4217 currency code such as USD' })
  .meta({ pattern: '^[A-Z]{3}$', examples: ['USD'] }) as unknown as z.ZodType<Currency, string>;

/** An amount in major units on the wire: a number, or a string for callers that fear floats. */
export const amountSchema = z.union([
  z.number(),
  z.string().regex(/^-?\d{1,12}(\.\d{1,4})?$/, 'expected a decimal such as "99.99"'),
]);

/** Makes money of minor units. */
export function money(minor: bigint | number, currency: Currency): Money {
  return Object.freeze({ minor: BigInt(minor), currency });
}

/** Nothing, in a currency: what sums begin with. */
export function zero(currency: Currency): Money {
  return money(0n, currency);
}

/**
 * Reads a decimal in major units. Returns null when it has more digits than the currency, is no
 * plain decimal (`1e3`, `NaN`), or is larger than twelve digits before the point.
 */
export function parseMoney(amount: number | string, currency: Currency): Money | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(amount));
  if (!match) return null;
  const [, sign, whole = '', fraction = ''] = match;
  const digits = minorDigits(currency);
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > digits || whole.length > largestMajorDigits) return null;
  const minor = BigInt(whole + significant.padEnd(digits, '0'));
  return money(sign === '-' ? -minor : minor, currency);
}

/** The canonical decimal text in major units, e.g. `"99.90"`; what NUMERIC columns take and give. */
export function toDecimal(amount: Money): string {
  const digits = minorDigits(amount.currency);
  const sign = amount.minor < 0n ? '-' : '';
  const text = (amount.minor < 0n ? -amount.minor : amount.minor)
    .toString()
    .padStart(digits + 1, '0');
  return digits === 0
    ? `${sign}${text}`
    : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** The JSON number of an amount in major units; exact in its shortest decimal text. */
export function toWire(amount: Money): number {
  return Number(toDecimal(amount));
}

/** Reads what PostgreSQL gives for a NUMERIC column. Anything else is a bug. */
export function fromDecimal(decimal: string, currency: Currency): Money {
  const parsed = parseMoney(decimal, currency);
  assert(parsed, `expected a decimal amount in ${currency}, found "${decimal}"`);
  return parsed;
}

function sameCurrency(a: Money, b: Money): void {
  assert(a.currency === b.currency, `cannot combine ${a.currency} with ${b.currency}`);
}

/** The exact sum. Two currencies are a bug. */
export function add(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return money(a.minor + b.minor, a.currency);
}

/** The exact difference, negative when `b` is more. Two currencies are a bug. */
export function subtract(a: Money, b: Money): Money {
  sameCurrency(a, b);
  return money(a.minor - b.minor, a.currency);
}

/** Multiplies by a whole number, such as a quantity. */
export function times(amount: Money, count: number): Money {
  assert(Number.isSafeInteger(count), `expected a whole number, found ${count}`);
  return money(amount.minor * BigInt(count), amount.currency);
}

/** True for the same amount in the same currency. */
export function equals(a: Money, b: Money): boolean {
  return a.currency === b.currency && a.minor === b.minor;
}

/** Negative, zero or positive as `a` is less than, equal to or more than `b`. */
export function compare(a: Money, b: Money): number {
  sameCurrency(a, b);
  return a.minor < b.minor ? -1 : a.minor > b.minor ? 1 : 0;
}

/** `99.99 USD`, for messages. */
export function formatMoney(amount: Money): string {
  return `${toDecimal(amount)} ${amount.currency}`;
}
