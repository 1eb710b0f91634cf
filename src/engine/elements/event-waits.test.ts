/** When timers that repeat are due, one moment after the other. */
import { describe, expect, test } from 'vitest';
import type { TimerCycle } from '../model/event-definitions.ts';
import { nextOfCycle, timerWait } from './event-waits.ts';

const start = Date.parse('2026-03-27T10:00:30Z');
const time = (moment: number) => new Date(moment).toISOString().slice(5, 16);

/** Its moments, when each is handled so late. */
function moments(cycle: TimerCycle, { count = 4, lateMs = 0 } = {}): string[] {
  const due = { source: 'cycle', evaluate: () => cycle };
  const found: string[] = [];
  let wait: ReturnType<typeof nextOfCycle> = timerWait('t', { type: 'timer', due }, {}, start);
  for (; wait && found.length < count; wait = nextOfCycle(wait, wait.due + lateMs)) {
    found.push(time(wait.due));
  }
  return found;
}

describe('a pattern of cron', () => {
  const workdays = { cron: '0 0/30 8-9 ? * MON-FRI', timeZone: 'Europe/Berlin' };

  test('is read in its zone, over a change of the clock', () => {
    expect(moments(workdays)).toEqual(['03-30T06:00', '03-30T06:30', '03-30T07:00', '03-30T07:30']);
    expect(moments({ cron: '0 12 * * *', timeZone: 'Europe/Berlin' }, { count: 3 })).toEqual([
      ...['03-27T11:00', '03-28T11:00', '03-29T10:00'],
    ]);
  });

  test('leaves out what passed while nobody was there', () => {
    expect(moments(workdays, { count: 3, lateMs: 65 * 60_000 })).toEqual([
      ...['03-30T06:00', '03-30T07:30', '03-31T06:00'],
    ]);
  });

  test('without a moment to come it says so', () => {
    expect(() => moments({ cron: '0 0 12 1 1 ? 2020', timeZone: 'UTC' })).toThrow('no moment left');
  });
});

describe('equal distances', () => {
  test('end after so many, or never', () => {
    const every = { everyMs: 600_000, firstAt: null };
    expect(moments({ ...every, times: 2 })).toEqual(['03-27T10:10', '03-27T10:20']);
    expect(moments({ ...every, times: null })).toHaveLength(4);
    expect(moments({ ...every, times: 3 }, { lateMs: 700_000 })).toEqual([
      ...['03-27T10:10', '03-27T10:30'],
    ]);
  });
});
