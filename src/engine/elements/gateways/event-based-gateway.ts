/** Event-based gateway: waits for all events behind it; the first to be committed wins. */
import type { ElementDefinition } from '../element.ts';
import { messageWait, waitsFor } from '../event-waits.ts';

/** Exactly one of the events behind it happens. */
export const eventBasedGateway: ElementDefinition<'eventBasedGateway'> = {
  type: 'eventBasedGateway',
  doc: 'The first of several events decides the way; the others are no longer waited for.',
  enter(context, n, node) {
    const variables = context.variables(n);
    for (const flow of node.outgoing) {
      const target = context.node(context.model.flows[flow]?.target ?? '');
      if (target.type === 'intermediateCatchEvent') {
        const waits = waitsFor(target.id, target.event, variables, context.at);
        for (const wait of waits) context.wait(n, wait);
      } else if (target.type === 'receiveTask') {
        for (const definition of target.messages) {
          context.wait(n, messageWait(target.id, definition, variables));
        }
      }
    }
  },
};
