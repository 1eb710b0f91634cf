/**
 * What a user task of a drawing says of the people who do it: in our extension, and in the standard's own
 * words (`humanPerformer`, `potentialOwner`). A text that begins with `=` is FEEL; any other is what it
 * says.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { type Role, roles } from '../../../kernel/caller.ts';
import { constant, type Expression, type Variables } from '../../model/expression.ts';
import type { BusinessCalendar, Escalation, HumanWork } from '../../model/human-work.ts';
import { checkForm } from '../../people/task-form.ts';
import { momentOf, taskTerms } from '../../people/task-terms.ts';
import { checkProperties } from '../known-properties.ts';
import { elementOf, elementsOf, idOf, kindOf, textOf } from '../moddle-values.ts';
import { feel, type ProcessContext, unread } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';

/** A moment for trying what does not depend on variables. */
const anyMoment = Date.UTC(2026, 0, 1);

/** The terms of a user task, with its roles. */
export function readHumanWork(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): HumanWork & { readonly roles: readonly Role[] } {
  const { report } = context;
  const told = (name: string) => toldBy(context, element, extension.text('task', name));
  const standard = readResources(context, element);
  const assignee = told('assignee') ?? standard.assignee;
  const candidateUsers = joined(told('candidateUsers'), standard.users);
  const candidateGroups = joined(told('candidateGroups'), standard.groups);
  const namedRoles = extension.text('task', 'roles');
  const own = readRoles(context, element, namedRoles);
  if (namedRoles === undefined && !assignee && !candidateUsers && !candidateGroups) {
    report.add(
      'people-missing',
      element,
      'expected the task to say who may do it, found nobody',
      'add <orderloom:task roles="manager"/>, an assignee, candidateUsers or candidateGroups',
    );
  }
  const calendar = readCalendarName(context, element, extension.text('task', 'calendar'));
  const notDoneBy = extension
    .text('task', 'notDoneBy')
    ?.split(/[\s,]+/)
    .filter(Boolean);
  const [due, followUp] = ['due', 'followUp'].map((name) =>
    timeOf(context, element, extension.text('task', name), calendar),
  );
  const escalations = extension
    .all('escalation')
    .flatMap((given) => readEscalation(context, element, given, calendar));
  if (escalations.length > 0 && !due) {
    report.add(
      'people-invalid',
      element,
      'expected a task that escalates to have a due date, found none',
      'add due="..." to <orderloom:task>',
    );
  }
  const form = readForm(context, element, extension);
  const priority = told('priority') as Expression<number> | undefined;
  const formKey = told('formKey') as Expression<string> | undefined;
  const work = {
    ...{ assignee, candidateUsers, candidateGroups, priority, due, followUp, formKey },
    ...{ calendar, form },
    notDoneBy: notDoneBy?.length ? notDoneBy : undefined,
    escalations: escalations.length > 0 ? escalations : undefined,
  };
  const said = Object.entries(work).filter(([, value]) => value !== undefined);
  const read = { ...(Object.fromEntries(said) as HumanWork), roles: own };
  tryConstants(context, element, read);
  return read;
}

/** What is the same for all instances is tried now: an error in it would only come up at night. */
function tryConstants({ report }: ProcessContext, element: ModdleElement, work: HumanWork): void {
  const isConstant = (value: unknown) =>
    typeof value !== 'object' || value === null || !('evaluate' in value) || isTold(value);
  const { due: _due, followUp: _followUp, escalations: _escalations, ...rest } = work;
  const constants = Object.fromEntries(
    Object.entries(rest).filter(([name, value]) => name !== 'form' && isConstant(value)),
  );
  try {
    taskTerms(constants, {}, anyMoment);
  } catch (error) {
    report.add(
      'people-invalid',
      element,
      error instanceof Error ? error.message : String(error),
      'mend it, or write it as FEEL: = ...',
    );
  }
}

