/**
 * Retention: what ended long ago goes. Its cost depends on what goes, not on how much there is: ended
 * instances are found by an index on their end and removed in bounded batches; their history goes by the
 * month, by dropping partitions. An instance that is kept, because it is open or ended later, keeps its
 * history: what it has in a partition is carried over in the transaction that drops it.
 */
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import type { Statements } from './commit-group.ts';
import { purgeEvaluations } from './decision-store.ts';

/** What one sweep removed. */
export interface SweptHistory {
  readonly instances: number;
  /** Names of dropped partitions. */
  readonly partitions: readonly string[];
  /** False when there was more than one sweep may remove; the next one goes on. */
  readonly finished: boolean;
}

const instancesPerBatch = 500;
const batchesPerSweep = 40;
const itemsPerBatch = 10_000;
/** Commits wait while a partition is dropped; rather than let them wait longer it is tried again. */
const longestLockMs = 1_000;

/**
 * Keeps the plan of a batch on the indexes. Left to its guesses about tables that were never analysed,
 * PostgreSQL reads the whole of them for each batch.
 */
export const byIndexOnly = `select set_config(name, 'off', true)
  from unnest(array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) as name`;

/**
 * The statement that removes one batch of instances that ended before `$1`, at most `$2`, with all that
 * belongs to them and their part of the counts.
 */
export const purgeEndedStatement = `
  with ended as materialized (
    select id, process, version, status from engine.instance
     where ended_at < $1 order by ended_at limit $2 for update skip locked
  ), tasks as (
    delete from engine.task where instance_id in (select id from ended)
  ), incidents as (
    delete from engine.incident where instance_id in (select id from ended)
  ), retries as (
    delete from engine.retry where instance_id in (select id from ended)
  ), search as (
    delete from engine.search_value where instance_id in (select id from ended)
  ), inbox as (
    delete from engine.inbox where instance_id in (select id from ended)
  ), carried as (
    delete from engine.history_carried where instance_id in (select id from ended)
  ), instances as (
    delete from engine.instance where id in (select id from ended)
  ), counts as (
    insert into engine.count_change (at, changes)
    select $3, json_agg(json_build_array(process, version, status, '', -n))::text
      from (select process, version, status, count(*) as n from ended group by 1, 2, 3) as c
    having count(*) > 0
  )
  select count(*)::int as n from ended`;

/** Removes what ended before a moment: at most so much that the sweep stays short. */
export async function sweepHistory(
  database: Database,
  { before, now }: { readonly before: Date; readonly now: Date },
): Promise<SweptHistory> {
  let instances = 0;
  for (let batch = 0; batch < batchesPerSweep; batch += 1) {
    const removed = await database.transaction((tx) => purgeEnded(tx, before, now));
    instances += removed;
    if (removed < instancesPerBatch) {
      await purgeBulkOperations(database, before);
      await purgeCauses(database, before);
      await purgeEvaluations(database, before);
      const partitions = await dropPartitions(database, before);
      return { instances, partitions, finished: true };
    }
  }
  return { instances, partitions: [], finished: false };
}

async function purgeEnded(tx: Transaction, before: Date, now: Date): Promise<number> {
  await tx.query(byIndexOnly);
  const values = [before, instancesPerBatch, now];
  const { rows } = await tx.query<{ n: number }>(purgeEndedStatement, values);
  return rows[0]?.n ?? 0;
}

async function purgeBulkOperations(db: Statements, before: Date): Promise<void> {
  const ended = 'select id from engine.bulk_operation where ended_at < $1';
  const { rowCount } = await db.query(
    `delete from engine.bulk_item where ctid = any (array(
       select ctid from engine.bulk_item where operation_id in (${ended}) limit ${itemsPerBatch}))`,
    [before],
  );
  if (rowCount === itemsPerBatch) return;
  await db.query(
    `delete from engine.bulk_operation o where o.ended_at < $1
        and not exists (select 1 from engine.bulk_item b where b.operation_id = o.id)`,
    [before],
  );
}

/** Causes that nothing has failed of for so long are forgotten, with their empty counts. */
async function purgeCauses(db: Statements, before: Date): Promise<void> {
  await db.query(
    "delete from engine.count where kind = 'cause' and n = 0 and coalesce(last_at, $1) <= $1",
    [before],
  );
  await db.query(
    `delete from engine.incident_cause c
      where c.seen_at < $1
        and not exists (select 1 from engine.count k where k.kind = 'cause' and k.node = c.cause)
        and not exists (select 1 from engine.count_change)
        and not exists (select 1 from engine.incident i
                         where i.cause = c.cause and i.closed_at is null)`,
    [before],
  );
}

interface Partition {
  readonly name: string;
  readonly until: Date;
}

/** Partitions that hold nothing younger than a moment, oldest first. */
async function oldPartitions(db: Statements, before: Date): Promise<readonly Partition[]> {
  const { rows } = await db.query<{ name: string }>(
    `select c.relname as name from pg_inherits p join pg_class c on c.oid = p.inhrelid
      where p.inhparent = 'engine.history'::regclass
        and c.relname ~ '^history_[0-9]{4}_[0-9]{2}$' order by 1`,
  );
  return rows
    .map(({ name }) => ({ name, until: endOfMonth(name) }))
    .filter(({ until }) => until <= before);
}

/** The first moment after the month that a partition is named for. */
function endOfMonth(partition: string): Date {
  const [, year, month] = partition.split('_');
  return new Date(Date.UTC(Number(year), Number(month), 1));
}

async function dropPartitions(database: Database, before: Date): Promise<readonly string[]> {
  const dropped: string[] = [];
  for (const partition of await oldPartitions(database, before)) {
    await database.transaction((tx) => dropPartition(tx, partition));
    dropped.push(partition.name);
  }
  // Months that were written to before they had a partition.
  await database.query(
    `delete from engine.history_default where ctid = any (array(
       select h.ctid from engine.history_default h
        where h.at < $1 and not exists (select 1 from engine.instance i where i.id = h.instance_id)
        limit ${itemsPerBatch}))`,
    [before],
  );
  return dropped;
}

/** All that has ended before is gone by now: who is left and began by then is kept. */
async function dropPartition(tx: Transaction, { name, until }: Partition): Promise<void> {
  await tx.query(`set local lock_timeout = ${longestLockMs}`);
  await tx.query("select pg_advisory_xact_lock(hashtext('engine.history partitions'))");
  await tx.query(
    `insert into engine.history_carried (instance_id, from_seq, at, entries)
     select h.instance_id, h.from_seq, h.at, h.entries
       from engine.instance i join engine.${name} h on h.instance_id = i.id
      where i.started_at < $1
     on conflict do nothing`,
    [until],
  );
  await tx.query(`drop table engine.${name}`);
}
