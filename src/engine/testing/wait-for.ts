/** Waiting for a condition, which is what tests do instead of sleeping. */

/** How a wait differs from the usual. */
export interface WaitOptions {
  /** How long a condition may take before the test is told that it did not come. @defaultValue 30 s */
  readonly timeoutMs?: number;
  /** Between two looks. @defaultValue 5 ms */
  readonly everyMs?: number;
  /** Said when the time is up. */
  readonly explain?: () => string | Promise<string>;
}

/** A look that took longer, with the pause behind it, counts no more: the machine was elsewhere meanwhile. */
const longestCountedMs = 1_000;

/**
 * Resolves with the first value of `look` that is neither false, null nor undefined; rejects after
 * the time given, saying what was waited for. On a machine that stood still meanwhile it looks as often
 * as on one that did not.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 5, explain }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  let waitedMs = 0;
  for (;;) {
    const begunMs = performance.now();
    const found = await look();
    if (found !== false && found !== null && found !== undefined) {
      return found as Exclude<T, false | null | undefined>;
    }
    if (waitedMs > timeoutMs) {
      const more = explain ? `\n${await explain()}` : '';
      throw new Error(`expected ${what} within ${timeoutMs} ms, it did not come to pass${more}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    waitedMs += Math.min(performance.now() - begunMs, longestCountedMs);
  }
}
