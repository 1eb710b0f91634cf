/** A task as its readers see it, with what each of them may do with it. */
import { z } from 'zod';
import { idSchema } from '../../kernel/ids.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { obstacleTo, type TaskAction, type TaskReader } from './task-rights.ts';
import type { DoneTask, TaskOfInstance } from './task-row.ts';

/** A task on the wire. */
export const taskSchema = z.object({
  id: idSchema,
  instanceId: idSchema,
  process: z.string(),
  version: z.number().int().nullable().describe('Of the process, as its instance is on it'),
  businessKey: z.string().nullable(),
  element: z.string(),
  title: z.string(),
  subject: z.unknown(),
  roles: z.array(z.string()),
  candidateGroups: z.array(z.string()).describe('Groups beside the roles'),
  candidateUsers: z.array(z.string()).describe('Users by id or email'),
  notDoneBy: z.array(z.string()).describe('Elements whose doer may not do this task'),
  status: z.enum(['open', 'completed', 'cancelled']),
  suspended: z.boolean().describe('Whether its instance takes no answers for now'),
  priority: z.number().int().describe('0 to 100, the higher the more urgent'),
  assignee: z.string().nullable().describe('Who has it'),
  owner: z.string().nullable().describe('Who delegated it'),
  delegation: z.enum(['pending', 'resolved']).nullable(),
  createdAt: z.iso.datetime(),
  dueAt: z.iso.datetime().nullable(),
  followUpAt: z.iso.datetime().nullable(),
  overdue: z.boolean(),
  escalated: z.number().int().describe('How often it was escalated'),
  escalateAt: z.iso.datetime().nullable().describe('When it is escalated next'),
  formKey: z.string().nullable(),
  closedAt: z.iso.datetime().nullable(),
  closedBy: z.string().nullable(),
  can: z.array(actionSchema),
});

/** What can be done, by procedure. */
const actions = [
  ['tasks.approve', 'complete'],
  ['tasks.reject', 'complete'],
  ['tasks.complete', 'complete'],
  ['tasks.claim', 'claim'],
  ['tasks.unclaim', 'unclaim'],
  ['tasks.assign', 'assign'],
  ['tasks.delegate', 'delegate'],
  ['tasks.resolve', 'resolve'],
  ['tasks.change', 'change'],
  ['tasks.comment', 'comment'],
  ['tasks.attach', 'comment'],
] as const satisfies readonly (readonly [string, TaskAction])[];

/** A task for one reader. */
export function taskView(
  row: TaskOfInstance,
  reader: TaskReader,
  did: readonly DoneTask[],
  now: Date,
): z.input<typeof taskSchema> {
  return {
    id: row.id,
    instanceId: row.instance_id,
    process: row.process,
    version: row.version,
    suspended: row.suspended,
    businessKey: row.business_key,
    element: row.node,
    title: row.title,
    subject: row.subject,
    roles: [...row.roles],
    candidateGroups: [...row.candidate_groups],
    candidateUsers: [...row.candidate_users],
    notDoneBy: [...row.not_done_by],
    status: row.status,
    priority: row.priority,
    assignee: row.assignee,
    owner: row.owner,
    delegation: row.delegation,
    createdAt: row.created_at.toISOString(),
    dueAt: row.due_at?.toISOString() ?? null,
    followUpAt: row.follow_up_at?.toISOString() ?? null,
    overdue: row.status === 'open' && row.due_at !== null && row.due_at < now,
    escalated: row.escalated,
    escalateAt: row.escalate_at?.toISOString() ?? null,
    formKey: row.form_key,
    closedAt: row.closed_at?.toISOString() ?? null,
    closedBy: row.closed_by,
    can: actions.map(([action, what]): Action => {
      const obstacle = obstacleTo(what, row, reader, did);
      return obstacle
        ? { action, allowed: false, reason: obstacle.reason }
        : { action, allowed: true };
    }),
  };
}
