/** The tables of bulk operations. An operation is changed by one node at a time: whoever locks its row. */
import type { Statements } from '../store/commit-group.ts';
import type { BulkOperation, BulkStatus } from './bulk-operation.ts';
import type { AskedItem } from './item-outcome.ts';

const columns = `id, action, filter, parameters, reason, asked_by, status, per_second, collected_to, total,
  done, failed, skipped, created_at, ended_at`;

/** Writes an operation down. */
export async function insertOperation(
  db: Statements,
  operation: Pick<
    BulkOperation,
    'id' | 'action' | 'filter' | 'parameters' | 'reason' | 'asked_by' | 'per_second' | 'created_at'
  >,
): Promise<void> {
  const { id, action, filter, parameters, reason, asked_by, per_second, created_at } = operation;
  await db.query(
    `insert into engine.bulk_operation
       (id, action, filter, parameters, reason, asked_by, status, per_second, created_at)
     values ($1, $2, $3, $4, $5, $6, 'collecting', $7, $8)`,
    [
      ...[id, action, JSON.stringify(filter), JSON.stringify(parameters)],
      ...[reason, asked_by, per_second, created_at],
    ],
  );
}

/** One operation; undefined when there is none. */
export async function readOperation(
  db: Statements,
  id: string,
): Promise<BulkOperation | undefined> {
  const { rows } = await db.query<BulkOperation>(
    `select ${columns} from engine.bulk_operation where id = $1`,
    [id],
  );
  return rows[0];
}

/** Ids of operations that have not ended, oldest first. */
export async function openOperations(db: Statements): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from engine.bulk_operation where ended_at is null order by id limit 100',
  );
  return rows.map(({ id }) => id);
}

/** Locks an operation for this transaction; undefined when it has ended, or another node has it. */
export async function lockOperation(
  db: Statements,
  id: string,
): Promise<BulkOperation | undefined> {
  const { rows } = await db.query<BulkOperation>(
    `select ${columns} from engine.bulk_operation
      where id = $1 and ended_at is null for update skip locked`,
    [id],
  );
  return rows[0];
}

/** Writes instances down as items; those of `retry` once for each open incident. */
export async function addItems(
  db: Statements,
  { id, action, filter }: BulkOperation,
  instanceIds: readonly string[],
): Promise<number> {
  const { rowCount } = await db.query(
    action === 'retry'
      ? `insert into engine.bulk_item (operation_id, instance_id, n, incident_id, status)
         select $1, n.instance_id, n.n, n.id, 'pending' from engine.incident n
          where n.instance_id = any($2::uuid[]) and n.closed_at is null
            and ($3::text is null or n.cause = $3)
         on conflict do nothing`
      : `insert into engine.bulk_item (operation_id, instance_id, n, status)
         select $1, one, 0, 'pending' from unnest($2::uuid[]) as one where $3::text is null or true
         on conflict do nothing`,
    [id, instanceIds, filter.cause ?? null],
  );
  return rowCount;
}

/** Notes how far collecting is. */
export async function noteCollected(
  db: Statements,
  id: string,
  { added, to, isLast }: { added: number; to: string | null; isLast: boolean },
): Promise<void> {
  await db.query(
    `update engine.bulk_operation
        set total = total + $2, collected_to = coalesce($3, collected_to),
            status = case when $4 then 'running' else status end
      where id = $1 and status = 'collecting'`,
    [id, added, to, isLast],
  );
}

/** An item that is taken up. */
export interface TakenItem {
  readonly instance_id: string;
  readonly n: number;
  readonly inbox_id: string | null;
}

/**
 * Takes up the next items, as many as the rate allows now, and marks them as asked. What asks them must
 * commit with this transaction.
 */
export async function takeItems(
  db: Statements,
  { id, per_second }: BulkOperation,
  { most, withInbox }: { readonly most: number; readonly withInbox: boolean },
): Promise<readonly TakenItem[]> {
  const count = Math.max(1, Math.min(most, Math.floor(per_second / 2)));
  const { rows } = await db.query<TakenItem>(
    `with now as (
       update engine.bulk_operation
          set next_at = clock_timestamp() + $3 * interval '1 second'
        where id = $1 and next_at <= clock_timestamp() returning id
     ), next as (
       select instance_id, n from engine.bulk_item
        where operation_id in (select id from now) and status = 'pending'
        order by instance_id, n limit $2
     )
     update engine.bulk_item b
        set status = 'asked', asked_at = clock_timestamp(),
            inbox_id = case when $4 then gen_random_uuid() end
       from next where b.operation_id = $1 and b.instance_id = next.instance_id and b.n = next.n
     returning b.instance_id, b.n, b.inbox_id`,
    [id, count, count / per_second, withInbox],
  );
  return rows;
}

