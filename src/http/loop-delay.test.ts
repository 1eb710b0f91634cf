/** What counts as a loop that falls behind: delay that stays, not one pause, however long. */
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { waitUntil } from '../../test/support/wait-until.ts';
import { LoopDelay } from './loop-delay.ts';

/** A loop whose turns take as long as they are told to. */
function loopOf() {
  let now = 0;
  let sumMs = 0;
  const samples = {
    count: 0,
    get mean() {
      return samples.count === 0 ? Number.NaN : (sumMs * 1e6) / samples.count;
    },
  };
  const delay = new LoopDelay(samples, () => now);
  /** Turns of the loop, each of which ends with a look, as requests come in each. */
  const turns = (ms: number, times = 1) => {
    for (let turn = 0; turn < times; turn += 1) {
      now += ms;
      sumMs += ms;
      samples.count += 1;
      delay.read();
    }
    return delay.read();
  };
  const frozen = (ms: number) => {
    now += ms;
    return delay.read();
  };
  return { turns, frozen };
}

test('turns without delay are none', () => {
  expect(loopOf().turns(20, 500)).toBeCloseTo(0);
});

test.each([600, 5_000, 3_600_000])('a pause of %d ms is none', (ms) => {
  const { turns } = loopOf();
  turns(20, 51);
  expect(turns(ms)).toBeCloseTo(0);
  turns(20, 51);
  expect(turns(20, 51)).toBeCloseTo(0);
});

test.each([300, 700, 1_500, 8_000])(
  'turns of %d ms each are delay, and quick ones end it',
  (ms) => {
    const { turns } = loopOf();
    turns(20, 100);
    expect(turns(ms, 9)).toBeCloseTo(ms - 20);
    expect(turns(20, 110)).toBeLessThan(20);
  },
);

test('a loop that has not turned since says what it said before', () => {
  const { turns, frozen } = loopOf();
  turns(700, 9);
  expect(frozen(5_000)).toBeCloseTo(680);
});

test('it is measured on the loop of the program', async () => {
  let now = 0;
  const secondLater = () => {
    now += 1_000;
    return now;
  };
  const delay = new LoopDelay(undefined, secondLater);
  const cell = new Int32Array(new SharedArrayBuffer(4));
  await waitUntil('the delay', async () => {
    Atomics.wait(cell, 0, 0, 100);
    await setImmediate();
    return delay.read() > 50;
  });
  await waitUntil('it to be over', () => delay.read() < 50);
  delay.close();
});
