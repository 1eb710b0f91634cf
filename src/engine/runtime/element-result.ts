/**
 * What an element leaves behind when it ends: the variables that its result sets, and the flows that its
 * token leaves by. A run of a loop leaves neither; its loop gathers what it gave.
 */
import { flowsThatHold } from '../elements/gateways/choose-flows.ts';
import type { Variables } from '../model/expression.ts';
import { asJson } from '../model/json.ts';
import { everyMember, namedValues } from '../model/named-values.ts';
import { type FlowNode, isActivity } from '../model/process-model.ts';
import type { Moves } from './moves.ts';

/** Nothing is set. */
const noVariables: Variables = Object.freeze({});

/** True for one of the runs of a loop, as opposed to the activity that loops. */
export function isRunOfLoop(t: Moves, n: number): boolean {
  const { node, parent } = t.element(n);
  if (!t.has(parent)) return false;
  const host = t.element(parent);
  return host.loop !== undefined && host.node === node;
}

/** The flows that a token leaves by, as many times as it does. Throws when none can be taken. */
export function flowsBehind(
  t: Moves,
  n: number,
  node: FlowNode,
  result: unknown,
): readonly string[] {
  if (isRunOfLoop(t, n)) return [];
  let flows = node.outgoing;
  if (t.index.choosing.has(node.id)) {
    const variables = t.variables(t.element(n).parent);
    flows = flowsThatHold(t.model, node, { ...variables, ...resultVariables(t, n, node, result) });
  }
  const quantity = (isActivity(node) && node.completionQuantity) || 1;
  return quantity === 1 ? flows : flows.flatMap((flow) => new Array<string>(quantity).fill(flow));
}

/** What a person skipped goes on by its default, whatever its conditions say. */
export function flowsBehindSkipped(
  t: Moves,
  n: number,
  node: FlowNode,
  result: unknown,
): readonly string[] {
  try {
    return flowsBehind(t, n, node, result);
  } catch {
    const { defaultFlow } = node as { readonly defaultFlow?: string };
    return defaultFlow === undefined ? node.outgoing.slice(0, 1) : [defaultFlow];
  }
}

/** The variables that are set when the element ends with this result. */
export function resultVariables(t: Moves, n: number, node: FlowNode, result: unknown): Variables {
  const isEach = t.model.variables === 'process';
  if (!isEach && isRunOfLoop(t, n)) return noVariables;
  const loops = isEach && t.element(n).loop !== undefined;
  if (loops && !('multiInstance' in node && node.multiInstance?.output)) return noVariables;
  if ('assigns' in node && node.assigns && !loops) {
    const members = namedValues(everyMember, result ?? null);
    const seen = { ...t.variables(n), ...members, output: result ?? null };
    return namedValues(everyMember, asJson(node.assigns.evaluate(seen)));
  }
  const name = 'result' in node && result !== undefined ? node.result : undefined;
  return name === undefined ? noVariables : namedValues(name, result);
}
