/** Intermediate catch event: waits for what its definition says; a link only goes on behind the throwing one. */
import type { ElementDefinition } from '../element.ts';
import { payloadOf, waitsFor } from '../event-waits.ts';
import { passBehind } from '../gateways/pass-behind.ts';

/** A token waits for one event, or for all of several. */
export const intermediateCatchEvent: ElementDefinition<'intermediateCatchEvent'> = {
  type: 'intermediateCatchEvent',
  doc: 'Waits for a message, timer, signal or condition, also behind an event-based gateway.',
  enter(context, n, node) {
    if (node.event.type === 'link') {
      context.leave(n);
      return;
    }
    const waits = waitsFor(node.id, node.event, context.variables(n), context.at);
    for (const wait of waits) context.wait(n, wait);
  },
  trigger(context, host, node, trigger) {
    const payload = payloadOf(node.event, trigger);
    const { parent, node: hostNode } = context.element(host);
    if (node.result !== undefined && payload !== null) {
      context.setVariable(parent, node.result, payload);
    }
    if (hostNode === node.id) context.leave(host);
    else passBehind(context, host, node);
  },
};
