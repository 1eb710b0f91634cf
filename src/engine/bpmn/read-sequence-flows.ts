/** The sequence flows of a process, with their conditions. */
import type { ModdleElement } from 'bpmn-moddle';
import { asCondition } from '../expressions/feel.ts';
import type { SequenceFlow } from '../model/process-model.ts';
import { elementOf, textOf } from './moddle-values.ts';
import type { PlacedFlow } from './place-elements.ts';
import { feelOf, isCode, type ProcessContext } from './process-context.ts';

/** The flows by their ids, in the order in which they are drawn. */
export function readSequenceFlows(
  context: ProcessContext,
  placed: readonly PlacedFlow[],
): Record<string, SequenceFlow> {
  const flows: Record<string, SequenceFlow> = {};
  for (const { element, id, source, target } of placed) {
    if (flows[id]) {
      context.report.add(
        'id-duplicate',
        element,
        `expected every flow to have an id of its own, found "${id}" again`,
        'give one of them another id',
      );
    }
    const name = textOf(element, 'name');
    const written = elementOf(element, 'conditionExpression');
    const condition = written && readCondition(context, element, id, written);
    flows[id] = Object.freeze({
      id,
      source,
      target,
      ...(condition ? { condition } : {}),
      ...(name === undefined ? {} : { name }),
    });
  }
  return flows;
}

function readCondition(
  context: ProcessContext,
  flow: ModdleElement,
  id: string,
  written: ModdleElement,
) {
  if (isCode(written)) {
    const found = context.code?.flows[id]?.condition;
    if (found) return found;
    context.report.add(
      'code-missing',
      flow,
      `expected a condition of flow "${id}" in the code, found none`,
      'write the condition in FEEL',
    );
    return null;
  }
  const read = feelOf(context, flow, written);
  return read && asCondition(read);
}
