/** The only source of "now". Injected everywhere, so that tests can move time. */

/** Tells the time and wakes at a moment. Tests bring one whose time they move. */
export interface Clock {
  /** The present moment in UTC. */
  now(): Date;
  /** Calls `wake` once, not before `at`; the returned function takes that back. */
  schedule(at: Date, wake: () => void): () => void;
}

/** `setTimeout` fires at once for delays above this many milliseconds (about 24.8 days). */
const longestTimeoutMs = 2 ** 31 - 1;

/** The machine's clock. Timers are unreferenced: they never keep a stopping program alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  schedule(at, wake) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const delayMs = at.getTime() - Date.now();
      timer =
        delayMs > longestTimeoutMs
          ? setTimeout(arm, longestTimeoutMs)
          : setTimeout(wake, Math.max(0, delayMs));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
