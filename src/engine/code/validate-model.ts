/**
 * What must hold of every process model, however it was written. A model that breaks one of these
 * could get stuck or lose its way, so it is refused before it is deployed.
 */
import { isStartable } from '../model/ad-hoc.ts';
import { AuthoringError } from '../model/authoring-error.ts';
import { type FlowNode, isActivity, type ProcessModel } from '../model/process-model.ts';
import { fourEyesProblems } from '../people/four-eyes.ts';

/** Throws an `AuthoringError` that lists everything that is wrong with the model. */
export function validateModel(model: ProcessModel): void {
  const problems = [...problemsOf(model)];
  if (problems.length === 0) return;
  throw new AuthoringError(`process "${model.key}" is not sound:\n- ${problems.join('\n- ')}`);
}

/** Everything that is wrong with a model. */
export function* problemsOf(model: ProcessModel): Generator<string> {
  yield* flowProblems(model);
  yield* containerProblems(model);
  yield* reachabilityProblems(model);
  yield* fourEyesProblems(model);
}

function* flowProblems({ nodes, flows }: ProcessModel): Generator<string> {
  for (const [id, flow] of Object.entries(flows)) {
    const source = nodes[flow.source];
    const target = nodes[flow.target];
    if (!source || !target) yield `flow "${id}" leads from or to a node that is not there`;
    else if (source.parent !== target.parent)
      yield `flow "${id}" crosses the edge of a sub-process`;
    if (source && !source.outgoing.includes(id)) yield `"${source.id}" does not list flow "${id}"`;
    if (target && !target.incoming.includes(id)) yield `"${target.id}" does not list flow "${id}"`;
  }
  for (const node of Object.values(nodes)) {
    for (const id of [...node.incoming, ...node.outgoing]) {
      if (!flows[id]) yield `"${node.id}" lists flow "${id}", which is not there`;
    }
    if (node.type === 'endEvent' && node.outgoing.length > 0) yield `end "${node.id}" goes on`;
    if (node.type === 'startEvent' && node.incoming.length > 0)
      yield `start "${node.id}" is entered`;
  }
}

function* containerProblems({ nodes }: ProcessModel): Generator<string> {
  const containers = [null, ...Object.values(nodes).flatMap((n) => (isContainer(n) ? [n.id] : []))];
  const within = Map.groupBy(Object.values(nodes), ({ parent }) => parent);
  for (const container of containers) {
    const inside = within.get(container) ?? [];
    const starts = inside.filter((node) => node.type === 'startEvent');
    const where = container === null ? 'the process' : `"${container}"`;
    if (container !== null && isAdHoc(nodes[container])) continue;
    if (starts.length !== 1) yield `${where} has ${starts.length} starts instead of one`;
    if (!inside.some((node) => node.type === 'endEvent')) yield `${where} has no end`;
  }
  for (const node of Object.values(nodes)) {
    if (node.parent !== null && !containers.includes(node.parent)) {
      yield `"${node.id}" lies in "${node.parent}", which is no sub-process`;
    }
    if (node.type === 'boundaryEvent') {
      const host = nodes[node.attachedTo];
      if (!host || !isActivity(host) || !host.boundary.includes(node.id)) {
        yield `"${node.id}" is attached to "${node.attachedTo}", which does not list it`;
      }
    }
  }
}

function isAdHoc(node: FlowNode | undefined): boolean {
  return node?.type === 'subProcess' && node.adHoc !== undefined;
}

function isContainer(node: FlowNode): boolean {
  return node.type === 'subProcess';
}

function* reachabilityProblems(model: ProcessModel): Generator<string> {
  const nodes = Object.values(model.nodes);
  const starts = nodes.filter(
    (node) => (node.type === 'startEvent' && node.parent === null) || isEventHandler(node),
  );
  const within = Map.groupBy(nodes, ({ parent }) => parent);
  const reached = closure(
    starts.map((node) => node.id),
    (id) => followers(model, id, within),
  );
  for (const { id } of nodes) if (!reached.has(id)) yield `no way leads to "${id}"`;

  const before = new Map<string, string[]>();
  for (const { id } of nodes) {
    for (const next of followers(model, id, within)) {
      const known = before.get(next);
      if (known) known.push(id);
      else before.set(next, [id]);
    }
  }
  const ends = nodes.filter(
    (node) =>
      node.type === 'endEvent' ||
      isUndo(node) ||
      (node.outgoing.length === 0 && isAdHoc(model.nodes[node.parent ?? ''])),
  );
  const ending = closure(
    ends.map((node) => node.id),
    (id) => before.get(id) ?? [],
  );
  for (const { id } of nodes) if (!ending.has(id)) yield `no way leads from "${id}" to an end`;
}

function isEventHandler(node: FlowNode): boolean {
  return node.type === 'subProcess' && node.triggeredByEvent;
}

function isUndo(node: FlowNode): boolean {
  return isActivity(node) && node.forCompensation === true;
}

/** What a token at this node may cause to run next. */
function followers(
  { nodes, flows }: ProcessModel,
  id: string,
  within: ReadonlyMap<string | null, readonly FlowNode[]>,
): string[] {
  const node = nodes[id];
  if (!node) return [];
  const next = node.outgoing.flatMap((flow) => flows[flow]?.target ?? []);
  if (!isActivity(node)) return next;
  const undo = node.compensation === undefined ? [] : [node.compensation];
  const inside = (isContainer(node) ? (within.get(id) ?? []) : []).filter(
    (other) => other.type === 'startEvent' || (isAdHoc(node) && isStartable(nodes, other.id, id)),
  );
  return [...next, ...node.boundary, ...undo, ...inside.map((start) => start.id)];
}

function closure(from: readonly string[], next: (id: string) => readonly string[]): Set<string> {
  const reached = new Set(from);
  for (const id of reached) for (const other of next(id)) reached.add(other);
  return reached;
}
