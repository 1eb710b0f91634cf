/** Exclusive gateway: the first flow whose condition holds, else the default; joins pass through. */
import type { ElementDefinition } from '../element.ts';

/** Exactly one way is taken, or an incident opens. */
export const exclusiveGateway: ElementDefinition<'exclusiveGateway'> = {
  type: 'exclusiveGateway',
  doc: 'Takes exactly one outgoing flow.',
  enter(context, n, node) {
    const variables = context.variables(n);
    const chosen =
      node.outgoing.find((id) => {
        if (id === node.defaultFlow) return false;
        const condition = context.model.flows[id]?.condition;
        return condition === undefined || condition.evaluate(variables) === true;
      }) ?? node.defaultFlow;
    if (chosen === undefined) {
      context.openIncident(
        n,
        'NO_FLOW_TAKEN',
        `expected one condition of gateway "${node.id}" to hold or a default flow, found neither; ` +
          'correct the variables and retry, or deploy a version with a default flow',
      );
      return;
    }
    context.leaveBy(n, [chosen]);
  },
};
