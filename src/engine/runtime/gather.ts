/**
 * Events that need all of their definitions: what has come is kept beside the waits that are still open,
 * and the event happens with the last one. One that does not interrupt begins anew then.
 */
import type { Trigger } from '../elements/element.ts';
import { payloadOf } from '../elements/event-waits.ts';
import type { EventDefinitionModel } from '../model/event-definitions.ts';
import type { FlowNode } from '../model/process-model.ts';
import type { Wait } from '../model/state.ts';
import type { Moves } from './moves.ts';

/** Whether an event needs all of its definitions. */
export function needsAll(event: EventDefinitionModel | null): boolean {
  return event?.type === 'multiple' && event.parallel;
}

/** What the event happens with; null when something is still to come, and then it is kept. */
export function gather(
  t: Moves,
  host: number,
  node: FlowNode,
  trigger: Trigger,
  wait: Wait,
): Trigger | null {
  const event = 'event' in node ? node.event : null;
  const { part } = trigger;
  if (event?.type !== 'multiple' || !event.parallel || part === undefined) return trigger;
  const { gathered } = t.element(host);
  const come = { ...gathered?.[node.id], [part]: payloadOf(event, trigger) };
  if (t.element(host).waits?.includes(wait)) t.dropWait(host, wait);
  const { [node.id]: _, ...others } = gathered ?? {};
  if (event.events.some((_, index) => !(index in come))) {
    t.patch(host, { gathered: { ...others, [node.id]: come } });
    return null;
  }
  if (Object.keys(others).length > 0) t.patch(host, { gathered: others });
  else t.clear(host, 'gathered');
  if (goesOnListening(node)) t.listen(host, node);
  return { kind: 'gathered', payloads: event.events.map((_, index) => come[index] ?? null) };
}

/** True for an event that may happen again while what it belongs to goes on. */
export function goesOnListening(node: FlowNode): boolean {
  return (
    (node.type === 'boundaryEvent' && !node.interrupting) ||
    (node.type === 'startEvent' && node.parent !== null && node.interrupting === false)
  );
}
