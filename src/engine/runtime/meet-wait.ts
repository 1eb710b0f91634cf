/**
 * What happens when an event comes that an instance waits for: the wait is found, what came is written into
 * the history, and the element that waits acts on it.
 */
import type { Trigger } from '../elements/element.ts';
import { nextOfCycle } from '../elements/event-waits.ts';
import { elementOf } from '../elements/index.ts';
import type { Wait } from '../model/state.ts';
import { gather, goesOnListening, needsAll } from './gather.ts';
import type { Moves } from './moves.ts';

/** Meets the wait of `host` that names node `on`. False when no such wait is open. */
export function meetWait(t: Moves, host: number, on: string, trigger: Trigger): boolean {
  if (!t.has(host)) return false;
  const element = t.element(host);
  const wait = element.waits?.find((one) => isMetBy(one, on, trigger));
  if (!wait) return false;
  const node = t.node(on);
  recordTrigger(t, host, on, trigger);
  if (wait.kind === 'timer') {
    t.dropWait(host, wait);
    const isRepeated = goesOnListening(node) && !('event' in node && needsAll(node.event));
    const next = isRepeated ? nextOfCycle(wait, t.at) : null;
    if (next) t.wait(host, next);
  }
  const isOwn = element.node === on || t.model.nodes[element.node]?.type === 'eventBasedGateway';
  const { part } = wait;
  t.guard(host, { type: isOwn ? 'wait' : 'dismiss' }, () => {
    const met = part === undefined ? trigger : { ...trigger, part };
    const whole = gather(t, host, node, met, wait);
    if (whole) elementOf(node.type).trigger?.(t, host, node, whole);
  });
  return true;
}

function recordTrigger(t: Moves, host: number, on: string, trigger: Trigger): void {
  switch (trigger.kind) {
    case 'message':
      t.record('message.received', on, host, trigger.payload);
      return;
    case 'signal':
      t.record('signal.received', on, host, trigger.payload);
      return;
    case 'timer':
      t.record('timer.fired', on, host);
      return;
    case 'condition':
      t.record('condition.met', on, host);
      return;
    case 'task':
      t.record('task.completed', on, host, { by: trigger.by, output: trigger.output });
      return;
    default:
  }
}

/** Whether a wait is one that a trigger was meant for. */
function isMetBy(wait: Wait, on: string, trigger: Trigger): boolean {
  if (wait.on !== on || wait.kind !== trigger.kind) return false;
  switch (trigger.kind) {
    case 'message':
      return wait.kind === 'message' && wait.message === trigger.message;
    case 'signal':
      return wait.kind === 'signal' && wait.signal === trigger.signal;
    case 'timer':
      return wait.kind === 'timer' && wait.due === trigger.due;
    case 'condition':
      return wait.part === trigger.part;
    default:
      return true;
  }
}
