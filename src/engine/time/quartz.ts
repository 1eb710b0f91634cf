/**
 * Patterns as Quartz writes them, which Camunda and Flowable use: `0 0/5 * * * ?`, with seconds in front and
 * a `?` where the day is said elsewhere. Their weekdays begin with Sunday as 1.
 */

/** The last value of each field: seconds, minutes, hours, days, months, weekdays, years. */
const last = [59, 59, 23, 31, 12, 6, 2099] as const;
const weekdayField = 5;

/** The same pattern in the words of cron. One that has no `?` is given back as it is. */
export function fromQuartz(pattern: string): string {
  const fields = pattern.trim().split(/\s+/);
  if (!fields.includes('?') || fields.length < 6 || fields.length > 7) return pattern;
  return fields.map((field, index) => fieldFromQuartz(field, index)).join(' ');
}

function fieldFromQuartz(field: string, index: number): string {
  if (field === '?') return '*';
  return field
    .split(',')
    .map((part) => (index === weekdayField ? withCronWeekdays(part) : part))
    .map((part) => part.replace(/^(\w+)\/(\d+)$/, `$1-${last[index]}/$2`))
    .join(',');
}

/** 1 to 7 as 0 to 6; the number behind `#` or `/` is none of a day. */
function withCronWeekdays(part: string): string {
  const days = /^[^#/]*/.exec(part)?.[0] ?? '';
  const moved = days.replace(/[1-7]/g, (day) => String(Number(day) - 1));
  return moved + part.slice(days.length);
}
