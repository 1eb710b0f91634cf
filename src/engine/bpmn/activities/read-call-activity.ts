/** Call activities: which process is called, in which version, and what it is given. */
import type { ModdleElement } from 'bpmn-moddle';
import { constant } from '../../model/expression.ts';
import type { CallActivity } from '../../model/process-model.ts';
import { numberOf, textOf } from '../moddle-values.ts';
import { handlerOf, mapping, type ProcessContext } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';
import { type Body, bodyOf, resultOf } from './activity-body.ts';

/** Null when it cannot be read, and then the report says why. */
export function readCallActivity(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<CallActivity> | null {
  const code = handlerOf(context, element, extension, 'task', 'callActivity');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const called = textOf(element, 'calledElement');
  if (!called) {
    context.report.add(
      'reference-missing',
      element,
      'expected the key of the process that is called, found none',
      'set calledElement to the id of a process',
    );
    return null;
  }
  const own = extension.one('task');
  const version = own && numberOf(own, 'version');
  return {
    type: 'callActivity',
    calledProcess: called,
    ...(version === undefined ? {} : { calledVersion: version }),
    ...(own && textOf(own, 'keepsBusinessKey') === 'true' ? { keepsBusinessKey: true } : {}),
    input: mapping(context, element, extension.all('input')) ?? constant({}),
    ...resultOf(context, element, extension),
  };
}
