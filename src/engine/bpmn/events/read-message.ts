/** Messages that events and receive tasks wait for: their names, and the fields by which they find an instance. */
import type { ModdleElement } from 'bpmn-moddle';
import type { CorrelationField, MessageEventDefinition } from '../../model/process-model.ts';
import { elementOf, textOf } from '../moddle-values.ts';
import { feel, feelOf, type ProcessContext, unread } from '../process-context.ts';
import { ElementExtension } from '../read-extension.ts';
import { valueOfFirst } from './correlation-keys.ts';

/** The message of a catching event; null without a name, and then the report says so. */
export function readMessageEvent(
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
