/** Boundary event: happens while its activity runs, and ends it when it is interrupting. */
import type { ElementDefinition } from '../element.ts';
import { payloadOf } from '../event-waits.ts';

/** An event at an activity, for as long as the activity runs. */
export const boundaryEvent: ElementDefinition<'boundaryEvent'> = {
  type: 'boundaryEvent',
  doc: 'Message, timer, signal, condition, escalation, error or cancel at an activity, interrupting or not.',
  enter(context, n) {
    context.leave(n);
  },
  trigger(context, host, node, trigger) {
    const scope = context.element(host).parent;
    const payload = payloadOf(node.event, trigger);
    if (node.interrupting) context.terminate(host);
    if (node.result !== undefined) context.setVariable(scope, node.result, payload);
    context.enter(node.id, scope);
  },
};
