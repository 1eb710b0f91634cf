/** Moments of patterns, over both changes of the clock, and what becomes of those that were missed. */
import { describe, expect, test } from 'vitest';
import { cronMoments } from '../time/cron.ts';
import { fromQuartz } from '../time/quartz.ts';
import { countsFromDeployment, startMoments } from '../time/start-moments.ts';
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
  const from = new Date('2026-05-01T01:00:00Z');
  const hourly = { cron: '0 * * * *', timeZone: 'UTC', most: 3, begunAt: from };
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
    const seconds = { cron: '* * * * * *', timeZone: 'UTC', most: 1, begunAt: from };
    const every = { ...seconds, catchUp: 'once' } as const;
    const found = dueMoments(every, { from, now: new Date('2027-05-01T00:00:00Z') });
    expect(found.filter(({ isLate }) => isLate)).toHaveLength(1);
    expect(found).toHaveLength(62);
  });
});

describe('patterns of other kinds', () => {
  const begunAt = new Date('2026-05-01T01:00:00Z');
  const all = (cron: string, until = '2026-05-01T05:00:00Z') => {
    const moments = startMoments({ cron, timeZone: 'UTC' }, begunAt);
    const range = { from: begunAt, until: new Date(until) };
    const forward: Date[] = [];
    for (let at = moments.next(new Date(range.from.getTime() - 1)); at && at <= range.until; ) {
      forward.push(at);
      at = moments.next(at);
    }
    const latest = moments.latest(1_000, range);
    expect(latest).toEqual(forward);
    expect(moments.latest(2, range)).toEqual(forward.slice(-2));
    return latest.map((moment) => moment.toISOString().slice(11, 16));
  };

  test('dates and cycles with a first moment stand for themselves, the others count from the deployment', () => {
    expect(all('2026-05-01T04:30:00Z')).toEqual(['04:30']);
    expect(all('2026-05-01T00:30:00Z')).toEqual([]);
    expect(all('PT30M')).toEqual(['01:30']);
    expect(all('R2/PT30M')).toEqual(['01:30', '02:00']);
    expect(all('R/PT1H')).toEqual(['02:00', '03:00', '04:00', '05:00']);
    expect(all('R3/2026-04-30T23:30:00Z/PT2H')).toEqual(['01:30', '03:30']);
    for (const own of ['PT30M', 'R2/PT30M']) expect(countsFromDeployment(own)).toBe(true);
    for (const own of ['2026-05-01T04:30:00Z', 'R/2026-05-01T04:30:00Z/PT1H', '0 6 * * *']) {
      expect(countsFromDeployment(own)).toBe(false);
    }
  });

  test('without end, a year away is counted and not walked through', () => {
    const every = startMoments({ cron: 'R/PT1S', timeZone: 'UTC' }, begunAt);
    const now = new Date('2036-05-01T01:00:00Z');
    expect(every.next(now)?.getTime()).toBe(now.getTime() + 1_000);
    expect(every.latest(3, { from: begunAt, until: now })).toHaveLength(3);
  });

  test('as Quartz writes them', () => {
    for (const [quartz, cron] of [
      ['0 0/20 * * * ?', '0 0-59/20 * * * *'],
      ['0 30 10 ? * 2-6', '0 30 10 * * 1-5'],
      ['0 30 10 ? * 1,7', '0 30 10 * * 0,6'],
      ['0 30 10 ? * 6L', '0 30 10 * * 5L'],
      ['0 30 10 ? * 6#3', '0 30 10 * * 5#3'],
      ['0 30 10 ? * MON-FRI 2027', '0 30 10 * * MON-FRI 2027'],
      ['0 15 10 L * ?', '0 15 10 L * *'],
      ['*/5 * * * 1', '*/5 * * * 1'],
    ] as const) {
      expect(fromQuartz(quartz)).toBe(cron);
      expect(cronMoments(quartz, 'UTC').next(begunAt)).toEqual(
        cronMoments(cron, 'UTC').next(begunAt),
      );
    }
    expect(next('0 0/20 * * * ?', 'UTC', '2026-05-01T01:00:00Z', 3)).toEqual([
      ...['05-01T01:20', '05-01T01:40', '05-01T02:00'],
    ]);
    // 2 is Monday.
    expect(next('0 30 10 ? * 2', 'UTC', '2026-05-01T01:00:00Z', 1)).toEqual(['05-04T10:30']);
  });
});
