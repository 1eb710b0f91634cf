/**
 * Procedures by which people come to a task and hand it on: claim, unclaim, assign, delegate, resolve, and
 * what may be changed of it. Each is one transaction with its entry in the task's audit.
 */
import { z } from 'zod';
import { isRefusal, refuse } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { defineTransactional, type TransactionalContext } from '../../kernel/procedure.ts';
import { nameSchema, textSchema } from '../../kernel/text.ts';
import { personName } from '../people/person-name.ts';
import { readerOfPerson, type TaskPeople } from '../people/task-people.ts';
import { isNamed, obstacleTo } from '../people/task-rights.ts';
import {
  lockAnswers,
  recordTaskEvent,
  type TaskChange,
  type TaskEventKind,
} from '../people/task-row.ts';
import { taskSchema, taskView } from '../people/task-view.ts';
import { taskNotYours, taskPersonUnknown } from './errors.ts';
import {
  doWith,
  personFor,
  type SeenTask,
  seenTask,
  taskCallers,
  workErrors,
} from './task-access.ts';

const person = textSchema(254).describe('Id or email of a user');
const groupName = nameSchema.describe('A role, or a group that TASK_GROUPS maps to roles');
const errors = [...workErrors, taskPersonUnknown] as const;
const mostNames = 200;
const moment = z.iso.datetime({ offset: true }).nullable().optional();

