/** Receive task: waits for any one of its messages; the first to be committed ends the wait. */
import type { ElementDefinition } from '../element.ts';
import { definitionOf, messageWait, readPayload } from '../event-waits.ts';

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
    context.leave(host, definition ? readPayload(definition, trigger.payload) : trigger.payload);
  },
};
