/**
 * What the expressions of a user task say when it is entered: who, until when, how urgent. Pure; what is
 * found is stored with the task, so that nothing is evaluated again. Throws with what was expected, which
 * makes an incident of the task.
 */
import type { Expression, Variables } from '../model/expression.ts';
import {
  type BusinessCalendar,
  type Escalation,
  type HumanWork,
  usualTaskPriority,
} from '../model/human-work.ts';
import { storableText } from '../model/json.ts';
import type { TaskEscalation, TaskWait } from '../model/state.ts';
import { type Duration, type DurationText, durationMs, durationUnits } from '../time/duration.ts';
import { addWorkingTime, endOfDay, localMoment } from './business-time.ts';
import { personName } from './person-name.ts';

/** People or groups that one task may name. */
const mostNames = 200;
const longestName = 254;
/** The end of the year 9999; far beyond, PostgreSQL knows no date. */
const lastMoment = 253_402_300_799_999;

type Terms = Pick<
  TaskWait,
  | 'assignee'
  | 'users'
  | 'groups'
  | 'notDoneBy'
  | 'priority'
  | 'dueAt'
  | 'followUpAt'
  | 'escalations'
  | 'formKey'
>;

/** The terms of a task that is entered `at`. What is usual is left out. */
export function taskTerms(work: HumanWork, variables: Variables, at: number): Terms {
  const read = <Value>(expression: Expression<Value> | undefined) =>
    expression?.evaluate(variables) as unknown;
  const { calendar, notDoneBy = [] } = work;
  const assignee = personOf(nameOf(read(work.assignee), 'the assignee'));
  const users = peopleIn(read(work.candidateUsers), 'candidate users');
  const groups = namesOf(read(work.candidateGroups), 'candidate groups');
  const dueAt = momentOf(read(work.due), at, calendar, 'the due date');
  const followUpAt = momentOf(read(work.followUp), at, calendar, 'the follow-up date');
  const formKey = nameOf(read(work.formKey), 'the form key');
  const priority = priorityOf(read(work.priority));
  const escalations =
    dueAt === null
      ? []
      : (work.escalations ?? []).map((one) => escalationOf(one, variables, dueAt, calendar));
  return {
    dueAt,
    ...(assignee === null ? {} : { assignee }),
    ...(users.length > 0 ? { users } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(notDoneBy.length > 0 ? { notDoneBy } : {}),
    ...(priority === usualTaskPriority ? {} : { priority }),
    ...(followUpAt === null ? {} : { followUpAt }),
    ...(formKey === null ? {} : { formKey }),
    ...(escalations.length > 0 ? { escalations: escalations.sort((a, b) => a.at - b.at) } : {}),
  };
}

function escalationOf(
  { after, groups, users, priority }: Escalation,
  variables: Variables,
  dueAt: number,
  calendar: BusinessCalendar | undefined,
): TaskEscalation {
  const at = momentOf(after?.evaluate(variables) ?? 0, dueAt, calendar, 'an escalation');
  const toGroups = namesOf(groups?.evaluate(variables), 'groups of an escalation');
  const toUsers = peopleIn(users?.evaluate(variables), 'users of an escalation');
  return {
    at: at ?? dueAt,
    ...(toGroups.length > 0 ? { groups: toGroups } : {}),
    ...(toUsers.length > 0 ? { users: toUsers } : {}),
    ...(priority === undefined ? {} : { priority }),
  };
}

function personOf(name: string | null): string | null {
  return name === null ? null : personName(name);
}

function peopleIn(value: unknown, what: string): readonly string[] {
  return [...new Set(namesOf(value, what).map(personName))];
}

function nameOf(value: unknown, what: string): string | null {
  const names = namesOf(value, what, /$^/);
  if (names.length <= 1) return names[0] ?? null;
  throw new Error(`expected ${what} to be one text, found ${JSON.stringify(value)}`);
}

function namesOf(value: unknown, what: string, separator = /[,;]/): readonly string[] {
  if (value === null || value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value)
    ? value
    : typeof value === 'string'
      ? value.split(separator)
      : [value];
  const names = list.map((name) => {
    if (typeof name === 'string') return storableText(name).trim();
    throw new Error(`expected ${what} to be a list of texts, found ${JSON.stringify(value)}`);
  });
  const found = [...new Set(names.filter((name) => name !== ''))];
  if (found.length > mostNames || found.some(({ length }) => length > longestName)) {
    throw new Error(
      `expected ${what} to be at most ${mostNames} texts of at most ${longestName} characters, found more`,
    );
  }
  return found;
}

function priorityOf(value: unknown): number {
  if (value === undefined || value === null) return usualTaskPriority;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (Number.isInteger(number) && Number(number) >= 0 && Number(number) <= 100) {
    return Number(number);
  }
  throw new Error(
    `expected the priority to be a whole number from 0 to 100, found ${JSON.stringify(value)}`,
  );
}

/** A duration after `at`, the end of a day, or a moment; null for none. */
export function momentOf(
  value: unknown,
  at: number,
  calendar: BusinessCalendar | undefined,
  what: string,
): number | null {
  if (value === null || value === undefined || value === '') return null;
  const found = momentIn(value, at, calendar, what);
  if (Number.isFinite(found) && Math.abs(found) <= lastMoment) return found;
  throw new Error(`expected ${what} to lie before the year 10000, found ${String(value)}`);
}

function momentIn(
  value: unknown,
  at: number,
  calendar: BusinessCalendar | undefined,
  what: string,
): number {
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'number' || (typeof value === 'object' && value !== null)) {
    return after(at, value as Duration, calendar);
  }
  const text = String(value).trim();
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    return calendar ? endOfDay(calendar, text) : Date.parse(`${text}T23:59:59.999Z`);
  }
  if (/^\d{4}-\d{2}-\d{2}T/.test(text)) {
    const isZoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
    const moment = isZoned ? Date.parse(text) : calendar ? localMoment(calendar, text) : Number.NaN;
    if (!Number.isNaN(moment)) return moment;
    throw new Error(
      `expected ${what} to be a moment such as 2026-12-24T18:00:00Z, with its zone unless there is a calendar; found "${text}"`,
    );
  }
  if (isDuration(text)) return after(at, text, calendar);
  throw new Error(
    `expected ${what} to be a duration such as P2D or PT4H, a date or a moment, found ${JSON.stringify(value)}`,
  );
}

function isDuration(text: string): text is DurationText {
  try {
    durationMs(text as DurationText);
    return true;
  } catch {
    return false;
  }
}

function after(at: number, duration: Duration, calendar: BusinessCalendar | undefined): number {
  if (!calendar) return at + durationMs(duration);
  return addWorkingTime(calendar, at, durationUnits(duration));
}
