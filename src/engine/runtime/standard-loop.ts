/**
 * Standard loop: an activity runs again for as long as a condition holds, or some number of times. As with
 * several instances the loop is an element instance of its own and each run a child of it; but only one
 * runs at a time, and its result is in the enclosing scope before the condition is read again.
 */
import { assert } from '../../kernel/errors.ts';
import type { Activity } from '../model/process-model.ts';
import type { LoopState } from '../model/state.ts';
import type { Moves } from './moves.ts';

/** Starts the first run, or reads the condition before it. */
export function openStandardLoop(t: Moves, n: number, node: Activity): void {
  const loop: LoopState = { standard: true, total: 0, next: 0, completed: 0, results: [] };
  t.patch(n, { live: 0, loop });
  if (settingsOf(node).testBefore) goOnAgain(t, n, node);
  else startRun(t, n, node, loop);
}

/** Counts a run that is gone, keeps its result, and goes on. */
export function standardRunDone(t: Moves, body: number, loop: LoopState, result: unknown): void {
  const { node: id, parent } = t.element(body);
  const node = t.node(id) as Activity;
  t.patch(body, { loop: { ...loop, completed: loop.completed + 1 } });
  if (node.result !== undefined && result !== undefined) t.setVariable(parent, node.result, result);
  goOnAgain(t, body, node);
}

/** Starts the next run, or ends the loop when its condition no longer holds. */
export function goOnAgain(t: Moves, body: number, node: Activity): void {
  t.guard(body, { type: 'scope' }, () => {
    const { loop, live = 0 } = t.element(body);
    assert(loop, `element instance ${body} is no loop`);
    if (live > 0) return;
    const { condition, maximum = Number.POSITIVE_INFINITY } = settingsOf(node);
    const known = { ...t.variables(body), loopCounter: loop.completed };
    const isAgain = loop.completed < maximum && (condition?.evaluate(known) ?? true) === true;
    if (isAgain) startRun(t, body, node, loop);
    else t.leave(body);
  });
}

function startRun(t: Moves, body: number, node: Activity, loop: LoopState): void {
  t.patch(body, { loop: { ...loop, next: loop.next + 1 } });
  t.enter(node.id, body, { vars: { loopCounter: loop.completed } });
}

function settingsOf(node: Activity) {
  assert(node.standardLoop, `activity "${node.id}" has no loop`);
  return node.standardLoop;
}
