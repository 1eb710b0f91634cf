/** A person has an activity of an ad-hoc sub-process begin. */
import { isStartable } from '../model/ad-hoc.ts';
import type { LaterEvent } from '../model/events.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { ElementInstance, InstanceState } from '../model/state.ts';
import type { Moves } from './moves.ts';
import { processElement } from './working-state.ts';

/** Why an activity cannot begin; null when it can, and then where. */
export type StartVerdict =
  | { readonly scope: number }
  | { readonly reason: 'no-such-activity' | 'not-running' | 'busy' };

/** Says whether an activity can begin as the instance stands. Pure. */
export function judgeStart(
  model: ProcessModel,
  elements: InstanceState['elements'],
  node: string,
  scope: number | null,
): StartVerdict {
  const container = model.nodes[model.nodes[node]?.parent ?? ''];
  if (container?.type !== 'subProcess' || !container.adHoc) return { reason: 'no-such-activity' };
  if (!isStartable(model.nodes, node, container.id)) return { reason: 'no-such-activity' };
  const open = Object.values(elements).filter(
    (element) =>
      element.node === container.id && isOpen(element) && (scope === null || element.n === scope),
  );
  const isFree = ({ live = 0 }: ElementInstance) => !container.adHoc?.sequential || live === 0;
  const free = open.find(isFree);
  if (free) return { scope: free.n };
  return { reason: open.length > 0 ? 'busy' : 'not-running' };
}

/** It runs, is no loop around others that run, and has not had enough. */
function isOpen({ adHoc, loop }: ElementInstance): boolean {
  return adHoc !== undefined && !adHoc.enough && !loop;
}

/** Starts an activity; false when it cannot begin. */
export function startActivity(t: Moves, event: LaterEvent & { type: 'activity-start' }): boolean {
  const { node, scope, by } = event;
  const verdict = judgeStart(t.model, t.current.elements, node, scope);
  if (!('scope' in verdict) || t.element(processElement).cancelling) return false;
  t.record('activity.started', node, verdict.scope, { by });
  t.enter(node, verdict.scope);
  return true;
}
