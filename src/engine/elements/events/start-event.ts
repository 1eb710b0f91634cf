/**
 * Start event: where a process or sub-process begins; also the trigger of an event sub-process. One that
 * needs several things to happen begins an instance with the first of them and waits for the others there.
 */
import { assert } from '../../../kernel/errors.ts';
import { namedValues } from '../../model/named-values.ts';
import type { ElementDefinition } from '../element.ts';
import { payloadOf, waitsFor } from '../event-waits.ts';

/** Says, in place of a flow, that a start event is entered to wait for what has not happened yet. */
export const awaitedStart = '(awaited)';

/** Where tokens begin. */
export const startEvent: ElementDefinition<'startEvent'> = {
  type: 'startEvent',
  doc: 'Begins a process; of an event sub-process, what it waits for begins it.',
  enter(context, n, node, via) {
    if (via === awaitedStart) {
      const { gathered } = context.element(n);
      const come = gathered?.[node.id] ?? {};
      const waits = waitsFor(node.id, node.event, context.variables(n), context.at);
      for (const wait of waits) if (!((wait.part ?? 0) in come)) context.wait(n, wait);
      return;
    }
    const { parent } = context.element(n);
    for (const other of node.together ?? []) context.enter(other, parent, { via: awaitedStart });
    context.leave(n);
  },
  trigger(context, host, node, trigger) {
    const payload = payloadOf(node.event, trigger);
    if (context.element(host).node === node.id) {
      context.leave(host, payload);
      return;
    }
    // `host` is the scope that the event sub-process waits in.
    assert(
      node.parent !== null,
      `start event "${node.id}" was triggered outside an event sub-process`,
    );
    if (node.interrupting !== false) context.interruptScope(host);
    const vars = node.result === undefined ? {} : namedValues(node.result, payload);
    context.enter(node.parent, host, { via: node.id, vars });
  },
};
