/**
 * Compensation: what was completed is undone, one activity after the other, last completed first.
 * Each scope remembers what was completed in it; a sub-process hands its memory to the scope around
 * it, with the variables that its undos may read. A sub-process with an event sub-process for its
 * compensation is undone by that one alone, which may have the rest undone in turn. An undo that is itself interrupted goes back into
 * that memory, so that it happens when the scope around is undone, and under the same key.
 */
import { elementOf } from '../elements/index.ts';
import type { Variables } from '../model/expression.ts';
import { type Activity, isActivity, type ProcessModel } from '../model/process-model.ts';
import type { Completed, ElementInstance, Undo } from '../model/state.ts';
import type { Moves } from './moves.ts';
import { isTransaction } from './transactions.ts';
import { processElement } from './working-state.ts';

/** Begins to undo what was completed in a scope, or one activity of it. */
export function compensate(t: Moves, owner: number, scope: number, activity?: string): void {
  const done = t.element(scope).done ?? [];
  const matches = (completed: Completed) => activity === undefined || completed.node === activity;
  const queue = undosOf(t.model, done.filter(matches), {});
  if (done.length > 0) t.patch(scope, { done: done.filter((completed) => !matches(completed)) });
  const handlers = queue.map((undo) => undo.handler);
  t.record('compensation.started', t.element(owner).node, owner, handlers);
  t.patch(owner, { compensating: { scope, queue } });
  undoNext(t, owner);
}

/** The undo under way is through: the next one, or the end. */
export function undoDone(t: Moves, owner: number): void {
  const { compensating } = t.element(owner);
  if (!compensating) return;
  t.patch(owner, { compensating: { ...compensating, queue: compensating.queue.slice(1) } });
  undoNext(t, owner);
}

function undoNext(t: Moves, owner: number): void {
  const undo = t.element(owner).compensating?.queue[0];
  if (undo) {
    const { handler, vars = {}, key, within: done } = undo;
    const more = { ...(key === undefined ? {} : { key }), ...(done ? { done } : {}) };
    t.enter(handler, owner, { vars, ...more });
    return;
  }
  t.clear(owner, 'compensating');
  if (owner === processElement) {
    const { reason = '' } = t.element(owner).cancelling ?? {};
    t.end('cancelled', null, { code: 'CANCELLED', message: reason });
  } else {
    const node = t.node(t.element(owner).node);
    elementOf(node.type).compensated?.(t, owner, node);
  }
}

/** What an interrupted owner has not undone, with the key of the undo that was under way. */
export function unfinishedUndos(t: Moves, owner: number): readonly Undo[] {
  const [current, ...rest] = t.element(owner).compensating?.queue ?? [];
  if (!current) return [];
  const handler = t.children(owner).find((child) => child.node === current.handler);
  return handler && !handler.held
    ? [{ ...current, key: handler.key ?? handler.n }, ...rest]
    : [current, ...rest];
}

/** What an interrupted undo has not undone in turn is noted where it was asked for. */
export function keepRest(t: Moves, { parent, done = [] }: ElementInstance): void {
  const { compensating } = t.element(parent);
  const [current, ...rest] = compensating?.queue ?? [];
  if (!compensating || !current?.within) return;
  t.patch(parent, {
    compensating: { ...compensating, queue: [{ ...current, within: done }, ...rest] },
  });
}

/** The undos of an owner, the first with what is left of it once it has been interrupted. */
export function withRest(
  { compensating }: ElementInstance,
  [current, ...rest]: readonly Undo[],
): readonly Undo[] {
  const within = compensating?.queue[0]?.within;
  if (!current) return [];
  return [current.within && within ? { ...current, within } : current, ...rest];
}

/** Puts undos back into the memory of their scope. */
export function giveBack(t: Moves, scope: number, undos: readonly Undo[]): void {
  if (undos.length === 0 || !t.has(scope)) return;
  const again = undos.map(
    ({ handler, vars, key, within }): Completed => ({
      node: t.index.undoes.get(handler) ?? '',
      ...(within ? { within } : {}),
      ...(vars === undefined ? {} : { vars }),
      ...(key === undefined ? {} : { key }),
    }),
  );
  t.patch(scope, { done: [...(t.element(scope).done ?? []), ...again.reverse()] });
}

/** Keeps what the undo of a completed activity needs, in the scope that holds it. */
export function rememberCompleted(t: Moves, element: ElementInstance, node: Activity): void {
  if (element.loop) {
    // Runs of a transaction are undone together while it lasts, and one by one later.
    for (const completed of element.done ?? []) remember(t, element.parent, completed);
    return;
  }
  if (node.compensation !== undefined) {
    const undoesItself = isOwnUndo(t, node.compensation);
    rememberActivity(t, element, undoesItself ? (element.done ?? []) : undefined);
  } else if (node.type === 'subProcess' && !isOwnUndo(t, node.id)) rememberInner(t, element);
}

/** True for the event sub-process by which a sub-process undoes itself. */
export function isOwnUndo(t: Pick<Moves, 'index' | 'node'>, id: string): boolean {
  const node = t.node(id);
  return node.type === 'subProcess' && node.triggeredByEvent && t.index.undoes.has(id);
}

/**
 * Keeps what an interrupted element has to have undone: a job whose work may have happened outside,
 * as if it had been completed, and what was completed inside of a sub-process.
 */
export function rememberInterrupted(t: Moves, element: ElementInstance): void {
  if (element.done && !isOwnUndo(t, element.node)) rememberInner(t, element);
  if (!element.job || element.job.refused) return;
  const node = t.node(element.node);
  if (isActivity(node) && node.compensation !== undefined) rememberActivity(t, element);
}

/** Keeps that an activity has something to undo. */
export function rememberActivity(
  t: Moves,
  { node, vars, parent }: ElementInstance,
  within?: readonly Completed[],
): void {
  remember(t, parent, { node, ...(vars ? { vars } : {}), ...(within ? { within } : {}) });
}

function rememberInner(t: Moves, { node, vars = {}, done = [], parent }: ElementInstance): void {
  if (done.length > 0) remember(t, parent, { node, vars, inner: done });
}

function remember(t: Moves, parent: number, completed: Completed): void {
  let scope = t.element(parent);
  while (scope.loop && !isTransaction(t, scope)) scope = t.element(scope.parent);
  t.patch(scope.n, { done: [...(scope.done ?? []), completed] });
}

/** Flattens completed activities into undos, last completed first, inner ones with their variables. */
function undosOf(model: ProcessModel, done: readonly Completed[], vars: Variables): Undo[] {
  const undos: Undo[] = [];
  for (const { node: id, inner, within, key, ...completed } of [...done].reverse()) {
    const visible = { ...vars, ...completed.vars };
    if (inner) {
      undos.push(...undosOf(model, inner, visible));
      continue;
    }
    const node = model.nodes[id];
    if (!node || !isActivity(node) || node.compensation === undefined) continue;
    undos.push({
      handler: node.compensation,
      ...(Object.keys(visible).length > 0 ? { vars: visible } : {}),
      ...(within ? { within } : {}),
      ...(key === undefined ? {} : { key }),
    });
  }
  return undos;
}
