/** What the procedures over tasks share: finding a task for a caller, and saying why not. */
import type { Role } from '../../kernel/caller.ts';
import { isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import type { CallContext } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { personName } from '../people/person-name.ts';
import {
  type Doer,
  doerNamed,
  type Person,
  readerFor,
  type TaskPeople,
} from '../people/task-people.ts';
import {
  maySee,
  obstacleOfFourEyes,
  obstacleTo,
  type TaskAction,
  type TaskReader,
  whoMay,
} from '../people/task-rights.ts';
import {
  changeTask,
  readTask,
  type TaskChange,
  type TaskOfInstance,
  type TaskRow,
  tasksDoneBy,
} from '../people/task-row.ts';
import {
  taskClaimed,
  taskClosed,
  taskDelegated,
  taskFourEyes,
  taskNotFound,
  taskNotYours,
  taskPersonUnknown,
} from './errors.ts';

/** Who may ask at all; what they may do with a task depends on the task. Staff first, for demo mode. */
export const taskCallers = [
  'manager',
  'admin',
  'operator',
  'support',
  'customer',
  'service',
] as const satisfies readonly Role[];

/** Why a task is not found or not shown. */
export const seeingErrors = [taskNotFound, taskNotYours] as const;
/** Why something cannot be done with a task. */
export const workErrors = [
  ...seeingErrors,
  taskClosed,
  taskClaimed,
  taskDelegated,
  taskFourEyes,
] as const;
type SeeingCode = (typeof seeingErrors)[number]['code'];
/** The codes of those refusals. */
export type WorkCode = (typeof workErrors)[number]['code'];

/** A call in an open transaction. */
export type TaskContext = CallContext & { readonly tx: Transaction };

/** A task that a caller may see. */
export interface SeenTask {
  readonly task: TaskOfInstance;
  readonly reader: TaskReader;
}

/** The task when the caller may see it. */
export async function seenTask(
  people: TaskPeople,
  context: TaskContext,
  taskId: string,
): Promise<SeenTask | Refusal<SeeingCode>> {
  const task = await readTask(context.tx, taskId);
  if (!task) return refuse(taskNotFound, `expected the id of a task, found none with id ${taskId}`);
  const reader = await readerFor(people, context);
  if (maySee(task, reader)) return { task, reader };
  const held = reader.groups.join(', ') || 'no role';
  return refuse(taskNotYours, `expected one of ${whoMay(task)}, found ${held}`);
}

/** A task with which a caller may do something. */
export interface WorkedTask extends SeenTask {
  /** The caller; for a trusted program the person who has the task. */
  readonly doer: Doer;
}

/** The task when the caller may do this with it. */
export async function workTask(
  people: TaskPeople,
  context: TaskContext,
  taskId: string,
  action: TaskAction,
): Promise<WorkedTask | Refusal<WorkCode>> {
  const seen = await seenTask(people, context, taskId);
  if (isRefusal(seen)) return seen;
  const { task, reader } = seen;
  const doer =
    reader.isProgram && task.assignee !== null
      ? await doerNamed(people, context, task.assignee)
      : { name: reader.name, identities: reader.identities };
  const worked = { ...seen, doer };
  return (await obstacle(people, context, worked, action)) ?? worked;
}

async function obstacle(
  people: TaskPeople,
  context: TaskContext,
  { task, reader, doer }: WorkedTask,
  action: TaskAction,
): Promise<Refusal<WorkCode> | null> {
  const isWork = action === 'claim' || action === 'resolve' || action === 'complete';
  const did = isWork ? await tasksDoneBy(context.tx, [task.instance_id], doer.identities) : [];
  const found = obstacleTo(action, task, reader, did);
  if (!found) return null;
  const { assignee } = task;
  switch (found.code) {
    case 'closed':
      return closedTask(task);
    case 'claimed': {
      const holder = assignee ? await people.find(context.tx, assignee, context.trace) : null;
      return refuse(
        taskClaimed,
        `expected a task that nobody else has, found that ${holder?.name ?? assignee} has it; ask them ` +
          'to give it back, or an operator to assign it',
        { data: { assignee } },
      );
    }
    case 'delegated':
      return refuse(
        taskDelegated,
        `expected a task that is not delegated, found: ${found.reason}`,
        {
          data: { assignee, owner: task.owner },
        },
      );
    case 'four-eyes':
      return refuseFourEyes(found.reason);
    default:
      return refuse(
        taskNotYours,
        `expected a task with which you may do that, found: ${found.reason}`,
      );
  }
}

/** Says that the rule of four eyes is in the way. */
export function refuseFourEyes(reason: string): Refusal<'TASK_FOUR_EYES'> {
  return refuse(taskFourEyes, `expected somebody else to do it, found that ${reason}`);
}

/** Says that a task is not open any more. */
export function closedTask({ status }: TaskRow): Refusal<'TASK_CLOSED'> {
  const how =
    status === 'open'
      ? 'decided at the same moment'
      : status === 'cancelled'
        ? 'cancelled by its process'
        : 'completed';
  return refuse(taskClosed, `expected an open task, found one that was ${how}`);
}

/** How often a task is looked at again after somebody was first. */
const mostTries = 3;

/**
 * Does something with a task: judged as it stands, then written if nobody was first, else judged again.
 * Of two at the same moment one does it, and the other is told what it found.
 */
export async function doWith<Code extends string = never>(
  people: TaskPeople,
  context: TaskContext,
  taskId: string,
  action: TaskAction,
  changeOf: (seen: WorkedTask) => Promise<TaskChange | Refusal<Code>>,
): Promise<(SeenTask & { readonly before: TaskRow }) | Refusal<WorkCode | Code>> {
  for (let tries = 1; ; tries += 1) {
    const seen = await workTask(people, context, taskId, action);
    if (isRefusal(seen)) return seen;
    const change = await changeOf(seen);
    if (isRefusal(change)) return change;
    const task = await changeTask(context.tx, seen.task, change);
    if (task) return { task, reader: seen.reader, before: seen.task };
    if (tries >= mostTries) return closedTask(seen.task);
  }
}

/** Somebody to whom a task may be given: a person who exists and is not ruled out by four eyes. */
export async function personFor(
  people: TaskPeople,
  { tx, trace }: TaskContext,
  task: TaskRow,
  reference: string,
): Promise<Person | Refusal<'TASK_PERSON_UNKNOWN' | 'TASK_FOUR_EYES'>> {
  const person = await people.find(tx, reference, trace);
  if (!person) {
    return refuse(
      taskPersonUnknown,
      `expected the id or email of a user, found "${reference}"; check how it is written`,
    );
  }
  const did = await tasksDoneBy(tx, [task.instance_id], [person.id, personName(person.email)]);
  const ruledOut = obstacleOfFourEyes(task, did);
  return ruledOut ? refuseFourEyes(ruledOut.reason) : person;
}
