/** Procedures over human tasks: the list, and the decision. */
import { z } from 'zod';
import type { Caller, Role } from '../../kernel/caller.ts';
import { hasRole } from '../../kernel/caller.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import { fieldIssues } from '../../kernel/field-issues.ts';
import { idSchema } from '../../kernel/ids.ts';
import {
  type Action,
  actionSchema,
  decodeCursor,
  pageOf,
  pageQueryBy,
  toPage,
} from '../../kernel/page.ts';
import type { ProcedureRunner } from '../../kernel/procedure.ts';
import { defineExternal, defineRead, type ExternalContext } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Engine } from '../engine.ts';
import type { UserTask } from '../model/process-model.ts';
import {
  decisionRefused,
  instanceSuspended,
  taskClosed,
  taskNotFound,
  taskNotYours,
  taskOutputInvalid,
} from './errors.ts';
import { pendingField, pendingOf } from './pending.ts';
import { nameOf } from './process-procedures.ts';
import { readPage } from './read-page.ts';
import { refuseSuspended } from './suspension-procedures.ts';

/** A task as its readers see it. */
export const taskSchema = z.object({
  id: idSchema,
  instanceId: idSchema,
  process: z.string(),
  businessKey: z.string().nullable(),
  element: z.string(),
  title: z.string(),
  subject: z.unknown(),
  roles: z.array(z.string()),
  candidateGroups: z.array(z.string()).describe('Groups beside the roles; a role is one, too'),
  status: z.enum(['open', 'completed', 'cancelled']),
  createdAt: z.iso.datetime(),
  dueAt: z.iso.datetime().nullable(),
  closedAt: z.iso.datetime().nullable(),
  closedBy: z.string().nullable(),
  can: z.array(actionSchema),
});

interface TaskRow {
  id: string;
  instance_id: string;
  n: number;
  process: string;
  business_key: string | null;
  node: string;
  title: string;
  subject: Record<string, unknown>;
  roles: Role[];
  candidate_groups: string[];
  status: 'open' | 'completed' | 'cancelled';
  created_at: Date;
  due_at: Date | null;
  closed_at: Date | null;
  closed_by: string | null;
}

const everybody = [
  'customer',
  'support',
  'manager',
  'operator',
  'admin',
] as const satisfies readonly Role[];

/** Staff first: in demo mode a decision is taken by the first of these. */
const deciders = [
  'manager',
  'admin',
  'operator',
  'support',
  'customer',
] as const satisfies readonly Role[];

const decided = z.object({ taskId: idSchema, accepted: z.literal(true), ...pendingField });
const decisionErrors = [
  instanceSuspended,
  taskNotFound,
  taskNotYours,
  taskClosed,
  taskOutputInvalid,
  decisionRefused,
] as const;

