/**
 * What a process says of work that people do: who may do it and who must not, until when, how urgent it
 * is, what becomes of it when it is overdue, and what the answer looks like. Everything that depends on
 * an instance is an expression, evaluated once when the task is entered and stored with it.
 */
import type { Expression } from './expression.ts';

/**
 * When people work. Plain frozen data: `businessCalendar` makes and checks it, `business-time.ts` counts
 * by it.
 */
export interface BusinessCalendar {
  readonly name: string;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  /** Hours of each day of the week, Monday first: pairs of minutes since midnight, in order. */
  readonly week: readonly (readonly (readonly [from: number, to: number])[])[];
  /** Days without work: `2026-12-25`, or `12-25` for that day of every year. */
  readonly holidays: readonly string[];
}

/** What happens to a task that is still open at a moment. */
export interface Escalation {
  /** How long after the due date; absent: at the due date. */
  readonly after?: Expression;
  /** Who may do it from then on; absent: whoever may already. */
  readonly groups?: Expression<readonly string[]>;
  readonly users?: Expression<readonly string[]>;
  /** Its priority from then on. */
  readonly priority?: number;
}

/** What an answer must look like, for people who write it and for the check of it. */
export interface TaskForm {
  /** JSON Schema (2020-12). */
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What is said of the work at a user task, beside who may do it by role. */
export interface HumanWork {
  /** Who has the task from the beginning: the id or email of a user. */
  readonly assignee?: Expression<string | null>;
  /** Users who may do it, by id or email. */
  readonly candidateUsers?: Expression<readonly string[]>;
  /** Groups whose members may do it: names of roles, or of groups that the program maps to roles. */
  readonly candidateGroups?: Expression<readonly string[]>;
  /** Ids of user tasks of this process: who did one of them may not do this one. */
  readonly notDoneBy?: readonly string[];
  /** 0 to 100. @defaultValue 50 */
  readonly priority?: Expression<number>;
  /**
   * A duration, a date (the end of that day) or a moment; null for none. A number counts milliseconds.
   * With a calendar durations count working time.
   */
  readonly due?: Expression;
  /** When somebody should look at it again; the same forms as `due`. */
  readonly followUp?: Expression;
  readonly calendar?: BusinessCalendar;
  /** In order of time. */
  readonly escalations?: readonly Escalation[];
  /** Name of a form that another program shows. */
  readonly formKey?: Expression<string | null>;
  readonly form?: TaskForm;
}

/** Priority of a task of which nobody said anything. */
export const usualTaskPriority = 50;
