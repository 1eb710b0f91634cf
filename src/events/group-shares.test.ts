/** Shares of consumer groups: even, stable, and the same for everybody who computes them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SharedGroup, shareGroups } from './group-shares.ts';

const group = (name: string, owner: string | null, ...members: string[]): SharedGroup => ({
  ...{ name, owner, members },
});
const shares = (...groups: SharedGroup[]) => Object.fromEntries(shareGroups(groups));

test('free groups go to whoever has least, and what somebody has stays while that is even', () => {
  expect(shares(group('x', null, 'a', 'b'), group('y', null, 'a', 'b'))).toEqual({
    x: 'a',
    y: 'b',
  });
  expect(shares(group('x', 'b', 'a', 'b'), group('y', null, 'a', 'b'))).toEqual({ x: 'b', y: 'a' });
  expect(shares(group('x', 'b', 'a', 'b'))).toEqual({ x: 'b' });
  expect(shares(group('x', null))).toEqual({});
});

test('a node that joins gets its share, and no group moves that need not', () => {
  const all = ['a', 'b', 'c'];
  const of = (owner: string) => (name: string) => group(name, owner, ...all);
  const now = shares(...['1', '2', '3'].map(of('a')), ...['4', '5', '6'].map(of('b')));
  expect(now).toEqual({ 1: 'c', 2: 'a', 3: 'a', 4: 'c', 5: 'b', 6: 'b' });
});

test('only members get a group, however uneven that is', () => {
  const now = shares(group('x', 'a', 'a'), group('y', 'a', 'a'), group('z', 'a', 'a', 'b'));
  expect(now).toEqual({ x: 'a', y: 'a', z: 'b' });
});

test('of any groups: members only, nobody has two more than a fellow member, computed again it stays', () => {
  const node = fc.constantFrom('a', 'b', 'c', 'd');
  const any = fc.uniqueArray(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 3 }),
      members: fc.uniqueArray(node),
      pick: fc.nat(),
    }),
    { selector: ({ name }) => name, maxLength: 12 },
  );
  fc.assert(
    fc.property(any, (made) => {
      const groups = made.map(({ name, members, pick }) => {
        const sorted = members.toSorted();
        return { name, members: sorted, owner: sorted[pick % (members.length + 1)] ?? null };
      });
      const given = shareGroups(groups);
      const load = (of: string) => [...given.values()].filter((one) => one === of).length;
      for (const { name, members } of groups) {
        const owner = given.get(name);
        expect(members.length === 0 ? [undefined] : members).toContain(owner);
        for (const other of members) expect(load(owner!) - load(other)).toBeLessThan(2);
      }
      const again = groups.map((one) => ({ ...one, owner: given.get(one.name) ?? null }));
      expect(shareGroups(again.toReversed())).toEqual(given);
    }),
  );
});
