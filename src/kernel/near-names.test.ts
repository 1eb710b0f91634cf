/** Who misspells a name is told what was probably meant, and nothing far-fetched. */
import { expect, test } from 'vitest';
import { didYouMean, nearNames } from './near-names.ts';

test.each([
  ['limt', ['limit', 'cursor'], '; did you mean limit?'],
  ['start', ['orders.start', 'orders.stop'], '; did you mean orders.start?'],
  ['statu', ['status', 'stat'], '; did you mean stat or status?'],
  ['variables', ['input', 'process'], ''],
  // Every name of one letter is one letter away from every other.
  ['x', ['y', 'id'], ''],
])('%s among %s%s', (unknown, known, said) => {
  expect(didYouMean(unknown, known)).toBe(said);
});

test('no more than three are named, the nearest first', () => {
  expect(nearNames('order', ['orde', 'ordre', 'border', 'orderx', 'order1'])).toHaveLength(3);
});