const toldTexts = new WeakSet<object>();
const isTold = (value: object) => toldTexts.has(value);

/** FEEL after `=`, else the text itself. */
function toldBy(
  context: ProcessContext,
  element: ModdleElement,
  text: string | undefined,
): Expression<never> | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  if (trimmed.startsWith('=') || /^[$#]\{/.test(trimmed)) {
    return (feel(context, element, trimmed) as Expression<never> | null) ?? unread;
  }
  const told = constant(trimmed) as Expression<never>;
  toldTexts.add(told);
  return told;
}

function readRoles(
  { report }: ProcessContext,
  element: ModdleElement,
  text: string | undefined,
): readonly Role[] {
  const named = (text ?? '').split(/[\s,]+/).filter(Boolean);
  const known = named.filter((name): name is Role => (roles as readonly string[]).includes(name));
  if (known.length < named.length) {
    report.add(
      'role-unknown',
      element,
      `expected one or more of ${roles.join(', ')}, found ${named.join(', ')}`,
      'add <orderloom:task roles="manager"/>; other groups are named in candidateGroups',
    );
  }
  return known;
}

function readCalendarName(
  { report, calendars }: ProcessContext,
  element: ModdleElement,
  name: string | undefined,
): BusinessCalendar | undefined {
  if (name === undefined) return undefined;
  const found = calendars?.own.get(name) ?? calendars?.program?.(name);
  if (found || !calendars?.program) {
    if (found) return found;
    // Nobody knows the program's calendars here; the drawing is only checked.
    return { name, timeZone: 'UTC', week: Array(7).fill([[0, 1440]]), holidays: [] };
  }
  report.add(
    'calendar-invalid',
    element,
    `expected the name of a calendar of the process or the program, found "${name}"`,
    'declare it with <orderloom:calendar name="..."/> at the process, or in the file that BUSINESS_CALENDARS names',
  );
  return undefined;
}

function timeOf(
  context: ProcessContext,
  element: ModdleElement,
  text: string | undefined,
  calendar: BusinessCalendar | undefined,
): Expression | undefined {
  const told = toldBy(context, element, text);
  if (!told || !isTold(told)) return told;
  try {
    momentOf(told.evaluate({}), anyMoment, calendar, 'a due or follow-up date');
    return told;
  } catch (error) {
    context.report.add(
      'task-time-invalid',
      element,
      error instanceof Error ? error.message : String(error),
      'write it such as P2D, 2026-12-24T18:00:00Z or = input.deadline',
    );
    return unread;
  }
}

function readEscalation(
  context: ProcessContext,
  element: ModdleElement,
  given: ModdleElement,
  calendar: BusinessCalendar | undefined,
): Escalation[] {
  const after = timeOf(context, element, textOf(given, 'after'), calendar);
  const groups = toldBy(context, element, textOf(given, 'groups'));
  const users = toldBy(context, element, textOf(given, 'users'));
  const priority = textOf(given, 'priority');
  const number = priority === undefined ? undefined : Number(priority);
  if (number !== undefined && !(Number.isInteger(number) && number >= 0 && number <= 100)) {
    context.report.add(
      'people-invalid',
      element,
      `expected the priority of an escalation to be a whole number from 0 to 100, found "${priority}"`,
      'write it such as <orderloom:escalation after="PT4H" groups="manager" priority="80"/>',
    );
    return [];
  }
  return [
    {
      ...(after ? { after } : {}),
      ...(groups ? { groups } : {}),
      ...(users ? { users } : {}),
      ...(number === undefined ? {} : { priority: number }),
    },
  ];
}

