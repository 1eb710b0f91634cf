/** Procedures over tasks for people: the list, one task with its form, and who did what with it. */
import { z } from 'zod';
import { isRefusal } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import type { ProcedureRunner } from '../../kernel/procedure.ts';
import { defineRead } from '../../kernel/procedure.ts';
import type { Engine } from '../engine.ts';
import type { FlowNode } from '../model/process-model.ts';
import { readTasks, taskCursor, taskQuery } from '../people/task-list.ts';
import { readerFor, type TaskPeople } from '../people/task-people.ts';
import { tasksDoneBy } from '../people/task-row.ts';
import { taskSchema, taskView } from '../people/task-view.ts';
import { readPage } from './read-page.ts';
import { seeingErrors, seenTask, taskCallers } from './task-access.ts';
import { taskClaimProcedures } from './task-claim-procedures.ts';
import { taskDecisions } from './task-decisions.ts';
import { taskEscalation } from './task-escalation.ts';
import { taskTalkProcedures } from './task-talk-procedures.ts';

export { taskSchema } from '../people/task-view.ts';

/** Something that was done with a task. */
const auditSchema = z.object({
  id: idSchema,
  at: z.iso.datetime(),
  kind: z.string().describe('created, claimed, delegated, answered, commented, completed, ...'),
  by: z.string().nullable().describe('Null when the process did it, or nobody'),
  data: z.record(z.string(), z.unknown()),
});

/** All of it in the order in which it happened; first the task's own begin, and last its end. */
const auditRows = `(
  select id, created_at as at, 'created' as kind, null as by,
         jsonb_build_object('dueAt', due_at) as data
    from engine.task where id = $1
  union all
  select id, at, kind, by, data from engine.task_event where task_id = $1
  union all
  select 'ffffffff-ffff-7fff-bfff-ffffffffffff', closed_at, status, closed_by, '{}'
    from engine.task where id = $1 and closed_at is not null) as audit`;

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly kind: string;
  readonly by: string | null;
  readonly data: Record<string, unknown>;
}

/** The procedures over tasks of an engine. `runner` runs the procedures that decide. */
export function taskProcedures(
  engine: () => Engine,
  runner: () => ProcedureRunner,
  people: TaskPeople,
) {
  const list = defineRead({
    name: 'tasks.list',
    summary: 'List tasks for people, oldest first',
    description:
      'Everybody sees the tasks that they may do, have or own; operators see all. All conditions that are ' +
      'given must hold. Each row says what its reader may do with it, and why not.',
    input: taskQuery,
    output: pageOf(taskSchema),
    access: taskCallers,
    http: { method: 'GET', path: '/tasks' },
    errors: [],
    async execute(context, query) {
      const { tx, clock } = context;
      const now = clock.now();
      const reader = await readerFor(people, context);
      const { rows, counted } = await readTasks(tx, query, reader, now);
      const did = await tasksDoneBy(
        tx,
        [...new Set(rows.map((row) => row.instance_id))],
        reader.identities,
      );
      return toPage({
        rows,
        limit: query.limit,
        counted,
        cursorOf: (row) => taskCursor(query.sort, row),
        itemOf: (row) => taskView(row, reader, did, now),
      });
    },
  });

  const get = defineRead({
    name: 'tasks.get',
    summary: 'Show a task, with the form of its answer',
    input: z.object({ taskId: idSchema }),
    output: taskSchema.extend({
      form: z.record(z.string(), z.unknown()).nullable().describe('JSON Schema of the answer'),
    }),
    access: taskCallers,
    http: { method: 'GET', path: '/tasks/{taskId}' },
    errors: seeingErrors,
    async execute(context, { taskId }) {
      const seen = await seenTask(people, context, taskId);
      if (isRefusal(seen)) return seen;
      const { task, reader } = seen;
      const did = await tasksDoneBy(context.tx, [task.instance_id], reader.identities);
      const node = engine().model(task.process, task.version ?? undefined)?.nodes[task.node];
      return { ...taskView(task, reader, did, context.clock.now()), form: formOf(node) };
    },
  });

  const audit = defineRead({
    name: 'tasks.audit',
    summary: 'List what was done with a task, by whom and when',
    input: pageQueryBy([idSchema]).extend({ taskId: idSchema }),
    output: pageOf(auditSchema),
    access: taskCallers,
    http: { method: 'GET', path: '/tasks/{taskId}/audit' },
    errors: seeingErrors,
    async execute(context, { taskId, limit, cursor }) {
      const seen = await seenTask(people, context, taskId);
      if (isRefusal(seen)) return seen;
      const { rows, counted } = await readPage<AuditRow>(context.tx, {
        from: auditRows,
        where: '$1::uuid is not null',
        values: [taskId],
        order: 'oldest first',
        after: cursorValue(cursor),
        limit,
      });
      return toPage({
        rows,
        limit,
        counted,
        cursorOf: (row) => [row.id],
        itemOf: (row) => ({ ...row, at: row.at.toISOString() }),
      });
    },
  });

  return [
    list,
    get,
    audit,
    ...taskClaimProcedures(people),
    ...taskTalkProcedures(people),
    ...taskDecisions(engine, runner, people),
    taskEscalation(),
  ];
}

const shown = new WeakMap<z.ZodType, Record<string, unknown> | null>();

/** The form that was declared, else the schema of what the process takes. */
function formOf(node: FlowNode | undefined): Record<string, unknown> | null {
  if (node?.type !== 'userTask') return null;
  if (node.form) return { ...node.form.schema };
  const known = shown.get(node.output);
  if (known !== undefined) return known;
  let form: Record<string, unknown> | null;
  try {
    const { $schema: _, ...schema } = z.toJSONSchema(node.output, { io: 'input' });
    form = Object.keys(schema).length > 0 ? schema : null;
  } catch {
    // What JSON Schema has no words for is only checked.
    form = null;
  }
  shown.set(node.output, form);
  return form;
}
