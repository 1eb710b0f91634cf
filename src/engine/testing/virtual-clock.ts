/**
 * A clock that a test moves. What is due fires in the order of its time, and each wake sees the moment
 * that it asked for. While the clock stands nothing becomes due; only what was due when it was asked for
 * fires, soon afterwards, as with any clock: a node may ask for a moment just after a test has moved past it.
 */
import type { Clock } from '../../kernel/clock.ts';

/** A clock that stands until it is moved. */
export interface VirtualClock extends Clock {
  /** Moves to a moment, firing what is due on the way. A moment in the past changes nothing. */
  advanceTo(moment: Date): void;
  advanceBy(milliseconds: number): void;
  /** Moves to the next moment at which something is due; false when nothing is. */
  advanceToNext(): boolean;
  /** Wakes that are still to come. */
  readonly scheduled: number;
}

interface Wake {
  readonly at: number;
  readonly wake: () => void;
}

/** Makes a clock that stands at this moment. */
export function virtualClock(start: Date | string = '2026-03-01T12:00:00.000Z'): VirtualClock {
  let now = new Date(start).getTime();
  const wakes = new Set<Wake>();

  function next(): Wake | undefined {
    let first: Wake | undefined;
    for (const wake of wakes) if (!first || wake.at < first.at) first = wake;
    return first;
  }

  function advanceTo(moment: number): void {
    for (let due = next(); due && due.at <= moment; due = next()) {
      wakes.delete(due);
      now = Math.max(now, due.at);
      due.wake();
    }
    now = Math.max(now, moment);
  }

  return {
    now: () => new Date(now),
    schedule(at, wake) {
      const entry = { at: Math.max(at.getTime(), now), wake };
      wakes.add(entry);
      if (entry.at === now) setImmediate(() => wakes.delete(entry) && entry.wake());
      return () => wakes.delete(entry);
    },
    advanceTo: (moment) => advanceTo(moment.getTime()),
    advanceBy: (milliseconds) => advanceTo(now + milliseconds),
    advanceToNext() {
      const due = next();
      if (!due) return false;
      advanceTo(due.at);
      return true;
    },
    get scheduled() {
      return wakes.size;
    },
  };
}