/** The procedures over tasks of an engine. `runner` runs the procedures that decide. */
export function taskProcedures(engine: () => Engine, runner: () => ProcedureRunner) {
  const list = defineRead({
    name: 'tasks.list',
    summary: 'List tasks for people, oldest first',
    input: pageQueryBy([idSchema]).extend({
      status: z.enum(['open', 'completed', 'cancelled']).default('open'),
      businessKey: z.string().max(200).optional().describe("The order's id, for orders"),
    }),
    output: pageOf(taskSchema),
    access: deciders,
    http: { method: 'GET', path: '/tasks' },
    errors: [],
    async execute({ tx, caller }, { limit, cursor, status, businessKey }) {
      const mine = hasRole(caller, 'admin') ? everybody : caller.roles;
      const { rows, counted } = await readPage<TaskRow>(tx, {
        from: 'engine.task',
        where:
          'status = $1 and ($2::text is null or business_key = $2) ' +
          'and (roles && $3::text[] or candidate_groups && $3::text[])',
        values: [status, businessKey ?? null, mine],
        order: 'oldest first',
        after: cursor === undefined ? undefined : decodeCursor(cursor, 1)?.[0],
        limit,
      });
      return toPage({
        rows,
        limit,
        counted,
        cursorOf: (row) => [row.id],
        itemOf: (row) => taskView(row, caller),
      });
    },
  });

  async function decide(
    context: ExternalContext,
    taskId: string,
    outcome: Record<string, unknown>,
  ): Promise<z.infer<typeof decided> | Refusal<(typeof decisionErrors)[number]['code']>> {
    const task = await context.transaction(({ tx }) => readTask(tx, taskId));
    if (!task)
      return refuse(taskNotFound, `expected the id of a task, found none with id ${taskId}`);
    if (!mayDecide(context.caller, task)) {
      return refuse(
        taskNotYours,
        `expected one of the roles ${rolesOf(task).join(', ')}, found ${context.caller.roles.join(', ') || 'none'}`,
      );
    }
    if (task.status !== 'open') return closed(task);
    const instance = await context.transaction(({ tx }) => instanceOf(tx, task.instance_id));
    const node = engine().model(task.process, instance?.version)?.nodes[task.node];
    if (node?.type !== 'userTask') return closed(task);
    if (node.decision) return await decideByProcedure(context, task, node.decision, outcome);
    if (instance?.status === 'suspended') return refuseSuspended(task.instance_id);
    return await decideInTask(context, task, node, outcome);
  }

  async function decideByProcedure(
    context: ExternalContext,
    task: TaskRow,
    decision: NonNullable<UserTask['decision']>,
    outcome: Record<string, unknown>,
  ) {
    const fields = decision.fields.map((field) => [field, task.subject[field]] as const);
    const input = { ...Object.fromEntries(fields), ...outcome };
    const { caller, trace, idempotencyKey } = context;
    const result = await runner().run(decision.procedure, input, { caller, trace, idempotencyKey });
    if (!isRefusal(result)) return { taskId: task.id, accepted: true as const };
    return refuse(decisionRefused, result.detail, {
      issues: result.issues,
      data: { ...result.data, refusedBy: decision.procedure, reasonCode: result.code },
    });
  }

  async function decideInTask(
    context: ExternalContext,
    task: TaskRow,
    node: UserTask,
    outcome: Record<string, unknown>,
  ) {
    const parsed = node.output.safeParse(outcome);
    if (!parsed.success) {
      return refuse(taskOutputInvalid, `task "${task.title}" does not accept this outcome`, {
        issues: fieldIssues(parsed.error, outcome),
      });
    }
    const accepted = await engine().request(task.instance_id, {
      type: 'task-completed',
      n: task.n,
      output: parsed.data,
      by: nameOf(context.caller),
    });
    if (!accepted) return closed(task);
    return { taskId: task.id, accepted: true as const, ...pendingOf(accepted) };
  }

  const reason = z.string().max(500).optional();
  const complete = defineExternal({
    name: 'tasks.complete',
    summary: 'Complete a task with its outcome',
    input: z.object({ taskId: idSchema, output: z.record(z.string(), z.unknown()) }),
    output: decided,
    access: deciders,
    http: { method: 'POST', path: '/tasks/{taskId}/complete' },
    errors: decisionErrors,
    execute: (context, { taskId, output }) => decide(context, taskId, output),
  });
  const approve = defineExternal({
    name: 'tasks.approve',
    summary: 'Approve what a task asks',
    input: z.object({ taskId: idSchema, reason }),
    output: decided,
    access: deciders,
    http: { method: 'POST', path: '/tasks/{taskId}/approve' },
    errors: decisionErrors,
    execute: (context, input) => decide(context, input.taskId, outcomeOf(true, input.reason)),
  });
  const reject = defineExternal({
    name: 'tasks.reject',
    summary: 'Reject what a task asks',
    input: z.object({ taskId: idSchema, reason }),
    output: decided,
    access: deciders,
    http: { method: 'POST', path: '/tasks/{taskId}/reject' },
    errors: decisionErrors,
    execute: (context, input) => decide(context, input.taskId, outcomeOf(false, input.reason)),
  });
  return [list, complete, approve, reject];
}

function outcomeOf(approved: boolean, reason: string | undefined): Record<string, unknown> {
  return { approved, ...(reason === undefined ? {} : { reason }) };
}

async function readTask(tx: Transaction, id: string): Promise<TaskRow | undefined> {
  const { rows } = await tx.query<TaskRow>('select * from engine.task where id = $1', [id]);
  return rows[0];
}

async function instanceOf(tx: Transaction, instanceId: string) {
  const { rows } = await tx.query<{ version: number; status: string }>(
    'select version, status from engine.instance where id = $1',
    [instanceId],
  );
  return rows[0];
}

function closed(task: TaskRow) {
  const how = task.status === 'open' ? 'decided at the same moment' : task.status;
  return refuse(taskClosed, `expected an open task, found one that was ${how}`);
}

function mayDecide(caller: Caller, task: TaskRow): boolean {
  return hasRole(caller, 'admin', ...rolesOf(task));
}

/** Roles that may do it; groups of a drawing are roles by name. */
function rolesOf({ roles, candidate_groups: groups }: TaskRow): Role[] {
  return [...new Set([...roles, ...groups.filter((group): group is Role => isRole(group))])];
}

function isRole(name: string): boolean {
  return (everybody as readonly string[]).includes(name);
}

function taskView(row: TaskRow, caller: Caller) {
  return {
    id: row.id,
    instanceId: row.instance_id,
    process: row.process,
    businessKey: row.business_key,
    element: row.node,
    title: row.title,
    subject: row.subject,
    roles: row.roles,
    candidateGroups: row.candidate_groups,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    dueAt: row.due_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    closedBy: row.closed_by,
    can: taskActions(row, caller),
  };
}

function taskActions(row: TaskRow, caller: Caller): Action[] {
  const reason = !mayDecide(caller, row)
    ? `only ${rolesOf(row).join(', ')} may decide`
    : row.status === 'open'
      ? undefined
      : `the task is ${row.status}`;
  return ['tasks.approve', 'tasks.reject', 'tasks.complete'].map((action) => ({
    action,
    allowed: reason === undefined,
    ...(reason ? { reason } : {}),
  }));
}
