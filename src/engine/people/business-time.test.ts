/** Counting working time: what holds for every calendar and moment, and the days on which clocks change. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { businessCalendar } from './business-calendar.ts';
import {
  addWorkingTime,
  endOfDay,
  isWorkingTime,
  localMoment,
  workingTimeBetween,
} from './business-time.ts';

const hour = 3_600_000;
const minute = 60_000;
const office = businessCalendar({
  name: 'office',
  timeZone: 'Europe/Berlin',
  hours: '09:00-12:00 13:00-17:00',
  otherHours: { FRI: '09:00-14:00' },
  holidays: ['12-25', '2026-04-03', '2026-04-06'],
});
const at = (text: string) => localMoment(office, text);
const told = (moment: number) =>
  Temporal.Instant.fromEpochMilliseconds(moment)
    .toZonedDateTimeISO(office.timeZone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' });
const later = (from: string, parts: { weeks?: number; days?: number; ms?: number }) =>
  told(addWorkingTime(office, at(from), { weeks: 0, days: 0, ms: 0, ...parts }));

describe('working time', () => {
  it.each([
    ['within a day', '2026-01-05T09:00', { ms: 2 * hour }, '2026-01-05T11:00'],
    ['over lunch', '2026-01-05T11:00', { ms: 2 * hour }, '2026-01-05T14:00'],
    ['to the end of a day', '2026-01-05T09:00', { ms: 7 * hour }, '2026-01-05T17:00'],
    ['over a weekend', '2026-01-09T13:00', { ms: 2 * hour }, '2026-01-12T10:00'],
    ['from a night', '2026-01-05T03:00', { ms: hour }, '2026-01-05T10:00'],
    ['nothing, from a weekend', '2026-01-10T12:00', {}, '2026-01-12T09:00'],
    ['a working day', '2026-01-05T10:30', { days: 1 }, '2026-01-06T10:30'],
    ['to a shorter day', '2026-01-08T16:00', { days: 1 }, '2026-01-09T14:00'],
    ['over Easter', '2026-04-02T10:00', { days: 1 }, '2026-04-07T10:00'],
    ['over Christmas of any year', '2031-12-24T15:00', { ms: 3 * hour }, '2031-12-26T10:00'],
    ['a week', '2026-03-27T10:00', { weeks: 1 }, '2026-04-07T09:00'],
    ['days and hours', '2026-01-05T10:00', { days: 2, ms: 3 * hour }, '2026-01-07T14:00'],
  ])('%s', (_, from, parts, expected) => {
    expect(later(from, parts)).toBe(expected);
  });

  it('keeps local hours when clocks change', () => {
    expect(later('2026-03-27T10:00', { days: 1 })).toBe('2026-03-30T10:00');
    expect(later('2026-10-23T10:00', { days: 1 })).toBe('2026-10-26T10:00');
    const nightly = businessCalendar({
      name: 'night',
      timeZone: 'Europe/Berlin',
      days: 'MON-SUN',
      hours: '00:00-06:00',
    });
    const [spring, autumn] = ['2026-03-29T00:00', '2026-10-25T00:00'].map((text) => at(text));
    expect(workingTimeBetween(nightly, spring!, spring! + 12 * hour)).toBe(5 * hour);
    expect(workingTimeBetween(nightly, autumn!, autumn! + 12 * hour)).toBe(7 * hour);
  });

  it('ends a day with its hours, and a free day with itself', () => {
    expect(told(endOfDay(office, '2026-01-09'))).toBe('2026-01-09T14:00');
    expect(told(endOfDay(office, '2026-01-10'))).toBe('2026-01-11T00:00');
  });

  it('says so when nothing comes within ten years', () => {
    const closed = businessCalendar({ name: 'rare', days: 'MON', hours: '09:00-09:01' });
    expect(() => addWorkingTime(closed, 0, { weeks: 0, days: 0, ms: 1_000 * hour })).toThrow(
      /within 3660 days by the calendar "rare"/,
    );
  });
});

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'];
const hourText = (from: number, to: number) =>
  `${String(from).padStart(2, '0')}:00-${String(to).padStart(2, '0')}:00`;
const calendars = fc
  .record({
    timeZone: fc.constantFrom(...zones),
    days: fc.uniqueArray(fc.constantFrom('MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'), {
      minLength: 1,
    }),
    edges: fc.uniqueArray(fc.integer({ min: 0, max: 24 }), { minLength: 4, maxLength: 4 }),
    holidays: fc.array(fc.constantFrom('2026-03-30', '05-01', '2026-07-14', '12-26')),
  })
  .map(({ timeZone, days, edges, holidays }) => {
    const [a = 0, b = 0, c = 0, d = 0] = edges.sort((x, y) => x - y);
    const hours = `${hourText(a, b)} ${hourText(c, d)}`;
    return businessCalendar({ name: 'any', timeZone, days: days.join(','), hours, holidays });
  });
const moments = fc
  .integer({ min: 0, max: 500 * 24 * 60 })
  .map((minutes) => Date.UTC(2026, 0, 1) + minutes * minute);
const spans = fc.integer({ min: 1, max: 60 * 60 }).map((minutes) => minutes * minute);
const runs = { numRuns: 150 };

describe('for every calendar and moment', () => {
  it('what is added is what lies between', () => {
    fc.assert(
      fc.property(calendars, moments, spans, (calendar, from, ms) => {
        const to = addWorkingTime(calendar, from, { weeks: 0, days: 0, ms });
        expect(workingTimeBetween(calendar, from, to)).toBe(ms);
        expect(isWorkingTime(calendar, to - 1)).toBe(true);
      }),
      runs,
    );
  });

  it('twice a part is the whole, and later begins end later', () => {
    fc.assert(
      fc.property(calendars, moments, spans, spans, (calendar, from, first, second) => {
        const add = (start: number, ms: number) =>
          addWorkingTime(calendar, start, { weeks: 0, days: 0, ms });
        expect(add(add(from, first), second)).toBe(add(from, first + second));
        expect(add(from + second, first)).toBeGreaterThanOrEqual(add(from, first));
      }),
      runs,
    );
  });

  it('a working day leads to working time of a later working day', () => {
    fc.assert(
      fc.property(calendars, moments, fc.integer({ min: 1, max: 8 }), (calendar, from, days) => {
        const to = addWorkingTime(calendar, from, { weeks: 0, days, ms: 0 });
        expect(to).toBeGreaterThan(from);
        const isEnd = isWorkingTime(calendar, to - 1);
        expect(isEnd || isWorkingTime(calendar, to)).toBe(true);
        const one = addWorkingTime(calendar, from, { weeks: 0, days: days - 1 || 0, ms: 0 });
        expect(to).toBeGreaterThanOrEqual(one);
      }),
      runs,
    );
  });
});

describe('a calendar', () => {
  it.each([
    ['a time zone such as Europe/Berlin', { timeZone: 'Mars/Base' }],
    ['days such as MON-FRI or MON,WED,SAT', { days: 'FRI-MON' }],
    ['hours such as 09:00-12:00 13:00-17:00', { hours: '9-17' }],
    ['hours in order that do not overlap', { hours: '09:00-12:00 11:00-13:00' }],
    ['a day with working hours', { hours: '' }],
    ['holidays such as 2026-12-25 or 12-25', { holidays: ['2026-02-30'] }],
    ['days among MON', { otherHours: { FUN: '09:00-10:00' } as never }],
  ])('expects %s', (expected, wrong) => {
    expect(() => businessCalendar({ name: 'x', ...wrong })).toThrow(`expected ${expected}`);
  });
});
