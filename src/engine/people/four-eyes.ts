/**
 * Which tasks of a process are under the rule of four eyes: whoever did one of two may not do the other.
 * It is said at one of them and holds for both, whichever is done first. A task that is done several times
 * may name itself: each time somebody else does it.
 */
import {
  type FlowNode,
  isActivity,
  type NodeOf,
  type ProcessModel,
} from '../model/process-model.ts';

type Nodes = ProcessModel['nodes'];

/** True when somebody who does this task may not do another one. */
export function isUnderFourEyes({ nodes }: ProcessModel, task: NodeOf<'userTask'>): boolean {
  if (task.notDoneBy?.length) return true;
  return Object.values(nodes).some(
    (other) => other.type === 'userTask' && other.notDoneBy?.includes(task.id),
  );
}

/** What is wrong with the rules of a process: one that names nothing, or that a message goes around, holds nobody back. */
export function* fourEyesProblems(model: ProcessModel): Generator<string> {
  const { nodes } = model;
  for (const node of Object.values(nodes)) {
    if (node.type !== 'userTask') continue;
    if (node.messages.length > 0 && isUnderFourEyes(model, node)) {
      yield `"${node.id}" is under a rule of four eyes and is completed by messages, which nobody did`;
    }
    for (const other of node.notDoneBy ?? []) {
      if (other === node.id && isRepeated(nodes, node)) continue;
      if (nodes[other]?.type !== 'userTask' || other === node.id) {
        yield `"${node.id}" may not be done by who did "${other}", which is no other user task`;
      }
    }
  }
}

/** True for a task that runs several times, or that lies in what does. */
function isRepeated(nodes: Nodes, node: FlowNode): boolean {
  if (isActivity(node) && (node.multiInstance || node.standardLoop)) return true;
  const around = node.parent === null ? undefined : nodes[node.parent];
  return around !== undefined && isRepeated(nodes, around);
}
