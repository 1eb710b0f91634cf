/**
 * What becomes of tasks that are overdue: each declared escalation happens once, in one transaction with
 * its event and its entry in the audit. Called now and then by the node that keeps house.
 */
import { z } from 'zod';
import { defineTransactional } from '../../kernel/procedure.ts';
import { taskEscalated } from '../people/events.ts';
import {
  changeTask,
  lockOverdue,
  recordTaskEvent,
  type TaskChange,
  type TaskRow,
} from '../people/task-row.ts';

/** The procedure. */
export function taskEscalation() {
  return defineTransactional({
    name: 'tasks.escalate-overdue',
    summary: 'Escalate tasks that are overdue, as their processes declare',
    input: z.object({ limit: z.number().int().min(1).max(1_000).default(100) }),
    output: z.object({ escalated: z.number().int(), more: z.boolean() }),
    access: ['service'],
    errors: [],
    emits: [taskEscalated],
    async execute({ tx, clock, emit }, { limit }) {
      const now = clock.now();
      const due = await lockOverdue(tx, now, limit);
      for (const task of due) {
        const change = escalated(task);
        const after = await changeTask(tx, task, change);
        if (!after) continue;
        const level = after.escalated;
        const takenFrom = after.assignee === null ? task.assignee : null;
        const groups = [...after.roles, ...after.candidate_groups];
        const users = [...after.candidate_users];
        const data = { level, takenFrom, groups, users, priority: after.priority };
        const event = { taskId: task.id, at: now, kind: 'escalated', by: null } as const;
        await recordTaskEvent(tx, { ...event, data });
        await emit(taskEscalated, {
          ...data,
          taskId: task.id,
          instanceId: task.instance_id,
          process: task.process,
          element: task.node,
          businessKey: task.business_key,
          dueAt: task.due_at?.toISOString() ?? null,
        });
      }
      return { escalated: due.length, more: due.length === limit };
    },
  });
}

/** The next level. Others who are named take the place of those before, and of whoever had it. */
function escalated(task: TaskRow): TaskChange {
  const levels = task.escalations ?? [];
  const level = levels[task.escalated];
  const next = levels[task.escalated + 1];
  const isForOthers = (level?.groups ?? level?.users) !== undefined;
  return {
    escalated: task.escalated + 1,
    escalate_at: next ? new Date(next.at) : null,
    ...(level?.priority === undefined ? {} : { priority: level.priority }),
    ...(isForOthers
      ? {
          ...{ roles: [], candidate_groups: level?.groups ?? [] },
          ...{ candidate_users: level?.users ?? [] },
          ...{ assignee: null, owner: null, delegation: null },
        }
      : {}),
  };
}
