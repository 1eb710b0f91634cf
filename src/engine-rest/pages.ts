/**
 * Lists of this dialect begin at an offset; those of procedures go on from a cursor. Pages are walked up
 * to the offset, which is bounded: whoever needs more uses `/api/v1`.
 */
import type { RestRequest } from './operation.ts';
import { optionalNumber } from './operation.ts';
import { invalid } from './rest-error.ts';

/** Rows of one page of a procedure. */
const rowsPerPage = 200;
/** Rows that one answer has when nobody says how many. */
const usualRows = 1_000;
/** Rows that are walked for one answer. */
const mostRows = 10_000;

interface Page<Row> {
  readonly items: readonly Row[];
  readonly nextCursor: string | null;
  readonly count: { readonly value: number; readonly capped: boolean };
}

/** The names of the parameters that say which rows are wanted. */
export const pageParameters = ['firstResult', 'maxResults', 'sortBy', 'sortOrder'];

/** What a list can be sorted by: the value of a row, by the name of `sortBy`. */
export type SortKeys<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

/** How the rows of a procedure become those of a list. */
export interface RowOptions<Row> {
  /** Leaves rows out for which the procedure has no filter. */
  readonly keep?: (row: Row) => boolean;
  /** @defaultValue the procedure's own order, and no other */
  readonly sort?: SortKeys<Row>;
}

/** The rows that the query asks for. */
export async function readRows<Row>(
  request: RestRequest,
  procedure: string,
  input: object,
  { keep = () => true, sort = {} }: RowOptions<Row> = {},
): Promise<Row[]> {
  const { first, most } = wantedRows(request.query);
  if (request.query.sortBy === undefined) {
    return (await walk(request, procedure, input, keep, first + most)).slice(first);
  }
  const sorted = inOrder(request.query, sort);
  return sorted(await walk(request, procedure, input, keep, mostRows)).slice(first, first + most);
}

/** Those of all rows that the query asks for, in its order. */
export function pickRows<Row>(
  query: RestRequest['query'],
  rows: readonly Row[],
  sort: SortKeys<Row>,
): readonly Row[] {
  const { first, most } = wantedRows(query);
  return inOrder(query, sort)(rows).slice(first, first + most);
}

function wantedRows(query: RestRequest['query']): { first: number; most: number } {
  const first = optionalNumber(query, 'firstResult') ?? 0;
  const most = optionalNumber(query, 'maxResults') ?? usualRows;
  if (first >= 0 && most >= 0 && first + most <= mostRows) return { first, most };
  throw invalid(
    `expected firstResult and maxResults to be at most ${mostRows} together; use /api/v1 for longer lists`,
  );
}

function inOrder<Row>(
  { sortBy, sortOrder = 'asc' }: RestRequest['query'],
  sort: SortKeys<Row>,
): (rows: readonly Row[]) => readonly Row[] {
  if (sortBy === undefined) return (rows) => rows;
  const key = Object.hasOwn(sort, sortBy) ? sort[sortBy] : undefined;
  if (!key) {
    const known = Object.keys(sort).join(', ') || 'nothing';
    throw invalid(`expected sortBy to be one of ${known}, found "${sortBy}"`);
  }
  const direction = sortOrder === 'desc' ? -1 : 1;
  return (rows) => rows.toSorted((a, b) => direction * compared(key(a), key(b)));
}

function compared(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return a < b ? -1 : 1;
}

async function walk<Row>(
  request: RestRequest,
  procedure: string,
  input: object,
  keep: (row: Row) => boolean,
  most: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  let looked = 0;
  while (rows.length < most && looked < mostRows) {
    const more: object = cursor === null ? {} : { cursor };
    const page: Page<Row> = await request.run(procedure, { ...input, ...more, limit: rowsPerPage });
    looked += page.items.length;
    rows.push(...page.items.filter(keep));
    cursor = page.nextCursor;
    if (cursor === null) break;
  }
  return rows.slice(0, most);
}

/** How many rows there are; counting stops at a thousand. */
export async function countRows(
  request: RestRequest,
  procedure: string,
  input: object,
): Promise<{ count: number }> {
  const page = await request.run<Page<unknown>>(procedure, { ...input, limit: 1 });
  return { count: page.count.value };
}

/** How many of the rows are kept; for filters that the procedure does not have. */
export async function countKept<Row>(
  request: RestRequest,
  procedure: string,
  input: object,
  keep: (row: Row) => boolean,
): Promise<{ count: number }> {
  return { count: (await walk(request, procedure, input, keep, mostRows)).length };
}
