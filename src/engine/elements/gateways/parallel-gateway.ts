/** Parallel gateway: waits for one token on each incoming flow, then takes every outgoing flow. */
import type { ElementDefinition } from '../element.ts';

/** All ways are taken, and all are waited for. */
export const parallelGateway: ElementDefinition<'parallelGateway'> = {
  type: 'parallelGateway',
  doc: 'Joins all incoming flows and takes all outgoing ones.',
  joins: true,
  enter(context, n, node, via) {
    const arrived: Record<string, number> = { ...context.element(n).arrived };
    if (via !== undefined) arrived[via] = (arrived[via] ?? 0) + 1;
    if (!node.incoming.every((flow) => (arrived[flow] ?? 0) > 0)) {
      context.patch(n, { arrived });
      return;
    }
    const left: Record<string, number> = {};
    for (const [flow, count] of Object.entries(arrived)) {
      if (count > 1) left[flow] = count - 1;
    }
    const scope = context.element(n).parent;
    context.leaveBy(n, node.outgoing);
    // A second round of tokens that came early starts the next join.
    for (const [flow, count] of Object.entries(left)) {
      for (let i = 0; i < count; i += 1) context.enter(node.id, scope, { via: flow });
    }
  },
};
