/**
 * Errors that a process may catch: the nearest catching event handles them, looked for from the
 * element outward, exact codes before catch-alls.
 */
import type { StartEvent } from '../model/process-model.ts';
import { isActivity } from '../model/process-model.ts';
import type { ElementInstance } from '../model/state.ts';
import { catching } from './catching.ts';
import { isRunOfLoop } from './element-result.ts';
import type { Moves } from './moves.ts';

interface Thrown {
  readonly code: string;
  readonly message: string;
  readonly data: unknown;
}

/** Hands the error to the nearest event that catches it; false when none does. */
export function catchError(t: Moves, n: number, error: Thrown): boolean {
  let from: ElementInstance | undefined;
  for (let at = n; at !== 0; ) {
    const element = t.element(at);
    if (from && !isHandling(t, from) && catchInScope(t, element, error)) return true;
    const isRun = isRunOfLoop(t, element.n);
    if (element.node !== '' && !isRun && catchAtBoundary(t, element, error)) return true;
    from = element;
    at = element.parent;
  }
  return false;
}

/**
 * True for an event sub-process that has ended its scope: what fails in it is the business of the
 * scopes further out, and never of the handler itself.
 */
export function isHandling(t: Moves, { node: id }: ElementInstance): boolean {
  const node = t.node(id);
  if (node.type !== 'subProcess' || !node.triggeredByEvent) return false;
  return isInterrupting(t.index.startOf.get(id));
}

/** Whether an event sub-process ends what else runs in its scope; one for errors always does. */
function isInterrupting(start: StartEvent | undefined): boolean {
  return start?.event?.type === 'error' || start?.interrupting !== false;
}

function catchInScope(t: Moves, scope: ElementInstance, error: Thrown): boolean {
  // What is being cancelled only undoes; nothing in it is handled otherwise any more.
  if (scope.loop || scope.cancelling || scope.revoked) return false;
  const start = catching(t.index.eventStarts.get(scope.node) ?? [], {
    type: 'error',
    code: error.code,
  });
  if (!start || start.parent === null) return false;
  interruptScope(t, scope.n);
  const vars = start.result === undefined ? {} : { [start.result]: error };
  t.enter(start.parent, scope.n, { via: start.id, vars });
  return true;
}

/** Ends what runs in a scope and closes its event sub-processes, but not its boundary events. */
export function interruptScope(t: Moves, scope: number): void {
  const starts = t.index.eventStarts.get(t.element(scope).node) ?? [];
  t.dropWaits(scope, (on) => starts.some((start) => start.id === on));
  // Of an ad-hoc sub-process nothing begins any more: what interrupts it is the last.
  if (t.element(scope).adHoc) t.patch(scope, { adHoc: { queue: [], enough: true } });
  t.terminateChildren(scope);
}

function catchAtBoundary(t: Moves, { n, node: id, parent }: ElementInstance, error: Thrown) {
  const node = t.node(id);
  if (!isActivity(node)) return false;
  const attached = node.boundary.map((b) => t.node(b)).filter((b) => b.type === 'boundaryEvent');
  const boundary = catching(attached, { type: 'error', code: error.code });
  if (!boundary) return false;
  t.terminate(n);
  if (boundary.result !== undefined) t.setVariable(parent, boundary.result, error);
  t.enter(boundary.id, parent);
  return true;
}
