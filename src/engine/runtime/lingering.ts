/**
 * Waiting for called processes that were interrupted. A call activity whose process still runs does not
 * vanish when it is interrupted: its process is asked to cancel, and undoes what it did. The activity
 * lingers until that process has ended, and what the interruption leads to waits for it: the token
 * behind a boundary event, a handler, the next undo, the end of the process. So what happened last is
 * undone first, across processes.
 *
 * A lingering activity moves up to the scope around all that was interrupted. A process that had done
 * its work before the cancellation reached it counts as completed there, and is undone as such.
 */
import { isActivity } from '../model/process-model.ts';
import type { ElementInstance } from '../model/state.ts';
import { rememberActivity } from './compensation.ts';
import type { Moves } from './moves.ts';

/** What a child told of its end. */
type ChildStatus = 'completed' | 'failed' | 'cancelled' | 'active';

/**
 * Lets an interrupted call activity linger; false when nothing of it runs. The waits and the incident
 * that it had are gone then.
 */
export function beginLingering(t: Moves, n: number): boolean {
  const { called, incident, node } = t.element(n);
  if (!called) return false;
  // Its child has ended, and how could not be handled yet.
  if (incident?.resume.type === 'event' && incident.resume.event.type === 'child-ended') {
    if (incident.resume.event.status === 'completed') rememberDone(t, n);
    return false;
  }
  // A child that this very transition has called does not exist yet.
  const { children } = t.effects;
  const index = children.findIndex((child) => child.n === n);
  if (index >= 0) {
    children.splice(index, 1);
    return false;
  }
  t.dropWaits(n, () => true);
  if (incident) t.closeIncident(n);
  t.clear(n, 'called');
  t.patch(n, { lingering: true });
  t.record('element.cancelling', node, n);
  return true;
}

/** Hands what lingers in a scope that goes away to the scope around it. */
export function handUp(t: Moves, { n, vars, parent }: ElementInstance): void {
  for (const child of t.children(n)) {
    if (!child.lingering || !t.has(parent)) continue;
    const known = { ...vars, ...child.vars };
    t.patch(child.n, {
      parent,
      ...(hasUndo(t, child) && Object.keys(known).length > 0 ? { vars: known } : {}),
    });
    t.patch(n, { live: (t.element(n).live ?? 1) - 1 });
    t.patch(parent, { live: (t.element(parent).live ?? 0) + 1 });
  }
}

/** What lingers in a scope or in what runs inside of it. */
export function lingeringIn(t: Moves, scope: number): readonly number[] {
  const found: number[] = [];
  const scopes = [scope];
  for (let at = scopes.pop(); at !== undefined; at = scopes.pop()) {
    for (const { n, lingering, live } of t.children(at)) {
      if (lingering) found.push(n);
      else if ((live ?? 0) > 0) scopes.push(n);
    }
  }
  return found;
}

/** The process that a lingering activity had called has ended: nothing keeps it any more. */
export function endLingering(t: Moves, n: number, status: ChildStatus): void {
  if (status === 'completed') rememberDone(t, n);
  const { node, parent } = t.element(n);
  t.record('element.cancelled', node, n, { child: status });
  t.removeLingering(n);
  for (const element of t.waitingFor(n)) {
    const after = element.held?.after.filter((other) => other !== n) ?? [];
    if (after.length > 0) t.patch(element.n, { held: { ...element.held, after } });
    else t.release(element.n);
  }
  if (t.has(parent) && t.element(parent).loop) t.lookAtScope(parent);
}

/** It did all of its work before it heard of the cancellation; that is undone as a whole. */
function rememberDone(t: Moves, n: number): void {
  const element = t.element(n);
  if (hasUndo(t, element)) rememberActivity(t, element);
}

function hasUndo(t: Moves, { node: id }: ElementInstance): boolean {
  const node = t.node(id);
  return isActivity(node) && node.compensation !== undefined;
}
