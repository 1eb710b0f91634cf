/** Activities that hold others: sub-processes, transactions and ad-hoc sub-processes. */
import type { ModdleElement } from 'bpmn-moddle';
import { asCondition } from '../../expressions/feel.ts';
import type { Expression } from '../../model/expression.ts';
import type { AdHoc, SubProcess } from '../../model/process-model.ts';
import { elementOf, kindOf, textOf } from '../moddle-values.ts';
import { feel, feelOf, handlerOf, type ProcessContext } from '../process-context.ts';
import type { ElementExtension } from '../read-extension.ts';
import { type Body, bodyOf, resultOf } from './activity-body.ts';

/** Null when it cannot be read, and then the report says why. */
export function readSubProcess(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): Body<SubProcess> | null {
  const code = handlerOf(context, element, extension, 'task', 'subProcess');
  if (code === 'missing') return null;
  if (code) return bodyOf(code);
  const text = extension.text('task', 'output');
  const output = text === undefined ? null : feel(context, element, text);
  if (kindOf(element) === 'transaction') checkMethod(context, element);
  return {
    type: 'subProcess',
    triggeredByEvent: element.triggeredByEvent === true,
    ...(kindOf(element) === 'transaction' ? { transaction: true } : {}),
    ...(kindOf(element) === 'adHocSubProcess'
      ? { adHoc: readAdHoc(context, element, extension) }
      : {}),
    ...(output ? { output } : {}),
    ...resultOf(context, element, extension),
  };
}

/** What was done in a transaction is undone by compensation, and in no other way. */
function checkMethod({ report }: ProcessContext, element: ModdleElement): void {
  const method = textOf(element, 'method') ?? '##Compensate';
  if (method === '##Compensate') return;
  report.add(
    'property-unsupported',
    element,
    `expected method="##Compensate", found "${method}"`,
    'take it out, and draw what undoes the activities',
  );
}

function readAdHoc(
  context: ProcessContext,
  element: ModdleElement,
  extension: ElementExtension,
): AdHoc {
  const until = elementOf(element, 'completionCondition');
  const completion = until ? feelOf(context, element, until) : null;
  const text = extension.text('task', 'activate');
  const activate = text === undefined ? null : feel(context, element, text);
  return {
    sequential: element.ordering === 'Sequential',
    cancelRemaining: element.cancelRemainingInstances !== false,
    ...(completion ? { completion: asCondition(completion) } : {}),
    ...(activate ? { activate: activate as Expression<readonly string[]> } : {}),
  };
}
