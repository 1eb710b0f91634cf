/** Script tasks: in FEEL they are evaluated here, in JavaScript they run apart (`../read-script.ts`). */
import type { ModdleElement } from 'bpmn-moddle';
import type { ServiceTask } from '../../model/process-model.ts';
import { textOf } from '../moddle-values.ts';
import { feel, type ProcessContext, unread } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';
import { isJavaScript, javaScriptTask } from '../read-script.ts';
import { type Body, resultOf } from './activity-body.ts';
import { evaluating } from './expression-work.ts';

/** Null when it cannot be read, and then the report says why. */
export function readScriptTask(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<ServiceTask> | null {
  const format = textOf(element, 'scriptFormat');
  if (isJavaScript(format)) {
    return javaScriptTask(element, resultOf(context, element, extension).result, context.scripts);
  }
  if (format !== undefined && !/^(text\/|application\/)?(feel|juel)$/i.test(format)) {
    context.report.add(
      'expression-language',
      element,
      `expected a script in FEEL, found one in "${format}"`,
      'write it in FEEL with scriptFormat="feel", or as a procedure that a service task runs',
    );
    return null;
  }
  const script = feel(context, element, textOf(element, 'script') ?? '') ?? unread;
  const result = resultOf(context, element, extension);
  if (!('result' in result)) {
    context.report.add(
      'extension-invalid',
      element,
      'expected a variable for what the script gives, found none',
      'add <orderloom:task result="..."/>',
    );
  }
  return { ...evaluating(script), ...result };
}
