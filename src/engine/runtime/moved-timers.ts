/** A person sets a timer to another moment: when it comes, everything is as if it had been set so. */
import type { LaterEvent } from '../model/events.ts';
import type { TimerWait } from '../model/state.ts';
import type { Moves } from './moves.ts';

/** Moves the timer of an element instance; of several at one event the first that is due. False: there is none. */
export function moveTimer(t: Moves, event: LaterEvent & { type: 'timer-moved' }): boolean {
  const { n, on, due, by } = event;
  if (!t.has(n)) return false;
  const [first] = (t.element(n).waits ?? [])
    .filter((wait): wait is TimerWait => wait.kind === 'timer' && wait.on === on)
    .sort((a, b) => a.due - b.due);
  if (!first) return false;
  t.dropWait(n, first);
  t.wait(n, { ...first, due });
  t.record('timer.moved', on, n, { by, due: new Date(due).toISOString() });
  return true;
}
