/** Finds what can never move again, so that it becomes an incident instead of silence. */
import type { Incident } from '../model/state.ts';
import type { Moves } from './moves.ts';

/**
 * Opens an incident at each join whose missing token cannot come any more, because all that runs in
 * its scope is such joins, and at an element that waits for nothing at all.
 */
export function reportDeadlocks(t: Moves, elements: readonly number[]): void {
  for (const n of elements) {
    const element = t.element(n);
    if (!element.arrived || element.incident) continue;
    const others = t.children(element.parent);
    if (others.every((other) => other.arrived !== undefined || isHandler(t, other.node))) {
      report(t, n, 'a token that cannot come: nothing that could send it runs any more');
    }
  }
  if (!elements.some((n) => isMovable(t, n))) {
    const last = elements.at(-1);
    if (last !== undefined) report(t, last, 'something that nothing can bring about');
  }
}

/** Tokens of an event sub-process never leave it, so they cannot reach a join beside it. */
function isHandler(t: Moves, id: string): boolean {
  const node = t.node(id);
  return node.type === 'subProcess' && node.triggeredByEvent;
}

function isMovable(t: Moves, n: number): boolean {
  const { waits, job, incident, loop, arrived, node, adHoc } = t.element(n);
  // A person may have something begin in it.
  if (adHoc && !adHoc.enough && !loop) return true;
  if ((waits?.length ?? 0) > 0 || job !== undefined || incident !== undefined) return true;
  return node !== '' && !loop && !arrived && t.node(node).type === 'callActivity';
}

function report(t: Moves, n: number, what: string): void {
  const code: Incident['code'] = 'DEADLOCK';
  const message = `"${t.element(n).node}" waits for ${what}; skip it with a reason or cancel the instance`;
  t.openIncident(n, code, message);
}
