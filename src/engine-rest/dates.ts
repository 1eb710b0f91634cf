/** Dates of this dialect: `2026-11-21T14:30:00.000+0000`. */
import { invalid } from './rest-error.ts';

/** A date in UTC; null stays null. */
export function dateText(date: Date | string | null): string | null {
  if (date === null) return null;
  return new Date(date).toISOString().replace('Z', '+0000');
}

/** A date of a request as ISO 8601 has it; undefined stays so. */
export function dateOf(name: string, text: unknown): string | undefined {
  if (text === undefined || text === null || text === '') return undefined;
  const iso = String(text)
    .replace(' ', '+')
    .replace(/([+-]\d{2})(\d{2})$/, '$1:$2');
  const date = new Date(iso);
  if (!Number.isNaN(date.getTime())) return date.toISOString();
  throw invalid(
    `expected "${name}" to be a date such as 2026-11-21T14:30:00.000+0000, found "${String(text)}"`,
  );
}
