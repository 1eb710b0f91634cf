/** User tasks: what they are about and who may do them (`read-human-work.ts`). */
import type { ModdleElement } from 'bpmn-moddle';
import { z } from 'zod';
import { asText } from '../../expressions/feel.ts';
import { constant } from '../../model/expression.ts';
import type { UserTask } from '../../model/process-model.ts';
import { textOf } from '../moddle-values.ts';
import { feel, handlerOf, mapping, type ProcessContext } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';
import { type Body, bodyOf, resultOf } from './activity-body.ts';
import { readHumanWork } from './read-human-work.ts';
import { readMessages } from './read-receive-task.ts';

/** Null when it cannot be read, and then the report says why. */
export function readUserTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<UserTask> | null {
  const code = handlerOf(context, element, extension, 'task', 'userTask');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const title = extension.text('task', 'title');
  const titleText = title === undefined ? null : feel(context, element, title);
  return {
    type: 'userTask',
    title: titleText ? asText(titleText) : constant(textOf(element, 'name') ?? String(element.id)),
    subject: mapping(context, element, extension.all('input')) ?? constant(null),
    output: z.unknown(),
    messages: readMessages(context, element, extension),
    ...readHumanWork(context, element, extension),
    ...resultOf(context, element, extension),
  };
}
