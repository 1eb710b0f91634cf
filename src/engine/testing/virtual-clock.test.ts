/** A clock that a test moves fires what is due, in order, each at its own moment. */
import { expect, test } from 'vitest';
import { virtualClock } from './virtual-clock.ts';

test('fires in the order of time, and each wake sees its moment', () => {
  const clock = virtualClock(new Date(0));
  const seen: string[] = [];
  const wake = (name: string) => () => {
    seen.push(`${name} at ${clock.now().getTime()}`);
    if (name === 'a') clock.schedule(new Date(25), wake('a again'));
  };
  clock.schedule(new Date(30), wake('b'));
  clock.schedule(new Date(20), wake('a'));
  clock.schedule(new Date(26), wake('never'))();
  clock.schedule(new Date(99), wake('later'));
  clock.advanceBy(50);
  expect(seen).toEqual(['a at 20', 'a again at 25', 'b at 30']);
  expect([clock.now().getTime(), clock.scheduled]).toEqual([50, 1]);
  expect([clock.advanceToNext(), clock.advanceToNext()]).toEqual([true, false]);
  clock.advanceTo(new Date(10));
  expect(clock.now().getTime()).toBe(99);
});

test('what was due when it was asked for fires without a further move, once, unless it is taken back', async () => {
  const clock = virtualClock(new Date(50));
  const seen: string[] = [];
  clock.schedule(new Date(20), () => seen.push('overdue'));
  clock.schedule(new Date(50), () => seen.push('now'));
  clock.schedule(new Date(50), () => seen.push('never'))();
  clock.schedule(new Date(51), () => seen.push('later'));
  expect(seen).toEqual([]);
  await new Promise(setImmediate);
  expect([seen, clock.scheduled]).toEqual([['overdue', 'now'], 1]);
  clock.schedule(new Date(50), () => seen.push('with the move'));
  clock.advanceBy(1);
  await new Promise(setImmediate);
  expect(seen).toEqual(['overdue', 'now', 'with the move', 'later']);
});
