/** The definitions of events, and where each may stand. */
import type { ModdleElement } from 'bpmn-moddle';
import { durationMs } from '../code/duration.ts';
import { isTold } from '../elements/events/throw-definitions.ts';
import { asText } from '../expressions/feel.ts';
import { constant, type Expression, type Variables } from '../model/expression.ts';
import type {
  CorrelationField,
  EventDefinitionModel,
  MessageEventDefinition,
  SingleEventDefinition,
  TimerCycle,
  TimerEventDefinition,
  ToldDefinition,
} from '../model/process-model.ts';
import { cronMoments } from '../schedules/cron.ts';
import { elementOfPattern, startMoments } from '../schedules/start-moments.ts';
import { cycleOf, momentOf } from '../schedules/timer-cycle.ts';
import { valueOfFirst } from './correlation-keys.ts';
import { checkProperties } from './known-properties.ts';
import { elementOf, elementsOf, kindOf, numberOf, textOf } from './moddle-values.ts';
import {
  codeLanguage,
  feel,
  feelOf,
  mapping,
  type ProcessContext,
  unread,
} from './process-context.ts';
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

const several = ['multiple', 'parallel multiple'];

/** Which definitions each position takes; `none` is an event without one, `multiple` one with several. */
export const positions: Readonly<Record<EventPosition, readonly string[]>> = {
  'process start': ['none', 'message', 'timer', 'conditional', 'signal', ...several],
  'sub-process start': ['none'],
  'event sub-process start': [
    ...['message', 'timer', 'error', 'escalation', 'compensate', 'conditional', 'signal'],
    ...several,
  ],
  'intermediate catch': ['message', 'timer', 'conditional', 'link', 'signal', ...several],
  boundary: [
    ...['message', 'timer', 'error', 'escalation', 'cancel', 'compensate', 'conditional'],
    ...['signal', ...several],
  ],
  'intermediate throw': [
    ...['none', 'message', 'escalation', 'compensate', 'link', 'signal', 'multiple'],
  ],
  end: [
    ...['none', 'message', 'escalation', 'error', 'cancel', 'compensate', 'signal', 'multiple'],
    'terminate',
  ],
};

/** What may stand together at one event, and of what there may be one at most. */
const together: Readonly<
  Record<EventPosition | 'all of them' | 'all at a start', readonly string[]>
> = {
  'process start': ['message', 'signal'],
  'sub-process start': [],
  'event sub-process start': ['message', 'timer', 'signal', 'conditional', 'error', 'escalation'],
  'intermediate catch': ['message', 'timer', 'signal', 'conditional'],
  boundary: ['message', 'timer', 'signal', 'conditional', 'error', 'escalation'],
  'intermediate throw': ['message', 'signal', 'escalation', 'compensate'],
  end: ['message', 'signal', 'escalation', 'compensate', 'error', 'cancel', 'terminate'],
  'all of them': ['message', 'timer', 'signal', 'conditional'],
  // Nothing else says which instance it is for.
  'all at a start': ['message'],
};
const onceOf: readonly (readonly string[])[] = [['compensate'], ['error', 'cancel', 'terminate']];

/** `message` of `messageEventDefinition`. */
function triggerOf(definition: ModdleElement): string {
  return kindOf(definition).replace(/EventDefinition$/, '');
}

/** The definitions of an event: contained, or defined once and referred to. */
export function definitionsOf(event: ModdleElement): readonly ModdleElement[] {
  return [...elementsOf(event, 'eventDefinitions'), ...elementsOf(event, 'eventDefinitionRef')];
}

