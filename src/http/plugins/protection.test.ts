/** What counts as overload: a measured delay, not the absence of a measurement. */
import { expect, test } from 'vitest';
import { isOverload } from './protection.ts';

test.each([
  ['a delay that was measured', 2_500, true],
  ['a span without a sample', Number.POSITIVE_INFINITY, false],
  ['no value at all', undefined, false],
])('%s', (_, delayMs, expected) => {
  expect(isOverload(delayMs)).toBe(expected);
});
