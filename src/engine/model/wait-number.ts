/**
 * The number by which those outside of an instance know one of its waits: that of the element instance that
 * began it, which is another than the one that waits now when the wait went on in a loop.
 */
import type { ElementInstance, InstanceState, MessageWait, Wait } from './state.ts';

/** The number of a wait of element instance `n`. */
export function waitNumber(n: number, wait: Wait): number {
  return wait.kind === 'message' ? (wait.since ?? n) : n;
}

/** Which of these element instances has the open wait for a message with this number, at this node. */
export function waiterOf(
  elements: readonly ElementInstance[],
  number: number,
  on: string,
): ElementInstance | undefined {
  return elements.find(({ n, waits = [] }) =>
    waits.some(
      (wait) => wait.kind === 'message' && wait.on === on && waitNumber(n, wait) === number,
    ),
  );
}

/** Whether the wait for a message with this number, at this node, is open. */
export function isWaiting(state: InstanceState, number: number, on: string): boolean {
  return waiterOf(Object.values(state.elements), number, on) !== undefined;
}

/** Whether two waits are for the same, whatever number they began with. */
export function isSameWait(one: MessageWait, other: MessageWait): boolean {
  return (
    one.on === other.on &&
    one.message === other.message &&
    one.key === other.key &&
    one.part === other.part
  );
}
