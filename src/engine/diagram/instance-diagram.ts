/**
 * Where an instance stands, element by element: what is there now, what has been, and which flows were taken.
 * Computed from its active elements and its history. Pure.
 */
import type { HistoryEntry } from '../model/events.ts';
import type { FlowNode, ProcessModel } from '../model/process-model.ts';
import type { ElementInstance } from '../model/state.ts';
import { type ElementState, elementStates } from './marks.ts';

/** What an element waits for, of what `processes.get` tells. */
export interface ActiveElement {
  readonly element: string;
  readonly type: string;
  readonly n: number;
  readonly attempt?: number | undefined;
  readonly retrying?: unknown;
  readonly held?: true | undefined;
  readonly waitingFor: readonly {
    readonly kind: string;
    readonly name: string;
    readonly due?: string;
  }[];
  readonly incident?: { readonly code: string; readonly message: string } | undefined;
}

/** One element as an instance has it. */
export interface ElementFacts {
  readonly element: string;
  readonly state: ElementState;
  /** How many of it there are in each state; runs of a loop count, the loop around them does not. */
  readonly counts: Readonly<Record<ElementState, number>>;
  readonly waitingFor: ActiveElement['waitingFor'];
  readonly incidents: readonly { readonly code: string; readonly message: string }[];
}

/** The whole instance. */
export interface InstanceFacts {
  readonly elements: readonly ElementFacts[];
  /** Ids of sequence flows of the model. */
  readonly taken: ReadonlySet<string>;
}

/** What is known of an instance. */
export interface InstanceKnowledge {
  readonly active: readonly ActiveElement[];
  /** Its state, where it is shown as it is now. */
  readonly state?: Readonly<Record<number, ElementInstance>> | undefined;
  readonly history: readonly HistoryEntry[];
}

/** Reads where an instance stands. */
export function instanceFacts(model: ProcessModel, known: InstanceKnowledge): InstanceFacts {
  const found = new Map<string, Found>();
  const at = (element: string): Found => {
    const facts = found.get(element) ?? newFacts();
    found.set(element, facts);
    return facts;
  };
  const loops = loopsOf(model, known);
  for (const one of known.active) {
    const { element, waitingFor, incident } = one;
    const facts = at(element);
    const state = activeState(one);
    if (loops.has(one.n)) facts.isLooping = true;
    else facts.counts[state] += 1;
    facts.waitingFor.push(...waitingFor);
    if (incident) facts.incidents.push(incident);
  }
  for (const { kind, node, n } of known.history) {
    if (loops.has(n) || node === '') continue;
    if (kind === 'element.completed') at(node).counts.completed += 1;
    else if (kind === 'element.cancelled') at(node).counts.cancelled += 1;
  }
  for (const { node, waits = [] } of Object.values(known.state ?? {})) {
    // What waits at the edge of an element, or for an event sub-process, is armed.
    for (const wait of waits) if (wait.on !== node) at(wait.on).counts.waiting += 1;
  }
  const elements = [...found].flatMap(([element, facts]) => {
    const { counts, waitingFor, incidents, isLooping } = facts;
    const state = elementStates.find((one) => counts[one] > 0);
    const shown = isLooping && isOver(state) ? 'running' : state;
    return shown ? [{ element, state: shown, counts, waitingFor, incidents }] : [];
  });
  return { elements, taken: takenFlows(model, known) };
}

interface Found {
  readonly counts: Record<ElementState, number>;
  readonly waitingFor: ActiveElement['waitingFor'][number][];
  readonly incidents: { readonly code: string; readonly message: string }[];
  isLooping: boolean;
}

function newFacts(): Found {
  const counts = {
    ...{ incident: 0, retrying: 0, running: 0 },
    ...{ waiting: 0, completed: 0, cancelled: 0 },
  };
  return { counts, waitingFor: [], incidents: [], isLooping: false };
}

function isOver(state: ElementState | undefined): boolean {
  return state === undefined || state === 'completed' || state === 'cancelled';
}

