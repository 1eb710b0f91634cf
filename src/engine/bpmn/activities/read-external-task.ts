/** External tasks: work that is handed out by its topic instead of being done by a procedure. */
import type { ModdleElement } from 'bpmn-moddle';
import { asText } from '../../expressions/feel.ts';
import type { Expression } from '../../model/expression.ts';
import type { ExternalTask } from '../../model/process-model.ts';
import { feel, mapping, type ProcessContext, unread } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';
import { type Body, resultOf } from './activity-body.ts';

/** Reads a task that has a topic. */
export function readExternalTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ExternalTask> {
  for (const other of ['procedure', 'timeout'] as const) {
    if (extension.text('task', other) === undefined) continue;
    context.report.add(
      'extension-invalid',
      element,
      `expected either a topic or a ${other}, found both`,
      other === 'procedure' ? 'take one of them out' : 'attach a timer event instead',
    );
  }
  if (extension.one('retry')) {
    context.report.add(
      'extension-invalid',
      element,
      'expected no retries at work with a topic, found <orderloom:retry>',
      'take it out: the worker that fails says how often it is tried again',
    );
  }
  const topic = feel(context, element, extension.text('task', 'topic') ?? '') ?? unread;
  const given = extension.text('task', 'taskPriority');
  const priority = given === undefined ? null : feel(context, element, given);
  const input = mapping(context, element, extension.all('input'));
  const output = mapping(context, element, extension.all('output'));
  return {
    type: 'externalTask',
    topic: asText(topic),
    ...(priority ? { priority: priority as Expression<number> } : {}),
    ...(input ? { input } : {}),
    ...(output ? { output } : {}),
    ...propertiesOf(extension),
    ...resultOf(context, element, extension),
  };
}

/** Facts for the worker, as they are written. */
function propertiesOf(extension: ElementExtension): Pick<ExternalTask, 'properties'> {
  const given = extension.all('property').map(({ name, value }) => {
    return [String(name ?? ''), String(value ?? '')] as const;
  });
  return given.length === 0 ? {} : { properties: Object.fromEntries(given) };
}
