/** The rows of schedules. */
import type { CycleEventDefinition } from '../model/process-model.ts';
import type { Statements } from '../store/commit-group.ts';
import { countsFromDeployment } from '../time/start-moments.ts';

/** A schedule as the database has it. */
export interface Schedule extends Omit<CycleEventDefinition, 'type'> {
  readonly process: string;
  /** Id of the start event. */
  readonly node: string;
  readonly version: number;
  /** From when its pattern counts: its deployment. */
  readonly begunAt: Date;
  /** The moment that is to be dealt with next; null when there is none any more. */
  readonly nextAt: Date | null;
  /** The last moment that was dealt with. */
  readonly lastAt: Date | null;
  readonly pausedAt: Date | null;
  readonly pausedBy: string | null;
}

interface Row {
  process: string;
  node: string;
  version: number;
  cron: string;
  time_zone: string;
  catch_up: CycleEventDefinition['catchUp'];
  most: number;
  begun_at: Date;
  next_at: Date | null;
  last_at: Date | null;
  paused_at: Date | null;
  paused_by: string | null;
}

function toSchedule(row: Row): Schedule {
  return {
    process: row.process,
    node: row.node,
    version: row.version,
    cron: row.cron,
    timeZone: row.time_zone,
    catchUp: row.catch_up,
    most: row.most,
    begunAt: row.begun_at,
    nextAt: row.next_at,
    lastAt: row.last_at,
    pausedAt: row.paused_at,
    pausedBy: row.paused_by,
  };
}

/** A schedule that the program declares. */
export type DeclaredSchedule = Omit<Schedule, 'lastAt' | 'pausedAt' | 'pausedBy'>;

/**
 * Writes what the program declares. A schedule whose pattern is as it was keeps its next moment, so that
 * what was missed while no program ran is known; one whose pattern changed begins anew, and so does with
 * another version one that counts from the deployment. Schedules that a
 * process no longer has are removed. Rows of a newer version are left alone.
 */
export async function deploySchedules(
  db: Statements,
  processes: ReadonlyMap<string, number>,
  declared: readonly DeclaredSchedule[],
): Promise<void> {
  for (const declaredOne of declared) {
    const { process, node, version, cron, timeZone, catchUp, most, begunAt, nextAt } = declaredOne;
    const goesOn = countsFromDeployment(cron)
      ? '(s.cron, s.version) = (excluded.cron, excluded.version)'
      : '(s.cron, s.time_zone) = (excluded.cron, excluded.time_zone)';
    await db.query(
      `insert into engine.schedule as s
         (process, node, version, cron, time_zone, catch_up, most, begun_at, next_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (process, node) do update
         set version = excluded.version, cron = excluded.cron, time_zone = excluded.time_zone,
             catch_up = excluded.catch_up, most = excluded.most,
             begun_at = case when ${goesOn} then s.begun_at else excluded.begun_at end,
             next_at = case when ${goesOn} then s.next_at else excluded.next_at end
       where s.version <= excluded.version`,
      [process, node, version, cron, timeZone, catchUp, most, begunAt, nextAt],
    );
  }
  await db.query(
    `delete from engine.schedule s
      using unnest($1::text[], $2::integer[]) as p (process, version)
      where s.process = p.process and s.version <= p.version
        and not (s.process || ' ' || s.node) = any($3::text[])`,
    [
      [...processes.keys()],
      [...processes.values()],
      declared.map(({ process, node }) => `${process} ${node}`),
    ],
  );
}

/** The next schedule of these processes whose moment has come, locked; null when there is none. */
export async function lockDue(
  tx: Statements,
  processes: readonly string[],
  now: Date,
): Promise<Schedule | null> {
  const { rows } = await tx.query<Row>(
    `select * from engine.schedule
      where paused_at is null and next_at <= $2 and process = any($1::text[])
      order by next_at limit 1 for update skip locked`,
    [processes, now],
  );
  return rows[0] ? toSchedule(rows[0]) : null;
}

/** Notes that everything up to a moment was dealt with. */
export async function moveOn(
  tx: Statements,
  { process, node }: Pick<Schedule, 'process' | 'node'>,
  { lastAt, nextAt }: { readonly lastAt: Date | null; readonly nextAt: Date | null },
): Promise<void> {
  await tx.query(
    `update engine.schedule set next_at = $4, last_at = coalesce($3, last_at)
      where process = $1 and node = $2`,
    [process, node, lastAt, nextAt],
  );
}

/** When the next moment of any of these processes comes; null when none does. */
export async function nextMoment(
  db: Statements,
  processes: readonly string[],
): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `select min(next_at) as at from engine.schedule
      where paused_at is null and process = any($1::text[])`,
    [processes],
  );
  return rows[0]?.at ?? null;
}

/** One schedule, locked for a change; null when there is none. */
export async function lockSchedule(
  tx: Statements,
  process: string,
  node: string,
): Promise<Schedule | null> {
  const { rows } = await tx.query<Row>(
    'select * from engine.schedule where process = $1 and node = $2 for update',
    [process, node],
  );
  return rows[0] ? toSchedule(rows[0]) : null;
}

/** Schedules behind the one named, in the order of process and start event. */
export async function listSchedules(
  tx: Statements,
  page: { readonly after: readonly [process: string, node: string] | null; readonly limit: number },
): Promise<readonly Schedule[]> {
  const [process = null, node = null] = page.after ?? [];
  const { rows } = await tx.query<Row>(
    `select * from engine.schedule
      where $1::text is null or (process, node) > ($1, $2)
      order by process, node limit $3`,
    [process, node, page.limit],
  );
  return rows.map(toSchedule);
}

/** Pauses a schedule, or lets it go on from a moment. */
export async function setPaused(
  tx: Statements,
  { process, node }: Pick<Schedule, 'process' | 'node'>,
  paused: { readonly at: Date; readonly by: string } | null,
  nextAt: Date | null,
): Promise<void> {
  await tx.query(
    `update engine.schedule set paused_at = $3, paused_by = $4, next_at = $5
      where process = $1 and node = $2`,
    [process, node, paused?.at ?? null, paused?.by ?? null, nextAt],
  );
}

/** How many schedules there are, up to a cap. */
export async function countSchedules(tx: Statements, cap: number): Promise<number> {
  const { rows } = await tx.query<{ n: number }>(
    'select count(*)::int as n from (select 1 from engine.schedule limit $1) as c',
    [cap],
  );
  return rows[0]?.n ?? 0;
}
