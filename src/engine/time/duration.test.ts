/** Durations of exact length in every notation, and the refusal of all others. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Duration, durationMs } from './duration.ts';

describe('durationMs', () => {
  it.each<[Duration, number]>([
    ['24h', 86_400_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['500ms', 500],
    ['2w1d', 15 * 86_400_000],
    ['PT24H', 86_400_000],
    ['P1D', 86_400_000],
    ['P1DT12H', 129_600_000],
    ['P2W', 14 * 86_400_000],
    ['PT0.25S', 250],
    ['PT1M', 60_000],
    [{ hours: 24 }, 86_400_000],
    [{ minutes: 1, seconds: 0.5 }, 60_500],
    [250, 250],
    [0, 0],
  ])('%j is %d ms', (duration, ms) => {
    expect(durationMs(duration)).toBe(ms);
  });

  it.each(['P1M', 'P1Y', 'P1Y2M3DT4H'])(
    'refuses %s: its length depends on the calendar',
    (text) => {
      expect(() => durationMs(text as Duration)).toThrow(/months and years depend on the calendar/);
    },
  );

  it.each(['', 'P', 'PT', 'P1DT', '24', 'h', '30m1h', '1 h', '-1h', '1e3s', 'PT1H1D'])(
    'refuses %j',
    (text) => {
      expect(() => durationMs(text as Duration)).toThrow(/expected a duration such as/);
    },
  );

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, {}, { months: 1 }, { hours: -1 }, '40000d'])(
    'refuses %j',
    (duration) => {
      expect(() => durationMs(duration as Duration)).toThrow(/between 0 and 100 years/);
    },
  );

  it('reads both notations of the same length alike', () => {
    const count = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(count, count, count, count, (d, h, m, s) => {
        const parts = durationMs({ days: d, hours: h, minutes: m, seconds: s });
        expect(durationMs(`P${d}DT${h}H${m}M${s}S`)).toBe(parts);
        expect(durationMs(`${d}d${h}h${m}m${s}s` as Duration)).toBe(parts);
      }),
    );
  });
});
