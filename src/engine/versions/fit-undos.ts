/** What can still be undone after a migration: the memory of completed activities, and undos under way. */
import { isActivity } from '../model/process-model.ts';
import type { Compensating, Completed, ElementInstance, Undo } from '../model/state.ts';
import type { NodeMapping } from './node-mapping.ts';
import type { Problem } from './problem.ts';

/** Receives what is wrong. */
export type Report = (problem: Problem) => void;

/** The memory of completed activities under their new ids. */
export function fitCompleted(
  mapping: NodeMapping,
  done: readonly Completed[],
  report: Report,
): Completed[] {
  return done.flatMap((completed) => {
    const target = mapping.of(completed.node);
    if (target === null) return [];
    const node = mapping.to.nodes[target];
    if (completed.inner) {
      if (node?.type !== 'subProcess') return lost(completed.node, target, report);
      return [
        { ...completed, node: target, inner: fitCompleted(mapping, completed.inner, report) },
      ];
    }
    const hadUndo = mapping.from.get(completed.node)?.compensation !== undefined;
    const hasUndo = node && isActivity(node) && node.compensation !== undefined;
    if (hadUndo && !hasUndo) return lost(completed.node, target, report);
    if (completed.key !== undefined && target !== completed.node) {
      return begun(completed.node, report);
    }
    const within = completed.within && fitCompleted(mapping, completed.within, report);
    return [{ ...completed, node: target, ...(within ? { within } : {}) }];
  });
}

/** An undoing that is under way, under its new ids. */
export function fitCompensating(
  mapping: NodeMapping,
  compensating: Compensating,
  report: Report,
): Compensating {
  const queue = compensating.queue.flatMap((undo): Undo[] => {
    const handler = mapping.of(undo.handler);
    if (handler === null) return [];
    const node = mapping.to.nodes[handler];
    if (!node || !isActivity(node)) return lost(undo.handler, handler, report);
    if (undo.key !== undefined && handler !== undo.handler) return begun(undo.handler, report);
    const within = undo.within && fitCompleted(mapping, undo.within, report);
    return [{ ...undo, handler, ...(within ? { within } : {}) }];
  });
  return { ...compensating, queue };
}

function lost(element: ElementInstance['node'], target: string, report: Report): [] {
  const message =
    `expected "${target}" to have an undo, since the instance has done "${element}", found none; ` +
    `map "${element}" to what undoes it, or to null when it need not be undone any more`;
  report({ code: 'UNDO_GONE', element, message });
  return [];
}

function begun(element: string, report: Report): [] {
  const message = `the undo of "${element}" has begun under that name and cannot be given another one`;
  report({ code: 'UNDO_GONE', element, message });
  return [];
}
