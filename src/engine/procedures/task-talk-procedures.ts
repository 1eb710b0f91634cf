/** Procedures by which people talk about a task: comments, and attachments by reference. Nothing is uploaded. */
import { z } from 'zod';
import { isRefusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { cursorValue, pageOf, pageQueryBy, toPage } from '../../kernel/page.ts';
import { defineRead, defineTransactional, type ReadContext } from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import type { TaskPeople } from '../people/task-people.ts';
import { recordTaskEvent } from '../people/task-row.ts';
import { taskAttachmentNotFound } from './errors.ts';
import { readPage } from './read-page.ts';
import { seeingErrors, seenTask, taskCallers } from './task-access.ts';

const commentSchema = z.object({
  id: idSchema,
  at: z.iso.datetime(),
  by: z.string().nullable(),
  text: z.string(),
});

const attachment = {
  name: textSchema(200),
  url: z
    .url({ protocol: /^https?$/, error: 'expected a URL that begins with https:// or http://' })
    .max(2_000),
  type: textSchema(100).optional().describe('Media type, such as application/pdf'),
  description: textSchema(1_000).optional(),
};
const attachmentSchema = z.object({
  id: idSchema,
  at: z.iso.datetime(),
  by: z.string().nullable(),
  name: z.string(),
  url: z.string(),
  type: z.string().nullable(),
  description: z.string().nullable(),
});

interface EventRow {
  readonly id: string;
  readonly at: Date;
  readonly by: string | null;
  readonly data: Readonly<Record<string, string>>;
}

/** The procedures. Whoever may see a task may talk about it, also when it is closed. */
export function taskTalkProcedures(people: TaskPeople) {
  const listed = pageQueryBy([idSchema]).extend({ taskId: idSchema });

  async function page<Item>(
    context: ReadContext,
    { taskId, limit, cursor }: z.output<typeof listed>,
    where: string,
    itemOf: (row: EventRow) => Item,
  ) {
    const seen = await seenTask(people, context, taskId);
    if (isRefusal(seen)) return seen;
    const { rows, counted } = await readPage<EventRow>(context.tx, {
      from: 'engine.task_event',
      where: `task_id = $1 and ${where}`,
      values: [taskId],
      order: 'oldest first',
      after: cursorValue(cursor),
      limit,
    });
    return toPage({ rows, limit, counted, cursorOf: (row) => [row.id], itemOf });
  }

  const comments = defineRead({
    name: 'tasks.comments',
    summary: 'List the comments on a task, oldest first',
    input: listed,
    output: pageOf(commentSchema),
    access: taskCallers,
    http: { method: 'GET', path: '/tasks/{taskId}/comments' },
    errors: seeingErrors,
    execute: (context, query) =>
      page(context, query, "kind = 'commented'", ({ id, at, by, data }) => ({
        ...{ id, at: at.toISOString(), by },
        text: data.text ?? '',
      })),
  });

  const comment = defineTransactional({
    name: 'tasks.comment',
    summary: 'Say something about a task',
    input: z.object({ taskId: idSchema, text: textSchema(5_000) }),
    output: commentSchema,
    access: taskCallers,
    http: { method: 'POST', path: '/tasks/{taskId}/comments', status: 201 },
    errors: seeingErrors,
    async execute(context, { taskId, text }) {
      const seen = await seenTask(people, context, taskId);
      if (isRefusal(seen)) return seen;
      const [at, by] = [context.clock.now(), seen.reader.name];
      const event = { taskId, at, kind: 'commented', by, data: { text } } as const;
      const id = await recordTaskEvent(context.tx, event);
      return { id, at: at.toISOString(), by, text };
    },
  });

  const attachments = defineRead({
    name: 'tasks.attachments',
    summary: 'List what is attached to a task, oldest first',
    input: listed,
    output: pageOf(attachmentSchema),
    access: taskCallers,
    http: { method: 'GET', path: '/tasks/{taskId}/attachments' },
    errors: seeingErrors,
    execute: (context, query) => page(context, query, attached, attachmentView),
  });

  const attach = defineTransactional({
    name: 'tasks.attach',
    summary: 'Attach something to a task by where it is found',
    description: 'The reference is kept and shown; what it leads to is never fetched.',
    input: z.object({ taskId: idSchema, ...attachment }),
    output: attachmentSchema,
    access: taskCallers,
    http: { method: 'POST', path: '/tasks/{taskId}/attachments', status: 201 },
    errors: seeingErrors,
    async execute(context, { taskId, ...data }) {
      const seen = await seenTask(people, context, taskId);
      if (isRefusal(seen)) return seen;
      const [at, by] = [context.clock.now(), seen.reader.name];
      const id = await recordTaskEvent(context.tx, { taskId, at, kind: 'attached', by, data });
      return attachmentView({ id, at, by, data: data as EventRow['data'] });
    },
  });

  const detach = defineTransactional({
    name: 'tasks.detach',
    summary: 'Take an attachment away; that it was there stays in the audit',
    input: z.object({ taskId: idSchema, attachmentId: idSchema }),
    output: z.object({ taskId: idSchema, attachmentId: idSchema, detached: z.literal(true) }),
    access: taskCallers,
    http: { method: 'DELETE', path: '/tasks/{taskId}/attachments/{attachmentId}' },
    errors: [...seeingErrors, taskAttachmentNotFound],
    async execute({ tx, ...context }, { taskId, attachmentId }) {
      const seen = await seenTask(people, { ...context, tx }, taskId);
      if (isRefusal(seen)) return seen;
      const { rows } = await tx.query(
        `select id from engine.task_event where task_id = $1 and id = $2 and ${attached} for update`,
        [taskId, attachmentId],
      );
      if (rows.length === 0) {
        return refuse(
          taskAttachmentNotFound,
          `expected the id of something attached to the task, found ${attachmentId}`,
        );
      }
      const event = { taskId, at: context.clock.now(), kind: 'detached' } as const;
      await recordTaskEvent(tx, { ...event, by: seen.reader.name, data: { attachmentId } });
      return { taskId, attachmentId, detached: true as const };
    },
  });
  return [comments, comment, attachments, attach, detach];
}

/** What is attached and was not taken away. */
const attached = `kind = 'attached' and not exists (
  select 1 from engine.task_event d
   where d.task_id = $1 and d.kind = 'detached' and d.data->>'attachmentId' = task_event.id::text)`;

function attachmentView({ id, at, by, data }: EventRow): z.input<typeof attachmentSchema> {
  const { name = '', url = '', type = null, description = null } = data;
  return { id, at: at.toISOString(), by, name, url, type, description };
}
