/** Maps and sets whose entries do not stay are maps and sets, whatever is done with them and however often. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShortLivedMap, ShortLivedSet } from './short-lived.ts';

test('for any calls: it has what a Map would have, in the same order', () => {
  const key = fc.integer({ min: 0, max: 9 });
  const call = fc.oneof(
    fc.record({ does: fc.constant('set' as const), key, value: fc.integer() }),
    fc.record({ does: fc.constant('delete' as const), key }),
    fc.record({ does: fc.constant('clear' as const) }),
  );
  fc.assert(
    fc.property(
      fc.array(call, { maxLength: 60 }),
      fc.integer({ min: 0, max: 3_000 }),
      (calls, gone) => {
        const [mine, theirs] = [new ShortLivedMap<number, number>(), new Map<number, number>()];
        // So that a new table is begun in the middle of some.
        for (let n = 0; n < gone; n += 1) {
          mine.set(-1, n);
          mine.delete(-1);
        }
        for (const one of calls) {
          if (one.does === 'clear') {
            mine.clear();
            theirs.clear();
          } else if (one.does === 'set') {
            mine.set(one.key, one.value);
            theirs.set(one.key, one.value);
          } else expect(mine.delete(one.key)).toBe(theirs.delete(one.key));
          expect([...mine]).toEqual([...theirs]);
          expect([mine.size, mine.has(3), mine.get(3)]).toEqual([
            theirs.size,
            theirs.has(3),
            theirs.get(3),
          ]);
        }
        expect([...mine.values()]).toEqual([...theirs.values()]);
      },
    ),
  );
});

test('a walk that removes what it meets meets each once, also past the moment of a new table', () => {
  const set = new ShortLivedSet<number>();
  for (let n = 0; n < 10_000; n += 1) set.add(n);
  const met: number[] = [];
  for (const n of set) {
    set.delete(n);
    met.push(n);
  }
  expect([met.length, new Set(met).size, set.size]).toEqual([10_000, 10_000, 0]);
});