/** Numbers of the loops around the runs of elements that run several times. */
function loopsOf(model: ProcessModel, { history, state }: InstanceKnowledge): ReadonlySet<number> {
  const loops = new Set<number>();
  const open = new Map<string, number>();
  for (const { kind, node, n } of history) {
    if (!isLoop(model.nodes[node])) continue;
    if (kind === 'element.entered' && !open.has(node)) {
      open.set(node, n);
      loops.add(n);
    } else if (/^element\.(completed|cancelled)$/.test(kind) && open.get(node) === n) {
      open.delete(node);
    }
  }
  for (const { n, loop } of Object.values(state ?? {})) if (loop) loops.add(n);
  return loops;
}

function isLoop(node: FlowNode | undefined): boolean {
  return node !== undefined && 'boundary' in node && !!(node.multiInstance ?? node.standardLoop);
}

function activeState(one: ActiveElement): ElementState {
  if (one.incident) return 'incident';
  if (one.retrying !== undefined) return 'retrying';
  if (one.held) return 'waiting';
  if (one.attempt !== undefined) return 'running';
  const works = ['serviceTask', 'subProcess', 'callActivity', 'task'].includes(one.type);
  return works ? 'running' : 'waiting';
}

/**
 * Flows by which tokens came. History tells of elements, not of flows: a flow was taken when its source was left and
 * its target began behind it, for a choice in the same transition, which is what a token does that goes on.
 */
function takenFlows(
  model: ProcessModel,
  { history, state }: InstanceKnowledge,
): ReadonlySet<string> {
  const left = new Map<string, number[]>();
  const begun = new Map<string, number[]>();
  const note = (all: Map<string, number[]>, node: string, seq: number) => {
    const known = all.get(node);
    if (known) known.push(seq);
    else all.set(node, [seq]);
  };
  const entered = new Set<number>();
  for (const { kind, node, n, seq } of history) {
    if (kind === 'element.entered') {
      entered.add(n);
      note(begun, node, seq);
    } else if (kind === 'element.completed') {
      if (!entered.has(n)) note(begun, node, seq);
      note(left, node, seq);
    }
  }
  const taken = new Set<string>();
  for (const { arrived = {} } of Object.values(state ?? {})) {
    for (const [flow, count] of Object.entries(arrived)) if (count > 0) taken.add(flow);
  }
  for (const { id, source, target } of Object.values(model.flows)) {
    const from = model.nodes[source];
    const to = model.nodes[target];
    const first = left.get(source)?.[0];
    if (!from || !to || first === undefined) continue;
    const isOnlyWay = from.outgoing.length === 1 || from.type === 'parallelGateway';
    const reached = begun.get(target) ?? [];
    if (isOnlyWay) {
      taken.add(id);
    } else if (to.incoming.length === 1) {
      if (firstAfter(reached, first) < Infinity) taken.add(id);
    } else if (follows(left.get(source) ?? [], reached, siblings(model, from, id, begun))) {
      taken.add(id);
    }
  }
  return taken;
}

/** When the other ways of a choice began, each in order. */
function siblings(
  model: ProcessModel,
  from: FlowNode,
  flow: string,
  begun: ReadonlyMap<string, readonly number[]>,
): readonly (readonly number[])[] {
  return from.outgoing
    .filter((other) => other !== flow)
    .map((other) => begun.get(model.flows[other]?.target ?? '') ?? []);
}

/** True when, behind some end of the source, the target began before any other way did. */
function follows(
  ends: readonly number[],
  begun: readonly number[],
  others: readonly (readonly number[])[],
): boolean {
  return ends.some((end) => {
    const next = firstAfter(begun, end);
    if (next > end + nearBy) return false;
    return others.every((other) => firstAfter(other, end) > next);
  });
}

/** The first of sorted numbers that is greater; without end when none is. Halves, since a loop has many. */
function firstAfter(sorted: readonly number[], than: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! > than) high = middle;
    else low = middle + 1;
  }
  return sorted[low] ?? Infinity;
}

/** Entries that lie between a gateway and what begins behind it, at most. */
const nearBy = 3;
