/** Moments of patterns, over both changes of the clock, and what becomes of those that were missed. */
import { describe, expect, test } from 'vitest';
import { cronMoments } from './cron.ts';
import { dueMoments } from './due-moments.ts';

/** Moments after one, in UTC, without the zeros. */
function next(pattern: string, timeZone: string, after: string, count: number): string[] {
  const moments = cronMoments(pattern, timeZone);
  const found: string[] = [];
  for (let at = moments.next(new Date(after)); at && found.length < count; at = moments.next(at)) {
    found.push(at.toISOString().slice(5, 16));
  }
  return found;
}

describe('Europe/Berlin', () => {
  test('in spring a fixed time in the gap comes right behind it, on the same day', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-03-28T00:00:00Z', 3)).toEqual([
      '03-28T01:30',
      // 02:30 does not exist; 03:00 in summer time.
      '03-29T01:00',
      '03-30T00:30',
    ]);
  });

  test('in autumn a fixed time happens once although it is there twice', () => {
    expect(next('30 2 * * *', 'Europe/Berlin', '2026-10-24T00:00:00Z', 3)).toEqual([
      '10-24T00:30',
      '10-25T00:30',
      '10-26T01:30',
    ]);
  });

  test('every hour is every hour, through both changes', () => {
    expect(next('0 * * * *', 'Europe/Berlin', '2026-03-28T23:30:00Z', 4)).toEqual([
      '03-29T00:00',
      '03-29T01:00',
      '03-29T02:00',
      '03-29T03:00',
    ]);
    expect(next('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', 4)).toEqual([
      '10-25T00:00',
      '10-25T01:00',
      '10-25T02:00',
      '10-25T03:00',
    ]);
  });

  test('looking back finds the same moments as looking forward', () => {
    for (const [pattern, from, until] of [
      ['30 2 * * *', '2026-10-20T00:00:00Z', '2026-10-30T00:00:00Z'],
      ['30 2 * * *', '2026-03-25T00:00:00Z', '2026-04-02T00:00:00Z'],
      ['*/20 * * * *', '2026-10-24T22:00:00Z', '2026-10-25T04:00:00Z'],
      ['*/20 * * * *', '2026-03-28T22:00:00Z', '2026-03-29T04:00:00Z'],
    ] as const) {
      const moments = cronMoments(pattern, 'Europe/Berlin');
      const range = { from: new Date(from), until: new Date(until) };
      const forward: Date[] = [];
      let at = moments.next(new Date(range.from.getTime() - 1_000));
      for (; at && at <= range.until; at = moments.next(at)) forward.push(at);
      expect(moments.latest(1_000, range), `${pattern} from ${from}`).toEqual(forward);
    }
  });
});

describe('missed moments', () => {
  const hourly = { cron: '0 * * * *', timeZone: 'UTC', most: 3 };
  const from = new Date('2026-05-01T01:00:00Z');
  const due = (catchUp: 'skip' | 'once' | 'all', now: string, most = hourly.most) =>
    dueMoments({ ...hourly, catchUp, most }, { from, now: new Date(now) }).map(
      ({ moment, isLate }) => `${moment.toISOString().slice(11, 16)}${isLate ? ' late' : ''}`,
    );

  test('one that is met starts whatever is said of missed ones', () => {
    for (const catchUp of ['skip', 'once', 'all'] as const) {
      expect(due(catchUp, '2026-05-01T01:00:00Z')).toEqual(['01:00']);
      expect(due(catchUp, '2026-05-01T01:01:00Z')).toEqual(['01:00']);
    }
  });

  test('skip forgets them, once starts the latest, all so many as it says', () => {
    expect(due('skip', '2026-05-01T06:30:00Z')).toEqual([]);
    expect(due('once', '2026-05-01T06:30:00Z')).toEqual(['06:00 late']);
    expect(due('all', '2026-05-01T06:30:00Z')).toEqual(['04:00 late', '05:00 late', '06:00 late']);
    expect(due('all', '2026-05-01T02:30:00Z')).toEqual(['01:00 late', '02:00 late']);
    expect(due('all', '2026-05-01T06:00:10Z')).toEqual(['04:00 late', '05:00 late', '06:00']);
    expect(due('once', '2026-05-01T06:00:10Z')).toEqual(['05:00 late', '06:00']);
  });

  test('a year away costs no more than an hour', () => {
    const every = { cron: '* * * * * *', timeZone: 'UTC', catchUp: 'once', most: 1 } as const;
    const found = dueMoments(every, { from, now: new Date('2027-05-01T00:00:00Z') });
    expect(found.filter(({ isLate }) => isLate)).toHaveLength(1);
    expect(found).toHaveLength(62);
  });
});
