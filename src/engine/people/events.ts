/** Facts about people's work. Titles and answers stay inside: people write them. */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

/** A task stayed open beyond a moment that its process declares. */
export const taskEscalated = defineEvent({
  name: 'tasks.task-escalated',
  version: 1,
  summary: 'A task for people was overdue and was escalated',
  payload: z.object({
    taskId: idSchema,
    instanceId: idSchema,
    process: z.string(),
    element: z.string(),
    businessKey: z.string().nullable(),
    dueAt: z.iso.datetime().nullable(),
    level: z.number().int().describe('Counts from 1'),
    takenFrom: z.string().nullable().describe('Who had it, when it was given to others'),
    groups: z.array(z.string()).describe('Who may do it now'),
    users: z.array(z.string()),
    priority: z.number().int(),
  }),
  key: (payload) => payload.instanceId,
});
