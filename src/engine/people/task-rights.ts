/**
 * Who may do what with a task, and why not. Pure, so that a list says exactly what an attempt would be
 * answered with.
 */
import { type Caller, hasRole, type Role } from '../../kernel/caller.ts';
import { personName } from './person-name.ts';
import type { DoneTask, TaskRow } from './task-row.ts';

/** Groups beside the roles: the roles whose holders belong to each. */
export type TaskGroups = Readonly<Record<string, readonly Role[]>>;

/** Somebody who looks at tasks. */
export interface TaskReader {
  /** What tasks may call this person by: id and email. Empty for a program. */
  readonly identities: readonly string[];
  /** What is written down as the doer. */
  readonly name: string;
  /** Roles, and groups that follow from them. */
  readonly groups: readonly string[];
  /** Sees all tasks and looks after them. */
  readonly isOperator: boolean;
  readonly isAdmin: boolean;
  /** A program that is trusted to act for people: an API key of the role `service` or `admin`. */
  readonly isProgram: boolean;
}

/** The reader that a caller is. `email` is null when nobody knows it. */
export function readerOf(caller: Caller, email: string | null, groups: TaskGroups): TaskReader {
  const identities = [caller.userId, email].filter((name) => name !== null);
  const named = Object.entries(groups).flatMap(([name, roles]) =>
    hasRole(caller, ...roles) ? [name] : [],
  );
  return {
    identities: identities.map(personName),
    name: caller.userId ?? caller.kind,
    groups: [...caller.roles, ...named],
    isOperator: hasRole(caller, 'admin', 'operator', 'service'),
    isAdmin: hasRole(caller, 'admin'),
    isProgram: caller.userId === null && hasRole(caller, 'admin', 'service'),
  };
}

/** What can be done with a task. */
export type TaskAction =
  | 'claim'
  | 'unclaim'
  | 'assign'
  | 'delegate'
  | 'resolve'
  | 'change'
  | 'comment'
  | 'complete';

/** Why not, as the code and the sentence of a refusal. */
export interface TaskObstacle {
  readonly code: 'closed' | 'not-yours' | 'claimed' | 'delegated' | 'four-eyes';
  readonly reason: string;
}

/** True when a reader is the one that a task names. */
export function isNamed({ identities }: TaskReader, name: string | null): boolean {
  return name !== null && identities.includes(personName(name));
}

/** True when a task is shown to a reader. */
export function maySee(task: TaskRow, reader: TaskReader): boolean {
  return reader.isOperator || isCandidate(task, reader) || isNamed(reader, task.owner);
}

function isCandidate(task: TaskRow, reader: TaskReader): boolean {
  if (reader.isAdmin || reader.isProgram || isNamed(reader, task.assignee)) return true;
  return (
    task.candidate_users.some((name) => isNamed(reader, name)) ||
    [...task.roles, ...task.candidate_groups].some((group) => reader.groups.includes(group))
  );
}

/**
 * That somebody did another task of the same instance which rules out this one, in either direction; null
 * when nothing does.
 */
export function obstacleOfFourEyes(task: TaskRow, did: readonly DoneTask[]): TaskObstacle | null {
  const done = did.find(
    (one) =>
      one.id !== task.id &&
      one.instance_id === task.instance_id &&
      (task.not_done_by.includes(one.node) || one.not_done_by.includes(task.node)),
  );
  if (!done) return null;
  return { code: 'four-eyes', reason: `whoever did "${done.node}" may not do "${task.node}"` };
}

/**
 * Why a reader may not do something with a task; null when nothing is in the way. `did`: what the one who
 * works did before; a program works for the assignee.
 */
export function obstacleTo(
  action: TaskAction,
  task: TaskRow,
  reader: TaskReader,
  did: readonly DoneTask[],
): TaskObstacle | null {
  if (!maySee(task, reader)) return notYours(`only ${whoMay(task)} may do it`);
  if (action === 'comment') return null;
  if (task.status !== 'open') return { code: 'closed', reason: `the task is ${task.status}` };
  const has = isNamed(reader, task.assignee);
  const looksAfter = reader.isOperator;
  switch (action) {
    case 'change':
      return has || looksAfter ? null : notYours('only who has it and operators may change it');
    case 'assign':
      return looksAfter || isNamed(reader, task.owner)
        ? null
        : notYours('only operators and its owner may assign it');
    case 'unclaim':
      if (task.assignee === null) return notYours('nobody has claimed it');
      if (!has && !looksAfter) return notYours(`it is ${task.assignee} who has claimed it`);
      return task.delegation === 'pending' ? delegated('it was delegated; resolve it') : null;
    case 'delegate':
      if (!has && !looksAfter) return notYours('only who has it may delegate it; claim it first');
      return task.delegation === 'pending' ? delegated('it was delegated already') : null;
    case 'resolve':
      if (task.delegation !== 'pending') return notYours('nobody has delegated it');
      if (!has && !looksAfter) return notYours(`it was delegated to ${task.assignee}`);
      return obstacleOfFourEyes(task, did);
    default:
      return obstacleToWork(action, task, reader, did);
  }
}

function obstacleToWork(
  action: 'claim' | 'complete',
  task: TaskRow,
  reader: TaskReader,
  did: readonly DoneTask[],
): TaskObstacle | null {
  if (!isCandidate(task, reader)) return notYours(`only ${whoMay(task)} may do it`);
  const isForAssignee = reader.isProgram && action === 'complete';
  if (task.assignee !== null && !isNamed(reader, task.assignee) && !isForAssignee) {
    return { code: 'claimed', reason: `${task.assignee} has it` };
  }
  const ruledOut = obstacleOfFourEyes(task, did);
  if (ruledOut) return ruledOut;
  if (action === 'complete' && task.delegation === 'pending') {
    return delegated('it was delegated; resolve it, then its owner completes it');
  }
  return null;
}

/** Who may do a task, for strangers: groups, and no names of people. */
export function whoMay(task: TaskRow): string {
  const groups = [...new Set<string>([...task.roles, ...task.candidate_groups])];
  const isForPeople = task.candidate_users.length > 0 || task.assignee !== null;
  if (isForPeople) groups.push('people whom it names');
  return groups.length > 0 ? groups.join(', ') : 'those whom operators assign it to';
}

function notYours(reason: string): TaskObstacle {
  return { code: 'not-yours', reason };
}

function delegated(reason: string): TaskObstacle {
  return { code: 'delegated', reason };
}
