/** Start event: where a process or sub-process begins; also the trigger of an event sub-process. */
import { assert } from '../../../kernel/errors.ts';
import { namedValues } from '../../model/named-values.ts';
import type { ElementDefinition } from '../element.ts';
import { readPayload } from '../event-waits.ts';

/** Where tokens begin. */
export const startEvent: ElementDefinition<'startEvent'> = {
  type: 'startEvent',
  doc: 'Begins a process; of an event sub-process, its message, timer or error begins it.',
  enter(context, n) {
    context.leave(n);
  },
  trigger(context, host, node, trigger) {
    // `host` is the scope that the event sub-process waits in.
    assert(
      node.parent !== null,
      `start event "${node.id}" was triggered outside an event sub-process`,
    );
    const payload =
      trigger.kind === 'message' && node.event?.type === 'message'
        ? readPayload(node.event, trigger.payload)
        : trigger.kind === 'message'
          ? trigger.payload
          : null;
    if (node.interrupting !== false) context.interruptScope(host);
    const vars = node.result === undefined ? {} : namedValues(node.result, payload);
    context.enter(node.parent, host, { via: node.id, vars });
  },
};