/** The procedures; `people` finds who is named. */
export function taskClaimProcedures(people: TaskPeople) {
  const done = async (
    context: TransactionalContext,
    { task, reader }: SeenTask,
    kind: TaskEventKind,
    data: Readonly<Record<string, unknown>> = {},
  ) => {
    const { tx, clock } = context;
    const at = clock.now();
    await recordTaskEvent(tx, { taskId: task.id, at, kind, by: reader.name, data });
    return taskView(task, reader, [], at);
  };
  const common = { output: taskSchema, access: taskCallers, errors } as const;

  const claim = defineTransactional({
    ...common,
    name: 'tasks.claim',
    summary: 'Take a task, so that nobody else does it',
    description:
      'Of several at the same moment one has it, and the others are answered with who. Who has it already ' +
      'keeps it. A program that is trusted claims it for a person, who must be one that may do it.',
    input: z.object({ taskId: idSchema, userId: person.optional() }),
    http: { method: 'POST', path: '/tasks/{taskId}/claim' },
    async execute(context, { taskId, userId }) {
      const claimed = await doWith(people, context, taskId, 'claim', async ({ task, reader }) => {
        const isForOneself = userId === undefined || isNamed(reader, userId);
        if (isForOneself && reader.identities.length > 0) return { assignee: reader.name };
        if (userId === undefined) {
          return refuse(
            taskPersonUnknown,
            'expected a userId, since a program claims for a person',
          );
        }
        if (!reader.isProgram) {
          return refuse(
            taskNotYours,
            'expected to claim for oneself, found another userId; operators assign tasks to others',
          );
        }
        const person = await personFor(people, context, task, userId);
        if (isRefusal(person)) return person;
        const obstacle = obstacleTo('claim', task, readerOfPerson(people, person), []);
        if (obstacle) return refuse(taskNotYours, `expected one who may do it: ${obstacle.reason}`);
        return { assignee: person.id };
      });
      if (isRefusal(claimed)) return claimed;
      const { assignee } = claimed.task;
      return await done(
        context,
        claimed,
        'claimed',
        assignee === claimed.reader.name ? {} : { assignee },
      );
    },
  });

  const unclaim = defineTransactional({
    ...common,
    name: 'tasks.unclaim',
    summary: 'Give a task back, so that others may take it',
    input: z.object({ taskId: idSchema }),
    http: { method: 'POST', path: '/tasks/{taskId}/unclaim' },
    async execute(context, { taskId }) {
      const change = { assignee: null, owner: null, delegation: null };
      const given = await doWith(people, context, taskId, 'unclaim', async () => change);
      if (isRefusal(given)) return given;
      return await done(context, given, 'unclaimed', { assignee: given.before.assignee });
    },
  });

  const assign = defineTransactional({
    ...common,
    name: 'tasks.assign',
    summary: 'Give a task to a person, or take it from whoever has it',
    description: 'For operators, and for who owns it. A delegation ends with it.',
    input: z.object({ taskId: idSchema, assignee: person.nullable() }),
    http: { method: 'POST', path: '/tasks/{taskId}/assign' },
    async execute(context, { taskId, assignee }) {
      const given = await doWith(people, context, taskId, 'assign', async ({ task }) => {
        if (assignee === null) return { assignee: null, owner: null, delegation: null };
        const person = await personFor(people, context, task, assignee);
        if (isRefusal(person)) return person;
        return { assignee: person.id, owner: null, delegation: null };
      });
      if (isRefusal(given)) return given;
      const data = { from: given.before.assignee, to: given.task.assignee };
      return await done(context, given, 'assigned', data);
    },
  });

  const delegate = defineTransactional({
    ...common,
    name: 'tasks.delegate',
    summary: 'Have another person work on a task, who gives it back when done',
    description:
      'Who delegates stays its owner. The other one resolves it; then its owner has it again and completes it.',
    input: z.object({ taskId: idSchema, to: person }),
    http: { method: 'POST', path: '/tasks/{taskId}/delegate' },
    async execute(context, { taskId, to }) {
      const given = await doWith(people, context, taskId, 'delegate', async ({ task, reader }) => {
        const person = await personFor(people, context, task, to);
        if (isRefusal(person)) return person;
        const owner = task.owner ?? task.assignee ?? reader.name;
        return { assignee: person.id, owner, delegation: 'pending' };
      });
      if (isRefusal(given)) return given;
      return await done(context, given, 'delegated', { to: given.task.assignee });
    },
  });

  const resolve = defineTransactional({
    ...common,
    name: 'tasks.resolve',
    summary: 'Give a delegated task back to its owner, worked on',
    input: z.object({ taskId: idSchema }),
    http: { method: 'POST', path: '/tasks/{taskId}/resolve' },
    async execute(context, { taskId }) {
      const known = await seenTask(people, context, taskId);
      if (isRefusal(known)) return known;
      // What is worked on for somebody counts for the rule of four eyes, as answers do.
      await lockAnswers(context.tx, known.task.instance_id);
      const given = await doWith(people, context, taskId, 'resolve', async (seen) => {
        const { resolved_by, owner, assignee } = seen.task;
        // An operator may press the button; the work is that of whoever it was delegated to.
        const worked = [seen.doer.name, assignee ?? seen.doer.name];
        return {
          assignee: owner,
          delegation: 'resolved',
          resolved_by: [...new Set([...resolved_by, ...worked])],
        };
      });
      if (isRefusal(given)) return given;
      return await done(context, given, 'resolved', { to: given.task.assignee });
    },
  });

  const change = defineTransactional({
    ...common,
    name: 'tasks.change',
    summary: 'Change who may do a task, how urgent it is, and its dates',
    description:
      'What is not given stays. Escalations that are still to come move with the due date. Candidates are ' +
      'changed by operators only.',
    input: z.object({
      taskId: idSchema,
      priority: z.number().int().min(0).max(100).optional(),
      dueAt: moment,
      followUpAt: moment,
      candidateUsers: z.array(person).max(mostNames).optional(),
      candidateGroups: z.array(groupName).max(mostNames).optional(),
    }),
    http: { method: 'PATCH', path: '/tasks/{taskId}' },
    async execute(context, { taskId, dueAt, followUpAt, ...given }) {
      const { priority, candidateUsers, candidateGroups } = given;
      const isOfCandidates = candidateUsers !== undefined || candidateGroups !== undefined;
      const changed = await doWith(
        people,
        context,
        taskId,
        isOfCandidates ? 'assign' : 'change',
        async ({ task }): Promise<TaskChange> => ({
          priority: priority ?? task.priority,
          ...(candidateUsers === undefined
            ? {}
            : { candidate_users: [...new Set(candidateUsers.map(personName))] }),
          ...(candidateGroups === undefined ? {} : { candidate_groups: candidateGroups }),
          ...(followUpAt === undefined
            ? {}
            : { follow_up_at: followUpAt === null ? null : new Date(followUpAt) }),
          ...(dueAt === undefined ? {} : movedDue(task, dueAt === null ? null : new Date(dueAt))),
        }),
      );
      if (isRefusal(changed)) return changed;
      const told = { priority, dueAt, followUpAt, candidateUsers, candidateGroups };
      const said = Object.entries(told).filter(([, value]) => value !== undefined);
      return await done(context, changed, 'changed', Object.fromEntries(said));
    },
  });
  return [claim, unclaim, assign, delegate, resolve, change];
}

/** A new due date takes escalations that are still to come with it; without one there are none. */
function movedDue(task: SeenTask['task'], due: Date | null): TaskChange {
  const { escalations, escalated, due_at } = task;
  if (!escalations || !due_at) return { due_at: due };
  if (!due) return { due_at: null, escalate_at: null };
  const byMs = due.getTime() - due_at.getTime();
  const moved = escalations.map((one, index) =>
    index < escalated ? one : { ...one, at: one.at + byMs },
  );
  const next = moved[escalated];
  return { due_at: due, escalations: moved, escalate_at: next ? new Date(next.at) : null };
}
