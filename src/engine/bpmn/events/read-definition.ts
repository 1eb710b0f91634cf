/** What an event waits for or throws: its definition, or several that stand together. */
import type { ModdleElement } from 'bpmn-moddle';
import { isTold } from '../../elements/events/throw-definitions.ts';
import { asText } from '../../expressions/feel.ts';
import { constant } from '../../model/expression.ts';
import type {
  EventDefinitionModel,
  SingleEventDefinition,
  ToldDefinition,
} from '../../model/process-model.ts';
import { checkProperties } from '../known-properties.ts';
import { elementOf, textOf } from '../moddle-values.ts';
import {
  codeLanguage,
  feel,
  feelOf,
  mapping,
  type ProcessContext,
  unread,
} from '../process-context.ts';
import { ElementExtension } from '../read-extension.ts';
import {
  definitionsOf,
  type EventPosition,
  eventTrigger,
  onceOf,
  positions,
  together,
  triggerOf,
} from './event-positions.ts';
import { messageName, readMessageEvent } from './read-message.ts';
import { readCycle, readTimer } from './read-timer.ts';

const remedies: Readonly<Record<string, string>> = {
  conditional: 'wait for the condition before it, or draw a gateway',
  cancel: 'draw it as an end event in a transaction, and at the edge of the transaction',
  link: 'draw the flow',
};

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
