/** Intermediate catch event: waits for a message or a timer. */
import type { ElementDefinition } from '../element.ts';
import { messageWait, readPayload, timerWait } from '../event-waits.ts';
import { passBehind } from '../gateways/pass-behind.ts';

/** A token waits for one event. */
export const intermediateCatchEvent: ElementDefinition<'intermediateCatchEvent'> = {
  type: 'intermediateCatchEvent',
  doc: 'Waits for a message or a timer, also behind an event-based gateway.',
  enter(context, n, node) {
    const variables = context.variables(n);
    context.wait(
      n,
      node.event.type === 'message'
        ? messageWait(node.id, node.event, variables)
        : timerWait(node.id, node.event, variables, context.at),
    );
  },
  trigger(context, host, node, trigger) {
    const payload =
      trigger.kind === 'message' && node.event.type === 'message'
        ? readPayload(node.event, trigger.payload)
        : null;
    const { parent, node: hostNode } = context.element(host);
    if (node.result !== undefined && payload !== null) {
      context.setVariable(parent, node.result, payload);
    }
    if (hostNode === node.id) context.leave(host);
    else passBehind(context, host, node);
  },
};
