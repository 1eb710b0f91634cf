/**
 * The graph of a process: every node with its flows, with the events that are attached to it and with what undoes it,
 * and every flow with its condition.
 */
import type { ModdleElement } from 'bpmn-moddle';
import type { FlowNode, SequenceFlow } from '../model/process-model.ts';
import type { Drawn } from './check-graph.ts';
import { eventTrigger } from './events/event-positions.ts';
import { gatherStarts } from './events/gather-starts.ts';
import { isKnownKind } from './known-properties.ts';
import { elementOf, idOf } from './moddle-values.ts';
import { nameOf, type Placed, type PlacedFlow } from './place-elements.ts';
import type { ProcessContext } from './process-context.ts';
import { readNode } from './read-node.ts';
import { readSequenceFlows } from './read-sequence-flows.ts';

/** Nodes and flows by their ids. What cannot be read is left out, and then the report says why. */
export interface Graph {
  readonly nodes: Readonly<Record<string, FlowNode>>;
  readonly flows: Readonly<Record<string, SequenceFlow>>;
}

const activities: ReadonlySet<string> = new Set([
  ...['task', 'serviceTask', 'externalTask', 'receiveTask', 'userTask', 'subProcess'],
  'callActivity',
]);

/** Reads what is drawn as a graph that can run. */
export function readGraph(context: ProcessContext, drawn: Drawn): Graph {
  const placed = [...drawn.flows];
  const nodes = gatherStarts(readNodes(context, drawn, placed), context.report);
  return { nodes, flows: readSequenceFlows(context, placed) };
}

/** Ends that are more than one node in the model bring flows of their own. */
function readNodes(
  context: ProcessContext,
  drawn: Drawn,
  flows: PlacedFlow[],
): Record<string, FlowNode> {
  const nodes: Record<string, FlowNode> = {};
  const idsBy = (end: 'source' | 'target') => Map.groupBy(flows, (flow) => flow[end]);
  const [incoming, outgoing] = [idsBy('target'), idsBy('source')];
  const attached = attachedTo(drawn.nodes);
  for (const placed of drawn.nodes.values()) {
    const isUndoMark = placed.kind === 'boundaryEvent' && isCompensation(placed.element);
    const body = isKnownKind(placed.kind) ? readNode(context, placed, drawn.nodes) : null;
    if (!body || isUndoMark) continue;
    const { id, parent } = placed;
    nodes[id] = Object.freeze({
      ...body,
      id,
      name: nameOf(placed),
      parent,
      incoming: (incoming.get(id) ?? []).map((flow) => flow.id),
      outgoing: (outgoing.get(id) ?? []).map((flow) => flow.id),
      ...defaultOf(placed, flows),
      ...('retry' in body || activities.has(body.type) ? linksOf(id, attached, drawn) : {}),
    } as unknown as FlowNode);
    const isSending = placed.kind === 'endEvent' && body.type === 'serviceTask';
    if (isSending) addEndBehind(nodes, nodes[id] as FlowNode, flows);
  }
  return nodes;
}

/** An end that runs a procedure is a step with an end of its own behind it, which no drawing shows. */
function addEndBehind(nodes: Record<string, FlowNode>, step: FlowNode, flows: PlacedFlow[]): void {
  const { id: source, parent, name } = step;
  const id = `${source}.end`;
  const flow = `${source}.ends`;
  const element = { $type: 'bpmn:SequenceFlow', id: flow } as ModdleElement;
  flows.push({ element, id: flow, source, target: id });
  nodes[source] = Object.freeze({ ...step, outgoing: [flow] });
  const place = { id, name, parent, incoming: [flow], outgoing: [] };
  nodes[id] = Object.freeze({ ...place, type: 'endEvent', event: null });
}

function defaultOf({ element }: Placed, flows: readonly PlacedFlow[]) {
  const preferred = elementOf(element, 'default');
  const flow = preferred && flows.find((one) => one.element === preferred);
  return flow ? { defaultFlow: flow.id } : {};
}

/** Ids of boundary events by the activity that they are attached to; undoing is drawn, and is no event. */
function attachedTo(nodes: ReadonlyMap<string, Placed>): ReadonlyMap<string, readonly string[]> {
  const attached = new Map<string, string[]>();
  for (const { element, kind, id } of nodes.values()) {
    const host = elementOf(element, 'attachedToRef');
    if (kind !== 'boundaryEvent' || !host || isCompensation(element)) continue;
    attached.set(idOf(host), [...(attached.get(idOf(host)) ?? []), id]);
  }
  return attached;
}

function linksOf(
  id: string,
  attached: ReadonlyMap<string, readonly string[]>,
  { undoes }: Drawn,
): Readonly<Record<string, unknown>> {
  const undo = undoes.get(id);
  return {
    boundary: attached.get(id) ?? [],
    ...(undo === undefined ? {} : { compensation: undo }),
  };
}

function isCompensation(event: ModdleElement): boolean {
  return eventTrigger(event) === 'compensate';
}
