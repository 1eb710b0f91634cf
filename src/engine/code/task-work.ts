/**
 * What a `task` says of the people who do it: compiled to the model's terms, with what is wrong in them
 * told while the workflow is written down.
 */
import type { Role } from '../../kernel/caller.ts';
import { expectAuthored } from '../model/authoring-error.ts';
import { constant, type Expression } from '../model/expression.ts';
import type { BusinessCalendar, Escalation, HumanWork } from '../model/human-work.ts';
import { checkForm } from '../people/task-form.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import { authored, type Site } from './content.ts';
import type { Known, Scope } from './known.ts';

/** A value, or a function of what is known where the task stands. */
export type Told<K extends Known, Value> = Value | ((scope: Scope<K>) => Value);

/**
 * A duration, a date (`2026-12-24`, the end of that day), a moment with its zone, or a `Date`. With a
 * calendar durations count working time.
 */
export type TaskTime = Duration | `${number}-${number}-${number}${string}` | Date | null;

/** What becomes of a task that is overdue. */
export interface TaskEscalationOptions<K extends Known> {
  /** How long after the due date. @defaultValue at the due date */
  readonly after?: Duration;
  /** Groups and users who may do it from then on, instead of those before. */
  readonly groups?: Told<K, readonly string[]>;
  readonly users?: Told<K, readonly string[]>;
  /** Its priority from then on. */
  readonly priority?: number;
}

/** Who does a task, until when, and what the answer looks like. */
export interface TaskWorkOptions<K extends Known> {
  /** Any one of these roles may do it; may be left out when others are named. */
  readonly roles?: readonly [Role, ...Role[]];
  /** Who has it from the beginning: id or email of a user. */
  readonly assignee?: Told<K, string | null>;
  readonly candidateUsers?: Told<K, readonly string[]>;
  /** Names of roles, or of groups that the setting `TASK_GROUPS` maps to roles. */
  readonly candidateGroups?: Told<K, readonly string[]>;
  /** Ids of tasks of this workflow: who did one of them may not do this one. */
  readonly notDoneBy?: readonly string[];
  /** 0 to 100. @defaultValue 50 */
  readonly priority?: Told<K, number>;
  /** When it is due; only informs, and escalates where `escalations` says so. */
  readonly due?: Told<K, TaskTime>;
  /** When somebody should look at it again. */
  readonly followUp?: Told<K, TaskTime>;
  /** Counts the durations of `due`, `followUp` and `escalations` in working time. */
  readonly calendar?: BusinessCalendar;
  readonly escalations?: readonly TaskEscalationOptions<K>[];
  /** Name of a form that another program shows. */
  readonly formKey?: Told<K, string | null>;
  /** JSON Schema of the form. @defaultValue the JSON Schema of `output` */
  readonly form?: Readonly<Record<string, unknown>>;
}

/** The terms as the model has them. */
export function taskWork<K extends Known>(
  site: Site,
  id: string,
  options: TaskWorkOptions<K>,
): HumanWork & { readonly roles: readonly Role[] } {
  const { roles = [], notDoneBy, calendar, escalations, form } = options;
  const read = <Value>(told: Told<K, Value> | undefined): Expression<Value> | undefined => {
    if (told === undefined) return undefined;
    return typeof told === 'function' ? authored<Value>(site, told as never) : constant(told);
  };
  const { assignee, candidateUsers, candidateGroups, priority, due, followUp, formKey } = options;
  const isForSomebody = roles.length > 0 || assignee || candidateUsers || candidateGroups;
  expectAuthored(
    Boolean(isForSomebody),
    `expected task "${id}" to say who may do it: roles, assignee, candidateUsers or candidateGroups`,
  );
  expectAuthored(
    !escalations?.length || due !== undefined,
    `expected task "${id}" to have a due date, since it has escalations`,
  );
  const problem = form === undefined ? null : checkForm(form);
  expectAuthored(
    problem === null,
    `expected the form of task "${id}" to be JSON Schema: ${problem}`,
  );
  const work = {
    assignee: read(assignee),
    candidateUsers: read(candidateUsers),
    candidateGroups: read(candidateGroups),
    priority: read(priority),
    due: read(due),
    followUp: read(followUp),
    formKey: read(formKey),
    notDoneBy,
    calendar,
    form: form === undefined ? undefined : { schema: form },
    escalations: escalations?.map((one): Escalation => {
      const [groups, users] = [read(one.groups), read(one.users)];
      return {
        ...(one.after === undefined ? {} : { after: constant(checked(one.after)) }),
        ...(groups ? { groups } : {}),
        ...(users ? { users } : {}),
        ...(one.priority === undefined ? {} : { priority: one.priority }),
      };
    }),
  };
  const said = Object.fromEntries(Object.entries(work).filter(([, value]) => value !== undefined));
  return { ...(said as HumanWork), roles };
}

function checked(duration: Duration): Duration {
  durationMs(duration);
  return duration;
}
