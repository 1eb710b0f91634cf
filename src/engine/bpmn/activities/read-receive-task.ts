/** Receive tasks, and the messages that any waiting task may have beside what the standard has a place for. */
import type { ModdleElement } from 'bpmn-moddle';
import type { MessageEventDefinition, ReceiveTask } from '../../model/process-model.ts';
import {
  expectCorrelation,
  messageName,
  orByKey,
  readCorrelation,
} from '../events/read-message.ts';
import { elementOf, elementsOf, textOf } from '../moddle-values.ts';
import { handlerOf, type ProcessContext } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';
import { type Body, bodyOf, resultOf } from './activity-body.ts';

/** Null when it cannot be read, and then the report says why. */
export function readReceiveTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ReceiveTask> | null {
  const code = handlerOf(context, element, extension, 'task', 'receiveTask');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const more = readMessages(context, element, extension);
  if (more.length > 0 && !elementOf(element, 'messageRef')) {
    return { type: 'receiveTask', messages: more, ...resultOf(context, element, extension) };
  }
  const name = messageName(context, element, element);
  const said = readCorrelation(context, element, extension.all('correlation'));
  const correlation = orByKey(context, element, said);
  expectCorrelation(context, element, correlation);
  const own = name === undefined ? [] : [{ type: 'message' as const, message: name, correlation }];
  return {
    type: 'receiveTask',
    messages: [...own, ...more],
    ...resultOf(context, element, extension),
  };
}

/** Messages beside the one that the standard has a place for. */
export function readMessages(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): readonly MessageEventDefinition[] {
  return extension.all('message').map((given) => {
    const correlation = readCorrelation(context, element, elementsOf(given, 'correlation'));
    expectCorrelation(context, element, correlation);
    const message = textOf(given, 'name') ?? '';
    if (message === '') {
      context.report.add(
        'message-name',
        element,
        'expected the name of an event or procedure as the message, found none',
        'add name="..." to <orderloom:message>',
      );
    }
    return { type: 'message', message, correlation };
  });
}
