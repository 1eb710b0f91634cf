/**
 * A person moves an instance by hand: tokens begin where they are told to, and what runs is ended. All
 * instructions are one transition. Sub-processes around a place that do not run are opened without their start
 * event; sub-processes in which nothing is left are ended, and lead nowhere. What was done can still be undone.
 */
import { elementOf } from '../elements/index.ts';
import type { LaterEvent } from '../model/events.ts';
import type { Instruction } from '../model/modification.ts';
import { type FlowNode, isActivity } from '../model/process-model.ts';
import type { ElementInstance } from '../model/state.ts';
import { runDone } from './loops.ts';
import type { Moves } from './moves.ts';
import { processElement } from './working-state.ts';

type ModifyEvent = LaterEvent & { type: 'modify' };
type Start = Exclude<Instruction, { readonly type: 'cancel' }>;

/** Thrown for what cannot be done; says what was expected and found. */
class NotModifiable extends Error {}

/** Carries out all instructions; null, or why one of them cannot be, and then nothing may be kept. */
export function modify(t: Moves, { instructions, reason, by }: ModifyEvent): string | null {
  const { cancelling, ending } = t.element(processElement);
  if (cancelling || ending) return 'expected an instance that goes on, found one that is cancelled';
  t.record('process.modified', '', processElement, { by, reason, instructions });
  /** Sub-processes that were opened, by their id. */
  const opened = new Map<string, number>();
  const emptied: number[] = [];
  try {
    for (const instruction of instructions) {
      if (instruction.type === 'cancel') emptied.push(...cancelAt(t, instruction));
      else startAt(t, instruction, opened);
    }
  } catch (error) {
    if (error instanceof NotModifiable) return error.message;
    throw error;
  }
  for (const scope of emptied) endEmpty(t, scope);
  const isAnythingLeft = t.children(processElement).some(({ lingering }) => !lingering);
  return isAnythingLeft
    ? null
    : 'expected something to run behind it, found that nothing would; cancel the instance instead';
}

// --- beginning ---------------------------------------------------------------------------------------

function startAt(t: Moves, instruction: Start, opened: Map<string, number>): void {
  const { node, via } = placeOf(t, instruction);
  const scope = scopeOf(t, node.parent, instruction.scope, opened);
  for (const [name, value] of Object.entries(instruction.variables ?? {})) {
    t.setVariable(scope, name, value);
  }
  t.enter(node.id, scope, via === undefined ? {} : { via });
}

/** The element that a token comes to, and by which flow. */
function placeOf(t: Moves, instruction: Start): { node: FlowNode; via?: string } {
  if (instruction.type === 'start-at') return behind(t, instruction.flow);
  const node = nodeOf(t, instruction.element);
  if (instruction.type === 'start-after') {
    const [flow, ...others] = node.outgoing;
    if (flow !== undefined && others.length === 0) return behind(t, flow);
    const found = node.outgoing.join(', ') || 'none';
    throw new NotModifiable(
      `expected one flow behind "${node.id}", found ${found}; say which by start-at`,
    );
  }
  const odd = whyNotBefore(node);
  if (odd !== null) throw new NotModifiable(`expected to begin before "${node.id}", found ${odd}`);
  return { node };
}

function behind(t: Moves, flow: string): { node: FlowNode; via: string } {
  const found = t.model.flows[flow];
  if (!found) throw new NotModifiable(`expected a sequence flow of the process, found "${flow}"`);
  return { node: nodeOf(t, found.target), via: flow };
}

function nodeOf(t: Moves, id: string): FlowNode {
  const node = t.model.nodes[id];
  if (!node) throw new NotModifiable(`expected an element of the process, found "${id}"`);
  return node;
}

