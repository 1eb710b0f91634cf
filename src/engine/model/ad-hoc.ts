/** Which activities may be started in an ad-hoc sub-process: those that no flow leads to. */
import { isActivity, type ProcessModel } from './process-model.ts';

/** True for an activity that may be started in this ad-hoc sub-process. */
export function isStartable(nodes: ProcessModel['nodes'], id: string, container: string): boolean {
  const node = nodes[id];
  if (!node || !isActivity(node) || node.parent !== container || node.forCompensation) return false;
  return node.incoming.length === 0 && !(node.type === 'subProcess' && node.triggeredByEvent);
}

/** The activities that may be started in an ad-hoc sub-process, in the order of the drawing. */
export function startableIn(nodes: ProcessModel['nodes'], container: string): readonly string[] {
  return Object.keys(nodes).filter((id) => isStartable(nodes, id, container));
}
