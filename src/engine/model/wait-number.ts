/**
 * The number by which those outside of an instance know one of its waits: that of the element instance that
 * began it, which is another than the one that waits now when the wait went on in a loop.
 */
import type { InstanceState, Wait } from './state.ts';

/** The number of a wait of element instance `n`. */
export function waitNumber(n: number, wait: Wait): number {
  return wait.kind === 'message' ? (wait.since ?? n) : n;
}

/** Whether the wait for a message with this number, at this node, is open. */
export function isWaiting(state: InstanceState, number: number, on: string): boolean {
  return Object.values(state.elements).some(({ n, waits = [] }) =>
    waits.some(
      (wait) => wait.kind === 'message' && wait.on === on && waitNumber(n, wait) === number,
    ),
  );
}
