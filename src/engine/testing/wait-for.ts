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

/**
 * Resolves with the first value of `look` that is neither false, null nor undefined; rejects after
 * the time given, saying what was waited for.
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { timeoutMs = 30_000, everyMs = 5, explain }: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== false && found !== null && found !== undefined) {
      return found as Exclude<T, false | null | undefined>;
    }
    if (performance.now() > deadline) {
      const more = explain ? `\n${await explain()}` : '';
      throw new Error(`expected ${what} within ${timeoutMs} ms, it did not come to pass${more}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
