/**
 * Multi-instance: an activity runs once for each item of a list, one after the other or all at once.
 * The loop is an element instance of its own, and each run is a child of it.
 */
import { assert } from '../../kernel/errors.ts';
import { tell } from '../elements/events/throw-definitions.ts';
import { asJson } from '../model/json.ts';
import type { Activity } from '../model/process-model.ts';
import type { ElementInstance, LoopState } from '../model/state.ts';
import type { LoopEvent } from './loop-events.ts';
import type { Moves } from './moves.ts';
import { goOnAgain, openStandardLoop, standardRunDone } from './standard-loop.ts';

/**
 * Runs that one loop may have. Each is an element instance of its own state when all run at once, and that state is
 * written as a whole; tens of thousands are well, and millions belong into processes that are called.
 */
const mostRuns = 50_000;

/** Reads the list and starts the first run, or all. */
export function openLoop(t: Moves, n: number, node: Activity): void {
  if (node.standardLoop) {
    openStandardLoop(t, n, node);
    return;
  }
  const { collection, sequential } = settingsOf(node);
  const found = collection.evaluate(t.variables(n));
  if (!Array.isArray(found)) {
    const kind = found === null ? 'null' : typeof found;
    throw new Error(`loop "${node.id}" needs a list, but ${collection.source} is ${kind}`);
  }
  if (found.length > mostRuns) {
    throw new Error(
      `loop "${node.id}" needs a list of at most ${mostRuns} items, but ${collection.source} has ${found.length}; ` +
        'divide it, and call a process for each part',
    );
  }
  const items = asJson(found) as readonly unknown[];
  const total = items.length;
  const results = items.map(() => null);
  const kept = sequential ? { items } : {};
  t.patch(n, { live: 0, loop: { total, next: 0, completed: 0, results, ...kept } });
  if (total === 0) t.leave(n, []);
  else if (sequential) startRun(t, n, node, items[0]);
  else for (const item of items) startRun(t, n, node, item);
}

function startRun(t: Moves, body: number, node: Activity, item: unknown): void {
  const loop = loopOf(t.element(body));
  t.patch(body, { loop: { ...loop, next: loop.next + 1 } });
  t.enter(node.id, body, { vars: { [settingsOf(node).item]: item, loopCounter: loop.next } });
}

/** What a run adds to the list of results. */
export function runResult(t: Moves, run: number, node: Activity, result: unknown): unknown {
  if (node.standardLoop) return result;
  const { output } = settingsOf(node);
  if (!output) return result ?? null;
  const own = node.result === undefined ? {} : { [node.result]: result ?? null };
  return asJson(output.evaluate({ ...t.variables(run), ...own }));
}

/**
 * Notes the result of a run that is gone, and goes on with the loop once everything that it threw has acted:
 * what catches it may end the loop.
 */
export function runDone(
  t: Moves,
  body: number,
  run: ElementInstance,
  result: unknown,
  events: readonly LoopEvent[],
): void {
  const before = loopOf(t.element(body));
  if (before.standard) {
    standardRunDone(t, body, before, result);
    return;
  }
  const index = Number(run.vars?.loopCounter);
  const results = t.withItem(before.results, index, result);
  t.patch(body, { loop: { ...before, results, completed: before.completed + 1 } });
  for (const { definition, payload } of events) tell(t, body, definition, payload);
  if (events.length === 0) goOn(t, body);
  else {
    t.afterThrown(() => {
      if (t.has(body) && t.element(body).loop) goOn(t, body);
    });
  }
}

/** Ends the loop when every run is done or the completion condition holds; else starts the next. */
export function goOn(t: Moves, body: number): void {
  const node = t.node(t.element(body).node) as Activity;
  if (node.standardLoop) {
    goOnAgain(t, body, node);
    return;
  }
  t.guard(body, { type: 'scope' }, () => {
    const { completed, total, results, items, next, enough } = loopOf(t.element(body));
    const { completionCondition } = settingsOf(node);
    // The latter names are those that the standard gives them.
    const figures = {
      ...{ results, completed, total },
      ...{ nrOfInstances: total, nrOfCompletedInstances: completed },
      nrOfActiveInstances: t.element(body).live ?? 0,
    };
    const isEnough =
      enough ||
      completed === total ||
      completionCondition?.evaluate({ ...t.variables(body), ...figures }) === true;
    if (isEnough) {
      t.terminateChildren(body);
      if (t.children(body).length === 0) t.leave(body, results);
      else t.patch(body, { loop: { ...loopOf(t.element(body)), enough: true } });
    } else if (items && t.children(body).length === 0) {
      startRun(t, body, node, items[next]);
    }
  });
}

function settingsOf(node: Activity) {
  assert(node.multiInstance, `activity "${node.id}" has no loop`);
  return node.multiInstance;
}

function loopOf(element: ElementInstance): LoopState {
  assert(element.loop, `element instance ${element.n} is no loop`);
  return element.loop;
}
