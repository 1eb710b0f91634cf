/** A bell that one loop waits for: rung while nobody waits, it is heard by the next wait. */

/** Wakes one waiting loop. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once when it was rung before, or when the time is up. */
  wait(timeoutMs: number): Promise<void>;
}

/** Makes a bell that has not been rung. */
export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(timeoutMs) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = undefined;
      rung = false;
    },
  };
}