function whyNotBefore(node: FlowNode): string | null {
  if (node.type === 'boundaryEvent') return 'an event beside an activity; begin behind it instead';
  if (node.type === 'startEvent' && node.event !== null) {
    return 'a start that something has to happen for; begin behind it instead';
  }
  if (node.type === 'subProcess' && node.triggeredByEvent) {
    return 'what an event begins; begin at an element in it instead';
  }
  if (isActivity(node) && node.forCompensation) return 'what undoes an activity';
  if (elementOf(node.type).joins && node.incoming.length > 1) {
    return 'a gateway that counts by which flows tokens come; say which by start-at';
  }
  return null;
}

/** The scope that lies around a place: the process, the one sub-process that runs, or a new one. */
function scopeOf(
  t: Moves,
  container: string | null,
  wanted: number | undefined,
  opened: Map<string, number>,
): number {
  if (container === null) return processElement;
  const running = Object.values(t.current.elements).filter(
    (element) => element.node === container && isOpenScope(element),
  );
  if (wanted !== undefined) {
    const found = running.find(({ n }) => n === wanted);
    if (found) return found.n;
    const numbers = running.map(({ n }) => n).join(', ') || 'none';
    throw new NotModifiable(`expected a scope of "${container}" (${numbers}), found ${wanted}`);
  }
  const [only, ...others] = running;
  if (others.length > 0) {
    const numbers = running.map(({ n }) => n).join(', ');
    throw new NotModifiable(
      `expected one "${container}", found several: say which by scope (${numbers})`,
    );
  }
  if (only) return only.n;
  const known = opened.get(container);
  if (known !== undefined) return known;
  const node = nodeOf(t, container);
  if (isActivity(node) && (node.multiInstance || node.standardLoop)) {
    throw new NotModifiable(
      `expected "${container}" to run, found that it does not and is a loop; begin before it instead`,
    );
  }
  if (node.type === 'subProcess' && node.triggeredByEvent) {
    throw new NotModifiable(`expected "${container}" to run, found that its event did not happen`);
  }
  const n = t.openScope(container, scopeOf(t, node.parent, undefined, opened));
  opened.set(container, n);
  return n;
}

/** It has scope of its own to begin something in, and is not being left. */
function isOpenScope({ loop, held, arrived, revoked, compensating, adHoc, live }: ElementInstance) {
  if (loop || held || arrived || revoked || compensating || adHoc?.enough) return false;
  return live !== undefined;
}

// --- ending ------------------------------------------------------------------------------------------

/** Ends what runs at an element; gives the scopes in which that was. */
function cancelAt(t: Moves, { element: id, n }: Instruction & { type: 'cancel' }): number[] {
  const node = nodeOf(t, id);
  const all = Object.values(t.current.elements).filter((one) => one.node === id && !one.lingering);
  const runs = all.filter(({ parent }) => t.element(parent).node === id);
  const found =
    n === undefined ? all.filter((one) => !runs.includes(one)) : all.filter((one) => one.n === n);
  if (found.length === 0) {
    const numbers = all.map((one) => one.n).join(', ') || 'none';
    const what = n === undefined ? `"${id}"` : `number ${n}`;
    throw new NotModifiable(`expected something that runs at "${id}" (${numbers}), found ${what}`);
  }
  if (isActivity(node) && node.forCompensation) {
    throw new NotModifiable(
      `expected what does the work of the process, found that "${id}" undoes it; skip its incident instead`,
    );
  }
  for (const one of found) endOne(t, one);
  return found.map(({ parent }) => parent);
}

/** A run of a loop counts as done, with no result. */
function endOne(t: Moves, element: ElementInstance): void {
  const { n, node, parent } = element;
  const host = t.element(parent);
  t.terminate(n);
  if (host.loop && host.node === node && t.has(parent)) runDone(t, parent, element, null, []);
}

/** Ends scopes in which nothing runs any more, from the inside outwards. */
function endEmpty(t: Moves, first: number): void {
  let scope = first;
  while (scope !== processElement && t.has(scope)) {
    const element = t.element(scope);
    // In an ad-hoc sub-process something else may begin; a loop sees to its own runs.
    if (element.adHoc || element.loop || t.children(scope).length > 0) return;
    scope = element.parent;
    endOne(t, element);
  }
}
