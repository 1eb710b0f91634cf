/** Turns of parties and instances, shares of the line, and what goes when a party has too much of it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyLine } from './key-line.ts';
import { LineShares } from './line-shares.ts';
import { Turns } from './turns.ts';

interface Job {
  readonly party: string;
  readonly group: string;
  readonly since: number;
  readonly n: number;
}

const job = (party: string, group: string, n = 0): Job => ({ party, group, since: 0, n });
const all = (turns: Turns<Job>): string[] => {
  const out: string[] = [];
  for (let item = turns.take(); item; item = turns.take()) out.push(item.group);
  return out;
};

test('a party with a thousand instances delays another by one turn each, and so does an instance', () => {
  const turns = new Turns<Job>();
  for (let n = 0; n < 1_000; n += 1) turns.push(job('flood', `f${n % 500}`));
  for (const group of ['a1', 'a2', 'a1']) turns.push(job('a', group));
  turns.push(job('b', 'b1'));
  expect(all(turns).slice(0, 8)).toEqual(['f0', 'a1', 'b1', 'f1', 'a2', 'f2', 'a1', 'f3']);
});

test('what is taken out of a party is its last, and it can come again', () => {
  const turns = new Turns<Job>();
  for (const group of ['x', 'y', 'y']) turns.push(job('a', group));
  expect([turns.dropLast('a')?.group, turns.dropLast('a')?.group]).toEqual(['y', 'y']);
  expect(turns.dropLast('nobody')).toBeUndefined();
  turns.push(job('b', 'z'));
  expect(turns.dropLast('a')?.group).toBe('x');
  expect([turns.dropLast('a'), turns.size, turns.first?.group]).toEqual([undefined, 1, 'z']);
  turns.push(job('a', 'w'));
  expect(all(turns)).toEqual(['z', 'w']);
});

test('in any order of coming, going and being taken out nothing is lost, doubled or overtaken by two', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.nat(3), group: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.constant('take' as const) },
    { weight: 1, arbitrary: fc.record({ drop: fc.nat(3) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const turns = new Turns<Job>();
      const shares = new LineShares();
      const inLine = new Map<number, Job>();
      /** Turns of others since a party has something in line. */
      const waited = new Map<string, Set<string>>();
      let n = 0;
      const left = (item: Job | undefined) => {
        if (!item) return;
        expect(inLine.delete(item.n)).toBe(true);
        shares.remove('p', item.party, 1);
        if (shares.of('p', item.party) === 0) waited.delete(item.party);
      };
      for (const one of steps) {
        if (one === 'take') {
          const item = turns.take();
          expect(item === undefined).toBe(inLine.size === 0);
          if (item) waited.set(item.party, new Set());
          for (const [party, others] of waited) {
            if (!item || party === item.party) continue;
            expect(others.has(item.party)).toBe(false);
            others.add(item.party);
          }
          left(item);
        } else if ('push' in one) {
          n += 1;
          const item = job(`p${one.push}`, `g${one.push}${one.group}`, n);
          turns.push(item);
          inLine.set(n, item);
          shares.add('p', item.party, 1);
          if (!waited.has(item.party)) waited.set(item.party, new Set());
        } else {
          const had = shares.of('p', `p${one.drop}`);
          const item = turns.dropLast(`p${one.drop}`);
          expect(item === undefined).toBe(had === 0);
          left(item);
        }
        expect([turns.size, shares.of('p')]).toEqual([inLine.size, inLine.size]);
        expect(inLine.has(turns.first?.n ?? -1)).toBe(inLine.size > 0);
        const most = Math.max(0, ...[0, 1, 2, 3].map((party) => shares.of('p', `p${party}`)));
        const largest = shares.largest('p');
        expect(largest === undefined ? 0 : shares.of('p', largest)).toBe(most);
      }
    }),
  );
});

test('of those that wait for a key the last of a party goes, of no other', () => {
  const line = new KeyLine<Job>();
  for (const [key, party, n] of [
    ['k', 'a', 1],
    ['k', 'b', 2],
    ['l', 'a', 3],
    ['l', 'a', 4],
  ] as const) {
    line.push(key, job(party, `i${n}`, n));
  }
  expect([line.dropLast('a')?.n, line.dropLast('a')?.n]).toEqual([4, 3]);
  // The last for the one key that is left is somebody else's.
  expect([line.dropLast('a'), line.dropLast('c'), line.size, line.has('l')]).toEqual([
    undefined,
    undefined,
    2,
    false,
  ]);
  expect([line.take('k')?.n, line.dropLast('b')?.n, line.size]).toEqual([1, 2, 0]);
});
