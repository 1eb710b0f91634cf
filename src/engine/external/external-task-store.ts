/**
 * The rows of external tasks: handing out, locking, and what workers and operators look at. Each write is
 * one statement, so that no lock is held while anything else happens; a task that another worker takes
 * at the same moment is passed over, never waited for.
 */
import type { InstanceEvent } from '../model/events.ts';
import type { Statements } from '../store/commit-group.ts';

/** An external task as it stands in the table. */
export interface ExternalTaskRow {
  readonly id: string;
  readonly instance_id: string;
  readonly n: number;
  readonly process: string;
  readonly version: number;
  readonly business_key: string | null;
  readonly node: string;
  readonly topic: string;
  readonly priority: string | number | bigint;
  readonly attempt: number;
  readonly retries: number | null;
  readonly created_at: Date;
  /** Null when it is free at once. */
  readonly free_at: Date | null;
  readonly suspended: boolean;
  readonly worker: string | null;
  readonly lock: number;
  readonly error_message: string | null;
  readonly error_details: string | null;
  /** True while the request by which its worker ends the attempt is on its way. */
  readonly settling: boolean;
}

/** Which tasks of a topic a worker wants, and for how long it locks them. */
export interface TopicQuery {
  readonly topic: string;
  readonly lockMs: number;
  readonly businessKey?: string | undefined;
  readonly processes?: readonly string[] | undefined;
  /** As `process:version`. */
  readonly definitions?: readonly string[] | undefined;
  /** Only these. */
  readonly ids?: readonly string[] | undefined;
}

/** The order in which tasks are handed out. */
export interface HandOutOrder {
  readonly byPriority: boolean;
  readonly newestFirst: boolean;
}

const isSettling = `t.settling is not null and exists (
  select 1 from engine.inbox x where x.id = t.settling and x.refused_at is null)`;
const isOpen = 'not t.suspended and coalesce(t.retries, 1) > 0';

/** The columns of a row; `from` names the task `t` and its instance `i`. */
export const externalTaskColumns = `t.id, t.instance_id, t.n, t.process, i.version, t.business_key, t.node,
  t.topic, t.priority, t.attempt, t.retries, t.created_at, nullif(t.free_at, '-infinity') as free_at,
  t.suspended, t.worker, t.lock, t.error_message, t.error_details, (${isSettling}) as settling`;

/** External tasks with the instances that they belong to. */
export const externalTaskTables =
  'engine.external_task t join engine.instance i on i.id = t.instance_id';

/** The free tasks of topics, in order; `locking` keeps them for this statement. */
function freeTasks({ byPriority, newestFirst }: HandOutOrder, locking: boolean): string {
  const age = newestFirst ? 'desc' : 'asc';
  const order = byPriority ? `t.priority desc, t.id ${age}` : `t.id ${age}`;
  return `
    select t.id, w.i, w."lockMs", t.topic from wanted w cross join lateral (
      select t.id, t.priority, t.topic from engine.external_task t
       where t.topic = w.topic and ${isOpen} and t.free_at <= $2
         and (w."businessKey" is null or t.business_key = w."businessKey")
         and (w.processes is null or t.process = any(w.processes))
         and (w.ids is null or t.id = any(w.ids))
         and (w.definitions is null or exists (
               select 1 from engine.instance i
                where i.id = t.instance_id and i.process || ':' || i.version = any(w.definitions)))
         and not (${isSettling})
       order by ${order} limit $3 ${locking ? 'for update of t skip locked' : ''}) t
     order by ${order} limit $3`;
}

const wanted = `wanted as (
  select * from json_to_recordset($1::json) as w (
    i integer, topic text, "lockMs" bigint, "businessKey" text, processes text[], definitions text[],
    ids uuid[]))`;

const wantedOf = (topics: readonly TopicQuery[]) =>
  JSON.stringify(topics.map((topic, i) => ({ ...topic, i })));

/** Ids of free tasks by the index of their topic, without taking them. */
export async function findFree(
  db: Statements,
  options: {
    readonly topics: readonly TopicQuery[];
    readonly order: HandOutOrder;
    readonly at: Date;
    readonly limit: number;
  },
): Promise<readonly { readonly i: number; readonly id: string; readonly instanceId: string }[]> {
  const { topics, order, at, limit } = options;
  const { rows } = await db.query<{ i: number; id: string; instanceId: string }>(
    `with ${wanted}, free as (${freeTasks(order, false)})
     select free.i, free.id, t.instance_id as "instanceId"
       from free join engine.external_task t on t.id = free.id`,
    [wantedOf(topics), at, limit],
  );
  return rows;
}

