/** Waiting for a condition, never for a time. */

/** How long a condition may take before the test is told that it did not come. */
const longestWaitMs = 10_000;
const lookEveryMs = 5;

/**
 * Resolves with the first value of `look` that is neither false, null nor undefined; rejects, saying
 * what was waited for, when none comes.
 */
export async function waitFor<Value>(
  what: string,
  look: () => Promise<Value | false | null | undefined> | Value | false | null | undefined,
): Promise<Value> {
  const end = performance.now() + longestWaitMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) return found;
    if (performance.now() > end) {
      throw new Error(`waited ${longestWaitMs} ms for ${what}, and it did not come`);
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}
