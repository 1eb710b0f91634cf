/** The risk score: its calibration, and that no fact ever lowers it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { money } from '../../kernel/money.ts';
import { approvalThreshold, calculateRisk, type RiskFacts } from './risk.ts';

const plain: RiskFacts = {
  total: money(10_000, 'USD'),
  quantity: 1,
  newCustomerHint: false,
  hasNoDeliveredOrder: true,
  recentOrders: 0,
  shippingAddress: null,
  billingAddress: null,
};

const address = fc.record({
  line1: fc.constantFrom('1 A St', '2 B St'),
  city: fc.constantFrom('Rome', 'Oslo'),
  postalCode: fc.constantFrom('1', '2'),
  country: fc.constantFrom('IT', 'NO'),
});

const facts: fc.Arbitrary<RiskFacts> = fc.record({
  total: fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 14n }), fc.constantFrom('USD', 'JPY', 'BHD'))
    .map(([minor, currency]) => money(minor, currency as 'USD')),
  quantity: fc.integer({ min: 1, max: 100_000 }),
  newCustomerHint: fc.boolean(),
  hasNoDeliveredOrder: fc.boolean(),
  recentOrders: fc.integer({ min: 0, max: 100 }),
  shippingAddress: fc.option(address),
  billingAddress: fc.option(address),
});

const score = (one: RiskFacts) => calculateRisk(one).score;

describe('calibration', () => {
  test('a plain order of 100 by a customer without a delivered order scores 30', () => {
    expect(calculateRisk(plain)).toMatchObject({ score: 30, level: 'low' });
  });

  test('50,000 by a new customer is above the threshold', () => {
    const risk = calculateRisk({ ...plain, total: money(5_000_000, 'USD'), newCustomerHint: true });
    expect(risk).toMatchObject({ score: 80, level: 'high' });
    expect(risk.score).toBeGreaterThan(approvalThreshold);
  });

  test('every factor is named and explained, also those that add nothing', () => {
    const { factors } = calculateRisk(plain);
    expect(factors.map(({ name, points }) => [name, points])).toEqual([
      ['amount', 10],
      ['new_customer', 20],
      ['address_mismatch', 0],
      ['velocity', 0],
      ['quantity', 0],
    ]);
    for (const { explanation } of factors) expect(explanation).not.toBe('');
  });

  test('another country weighs more than another street', () => {
    const home = { line1: '1 A St', city: 'Rome', postalCode: '1', country: 'IT' };
    const points = (billingAddress: typeof home) =>
      score({ ...plain, shippingAddress: home, billingAddress }) - score(plain);
    expect(points({ ...home, city: ' ROME ' })).toBe(0);
    expect(points({ ...home, line1: '2 B St' })).toBe(10);
    expect(points({ ...home, country: 'NO' })).toBe(20);
  });
});

describe('properties', () => {
  test('the score is a whole number from 0 to 100, and the cut sum of its factors', () => {
    fc.assert(
      fc.property(facts, (one) => {
        const risk = calculateRisk(one);
        const sum = risk.factors.reduce((total, { points }) => total + points, 0);
        expect(Number.isInteger(risk.score)).toBe(true);
        expect(risk.score).toBe(Math.min(100, sum));
        expect(risk.factors.every(({ points }) => points >= 0)).toBe(true);
      }),
    );
  });

  test('more of anything never lowers the score', () => {
    const more = fc.record({
      minor: fc.bigInt({ min: 0n, max: 10n ** 14n }),
      quantity: fc.nat(10_000),
      orders: fc.nat(50),
    });
    fc.assert(
      fc.property(facts, more, (one, extra) => {
        const before = score(one);
        const { minor, currency } = one.total;
        expect(
          score({ ...one, total: money(minor + extra.minor, currency) }),
        ).toBeGreaterThanOrEqual(before);
        expect(score({ ...one, quantity: one.quantity + extra.quantity })).toBeGreaterThanOrEqual(
          before,
        );
        expect(
          score({ ...one, recentOrders: one.recentOrders + extra.orders }),
        ).toBeGreaterThanOrEqual(before);
        expect(score({ ...one, newCustomerHint: true })).toBeGreaterThanOrEqual(before);
        expect(score({ ...one, hasNoDeliveredOrder: true })).toBeGreaterThanOrEqual(before);
        expect(score({ ...one, billingAddress: one.shippingAddress })).toBeLessThanOrEqual(before);
      }),
    );
  });
});
