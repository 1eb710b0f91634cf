/**
 * How far the event log can be read without gaps. Positions are drawn before their transactions
 * commit, so the newest rows may have holes that fill later. The horizon is a position up to which
 * every row is final: committed and visible, or never to come. It only grows.
 *
 * How it is found. A *mark* is a pair: the last position drawn so far, read first, and the next
 * transaction id to be given out, read second. A transaction gets its id before it draws a position
 * (the column's default sees to that), so whoever drew a position up to the mark's has an id below
 * the mark's. Once a snapshot shows that all transactions below that id have ended, the mark's
 * position is the horizon. With nothing in progress that is so at once.
 *
 * `pg_snapshot_xmax` cannot serve as the second half: it is the latest *completed* id plus one, and a
 * running transaction may lie above it. `age()` counts up to the id that is given out next.
 *
 * A snapshot also waits for transactions that never touch the log, in any database of the server: a
 * long import would hold up every reader. A mark that has waited `longWaitMs` is therefore also
 * settled by locks: who inserts into the log holds a row-exclusive lock on it from before its position
 * is drawn until after its commit is visible. When all holders seen after the mark are gone, it is
 * final. Looking at locks costs more than looking at a snapshot, so it is only done then.
 */
import type { QueryResult } from '../kernel/transaction.ts';

/** Runs one statement in a transaction of its own. */
export type RunStatement = <Row>(
  text: string,
  values?: readonly unknown[],
) => Promise<QueryResult<Row>>;

/** How far the log is final, as one node knows it. */
export interface LogHorizon {
  /** The horizon as of the last look. Every row up to here is final. */
  readonly position: bigint;
  /** True when rows beyond the horizon may exist: look again soon. */
  readonly isBehind: boolean;
  /** Since when the oldest mark waits, in milliseconds of `nowMs`; null when none does. */
  readonly waitingSinceMs: number | null;
  /** Looks anew: what was committed before the call, and overlaps with nothing, is within the horizon. */
  look(): Promise<bigint>;
}

interface Mark {
  readonly position: bigint;
  /** Transactions below this id may have drawn positions up to the mark's. */
  readonly below: bigint;
  readonly sinceMs: number;
  /** Virtual ids of those that held a lock on the log; undefined before the locks were looked at. */
  holders?: ReadonlySet<string>;
}

/** More marks would only make the horizon move in finer steps while transactions overlap for long. */
const mostMarks = 64;

const lastDrawn = `
  select case when is_called then last_value else 0 end as position from events.event_position`;

// The oldest id still running, and the next id to be given out: `age` of the first gives the distance.
const running = `
  select pg_snapshot_xmin(now_seen)::text as oldest,
         (pg_snapshot_xmin(now_seen)::text::bigint + age(pg_snapshot_xmin(now_seen)::xid))::text as next
    from pg_current_snapshot() as now_seen`;

const writers = `
  select distinct virtualtransaction as holder from pg_locks
   where locktype = 'relation' and relation = 'events.event'::regclass and granted
     and database = (select oid from pg_database where datname = current_database())
     and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

/** Makes the horizon of a node, at the beginning of the log until its first look. */
export function createLogHorizon(options: {
  readonly query: RunStatement;
  /** Milliseconds that only grow. @defaultValue performance.now */
  readonly nowMs?: () => number;
  /** After this wait the locks are asked, in milliseconds. @defaultValue 1000 */
  readonly longWaitMs?: number;
}): LogHorizon {
  const { query, nowMs = () => performance.now(), longWaitMs = 1_000 } = options;
  let position = 0n;
  let drawn = 0n;
  let marks: Mark[] = [];

  async function look(): Promise<bigint> {
    // One after the other: the position must be read before the ids and the snapshot are.
    const read = BigInt((await query<{ position: string }>(lastDrawn)).rows[0]!.position);
    const { oldest, next } = (await query<{ oldest: string; next: string }>(running)).rows[0]!;
    drawn = read;
    const newest = marks.at(-1)?.position ?? position;
    if (drawn > newest && marks.length < mostMarks) {
      marks.push({ position: drawn, below: BigInt(next), sinceMs: nowMs() });
    }
    settle((mark) => mark.below <= BigInt(oldest));
    const first = marks[0];
    if (first && nowMs() - first.sinceMs >= longWaitMs) await settleByLocks();
    return position;
  }

  /** Takes the marks that are final off the list, oldest first. */
  function settle(isFinal: (mark: Mark) => boolean): void {
    const waiting = marks.findIndex((mark) => !isFinal(mark));
    const final = waiting === -1 ? marks : marks.slice(0, waiting);
    marks = waiting === -1 ? [] : marks.slice(waiting);
    const last = final.at(-1);
    if (last && last.position > position) position = last.position;
  }

  async function settleByLocks(): Promise<void> {
    const known = marks.length;
    const { rows } = await query<{ holder: string }>(writers);
    const holders = new Set(rows.map(({ holder }) => holder));
    for (const mark of marks.slice(0, known)) mark.holders ??= holders;
    settle(({ holders: seen }) => seen?.isDisjointFrom(holders) ?? false);
  }

  return {
    get position() {
      return position;
    },
    get isBehind() {
      return drawn > position;
    },
    get waitingSinceMs() {
      return marks[0]?.sinceMs ?? null;
    },
    look,
  };
}
