/** What an order costs, and when it should be done. */
import { describe, expect, test } from 'vitest';
import { billingView } from './billing-order.ts';
import { billingOf } from './payment-work.ts';
import { estimatedCompletion } from './steps.ts';

describe('sums', () => {
  const sums = (charges: readonly number[], discounts: readonly number[]) =>
    billingView(
      billingOf(
        charges.map((monthlyCharge) => ({ monthlyCharge })),
        discounts.map((discount) => ({ discount })),
      ),
    );

  test.each([
    [[75], [15], { monthlyCharges: 75, promotionalCredit: -15, totalDue: 60 }],
    [[75, 75, 75], [45], { monthlyCharges: 225, promotionalCredit: -45, totalDue: 180 }],
    [[0.1, 0.2], [], { monthlyCharges: 0.3, promotionalCredit: 0, totalDue: 0.3 }],
    [[10], [8, 8], { monthlyCharges: 10, promotionalCredit: -10, totalDue: 0 }],
    [[], [], { monthlyCharges: 0, promotionalCredit: 0, totalDue: 0 }],
  ])('lines of %j with promotions of %j', (charges, discounts, expected) => {
    const found = sums(charges, discounts);
    expect({ ...found, promotionalCredit: found.promotionalCredit + 0 }).toEqual(expected);
  });
});

describe('the estimate', () => {
  const updatedAt = new Date('2025-02-02T10:35:20Z');
  const at = (progress: number, usualMs: number | null) =>
    estimatedCompletion({ progress, updatedAt, usualMs }).toISOString();

  test('is the share of the usual time that is left', () => {
    expect(at(45, 1_000_000)).toBe('2025-02-02T10:44:30.000Z');
    expect(at(100, 1_000_000)).toBe('2025-02-02T10:35:20.000Z');
  });

  test('is a quarter of an hour before any order was seen to end', () => {
    expect(at(0, null)).toBe('2025-02-02T10:50:20.000Z');
  });
});
