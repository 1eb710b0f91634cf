/** Receive task: waits for any one of its messages; the first to be committed ends the wait. */
import type { ElementDefinition } from '../element.ts';
import { definitionOf, messageWait, readPayload } from '../event-waits.ts';
import { passBehind } from '../gateways/pass-behind.ts';

/** Exactly one of its messages ends it. */
export const receiveTask: ElementDefinition<'receiveTask'> = {
  type: 'receiveTask',
  doc: 'Waits for one of several correlated messages.',
  enter(context, n, node) {
    const variables = context.variables(n);
    for (const definition of node.messages) {
      context.wait(n, messageWait(node.id, definition, variables));
    }
  },
  trigger(context, host, node, trigger) {
    if (trigger.kind !== 'message') return;
    const definition = definitionOf(node.messages, trigger.message, trigger.payload);
    const payload = definition ? readPayload(definition, trigger.payload) : trigger.payload;
    const { node: hostNode, parent } = context.element(host);
    if (hostNode === node.id) {
      context.leave(host, payload);
      return;
    }
    if (node.result !== undefined) context.setVariable(parent, node.result, payload);
    passBehind(context, host, node);
  },
};
