/** Which flows are taken by what chooses any number of them: inclusive and complex gateways, activities. */
import type { Variables } from '../../model/expression.ts';
import type { ProcessModel } from '../../model/process-model.ts';

/** No condition held and there was no default: an incident, which is tried again with other variables. */
export class NoFlowTaken extends Error {
  override readonly name = 'NoFlowTaken';
  readonly code = 'NO_FLOW_TAKEN';

  constructor(id: string) {
    super(
      `expected one condition behind "${id}" to hold or a default flow, found neither; correct the ` +
        'variables and retry, or deploy a version with a default flow',
    );
  }
}

interface Leaving {
  readonly id: string;
  readonly outgoing: readonly string[];
  readonly defaultFlow?: string;
}

/**
 * The flows without a condition and those whose condition holds, in the order of the drawing. The default
 * flow is taken when no condition holds. Throws `NoFlowTaken` when nothing is left.
 */
export function flowsThatHold(
  model: ProcessModel,
  node: Leaving,
  variables: Variables,
): readonly string[] {
  const { outgoing, defaultFlow } = node;
  const conditionOf = (id: string) => model.flows[id]?.condition;
  const held = outgoing.filter((id) => conditionOf(id)?.evaluate(variables) === true);
  const isDefault = (id: string) => id === defaultFlow && held.length === 0;
  const taken = outgoing.filter((id) => {
    if (id === defaultFlow) return isDefault(id);
    return conditionOf(id) === undefined || held.includes(id);
  });
  if (taken.length === 0 && outgoing.length > 0) throw new NoFlowTaken(node.id);
  return taken;
}
