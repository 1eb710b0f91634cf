/**
 * The inbox: what people, other instances and other nodes ask of an instance. A row is durable before it
 * is handled; whoever owns the instance handles it, and the row goes in the commit of the transition that
 * it causes. A row that comes too late is removed, or, when somebody waits for the answer, marked.
 */
import type { InstanceEvent, MigrateRequest } from '../model/events.ts';
import { type Lease, LeaseLost, type Statements } from './commit-group.ts';

/** An event that waits to be handled by an instance. */
export interface InboxRow {
  readonly id: string;
  readonly instanceId: string;
  readonly event: InstanceEvent | MigrateRequest;
  /** The node that waits for the answer; absent when none does. */
  readonly askedBy?: string | null;
}

interface Stored {
  id: string;
  instance_id: string;
  event: string;
  asked_by: string | null;
}

const columns = 'id, instance_id, event, asked_by';

/** A row as the table has it. */
export function toInboxRow(row: Stored): InboxRow {
  return {
    id: row.id,
    instanceId: row.instance_id,
    event: JSON.parse(row.event) as InboxRow['event'],
    askedBy: row.asked_by,
  };
}

/** Adds an event for an instance to its inbox. */
export async function insertInbox(
  db: Statements,
  row: InboxRow & { readonly shard: number; readonly at: Date },
): Promise<void> {
  await db.query(
    `insert into engine.inbox (id, instance_id, shard, event, created_at, asked_by)
     values ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.instanceId, row.shard, JSON.stringify(row.event), row.at, row.askedBy ?? null],
  );
}

/** Inbox rows of these shards, oldest first. */
export async function loadInbox(
  db: Statements,
  shards: readonly number[],
  limit: number,
): Promise<readonly InboxRow[]> {
  const { rows } = await db.query<Stored>(
    `select ${columns} from engine.inbox
      where refused_at is null and shard = any($1::smallint[]) order by id limit $2`,
    [shards, limit],
  );
  return rows.map(toInboxRow);
}

/** Inbox rows by their ids, oldest first; those that are handled by now are not there. */
export async function loadInboxRows(
  db: Statements,
  ids: readonly string[],
): Promise<readonly InboxRow[]> {
  const { rows } = await db.query<Stored>(
    `select ${columns} from engine.inbox
      where refused_at is null and id = any($1::uuid[]) order by id`,
    [ids],
  );
  return rows.map(toInboxRow);
}

/**
 * Answers a row that came too late: it is marked when another node waits for the answer, else removed.
 * Only under the lease of its shard: a node that was replaced would judge by what it once knew.
 */
export async function refuseInbox(
  db: Statements,
  row: InboxRow,
  node: string,
  lease: Lease,
): Promise<void> {
  const isAwaited = row.askedBy != null;
  const held = 'exists (select 1 from engine.shard where shard = $2 and owner = $3 and epoch = $4)';
  const { rows } = await db.query<{ held: boolean }>(
    isAwaited
      ? `with answered as (
           update engine.inbox set refused_at = clock_timestamp() where id = $1 and ${held})
         select ${held} as held`
      : `with answered as (delete from engine.inbox where id = $1 and ${held})
         select ${held} as held`,
    [row.id, lease.shard, node, lease.epoch],
  );
  if (!rows[0]?.held) throw new LeaseLost(`shard ${lease.shard} is not held by this node`);
}

/**
 * What became of rows: true when it was taken, false when it came too late. Rows still to be handled are
 * left out; refused ones are removed, since their answer is heard now.
 */
export async function readAnswers(
  db: Statements,
  ids: readonly string[],
): Promise<ReadonlyMap<string, boolean>> {
  const { rows } = await db.query<{ id: string; taken: boolean }>(
    `with refused as (
       delete from engine.inbox where id = any($1::uuid[]) and refused_at is not null returning id)
     select a.id, r.id is null as taken
       from unnest($1::uuid[]) as a (id)
       left join refused r on r.id = a.id
      where r.id is not null or not exists (select 1 from engine.inbox i where i.id = a.id)`,
    [ids],
  );
  return new Map(rows.map(({ id, taken }) => [id, taken]));
}

/** Removes refused rows whose asker never came back for the answer. */
export async function deleteUnheardAnswers(db: Statements, before: Date): Promise<void> {
  await db.query('delete from engine.inbox where refused_at < $1', [before]);
}