/** The name of an event's trigger: `none`, `message`, ..., `multiple` and `parallel multiple` of several. */
export function eventTrigger(event: ModdleElement): string {
  const [definition, second] = definitionsOf(event);
  if (!definition) return 'none';
  if (!second) return triggerOf(definition);
  return event.parallelMultiple === true ? 'parallel multiple' : 'multiple';
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
  const read = (one: ModdleElement) => readOne(context, event, one, position, isFromCode);
  if (definitions.length === 1) return read(definition);
  const parallel = trigger === 'parallel multiple';
  const all = position === 'process start' ? 'all at a start' : 'all of them';
  if (!mayStandTogether(context, event, definitions, parallel ? all : position)) return null;
  const events = definitions.map(read).filter((one) => one !== null);
  return events.length < definitions.length ? null : { type: 'multiple', parallel, events };
}

function mayStandTogether(
  { report }: ProcessContext,
  event: ModdleElement,
  definitions: readonly ModdleElement[],
  where: keyof typeof together,
): boolean {
  const found = definitions.map(triggerOf);
  const isStill = event.cancelActivity === false || event.isInterrupting === false;
  const isFine =
    found.every((one) => together[where].includes(one)) &&
    onceOf.every((kinds) => found.filter((one) => kinds.includes(one)).length <= 1) &&
    !(isStill && found.includes('error'));
  if (isFine) return true;
  report.add(
    'event-multiple',
    event,
    `expected definitions that can stand together (${together[where].join(', ')}; one at most that undoes, one that ends a scope, none of an error that does not interrupt), found ${found.join(', ')}`,
    'draw one event for each of them',
  );
  return false;
}

function readOne(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
  position: EventPosition,
  isFromCode: boolean,
): SingleEventDefinition | null {
  const { report } = context;
  const isThrown = position === 'intermediate throw' || position === 'end';
  checkProperties(definition, report);
  switch (triggerOf(definition)) {
    case 'message':
      if (isThrown || isFromCode) {
        const message = messageName(context, event, definition);
        const more = isThrown ? contentOf(context, event, definition) : {};
        return message === undefined
          ? null
          : { type: 'message', message, correlation: [], ...more };
      }
      return readMessageEvent(context, event, definition, position === 'process start');
    case 'timer':
      return position === 'process start'
        ? readCycle(context, event, definition)
        : readTimer(context, event, definition);
    case 'signal':
      return readSignal(context, event, definition, isThrown);
    case 'escalation':
      return readEscalation(context, event, definition, isThrown);
    case 'conditional':
      return readConditional(context, event, definition);
    case 'link':
      return { type: 'link', link: textOf(definition, 'name') ?? '' };
    case 'error':
      return readError(context, event, definition, isThrown);
    case 'compensate':
      return compensation(definition);
    case 'cancel':
      return { type: 'cancel' };
    default:
      return { type: 'terminate' };
  }
}

/** A definition that is told to others; null, and a problem at `at`, when it is another one. */
export function readTold(
  context: ProcessContext,
  at: ModdleElement,
  definition: ModdleElement,
): ToldDefinition | null {
  const read = readOne(context, at, definition, 'intermediate throw', false);
  if (!read || isTold(read)) return read;
  context.report.add(
    'loop-behavior',
    at,
    `expected a message, a signal or an escalation to be thrown, found ${triggerOf(definition)}`,
    'throw one of these, and draw what follows behind a boundary event that catches it',
  );
  return null;
}

/** What a thrown event carries. */
function contentOf(context: ProcessContext, event: ModdleElement, definition: ModdleElement) {
  const inputs = new ElementExtension(definition, context.report).all('input');
  const content = mapping(context, event, inputs);
  return content ? { content } : {};
}

function readSignal(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
  isThrown: boolean,
): SingleEventDefinition | null {
  const signal = elementOf(definition, 'signalRef');
  const name = signal && textOf(signal, 'name');
  if (!name) {
    context.report.add(
      'signal-name',
      event,
      `expected the name of a signal, found ${signal ? 'one without a name' : 'no signal'}`,
      'refer to a signal that has a name',
    );
    return null;
  }
  return {
    type: 'signal',
    signal: name,
    ...(isThrown ? contentOf(context, event, definition) : {}),
  };
}

