/** Reads of the engine's tables that its own work needs; lists for people are in `procedures/`. */
import type { InstanceState } from '../model/state.ts';
import { uuidArray } from './binary-array.ts';
import type { Statements } from './commit-group.ts';
import type { InstanceIdentity } from './commit-record.ts';
import { type UnpackedState, unpackStates } from './large-value-store.ts';

/** An instance as it was last committed. */
export interface StoredInstance {
  readonly identity: InstanceIdentity;
  readonly revision: number;
  readonly state: InstanceState;
  /** Characters of its state as JSON, without its large values. */
  readonly characters: number;
  /** Characters of its large values. */
  readonly largeCharacters: number;
}

interface InstanceRow {
  id: string;
  process: string;
  version: number;
  business_key: string | null;
  trace_id: string;
  start_key: string | null;
  parent_id: string | null;
  parent_n: number | null;
  revision: string | number | bigint;
  state: string;
}

const columns =
  'id, process, version, business_key, trace_id, start_key, parent_id, parent_n, revision, state';

async function toInstances(
  db: Statements,
  rows: readonly InstanceRow[],
): Promise<readonly StoredInstance[]> {
  const states = await unpackStates(db, rows);
  return rows.map((row, index) => ({
    identity: {
      id: row.id,
      process: row.process,
      version: row.version,
      businessKey: row.business_key,
      traceId: row.trace_id,
      startKey: row.start_key,
      parentId: row.parent_id,
      parentN: row.parent_n,
    },
    revision: Number(row.revision),
    characters: row.state.length,
    ...(states[index] as UnpackedState),
  }));
}

/**
 * The instance that a start key has started, or null. Others who ask for the same key wait until this
 * transaction has ended, so that of two starts at the same moment one finds the other.
 */
export async function startedBy(
  tx: Statements,
  process: string,
  startKey: string,
): Promise<string | null> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `engine start ${process} ${startKey}`,
  ]);
  const { rows } = await tx.query<{ id: string }>(
    'select id from engine.instance where process = $1 and start_key = $2',
    [process, startKey],
  );
  return rows[0]?.id ?? null;
}

/** Suspended instances of one process that are looked through for a wait. */
const mostSuspended = 1_000;

/** The states of the suspended instances of a process, the oldest 1,000 of them. */
export async function suspendedStates(
  tx: Statements,
  process: string,
): Promise<readonly InstanceState[]> {
  const { rows } = await tx.query<{ id: string; state: string }>(
    `select id, state from engine.instance
      where process = $1 and ended_at is null and status = 'suspended' order by id limit $2`,
    [process, mostSuspended],
  );
  return (await unpackStates(tx, rows)).map(({ state }) => state);
}

/** One instance as it was last committed; null when there is none. */
export async function loadInstance(db: Statements, id: string): Promise<StoredInstance | null> {
  const { rows } = await db.query<InstanceRow>(
    `select ${columns} from engine.instance where id = $1`,
    [id],
  );
  return (await toInstances(db, rows))[0] ?? null;
}

/** Ids of the open children that these call activities of an instance have started. */
export async function loadOpenChildren(
  db: Statements,
  parentId: string,
  callers: readonly number[],
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from engine.instance where parent_id = $1 and parent_n = any($2::int[])
        and status in ('running', 'waiting', 'suspended')`,
    [parentId, callers],
  );
  return rows.map(({ id }) => id);
}

/** Instances by their ids, in no order; those that are gone are left out. */
export async function loadInstances(
  db: Statements,
  ids: readonly string[],
): Promise<readonly StoredInstance[]> {
  const { rows } = await db.query<InstanceRow>(
    `select ${columns} from engine.instance where id = any($1::uuid[])`,
    [uuidArray(ids)],
  );
  return await toInstances(db, rows);
}

/** An instance with a job that is due or at work. */
export interface DueInstance {
  readonly id: string;
  readonly process: string;
}

/**
 * Instances of these shards with a job that is due or at work, for each process so many, oldest first.
 * Reads no more index entries than it gives, however many there are.
 */
export async function loadDue(
  db: Statements,
  shards: readonly number[],
  processes: readonly string[],
  most: number,
): Promise<readonly DueInstance[]> {
  const { rows } = await db.query<DueInstance>(
    `select due.id, due.process from unnest($1::text[]) as wanted (process)
      cross join lateral (
        select i.id, i.process from engine.instance i
         where i.process = wanted.process and i.status = 'running' and i.shard = any($2::smallint[])
         order by i.id limit $3) as due`,
    [processes, shards, most],
  );
  return rows;
}

/** A timer that is due at a moment. */
export interface DueTimer {
  readonly instanceId: string;
  readonly n: number;
  readonly on: string;
  readonly due: Date;
}

/** Timers of these shards that are due before a moment, earliest first. */
export async function loadTimers(
  db: Statements,
  shards: readonly number[],
  before: Date,
  limit: number,
): Promise<readonly DueTimer[]> {
  const { rows } = await db.query<{ instance_id: string; n: number; node: string; due_at: Date }>(
    `select instance_id, n, node, due_at from engine.timer
      where due_at <= $1 and shard = any($2::smallint[]) order by due_at limit $3`,
    [before, shards, limit],
  );
  return rows.map((r) => ({ instanceId: r.instance_id, n: r.n, on: r.node, due: r.due_at }));
}
