/**
 * The machine's clock with jumps: time runs as it does, so that nothing stands still, and a test can
 * leap over a day. What was to happen in between happens at once, the earliest first.
 */
import type { Clock } from '../../src/kernel/clock.ts';

/** A clock that can be moved ahead. */
export interface JumpingClock extends Clock {
  /** Moves time ahead by this much. */
  jump(byMs: number): void;
  /** Takes back everything that is scheduled. */
  stop(): void;
}

interface Alarm {
  readonly at: number;
  readonly wake: () => void;
  timer?: NodeJS.Timeout;
}

const longestTimeoutMs = 2 ** 31 - 1;

/** A clock that shows the present until it jumps. */
export function jumpingClock(): JumpingClock {
  let aheadMs = 0;
  const alarms = new Set<Alarm>();
  const nowMs = () => Date.now() + aheadMs;

  function ring(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    if (alarms.delete(alarm)) alarm.wake();
  }

  function arm(alarm: Alarm): void {
    clearTimeout(alarm.timer);
    const leftMs = alarm.at - nowMs();
    const again = leftMs > longestTimeoutMs;
    alarm.timer = setTimeout(
      () => (again ? arm(alarm) : ring(alarm)),
      Math.min(longestTimeoutMs, Math.max(0, leftMs)),
    );
    alarm.timer.unref();
  }

  return {
    now: () => new Date(nowMs()),
    schedule(at, wake) {
      const alarm: Alarm = { at: at.getTime(), wake };
      alarms.add(alarm);
      arm(alarm);
      return () => {
        clearTimeout(alarm.timer);
        alarms.delete(alarm);
      };
    },
    jump(byMs) {
      aheadMs += byMs;
      const sorted = [...alarms].sort((a, b) => a.at - b.at);
      for (const alarm of sorted) {
        if (alarm.at <= nowMs()) ring(alarm);
        else arm(alarm);
      }
    },
    stop() {
      for (const { timer } of alarms) clearTimeout(timer);
      alarms.clear();
    },
  };
}