function readForm(
  { report }: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): HumanWork['form'] {
  const given = extension.one('form');
  if (!given) return undefined;
  let schema: unknown;
  let problem: string | null;
  try {
    schema = JSON.parse(textOf(given, 'schema') ?? '');
    const isObject = typeof schema === 'object' && schema !== null && !Array.isArray(schema);
    problem = isObject
      ? checkForm(schema as Readonly<Record<string, unknown>>)
      : 'expected a JSON object, found something else';
  } catch (error) {
    problem = `expected JSON, found none: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (problem === null) return { schema: schema as Readonly<Record<string, unknown>> };
  report.add(
    'form-invalid',
    element,
    problem,
    'write <orderloom:form><![CDATA[{"type": "object", "properties": {...}}]]></orderloom:form>',
  );
  return undefined;
}

// --- the standard's own words ------------------------------------------------------------------

interface Resources {
  readonly assignee?: Expression<string | null>;
  readonly users?: Expression<readonly string[]>;
  readonly groups?: Expression<readonly string[]>;
}

function readResources(context: ProcessContext, element: ModdleElement): Resources {
  const { report } = context;
  let assignee: Expression<string | null> | undefined;
  const owners: Expression[] = [];
  for (const role of elementsOf(element, 'resources')) {
    checkProperties(role, report);
    const kind = kindOf(role);
    const told = readResource(context, element, role);
    if (!told) continue;
    if (kind === 'humanPerformer' || kind === 'performer') assignee = told as Expression<never>;
    else if (kind === 'potentialOwner') owners.push(told);
    else {
      report.add(
        'property-unsupported',
        element,
        `expected humanPerformer or potentialOwner, found ${kind}`,
        'use one of those',
      );
    }
  }
  if (owners.length === 0) return assignee ? { assignee } : {};
  return {
    ...(assignee ? { assignee } : {}),
    users: namedIn(owners, 'user'),
    groups: namedIn(owners, 'group'),
  };
}

/** A resource that is named, or an expression that tells who. */
function readResource(
  context: ProcessContext,
  element: ModdleElement,
  role: ModdleElement,
): Expression | undefined {
  const holder = elementOf(role, 'resourceAssignmentExpression');
  const written = holder && elementOf(holder, 'expression');
  const reference = elementOf(role, 'resourceRef');
  const text = written
    ? textOf(written, 'body')
    : reference && (textOf(reference, 'name') ?? idOf(reference));
  if (text) return toldBy(context, element, text);
  context.report.add(
    'people-invalid',
    element,
    `expected ${kindOf(role)} to say who, found nothing`,
    'write <resourceAssignmentExpression><formalExpression>user(ada), group(manager)</formalExpression></resourceAssignmentExpression>',
  );
  return undefined;
}

/** `user(ada), group(manager), support`: what stands alone is a group. */
function namedIn(owners: readonly Expression[], wanted: 'user' | 'group') {
  const evaluate = (variables: Variables): readonly string[] =>
    owners.flatMap((owner) => {
      const value = owner.evaluate(variables);
      const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
      return texts.flatMap((text) => {
        if (typeof text !== 'string') {
          throw new Error(`expected potential owners as texts, found ${JSON.stringify(value)}`);
        }
        return text.split(',').flatMap((part) => {
          const match = /^\s*(?:(user|group)\s*\(\s*(.*?)\s*\)|(.*?))\s*$/.exec(part);
          const kind = match?.[1] ?? 'group';
          const name = match?.[2] ?? match?.[3] ?? '';
          return kind === wanted && name !== '' ? [name] : [];
        });
      });
    });
  return { source: owners.map(({ source }) => source).join(', '), evaluate };
}

function joined(
  first: Expression<never> | undefined,
  second: Expression<readonly string[]> | undefined,
): Expression<readonly string[]> | undefined {
  if (!first || !second) return (first as Expression<readonly string[]> | undefined) ?? second;
  const listOf = (value: unknown): readonly unknown[] =>
    Array.isArray(value) ? value : typeof value === 'string' ? value.split(/[,;]/) : [];
  return {
    source: `${first.source}, ${second.source}`,
    evaluate: (variables) =>
      [...listOf(first.evaluate(variables)), ...second.evaluate(variables)] as string[],
  };
}
