/** How a token passes an event-based gateway: by the event that happened, to what is behind it. */
import type { FlowNode } from '../../model/process-model.ts';
import type { ElementContext } from '../element.ts';

/** Ends the gateway, and with it all its waits; the token goes on behind the event. */
export function passBehind(context: ElementContext, gateway: number, event: FlowNode): void {
  const { parent } = context.element(gateway);
  context.consume(gateway);
  for (const flow of event.outgoing) {
    const target = context.model.flows[flow]?.target;
    if (target !== undefined) context.enter(target, parent, { via: flow });
  }
}
