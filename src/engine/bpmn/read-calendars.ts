/** The business calendars that a process declares. */
import type { ModdleElement } from 'bpmn-moddle';
import type { BusinessCalendar } from '../model/human-work.ts';
import { businessCalendar } from '../people/business-calendar.ts';
import { textOf } from './moddle-values.ts';
import type { CalendarsByName } from './process-context.ts';
import type { ElementExtension } from './read-extension.ts';
import type { Report } from './report.ts';

/** The calendars that tasks of a process may name: its own first, then the program's. */
export function readCalendars(
  process: ModdleElement,
  extension: ElementExtension,
  report: Report,
  program: CalendarsByName['program'],
): CalendarsByName {
  const own = new Map<string, BusinessCalendar>();
  for (const given of extension.all('calendar')) {
    const calendar = readCalendar(process, given, report);
    if (!calendar) continue;
    if (own.has(calendar.name)) {
      report.add(
        'calendar-invalid',
        process,
        `expected calendars of different names, found "${calendar.name}" again`,
        'give one of them another name',
      );
    }
    own.set(calendar.name, calendar);
  }
  return { own, program };
}

function readCalendar(
  process: ModdleElement,
  given: ModdleElement,
  report: Report,
): BusinessCalendar | null {
  const text = (name: string) => textOf(given, name);
  const [timeZone, days, hours] = [text('timeZone'), text('days'), text('hours')];
  const holidays = text('holidays')
    ?.split(/[\s,]+/)
    .filter(Boolean);
  try {
    return businessCalendar({
      name: text('name') ?? '',
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(days === undefined ? {} : { days }),
      ...(hours === undefined ? {} : { hours }),
      ...(holidays === undefined ? {} : { holidays }),
    });
  } catch (error) {
    report.add(
      'calendar-invalid',
      process,
      error instanceof Error ? error.message : String(error),
      'write it such as <orderloom:calendar name="office" timeZone="Europe/Berlin" days="MON-FRI" hours="09:00-17:00" holidays="12-25 2026-04-03"/>',
    );
    return null;
  }
}
