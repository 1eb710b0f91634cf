/**
 * Conditional events: what waits for a condition is looked at again whenever variables may have changed
 * within a transition, before the next token moves on, so that a condition that held in between is not
 * missed. It happens when the condition becomes true, and again only after it was false.
 */
import { definitionsIn } from '../model/event-definitions.ts';
import type { ConditionWait, ElementInstance } from '../model/state.ts';
import type { Moves } from './moves.ts';

/** Looks at every condition that is waited for, in the order in which its elements came. */
export function lookAtConditions(t: Moves, elements: readonly ElementInstance[]): void {
  for (const { n, waits = [] } of elements) {
    for (const wait of waits) if (wait.kind === 'condition') lookAt(t, n, wait);
  }
}

function lookAt(t: Moves, n: number, { on, part }: ConditionWait): void {
  const wait = t.has(n) ? t.element(n).waits?.find((one) => isSame(one, on, part)) : undefined;
  // Somebody looks at the element already; when that is done, the condition is read again.
  if (wait?.kind !== 'condition' || t.element(n).incident) return;
  const isOwn = t.element(n).node === on;
  let holds = false;
  t.guard(n, { type: isOwn ? 'wait' : 'dismiss' }, () => {
    holds = read(t, n, wait);
  });
  if (holds === wait.met || !t.has(n)) return;
  const waits = t.element(n).waits ?? [];
  t.patch(n, { waits: waits.map((one) => (one === wait ? { ...wait, met: holds } : one)) });
  if (holds) t.trigger(n, on, { kind: 'condition', ...(part === undefined ? {} : { part }) });
}

function isSame(wait: { kind: string; on: string; part?: number }, on: string, part?: number) {
  return wait.kind === 'condition' && wait.on === on && wait.part === part;
}

function read(t: Moves, n: number, { on, part }: ConditionWait): boolean {
  const node = t.node(on);
  const definition = definitionsIn('event' in node ? node.event : null)[part ?? 0];
  if (definition?.type !== 'conditional') return false;
  const { source, evaluate } = definition.condition;
  const value = evaluate(t.variables(n));
  if (typeof value === 'boolean' || value === null) return value === true;
  throw new Error(`expected "${source}" to be true or false, found ${JSON.stringify(value)}`);
}