function readEscalation(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
  isThrown: boolean,
): SingleEventDefinition {
  const escalation = elementOf(definition, 'escalationRef');
  const code = escalation && textOf(escalation, 'escalationCode');
  if (isThrown && !code) {
    context.report.add(
      'escalation-code',
      event,
      'expected the escalation that is thrown to have a code, found none',
      'refer to an escalation with an escalation code',
    );
  }
  return {
    type: 'escalation',
    ...(code ? { code } : {}),
    ...(isThrown ? contentOf(context, event, definition) : {}),
  };
}

function readConditional(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
): SingleEventDefinition {
  const condition = elementOf(definition, 'condition');
  if (condition && textOf(condition, 'language') === codeLanguage) {
    return { type: 'conditional', condition: unread };
  }
  const read = condition ? feelOf(context, event, condition) : feel(context, event, '');
  return { type: 'conditional', condition: read ?? unread };
}

const remedies: Readonly<Record<string, string>> = {
  conditional: 'wait for the condition before it, or draw a gateway',
  cancel: 'draw it as an end event in a transaction, and at the edge of the transaction',
  link: 'draw the flow',
};

function compensation(definition: ModdleElement): SingleEventDefinition {
  const activity = elementOf(definition, 'activityRef');
  return { type: 'compensation', ...(activity ? { activity: String(activity.id) } : {}) };
}

