/**
 * Counts working time. Pure: a calendar and a moment always give the same moment. Local days and hours
 * are those of the calendar's time zone, so that a working day keeps its hours when clocks change.
 */
import type { BusinessCalendar } from '../model/human-work.ts';

/** Nothing is counted further than this. */
const farthestDays = 3_660;

/** Working hours of one local day as moments, in order. */
type Window = readonly [from: number, to: number];

/** A duration by its units, which mean different things in working time. */
export interface WorkingDuration {
  /** Same day of a later week. */
  readonly weeks: number;
  /** Working days. */
  readonly days: number;
  /** Milliseconds of working time. */
  readonly ms: number;
}

/**
 * The moment that lies a duration later: weeks first, then as many working days at the same time of the
 * day, then working time. The result lies in working time, or at its end. Throws when that would be more
 * than ten years away.
 */
export function addWorkingTime(
  calendar: BusinessCalendar,
  from: number,
  { weeks, days, ms }: WorkingDuration,
): number {
  let moment = from;
  if (weeks > 0) moment = localDays(calendar, moment, weeks * 7);
  if (days > 0) moment = addDays(calendar, moment, days);
  // The end of a day's hours is in time for what is due on that day.
  return days > 0 && ms === 0 ? moment : addMs(calendar, moment, ms);
}

/** Milliseconds of working time between two moments; 0 when the second is not later. */
export function workingTimeBetween(calendar: BusinessCalendar, from: number, to: number): number {
  let sum = 0;
  for (const [start, end] of windowsFrom(calendar, from)) {
    if (start >= to) break;
    sum += Math.min(end, to) - Math.max(start, from);
  }
  return sum;
}

/** True when people work at a moment. */
export function isWorkingTime(calendar: BusinessCalendar, moment: number): boolean {
  return windowsOf(calendar, dateOf(calendar, moment)).some(
    ([from, to]) => from <= moment && moment < to,
  );
}

/** The end of the working hours of a local day, or of the day when nobody works on it. */
export function endOfDay(calendar: BusinessCalendar, date: string): number {
  const day = Temporal.PlainDate.from(date);
  return windowsOf(calendar, day).at(-1)?.[1] ?? momentOf(calendar, day, 1440);
}

/** The moment of a local date and time. */
export function localMoment(calendar: BusinessCalendar, text: string): number {
  return Temporal.PlainDateTime.from(text).toZonedDateTime(calendar.timeZone).epochMilliseconds;
}

function addMs(calendar: BusinessCalendar, from: number, ms: number): number {
  let left = ms;
  for (const [start, end] of windowsFrom(calendar, from)) {
    const begin = Math.max(start, from);
    if (left <= end - begin) return begin + left;
    left -= end - begin;
  }
  throw tooFar(calendar);
}

/** The same time of the day on the n-th working day after; a moment outside of work counts as the next one in it. */
function addDays(calendar: BusinessCalendar, from: number, days: number): number {
  const begin = addMs(calendar, from, 0);
  const zoned = Temporal.Instant.fromEpochMilliseconds(begin).toZonedDateTimeISO(calendar.timeZone);
  let date = zoned.toPlainDate();
  let left = Math.ceil(days);
  for (let count = 0; left > 0; count += 1) {
    if (count > farthestDays) throw tooFar(calendar);
    date = date.add({ days: 1 });
    if (windowsOf(calendar, date).length > 0) left -= 1;
  }
  const wanted = date.toZonedDateTime({
    timeZone: calendar.timeZone,
    plainTime: zoned.toPlainTime(),
  }).epochMilliseconds;
  return nearestWithin(windowsOf(calendar, date), wanted);
}

/** The moment itself in working hours, else the end of those before it, or the begin of the first. */
function nearestWithin(windows: readonly Window[], moment: number): number {
  const before = windows.filter(([from]) => from <= moment).at(-1);
  if (before) return Math.min(moment, before[1]);
  return windows[0]?.[0] ?? moment;
}

function localDays({ timeZone }: BusinessCalendar, moment: number, days: number): number {
  return Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(timeZone).add({ days })
    .epochMilliseconds;
}

/** Working hours from a moment on that do not lie before it. */
function* windowsFrom(calendar: BusinessCalendar, from: number): Generator<Window> {
  let date = dateOf(calendar, from);
  for (let count = 0; count <= farthestDays; count += 1) {
    for (const window of windowsOf(calendar, date)) if (window[1] > from) yield window;
    date = date.add({ days: 1 });
  }
}

function dateOf({ timeZone }: BusinessCalendar, moment: number): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(timeZone).toPlainDate();
}

function windowsOf(calendar: BusinessCalendar, date: Temporal.PlainDate): readonly Window[] {
  const day = date.toString();
  const { holidays, week } = calendar;
  if (holidays.includes(day) || holidays.includes(day.slice(-5))) return [];
  // Hours that a change of the clocks leaves out are none.
  return (week[date.dayOfWeek - 1] ?? [])
    .map(([from, to]): Window => [momentOf(calendar, date, from), momentOf(calendar, date, to)])
    .filter(([from, to]) => to > from);
}

function momentOf(
  { timeZone }: BusinessCalendar,
  date: Temporal.PlainDate,
  minutes: number,
): number {
  const day = minutes === 1440 ? date.add({ days: 1 }) : date;
  const plainTime = Temporal.PlainTime.from({
    hour: Math.floor((minutes % 1440) / 60),
    minute: minutes % 60,
  });
  return day.toZonedDateTime({ timeZone, plainTime }).epochMilliseconds;
}

function tooFar({ name }: BusinessCalendar): Error {
  return new Error(
    `expected a moment within ${farthestDays} days by the calendar "${name}", found one beyond; give a shorter duration`,
  );
}
