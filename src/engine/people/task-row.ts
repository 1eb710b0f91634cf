/** A task as its table has it, and the SQL that reads and changes it. The only file with SQL over tasks' rows. */
import type { Role } from '../../kernel/caller.ts';
import { newId } from '../../kernel/ids.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { TaskEscalation } from '../model/state.ts';

/** A row of `engine.task`. */
export interface TaskRow {
  readonly id: string;
  readonly instance_id: string;
  readonly n: number;
  readonly process: string;
  readonly business_key: string | null;
  readonly node: string;
  readonly title: string;
  readonly subject: Readonly<Record<string, unknown>> | null;
  readonly roles: readonly Role[];
  readonly status: 'open' | 'completed' | 'cancelled';
  readonly created_at: Date;
  readonly due_at: Date | null;
  readonly closed_at: Date | null;
  readonly closed_by: string | null;
  readonly candidate_users: readonly string[];
  readonly candidate_groups: readonly string[];
  readonly not_done_by: readonly string[];
  readonly priority: number;
  readonly follow_up_at: Date | null;
  readonly form_key: string | null;
  readonly escalations: readonly TaskEscalation[] | null;
  readonly escalated: number;
  readonly escalate_at: Date | null;
  readonly assignee: string | null;
  readonly owner: string | null;
  readonly delegation: 'pending' | 'resolved' | null;
  readonly decided_by: string | null;
  /** Who worked on it for its owner and gave it back. */
  readonly resolved_by: readonly string[];
}

/** A task with what is known of its instance. */
export interface TaskOfInstance extends TaskRow {
  /** Version of the process that the instance is on. */
  readonly version: number | null;
  readonly suspended: boolean;
}

/** Kinds of what people do with tasks. Stored; never renamed. */
export type TaskEventKind =
  | 'claimed'
  | 'unclaimed'
  | 'assigned'
  | 'delegated'
  | 'resolved'
  | 'changed'
  | 'answered'
  | 'answer-refused'
  | 'commented'
  | 'attached'
  | 'detached'
  | 'escalated';

/** Columns that people change. */
export type TaskChange = Partial<
  Pick<
    TaskRow,
    | 'assignee'
    | 'owner'
    | 'delegation'
    | 'decided_by'
    | 'resolved_by'
    | 'candidate_users'
    | 'candidate_groups'
    | 'roles'
    | 'priority'
    | 'due_at'
    | 'follow_up_at'
    | 'escalations'
    | 'escalated'
    | 'escalate_at'
  >
>;

/** The task, or undefined when there is none. */
export async function readTask(tx: Transaction, id: string): Promise<TaskOfInstance | undefined> {
  const { rows } = await tx.query<TaskOfInstance>(
    withInstance('select * from engine.task where id = $1'),
    [id],
  );
  return rows[0];
}

/** Rows of `engine.task` with what is known of their instances, in the same order. */
export function withInstance(tasks: string): string {
  return `select t.*, i.version, coalesce(i.status = 'suspended', false) as suspended
            from (${tasks}) as t left join engine.instance i on i.id = t.instance_id`;
}

/**
 * Changes an open task if nobody changed who has it since it was read: the row as it is then; null when
 * somebody was first. The row stays locked until the transaction ends, so this comes as late as possible.
 */
export async function changeTask<Row extends TaskRow>(
  tx: Transaction,
  read: Row,
  change: TaskChange,
): Promise<Row | null> {
  const names = Object.keys(change) as (keyof TaskChange)[];
  const sets = names.map((name, index) => `${name} = $${index + 5}`);
  const values = names.map((name) =>
    name === 'escalations' && change[name] ? JSON.stringify(change[name]) : (change[name] ?? null),
  );
  const { rows } = await tx.query<TaskRow>(
    `update engine.task set ${sets.join(', ')}
      where id = $1 and status = 'open' and assignee is not distinct from $2
        and owner is not distinct from $3 and delegation is not distinct from $4
      returning *`,
    [read.id, read.assignee, read.owner, read.delegation, ...values],
  );
  return rows[0] ? { ...read, ...rows[0] } : null;
}

/** Writes down what somebody did with a task; gives the id of the entry. */
export async function recordTaskEvent(
  tx: Transaction,
  event: {
    readonly taskId: string;
    readonly at: Date;
    readonly kind: TaskEventKind;
    readonly by: string | null;
    readonly data?: Readonly<Record<string, unknown>>;
  },
): Promise<string> {
  const id = newId();
  await tx.query(
    'insert into engine.task_event (id, task_id, at, kind, by, data) values ($1, $2, $3, $4, $5, $6)',
    [id, event.taskId, event.at, event.kind, event.by, JSON.stringify(event.data ?? {})],
  );
  return id;
}

/** A task that somebody did or worked on for its owner, or whose answer is on its way. */
export interface DoneTask {
  readonly id: string;
  readonly instance_id: string;
  readonly node: string;
  readonly not_done_by: readonly string[];
}

/** What these identities did of the tasks of these instances. */
export async function tasksDoneBy(
  tx: Transaction,
  instanceIds: readonly string[],
  identities: readonly string[],
): Promise<readonly DoneTask[]> {
  if (identities.length === 0 || instanceIds.length === 0) return [];
  const { rows } = await tx.query<DoneTask>(
    `select id, instance_id, node, not_done_by from engine.task
      where instance_id = any($1::uuid[])
        and (closed_by is not null or decided_by is not null or resolved_by <> '{}')
        and (coalesce(closed_by, decided_by) = any($2::text[]) or resolved_by && $2::text[])`,
    [instanceIds, identities],
  );
  return rows;
}

/**
 * Lets the answers of one instance's tasks come one after the other until the transaction ends, so that of
 * two that one person gives at once the second sees the first.
 */
export async function lockAnswers(tx: Transaction, instanceId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext('engine.task'), hashtext($1))", [
    instanceId,
  ]);
}

/** Overdue tasks with something to happen, locked; those that somebody works on are left for later. */
export async function lockOverdue(
  tx: Transaction,
  now: Date,
  limit: number,
): Promise<readonly TaskRow[]> {
  const { rows } = await tx.query<TaskRow>(
    `select * from engine.task
      where status = 'open' and escalate_at is not null and escalate_at <= $1
      order by escalate_at limit $2 for no key update skip locked`,
    [now, limit],
  );
  return rows;
}