function readError(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
  isThrown: boolean,
): SingleEventDefinition {
  const { report } = context;
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
  if (!isThrown) return { type: 'error', ...(code ? { code } : {}) };
  const name = error && textOf(error, 'name');
  const written = new ElementExtension(event, report).text('event', 'message');
  const given = written === undefined ? null : feel(context, event, written);
  const message = given ? asText(given) : name === undefined ? null : constant(name);
  return { type: 'error', ...(code ? { code } : {}), ...(message ? { message } : {}) };
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
  if (isStart && gathersAt(context, event)) {
    const correlation = readGathering(context, event, definition, extension.all('correlation'));
    return name === undefined ? null : { type: 'message', message: name, correlation };
  }
  const own = readCorrelation(context, event, extension.all('correlation'));
  const correlation = isStart ? own : orByKey(context, definition, own);
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

/** Whether a start event begins an instance with the first of several messages. */
function gathersAt({ together: others }: ProcessContext, event: ModdleElement): boolean {
  return event.parallelMultiple === true || others?.has(String(event.id)) === true;
}

/** The fields by which the messages that begin one instance find each other; each has its value itself. */
function readGathering(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
  entries: readonly ModdleElement[],
): readonly CorrelationField[] {
  const message = elementOf(definition, 'messageRef');
  const own = entries.flatMap((entry): CorrelationField[] => {
    const field = textOf(entry, 'field');
    if (field && entry.value === undefined) return [{ field, value: valueOfFirst(field, []) }];
    context.report.add(
      'extension-invalid',
      event,
      'expected a correlation with a field and no value where several messages begin one instance, found another',
      'write <orderloom:correlation field="orderId"/>: the value is the one that all of them have',
    );
    return [];
  });
  if (own.length > 0 || !message) return own;
  const known = context.correlationKeys?.startBy(message) ?? [];
  expectCorrelation(context, event, known, '<orderloom:correlation field="orderId"/>');
  return known;
}

/** What the wait says itself; else what the correlation keys of the file say. */
export function orByKey(
  context: ProcessContext,
  holder: ModdleElement,
  own: readonly CorrelationField[],
): readonly CorrelationField[] {
  const message = elementOf(holder, 'messageRef');
  if (own.length > 0 || !message) return own;
  const known =
    context.correlationKeys?.waitFor(message, (at, path) => feelOf(context, at, path)) ?? [];
  return known.toSorted((a, b) => (a.field < b.field ? -1 : 1));
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
  example = '<orderloom:correlation field="orderId" value="= input.orderId"/>',
): void {
  if (correlation.length > 0) return;
  report.add(
    'correlation-missing',
    at,
    "expected the wait to say by which field its message finds it, since anybody's message would move " +
      'every instance; found none',
    `add ${example}, or a correlation key of the standard`,
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
  if (!first || given.length > 1) {
    const found = given.map(([name]) => name).join(' and ') || 'none of them';
    return invalid(
      `expected one time, found ${found}`,
      `give a duration, a date or a cycle, ${example}`,
    );
  }
  const [kind, expression] = first;
  if (textOf(expression, 'language') === codeLanguage) return { type: 'timer', due: unread };
  const text = (textOf(expression, 'body') ?? '').trim();
  const timeZone = new ElementExtension(event, context.report).text('event', 'timeZone') ?? 'UTC';
  if (text.startsWith('=') || /^[$#]\{/.test(text)) {
    const read = feelOf(context, event, expression);
    return { type: 'timer', due: read ? dueOf(read, kind, timeZone) : unread };
  }
  try {
    const due = timeOf(kind, text, timeZone);
    return { type: 'timer', due: { source: text, evaluate: () => due } };
  } catch (error) {
    return invalid(error instanceof Error ? error.message : String(error), `write it ${example}`);
  }
}

/** The time that a text says, by the name of the element that it stands in. Throws when it says none. */
function timeOf(kind: string, text: string, timeZone: string): number | Date | TimerCycle {
  if (kind === 'timeDate') return momentOf(text);
  if (kind === 'timeDuration') return durationMs(text as `P${string}`);
  if (!/^[*\d]\S*(\s+\S+){4,6}$/.test(text)) return cycleOf(text);
  cronMoments(text, timeZone);
  return { cron: text, timeZone };
}

function dueOf(
  { source, evaluate }: Expression,
  kind: string,
  timeZone: string,
): TimerEventDefinition['due'] {
  return {
    source,
    evaluate(variables: Variables) {
      const value = evaluate(variables);
      if (typeof value === 'string') return timeOf(kind, value, timeZone);
      const wanted =
        kind === 'timeDate' ? 'a date and time' : kind === 'timeCycle' ? 'a cycle' : 'a duration';
      throw new Error(`expected "${source}" to be ${wanted}, found ${JSON.stringify(value)}`);
    },
  };
}

function readCycle(
  context: ProcessContext,
  event: ModdleElement,
  definition: ModdleElement,
): SingleEventDefinition | null {
  const extension = new ElementExtension(event, context.report);
  const given = timerTexts(definition);
  const [first] = given;
  const cron = first ? (textOf(first[1], 'body') ?? '').trim() : '';
  const timeZone = extension.text('event', 'timeZone') ?? 'UTC';
  const catchUp = extension.text('event', 'catchUp') ?? 'once';
  const own = extension.one('event');
  const most = (own && numberOf(own, 'most')) ?? 100;
  try {
    if (!first || given.length > 1 || cron === '') {
      throw new Error(`${given.map(([name]) => name).join(' and ') || 'no time'}`);
    }
    if (elementOfPattern(cron) !== first[0]) throw new Error(`"${cron}" as ${first[0]}`);
    if (!/^(skip|once|all)$/.test(catchUp)) throw new Error(`catchUp is "${catchUp}"`);
    if (!Number.isSafeInteger(most) || most < 1) throw new Error(`most is ${most}`);
    startMoments({ cron, timeZone }, new Date(0));
  } catch (error) {
    context.report.add(
      'timer-invalid',
      event,
      `expected one time that needs no variables (a date, a duration, or a cycle of ISO 8601 or in cron's words), a time zone, and skip, once or all as catchUp; found: ${error instanceof Error ? error.message : String(error)}`,
      'write it such as 0 6 * * MON, R/PT1H, or 2026-12-24T18:00:00Z as a timeDate',
    );
    return null;
  }
  return { type: 'cycle', cron, timeZone, catchUp: catchUp as 'skip' | 'once' | 'all', most };
}
