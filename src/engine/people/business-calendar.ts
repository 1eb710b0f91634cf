/**
 * Declares a business calendar, and refuses one that says something impossible. A calendar is data: what
 * it holds never changes, so that counting by it always gives the same.
 */
import type { BusinessCalendar } from '../model/human-work.ts';

const dayNames = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;
type DayName = (typeof dayNames)[number];

/** Hours of a day: `09:00-17:00`, several with a blank between them; empty for a day without work. */
export type WorkingHours = string;

/** A calendar as people write it. */
export interface BusinessCalendarOptions {
  readonly name: string;
  /** IANA name, e.g. `Europe/Berlin`. @defaultValue UTC */
  readonly timeZone?: string;
  /** Days with the usual hours, `MON-FRI` or `MON,WED,SAT`. @defaultValue MON-FRI */
  readonly days?: string;
  /** The usual hours. @defaultValue 09:00-17:00 */
  readonly hours?: WorkingHours;
  /** Days with hours of their own. */
  readonly otherHours?: Readonly<Partial<Record<DayName, WorkingHours>>>;
  /** `2026-12-25`, or `12-25` for every year. */
  readonly holidays?: readonly string[];
}

const mostHolidays = 2_000;

/** A checked calendar; throws with what was expected and found. */
export function businessCalendar(options: BusinessCalendarOptions): BusinessCalendar {
  const { name, timeZone = 'UTC', days = 'MON-FRI', hours = '09:00-17:00' } = options;
  expect(/^[\w][\w.-]{0,99}$/.test(name), 'a name of letters, digits, dots and hyphens', name);
  expect(isTimeZone(timeZone), 'a time zone such as Europe/Berlin', timeZone);
  const working = daysOf(days);
  const usual = hoursOf(hours);
  const own = options.otherHours ?? {};
  for (const day of Object.keys(own)) {
    expect(dayNames.includes(day as DayName), `days among ${dayNames.join(', ')}`, day);
  }
  const week = dayNames.map((day) => {
    const other = own[day];
    if (other !== undefined) return hoursOf(other);
    return working.has(day) ? usual : [];
  });
  expect(
    week.some(({ length }) => length > 0),
    'a day with working hours',
    'none',
  );
  const holidays = [...new Set(options.holidays ?? [])].sort();
  expect(holidays.length <= mostHolidays, `at most ${mostHolidays} holidays`, holidays.length);
  for (const holiday of holidays) {
    expect(isDay(holiday), 'holidays such as 2026-12-25 or 12-25', holiday);
  }
  return Object.freeze({
    name,
    timeZone,
    week: Object.freeze(week.map((windows) => Object.freeze(windows))),
    holidays: Object.freeze(holidays),
  });
}

function expect(holds: boolean, expected: string, found: unknown): void {
  if (!holds) throw new Error(`expected ${expected}, found "${String(found)}"`);
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isDay(text: string): boolean {
  const whole = /^\d{2}-\d{2}$/.test(text) ? `2024-${text}` : text;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(whole)) return false;
  const date = new Date(`${whole}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(whole);
}

function daysOf(text: string): ReadonlySet<DayName> {
  const found = new Set<DayName>();
  for (const part of text
    .toUpperCase()
    .split(/[\s,]+/)
    .filter(Boolean)) {
    const [from = '', to = from, ...more] = part.split('-').map((day) => day.slice(0, 3));
    const [first, last] = [from, to].map((day) => dayNames.indexOf(day as DayName)) as [
      number,
      number,
    ];
    expect(
      first >= 0 && last >= first && more.length === 0,
      'days such as MON-FRI or MON,WED,SAT',
      text,
    );
    for (const day of dayNames.slice(first, last + 1)) found.add(day);
  }
  return found;
}

function hoursOf(text: string): readonly (readonly [number, number])[] {
  const windows = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((part): readonly [number, number] => {
      const match = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$/.exec(part);
      expect(match !== null, 'hours such as 09:00-12:00 13:00-17:00', text);
      const [h1 = 0, m1 = 0, h2 = 0, m2 = 0] = (match ?? []).slice(1).map(Number);
      return Object.freeze([h1 * 60 + m1, h2 * 60 + m2] as const);
    });
  let last = -1;
  for (const [from, to] of windows) {
    expect(from >= last && to > from && to <= 1440, 'hours in order that do not overlap', text);
    last = to;
  }
  return windows;
}
