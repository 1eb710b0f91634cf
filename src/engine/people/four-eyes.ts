/**
 * Which tasks of a process are under the rule of four eyes: whoever did one of two may not do the other.
 * It is said at one of them and holds for both, whichever is done first.
 */
import type { NodeOf, ProcessModel } from '../model/process-model.ts';

/** True when somebody who does this task may not do another one. */
export function isUnderFourEyes({ nodes }: ProcessModel, task: NodeOf<'userTask'>): boolean {
  if (task.notDoneBy?.length) return true;
  return Object.values(nodes).some(
    (other) => other.type === 'userTask' && other.notDoneBy?.includes(task.id),
  );
}