/** Hands free tasks out to a worker and locks them for it. The index is that of the topic. */
export async function handOut(
  db: Statements,
  options: {
    readonly worker: string;
    readonly topics: readonly TopicQuery[];
    readonly order: HandOutOrder;
    readonly at: Date;
    readonly limit: number;
  },
): Promise<readonly (ExternalTaskRow & { readonly i: number })[]> {
  const { worker, topics, order, at, limit } = options;
  const { rows } = await db.query<ExternalTaskRow & { i: number }>(
    `with ${wanted}, free as materialized (${freeTasks(order, true)}),
     chosen as (select distinct on (id) id, i, "lockMs" from free order by id, i)
     update engine.external_task t
        set worker = $4, lock = t.lock + 1, settling = null,
            free_at = $2::timestamptz + chosen."lockMs" * interval '1 millisecond'
       from chosen, engine.instance i
      where t.id = chosen.id and i.id = t.instance_id
     returning chosen.i, ${externalTaskColumns}`,
    [wantedOf(topics), at, limit, worker],
  );
  return inOrder(rows, order);
}

/** A statement that writes gives its rows in no order. */
function inOrder<Row extends ExternalTaskRow>(
  rows: readonly Row[],
  { byPriority, newestFirst }: HandOutOrder,
): readonly Row[] {
  return rows.toSorted((a, b) => {
    const urgency = byPriority ? Number(b.priority) - Number(a.priority) : 0;
    const age = a.id < b.id ? -1 : 1;
    return urgency || (newestFirst ? -age : age);
  });
}

/** One external task; undefined when there is none any more. */
export async function readExternalTask(
  db: Statements,
  id: string,
): Promise<ExternalTaskRow | undefined> {
  const { rows } = await db.query<ExternalTaskRow>(
    `select ${externalTaskColumns} from ${externalTaskTables} where t.id = $1`,
    [id],
  );
  return rows[0];
}

/**
 * Writes down how a worker ends its attempt, as an event for the instance, and keeps others from being
 * handed the task until the event is dealt with. False when it is no longer as `task` says.
 */
export async function beginSettling(
  db: Statements,
  task: ExternalTaskRow,
  request: {
    readonly id: string;
    readonly shard: number;
    readonly event: InstanceEvent;
    readonly askedBy: string;
    readonly at: Date;
  },
): Promise<boolean> {
  const { id, shard, event, askedBy, at } = request;
  const { rowCount } = await db.query(
    `with held as (
       update engine.external_task t set settling = $1
        where t.id = $2 and t.attempt = $3 and t.lock = $4 and t.worker is not distinct from $5
          and not (${isSettling})
       returning t.instance_id)
     insert into engine.inbox (id, instance_id, shard, event, created_at, asked_by)
     select $1, instance_id, $6, $7, $8, $9 from held`,
    [id, task.id, task.attempt, task.lock, task.worker, shard, JSON.stringify(event), at, askedBy],
  );
  return rowCount === 1;
}

/** The event came to nothing: the task is as before. */
export async function endSettling(db: Statements, id: string, request: string): Promise<void> {
  await db.query(
    'update engine.external_task set settling = null where id = $1 and settling = $2',
    [id, request],
  );
}

/**
 * Locks one task for a worker until a moment: `take` one that is free or its own, `keep` one that is its
 * own and whose lock has not ended. False when it is not so.
 */
export async function lockTask(
  db: Statements,
  how: 'take' | 'keep',
  {
    id,
    worker,
    lock,
    at,
    until,
  }: {
    readonly id: string;
    readonly worker: string;
    readonly lock?: number | undefined;
    readonly at: Date;
    readonly until: Date;
  },
): Promise<boolean> {
  const mine = 't.worker = $2 and t.free_at > $3 and ($5::integer is null or t.lock = $5)';
  const { rowCount } = await db.query(
    how === 'keep'
      ? `update engine.external_task t set free_at = $4
          where t.id = $1 and ${mine} and ${isOpen} and not (${isSettling})`
      : `update engine.external_task t
            set free_at = $4, worker = $2, lock = case when ${mine} then t.lock else t.lock + 1 end
          where t.id = $1 and (${mine} or t.free_at <= $3) and ${isOpen} and not (${isSettling})`,
    [id, worker, at, until, lock ?? null],
  );
  return rowCount === 1;
}

/** Frees a task; with a worker only when that one holds it. False when it is not so. */
export async function unlockTask(
  db: Statements,
  id: string,
  worker: string | null,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update engine.external_task t set worker = null, free_at = '-infinity'
      where t.id = $1 and ($2::text is null or t.worker = $2) and not (${isSettling})`,
    [id, worker],
  );
  return rowCount === 1;
}

/** Which of these topics have a free task. */
export async function topicsWithFree(
  db: Statements,
  topics: readonly string[],
  at: Date,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ topic: string }>(
    `select w.topic from unnest($1::text[]) as w (topic)
      where exists (select 1 from engine.external_task t
                     where t.topic = w.topic and ${isOpen} and t.free_at <= $2)`,
    [topics, at],
  );
  return rows.map(({ topic }) => topic);
}
