/**
 * The business calendars of the program, from the file that `BUSINESS_CALENDARS` names. A calendar that
 * cannot be used stops the program at its start: dates of tasks would be wrong in silence.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type BusinessCalendar, businessCalendar } from '../engine/index.ts';
import { ConfigError } from './config-error.ts';

const hours = z.string();
const file = z.array(
  z.strictObject({
    name: z.string(),
    timeZone: z.string().optional(),
    days: z.string().optional(),
    hours: hours.optional(),
    otherHours: z.record(z.string(), hours).optional(),
    holidays: z.array(z.string()).optional(),
  }),
);

/** Reads them; throws `ConfigError` with what is wrong. None without a file. */
export async function readBusinessCalendars(
  path: string | undefined,
): Promise<readonly BusinessCalendar[]> {
  if (path === undefined) return [];
  try {
    const calendars = file
      .parse(JSON.parse(await readFile(path, 'utf8')))
      .map((given) =>
        businessCalendar(
          Object.fromEntries(
            Object.entries(given).filter(([, value]) => value !== undefined),
          ) as unknown as Parameters<typeof businessCalendar>[0],
        ),
      );
    const again = calendars.find(
      ({ name }, at) => calendars.findIndex((one) => one.name === name) < at,
    );
    if (again) throw new Error(`expected calendars of different names, found ${again.name} again`);
    return calendars;
  } catch (error) {
    const message =
      error instanceof z.ZodError
        ? error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
        : error instanceof Error
          ? error.message
          : String(error);
    throw new ConfigError([{ variable: 'BUSINESS_CALENDARS', message: `${path}: ${message}` }]);
  }
}
