/**
 * How the command line shows things to people: tables that line up, moments in the reader's own time,
 * and ids in full, since they are there to be copied. Text from outside cannot steer the terminal.
 */
import { isCurrency, parseMoney, toDecimal } from '../kernel/money.ts';

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string | number | null | undefined;
  /** @defaultValue left */
  readonly align?: 'left' | 'right';
}

/** Rows under their titles; columns are as wide as their widest cell. Empty without rows. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => columns.map(({ value }) => printable(value(row) ?? '-')));
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => width(line[at] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, at) => {
          const padding = ' '.repeat((widths[at] ?? 0) - width(cell));
          return columns[at]?.align === 'right' ? padding + cell : cell + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Lines of `name   value`, with the values under each other; absent values are left out. */
export function facts(entries: readonly (readonly [string, string | null | undefined])[]): string {
  const shown = entries.filter(([, value]) => value !== null && value !== undefined);
  const widest = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(widest)}  ${printable(value!)}`).join('\n');
}

function width(text: string): number {
  return [...text].length;
}

/** Without control characters: names and reasons are written by customers. */
export function printable(text: string | number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return String(text).replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}

/** `2026-03-01 14:05:09` in the reader's time zone; a dash for none. */
export function moment(iso: string | null): string {
  if (iso === null) return '-';
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** `2026-03-01` in the reader's time zone. */
export function dayOf(iso: string): string {
  return moment(iso).slice(0, 10);
}

/** `14:05:09.123` in the reader's time zone. */
export function timeOfDay(iso: string): string {
  const milliseconds = String(new Date(iso).getMilliseconds()).padStart(3, '0');
  return `${moment(iso).slice(11)}.${milliseconds}`;
}

/** `50000.00 USD`: the digits that the currency has, as the API gave them. */
export function amount(value: number, currency: string): string {
  const exact = isCurrency(currency) ? parseMoney(value, currency) : null;
  return `${exact ? toDecimal(exact) : value} ${currency}`;
}

interface Listed<Row> {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
  readonly count: { readonly value: number; readonly capped: boolean };
}

/** A page of a list: its table, how many there are, and how to see the next ones. */
export function pageText<Row>(
  { items, nextCursor, count }: Listed<Row>,
  [one, many]: readonly [one: string, many: string],
  columns: readonly Column<Row>[],
): string {
  const all = `${count.value}${count.capped ? ' or more' : ''}`;
  const shown = nextCursor === null ? all : `${items.length} of ${all}`;
  const next = nextCursor === null ? '' : `; next ones: --cursor ${nextCursor}`;
  const footer = `${shown} ${count.value === 1 ? one : many}${next}`;
  return items.length === 0 ? `no ${many}` : `${table(items, columns)}\n\n${footer}`;
}
