/**
 * Durations of exact length: `'24h'`, `'1h30m'`, ISO 8601 (`'PT24H'`, `'P1DT12H'`, `'P2W'`), parts
 * (`{ hours: 24 }`) or milliseconds. Months and years are refused, since their length depends on
 * the calendar: give a date (`sleep({ until })`) instead. A day is 24 hours.
 */
import { AuthoringError } from '../model/authoring-error.ts';

/** Whole or fractional amounts of each unit, added up. */
export interface DurationParts {
  readonly weeks?: number;
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/** Text is either ISO 8601 or amounts with the units `w d h m s ms`, largest first. */
export type DurationText = `P${string}` | `${number}${'w' | 'd' | 'h' | 'm' | 's' | 'ms'}${string}`;

/** A number counts milliseconds. */
export type Duration = number | DurationText | DurationParts;

const unitMs = {
  weeks: 604_800_000,
  days: 86_400_000,
  hours: 3_600_000,
  minutes: 60_000,
  seconds: 1000,
  milliseconds: 1,
} as const;

const amount = String.raw`(\d+(?:\.\d+)?)`;
const iso8601 = new RegExp(
  `^P(?:${amount}W)?(?:${amount}D)?(?:T(?:${amount}H)?(?:${amount}M)?(?:${amount}S)?)?$`,
);
const shorthand = new RegExp(
  `^(?:${amount}w)?(?:${amount}d)?(?:${amount}h)?(?:${amount}m)?(?:${amount}s)?(?:${amount}ms)?$`,
);
const calendarIso8601 = /^P[^T]*\d[YM]/;

/** A hundred years: longer is a slip of the pen, and would leave the range of dates. */
const longestMs = 100 * 366 * unitMs.days;

/** The duration in whole milliseconds. Anything that is not an exact duration is refused. */
export function durationMs(duration: Duration): number {
  const ms = Math.round(unrounded(duration));
  if (Number.isFinite(ms) && ms >= 0 && ms <= longestMs) return ms;
  throw new AuthoringError(
    `expected a duration between 0 and 100 years, found ${JSON.stringify(duration)}`,
  );
}

/**
 * The same duration by the units in which working time is counted. Whoever writes `24h` means hours, and
 * whoever writes `P1D` a day. Refuses what `durationMs` refuses.
 */
export function durationUnits(duration: Duration): {
  readonly weeks: number;
  readonly days: number;
  readonly ms: number;
} {
  const whole = durationMs(duration);
  const { weeks = 0, days = 0 } = typeof duration === 'object' ? duration : dayParts(duration);
  return { weeks, days, ms: whole - weeks * unitMs.weeks - days * unitMs.days };
}

function dayParts(duration: number | string): DurationParts {
  if (typeof duration === 'number') return {};
  const [, weeks = 0, days = 0] = iso8601.exec(duration) ?? shorthand.exec(duration) ?? [];
  return { weeks: Number(weeks), days: Number(days) };
}

function unrounded(duration: Duration): number {
  if (typeof duration === 'number') return duration;
  return typeof duration === 'string' ? textMs(duration) : partsMs(duration);
}

function partsMs(parts: DurationParts): number {
  const entries = Object.entries(parts) as [string, unknown][];
  if (entries.length === 0) return Number.NaN;
  return entries.reduce((sum, [unit, count]) => {
    const known = Object.hasOwn(unitMs, unit) && typeof count === 'number' && count >= 0;
    return known ? sum + count * unitMs[unit as keyof typeof unitMs] : Number.NaN;
  }, 0);
}

function textMs(text: string): number {
  if (calendarIso8601.test(text)) {
    throw new AuthoringError(
      `expected a duration of exact length, found "${text}": months and years depend on the ` +
        'calendar; use days, or wait until a date',
    );
  }
  const match = iso8601.exec(text) ?? shorthand.exec(text);
  const counts = match?.slice(1) ?? [];
  if (!match || text.endsWith('T') || counts.every((count) => count === undefined)) {
    throw new AuthoringError(
      `expected a duration such as "24h", "1h30m", "PT24H" or "P1D", found "${text}"`,
    );
  }
  const units = Object.values(unitMs);
  return counts.reduce((sum, count, index) => sum + Number(count ?? 0) * units[index]!, 0);
}
