/**
 * The projection of counts: how many instances, tokens, incidents and retrying steps there are, by
 * version and element. Exact at every moment, also after a crash: what changes a count commits with the
 * transition, and readers add what is not folded yet.
 */
import type { Statements } from './commit-group.ts';

/** Changes that one statement folds. */
const changesPerFold = 5_000;

/** Folds what has gathered. Returns at once when another node is at it. */
export async function foldCounts(db: Statements): Promise<void> {
  for (;;) {
    const { rows } = await db.query<{ folded: number | null }>(
      'select engine.fold_counts($1) as folded',
      [changesPerFold],
    );
    if ((rows[0]?.folded ?? 0) < changesPerFold) return;
  }
}

/** One count of this moment. */
export interface CountRow {
  readonly process: string;
  readonly version: number;
  /** A status of instances, or `tokens`, `incidents`, `retrying`, `done` at a node. */
  readonly kind: string;
  readonly node: string;
  readonly n: number;
}

/**
 * The counts of one version, one process, or all; those of causes are read by `readIncidentGroups`. `withDone`:
 * also how many runs of each element have completed, those of instances that were removed included.
 */
export async function readCounts(
  db: Statements,
  {
    process,
    version,
    withDone = false,
  }: { readonly process?: string; readonly version?: number; readonly withDone?: boolean },
): Promise<readonly CountRow[]> {
  const { rows } = await db.query<CountRow>(
    `select process, version, kind, node, n::float8 as n from engine.count_now
      where kind <> 'cause' and (kind <> 'done' or $3) and n <> 0 and ($1::text is null or process = $1)
        and ($2::integer is null or version = $2)
      order by process, version, node, kind`,
    [process ?? null, version ?? null, withDone],
  );
  return rows;
}

/** How many tokens stand at a node, over all versions of a process. */
export async function tokensAt(db: Statements, process: string, node: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select coalesce(sum(n), 0)::float8 as n from engine.count_now
      where process = $1 and kind = 'tokens' and node = $2`,
    [process, node],
  );
  return rows[0]?.n ?? 0;
}

/** A count that is not what counting anew gives. */
export interface CountDifference {
  readonly process: string;
  readonly version: number;
  readonly kind: string;
  readonly node: string;
  /** What counting anew gave. */
  readonly counted: number;
  /** What the projection says. */
  readonly known: number;
}

/** Counts anew and compares, in one snapshot. Reads every instance. */
export async function readCountDifferences(
  db: Statements,
  limit: number,
): Promise<readonly CountDifference[]> {
  const { rows } = await db.query<CountDifference>(
    `select process, version, kind, node, counted::float8 as counted, known::float8 as known
       from engine.count_difference order by process, version, kind, node limit $1`,
    [limit],
  );
  return rows;
}

/**
 * Adds what is missing, so that the projection is what counting anew gives. Commits beside it are not
 * lost: their changes are added, too. Gives how many counts were mended.
 */
export async function mendCounts(db: Statements, at: Date): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `with differences as materialized (select * from engine.count_difference),
          mended as (
            insert into engine.count_change (at, changes)
            select $1, json_agg(json_build_array(process, version, kind, node, counted - known))::text
              from differences having count(*) > 0)
     select count(*)::int as n from differences`,
    [at],
  );
  return rows[0]?.n ?? 0;
}