/** Items that were asked this long ago or longer and have no outcome: their node died over them. */
export async function takeForgotten(
  db: Statements,
  id: string,
  olderMs: number,
  limit: number,
): Promise<readonly TakenItem[]> {
  const { rows } = await db.query<TakenItem>(
    `update engine.bulk_item set asked_at = clock_timestamp()
      where operation_id = $1 and status = 'asked' and (instance_id, n) in (
        select instance_id, n from engine.bulk_item
         where operation_id = $1 and status = 'asked'
           and asked_at < clock_timestamp() - $2 * interval '1 millisecond'
         order by instance_id, n limit $3)
     returning instance_id, n, inbox_id`,
    [id, olderMs, limit],
  );
  return rows;
}

/** What is known of items that were asked. */
export async function readAsked(
  db: Statements,
  id: string,
  limit: number,
): Promise<readonly AskedItem[]> {
  const { rows } = await db.query<AskedItem>(
    `select b.instance_id, b.n, i.status,
            extract(epoch from clock_timestamp() - b.asked_at)::float8 * 1000 as waited_ms,
            exists (select 1 from engine.inbox x
                     where x.id = b.inbox_id and x.refused_at is null) as in_inbox,
            coalesce(i.state::json->'elements'->'1'->'cancelling' is not null, false) as cancelling,
            exists (select 1 from engine.incident o
                     where o.id = b.incident_id and o.closed_at is null) as still_open,
            (select o.code || ': ' || o.message from engine.incident o
              where o.instance_id = b.instance_id and o.n = b.n and o.closed_at is null
                and o.id <> b.incident_id) as new_incident,
            coalesce(i.state::json->'elements'->(b.n::text)->'job'->>'phase', '')
              in ('running', 'backoff') as trying
       from engine.bulk_item b left join engine.instance i on i.id = b.instance_id
      where b.operation_id = $1 and b.status = 'asked'
      order by b.asked_at limit $2`,
    [id, limit],
  );
  return rows;
}

/** The outcome of one item. */
export interface SettledItem {
  readonly instance_id: string;
  readonly n: number;
  readonly status: 'done' | 'failed' | 'skipped';
  readonly message: string | null;
}

/** Writes outcomes, each once, and counts them. */
export async function settleItems(
  db: Statements,
  id: string,
  items: readonly SettledItem[],
): Promise<void> {
  if (items.length === 0) return;
  await db.query(
    `with settled as (
       update engine.bulk_item b set status = s.status, message = s.message
         from unnest($2::uuid[], $3::integer[], $4::text[], $5::text[])
              as s (instance_id, n, status, message)
        where b.operation_id = $1 and b.instance_id = s.instance_id and b.n = s.n
          and b.status = 'asked'
       returning b.status
     )
     update engine.bulk_operation
        set done = done + (select count(*) from settled where status = 'done'),
            failed = failed + (select count(*) from settled where status = 'failed'),
            skipped = skipped + (select count(*) from settled where status = 'skipped')
      where id = $1`,
    [
      id,
      items.map((item) => item.instance_id),
      items.map((item) => item.n),
      items.map((item) => item.status),
      items.map((item) => item.message?.slice(0, 500) ?? null),
    ],
  );
}

/** Ends an operation that has nothing left to do; false when it has. */
export async function endIfDone(db: Statements, id: string, at: Date): Promise<boolean> {
  const { rowCount } = await db.query(
    `update engine.bulk_operation o
        set status = case when status = 'stopping' then 'stopped' else 'completed' end, ended_at = $2
      where id = $1 and status in ('running', 'stopping')
        and not exists (select 1 from engine.bulk_item b
                         where b.operation_id = o.id and b.status = 'asked')
        and (status = 'stopping' or not exists (
          select 1 from engine.bulk_item b where b.operation_id = o.id and b.status = 'pending'))`,
    [id, at],
  );
  return rowCount > 0;
}

/** Asks an operation to treat no more instances; gives the status that it has then. */
export async function stopOperation(db: Statements, id: string): Promise<BulkStatus | undefined> {
  const { rows } = await db.query<{ status: BulkStatus }>(
    `update engine.bulk_operation
        set status = case when ended_at is null then 'stopping' else status end
      where id = $1 returning status`,
    [id],
  );
  return rows[0]?.status;
}
