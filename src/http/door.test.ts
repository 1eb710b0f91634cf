/** When the door closes, when it opens, and when it says to come again. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Door } from './door.ts';

function doorAt(chance = 0) {
  let value = 0;
  let now = 0;
  const figure = {
    name: 'queue',
    what: 'a long queue',
    read: () => value,
    closesAbove: 100,
    opensBelow: 20,
  };
  const door = new Door({ figures: [figure], nowMs: () => now, chance: () => chance });
  const at = (next: number, afterMs = 1_000) => {
    value = next;
    now += afterMs;
    return { new: door.refusal('new'), underWay: door.refusal('under way') };
  };
  return { door, at };
}

test('it closes above the upper bound, opens below the lower one, and does not flutter between', () => {
  const { at } = doorAt();
  expect(at(100).new).toBeNull();
  expect(at(101).new).not.toBeNull();
  expect(at(99).new).not.toBeNull();
  expect(at(20).new).not.toBeNull();
  expect(at(19).new).toBeNull();
  expect(at(99).new).toBeNull();
});

test('what is under way passes until there is twice as much', () => {
  const { at } = doorAt();
  expect(at(150).underWay).toBeNull();
  expect(at(201).underWay).not.toBeNull();
  expect(at(150).underWay).not.toBeNull();
  expect(at(99).underWay).toBeNull();
  expect(at(99).new).not.toBeNull();
});

test('it says how long it takes at the speed at which the figure falls, and spreads it', () => {
  const { at } = doorAt();
  expect(at(120).new?.retryAfterSeconds).toBe(10);
  expect(at(110).new?.retryAfterSeconds).toBe(9);
  expect(at(60).new?.retryAfterSeconds).toBe(2);
  const late = doorAt(1);
  expect(late.at(1_000).new?.retryAfterSeconds).toBe(15);
  expect(late.at(999).new?.retryAfterSeconds, 'never longer than a minute').toBe(60);
});

test('a look serves 25 who are let in, or a tenth of a second, so that a burst does not slip through', () => {
  let reads = 0;
  let now = 0;
  const read = () => {
    reads += 1;
    return 0;
  };
  const figure = { name: 'f', what: 'f', read, closesAbove: 1, opensBelow: 1 };
  const door = new Door({ figures: [figure], nowMs: () => now });
  for (let n = 0; n < 1_000; n += 1) {
    door.refusal('new');
    now += 1;
  }
  expect(reads).toBe(40);
  reads = 0;
  for (let n = 0; n < 20; n += 1) {
    door.refusal('new');
    now += 50;
  }
  expect(reads).toBe(10);
});

test('for any course of a figure: what is said about coming again is a whole second to a minute', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ value: fc.nat(1_000), afterMs: fc.nat(5_000) })), (course) => {
      const { at } = doorAt(0.5);
      for (const { value, afterMs } of course) {
        const { new: fresh, underWay } = at(value, afterMs + 100);
        if (value > 100) expect(fresh).not.toBeNull();
        if (value < 20) expect(fresh).toBeNull();
        if (underWay) expect(fresh).not.toBeNull();
        if (!fresh) continue;
        expect(Number.isInteger(fresh.retryAfterSeconds)).toBe(true);
        expect(fresh.retryAfterSeconds).toBeGreaterThanOrEqual(1);
        expect(fresh.retryAfterSeconds).toBeLessThanOrEqual(60);
      }
    }),
  );
});
