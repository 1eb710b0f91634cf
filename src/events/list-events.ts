/**
 * Pages of the log for people and programs that look at it. A filter has no index of its own, which
 * every event would pay for; it looks at a bounded range of positions for each page instead.
 */
import { countCap } from '../kernel/page.ts';
import type { Transaction } from '../kernel/transaction.ts';
import type { EventLog } from './event-log.ts';
import {
  type LoggedEvent,
  type LoggedEventRow,
  loggedEventColumns,
  toLoggedEvent,
} from './logged-event.ts';

/** Which page. */
export interface EventListQuery {
  readonly names: readonly string[] | undefined;
  readonly keys: readonly string[] | undefined;
  readonly limit: number;
  /** Only positions above. */
  readonly floor: bigint;
  /** Position of the last row of the page before. */
  readonly cursor: string | undefined;
}

/** A page. */
export interface EventListPage {
  readonly events: readonly LoggedEvent[];
  /** Where the next page begins; null when there is none. */
  readonly next: string | null;
  readonly count: { readonly value: number; readonly capped: boolean };
}

/** Positions that one page with a filter looks at. */
const filterWindow = 100_000n;

const matches = `($1::text[] is null or name = any($1)) and ($2::text[] is null or key = any($2))`;

/** Reads a page. In the order of the log it goes up to the horizon, so that it has no gaps. */
export async function listEvents(
  tx: Transaction,
  log: EventLog,
  order: 'newest' | 'oldest',
  query: EventListQuery,
): Promise<EventListPage> {
  const page = order === 'oldest' ? await oldestFirst(log, query) : await newestFirst(tx, query);
  return { ...page, count: await count(tx, query) };
}

async function oldestFirst(log: EventLog, { names, keys, limit, floor, cursor }: EventListQuery) {
  const after = cursor !== undefined && BigInt(cursor) > floor ? cursor : floor;
  const { events, next } = await log.read({ after, limit, names, keys });
  const more = (await log.read({ after: next, limit: 1, names, keys })).next !== next;
  return { events, next: more ? next : null };
}

async function newestFirst(tx: Transaction, query: EventListQuery) {
  const { names, keys, limit, floor, cursor } = query;
  const top = cursor === undefined ? (await highest(tx)) + 1n : BigInt(cursor);
  const filtered = names !== undefined || keys !== undefined;
  const low = filtered && top - filterWindow > floor ? top - filterWindow : floor;
  const { rows } = await tx.query<LoggedEventRow>(
    `select ${loggedEventColumns} from events.event e
      where ${matches} and position < $3 and position > $4 order by position desc limit $5`,
    [names ?? null, keys ?? null, top.toString(), low.toString(), limit + 1],
  );
  const events = rows.slice(0, limit).map(toLoggedEvent);
  if (rows.length > limit) return { events, next: events.at(-1)!.position };
  return { events, next: low > floor && (await anyBetween(tx, floor, low)) ? `${low + 1n}` : null };
}

async function highest(tx: Transaction): Promise<bigint> {
  const { rows } = await tx.query<{ position: string | null }>(
    'select max(position) as position from events.event',
  );
  return BigInt(rows[0]?.position ?? 0);
}

async function anyBetween(tx: Transaction, floor: bigint, low: bigint): Promise<boolean> {
  const { rowCount } = await tx.query(
    'select 1 from events.event where position > $1 and position <= $2 limit 1',
    [floor.toString(), low.toString()],
  );
  return rowCount > 0;
}

/** Counts among the newest positions that a page looks at; `capped` when there may be more. */
async function count(tx: Transaction, { names, keys, floor }: EventListQuery) {
  const filtered = names !== undefined || keys !== undefined;
  const top = await highest(tx);
  const low = filtered && top - filterWindow > floor ? top - filterWindow : floor;
  const { rows } = await tx.query<{ n: number }>(
    `select count(*)::int as n from (
       select 1 from events.event where ${matches} and position > $3
        order by position desc limit ${countCap + 1}) as c`,
    [names ?? null, keys ?? null, low.toString()],
  );
  const found = rows[0]!.n;
  return { value: Math.min(found, countCap), capped: found > countCap || low > floor };
}
