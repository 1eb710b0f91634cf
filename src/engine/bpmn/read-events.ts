/** The definitions of events: messages, timers, errors, compensation, and where each may stand. */
import type { ModdleElement } from 'bpmn-moddle';
import { durationMs } from '../code/duration.ts';
import { constant, type Expression, type Variables } from '../model/expression.ts';
import type {
  CorrelationField,
  EventDefinitionModel,
  MessageEventDefinition,
  TimerEventDefinition,
} from '../model/process-model.ts';
import { cronMoments } from '../schedules/cron.ts';
import { checkProperties } from './known-properties.ts';
import { elementOf, elementsOf, kindOf, numberOf, textOf } from './moddle-values.ts';
import { codeLanguage, feel, feelOf, type ProcessContext, unread } from './process-context.ts';
import { ElementExtension } from './read-extension.ts';

/** Where an event stands. */
export type EventPosition =
  | 'process start'
  | 'sub-process start'
  | 'event sub-process start'
  | 'intermediate catch'
  | 'boundary'
  | 'intermediate throw'
  | 'end';

/** Which definitions each position takes; `none` is an event without one. */
export const positions: Readonly<Record<EventPosition, readonly string[]>> = {
  'process start': ['none', 'message', 'timer'],
  'sub-process start': ['none'],
  'event sub-process start': ['message', 'timer', 'error'],
  'intermediate catch': ['message', 'timer'],
  boundary: ['message', 'timer', 'error', 'compensate'],
  'intermediate throw': ['none', 'compensate'],
  end: ['none', 'error', 'compensate', 'terminate'],
};

/** `message` of `messageEventDefinition`. */
function triggerOf(definition: ModdleElement): string {
  return kindOf(definition).replace(/EventDefinition$/, '');
}

/** The one definition of an event: contained, or defined once and referred to. */
export function definitionsOf(event: ModdleElement): readonly ModdleElement[] {
  return [...elementsOf(event, 'eventDefinitions'), ...elementsOf(event, 'eventDefinitionRef')];
}

/** The name of an event's trigger: `none`, `message`, ... */
export function eventTrigger(event: ModdleElement): string {
  const [definition] = definitionsOf(event);
  return definition ? triggerOf(definition) : 'none';
}

/** Reads the definition of an event; null for one without, and where it cannot be read. */
export function readDefinition(
  context: ProcessContext,
  event: ModdleElement,
  position: EventPosition,
  /** What the event waits for in detail is in code. */
  isFromCode = false,
): EventDefinitionModel | null {
  const { report } = context;
  const definitions = definitionsOf(event);
  if (definitions.length > 1) {
    report.add(
      'event-multiple',
      event,
      `expected one definition, found ${definitions.map(triggerOf).join(', ')}`,
      'draw one event for each of them',
    );
    return null;
  }
  const trigger = eventTrigger(event);
  if (!positions[position].includes(trigger)) {
    const rule =
      position === 'event sub-process start'
        ? 'event-subprocess-start'
        : position === 'sub-process start'
          ? 'subprocess-start'
          : 'event-unsupported';
    report.add(
      rule,
      event,
      `expected ${positions[position].join(', ')} as ${position}, found ${trigger}`,
      remedies[trigger] ?? 'use one of those',
    );
    return null;
  }
  const [definition] = definitions;
  if (!definition) return null;
  checkProperties(definition, report);
  switch (trigger) {
    case 'message':
      return isFromCode
        ? {
            type: 'message',
            message: messageName(context, event, definition) ?? '',
            correlation: [],
          }
        : readMessageEvent(context, event, definition, position === 'process start');
    case 'timer':
      return position === 'process start'
        ? readCycle(context, event, definition)
        : readTimer(context, event, definition);
    case 'error':
      return readError(context, event, definition, position === 'end');
    case 'compensate':
      return compensation(definition);
    default:
      return { type: 'terminate' };
  }
}

const remedies: Readonly<Record<string, string>> = {
  signal: 'publish an event, and wait for it as a message',
  message: 'run a procedure with a send task',
  escalation: 'use an error that is caught, or a message',
  conditional: 'wait for the message of what changes',
  cancel: 'use an error that is caught, and a compensation event behind it',
  link: 'draw the flow',
};

function compensation(definition: ModdleElement): EventDefinitionModel {
  const activity = elementOf(definition, 'activityRef');
  return { type: 'compensation', ...(activity ? { activity: String(activity.id) } : {}) };
}

function readError(
  { report }: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
  isThrown: boolean,
): EventDefinitionModel {
  const error = elementOf(definition, 'errorRef');
  const code = error && textOf(error, 'errorCode');
  if (isThrown && !code) {
    report.add(
      'error-code',
      event,
      `expected the error that is thrown to have a code, found none`,
      'refer to an error with an error code',
    );
  }
  const name = error && textOf(error, 'name');
  return {
    type: 'error',
    ...(code ? { code } : {}),
    ...(isThrown && name ? { message: constant(name) } : {}),
  };
}

function readMessageEvent(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
  isStart: boolean,
): MessageEventDefinition | null {
  const { report } = context;
  const extension = new ElementExtension(definition, report);
  const name = messageName(context, event, definition);
  const correlation = readCorrelation(context, event, extension.all('correlation'));
  if (isStart && correlation.length > 0) {
    report.add(
      'correlation-misplaced',
      event,
      'expected no correlation where a message starts a process, found some',
      'take it out: each such message starts an instance',
    );
  }
  if (!isStart) expectCorrelation(context, event, correlation);
  return name === undefined ? null : { type: 'message', message: name, correlation };
}

/** The name of the message that an element refers to. */
export function messageName(
  { report }: ProcessContext,
  at: ModdleElement,
  holder: ModdleElement,
): string | undefined {
  const message = elementOf(holder, 'messageRef');
  const name = message && textOf(message, 'name');
  if (name) return name;
  report.add(
    'message-name',
    at,
    `expected the name of an event or procedure as the message, found ${message ? 'one without a name' : 'no message'}`,
    'refer to a message whose name is that of the event, such as orders.order-created',
  );
  return undefined;
}

/** Notes that a wait says nothing of how it is found. */
export function expectCorrelation(
  { report }: ProcessContext,
  at: ModdleElement,
  correlation: readonly CorrelationField[],
): void {
  if (correlation.length > 0) return;
  report.add(
    'correlation-missing',
    at,
    "expected the wait to say by which field its message finds it, since anybody's message would move " +
      'every instance; found none',
    'add <orderloom:correlation field="orderId" value="= input.orderId"/>',
  );
}

/** The fields by which a message finds its instance, sorted by name. */
export function readCorrelation(
  context: ProcessContext,
  at: ModdleElement,
  entries: readonly ModdleElement[],
): readonly CorrelationField[] {
  const fields = entries.flatMap((entry): CorrelationField[] => {
    const field = textOf(entry, 'field');
    const value = textOf(entry, 'value');
    if (field && value !== undefined) {
      return [{ field, value: feel(context, at, value) ?? unread }];
    }
    context.report.add(
      'extension-invalid',
      at,
      'expected a correlation with a field and a value, found one without',
      'write <orderloom:correlation field="orderId" value="= input.orderId"/>',
    );
    return [];
  });
  return fields.sort((a, b) => (a.field < b.field ? -1 : 1));
}

/** The texts of a timer, of which it must have one. */
function timerTexts(definition: ModdleElement): readonly (readonly [string, ModdleElement])[] {
  return ['timeDate', 'timeDuration', 'timeCycle'].flatMap((name) => {
    const expression = elementOf(definition, name);
    return expression ? [[name, expression] as const] : [];
  });
}

function readTimer(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
): TimerEventDefinition | null {
  const invalid = (message: string, remedy: string) => {
    context.report.add('timer-invalid', event, message, remedy);
    return null;
  };
  const given = timerTexts(definition);
  const [first] = given;
  const example = 'such as PT30M or = duration("PT30M")';
  if (!first || given.length > 1 || first[0] === 'timeCycle') {
    const found = given.map(([name]) => name).join(' and ') || 'none of them';
    return invalid(`expected a duration or a date, found ${found}`, `give one time, ${example}`);
  }
  const [kind, expression] = first;
  if (textOf(expression, 'language') === codeLanguage) return { type: 'timer', due: unread };
  const text = (textOf(expression, 'body') ?? '').trim();
  if (text.startsWith('=') || /^[$#]\{/.test(text)) {
    const read = feelOf(context, event, expression);
    return { type: 'timer', due: read ? dueOf(read, kind === 'timeDate') : unread };
  }
  try {
    const due = kind === 'timeDate' ? momentOf(text) : constant(durationMs(text as `P${string}`));
    return { type: 'timer', due };
  } catch (error) {
    return invalid(error instanceof Error ? error.message : String(error), `write it ${example}`);
  }
}

function momentOf(text: string): Expression<Date> {
  const moment = new Date(text);
  const isZoned = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
  if (Number.isNaN(moment.getTime()) || !isZoned) {
    throw new Error(`expected a moment such as 2026-12-24T18:00:00Z, found "${text}"`);
  }
  return { source: text, evaluate: () => new Date(moment) };
}

function dueOf({ source, evaluate }: Expression, isDate: boolean): Expression<number | Date> {
  return {
    source,
    evaluate(variables: Variables) {
      const value = evaluate(variables);
      if (typeof value !== 'string') {
        throw new Error(
          `expected "${source}" to be ${isDate ? 'a date and time' : 'a duration'}, found ${JSON.stringify(value)}`,
        );
      }
      return isDate ? momentOf(value).evaluate(variables) : durationMs(value as `P${string}`);
    },
  };
}

function readCycle(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
): EventDefinitionModel | null {
  const extension = new ElementExtension(event, context.report);
  const given = timerTexts(definition);
  const [first] = given;
  const cron = first?.[0] === 'timeCycle' ? (textOf(first[1], 'body') ?? '').trim() : '';
  const timeZone = extension.text('event', 'timeZone') ?? 'UTC';
  const catchUp = extension.text('event', 'catchUp') ?? 'once';
  const own = extension.one('event');
  const most = (own && numberOf(own, 'most')) ?? 100;
  try {
    if (given.length !== 1 || cron === '') throw new Error('a process starts by a cycle only');
    if (!/^(skip|once|all)$/.test(catchUp)) throw new Error(`catchUp is "${catchUp}"`);
    if (!Number.isSafeInteger(most) || most < 1) throw new Error(`most is ${most}`);
    cronMoments(cron, timeZone);
  } catch (error) {
    context.report.add(
      'timer-invalid',
      event,
      `expected a cycle in cron's words, a time zone, and skip, once or all as catchUp; found: ${error instanceof Error ? error.message : String(error)}`,
      'write the cycle such as 0 6 * * MON',
    );
    return null;
  }
  return { type: 'cycle', cron, timeZone, catchUp: catchUp as 'skip' | 'once' | 'all', most };
}
