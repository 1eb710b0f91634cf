/** Waits for a condition, which is what tests do instead of sleeping. */

/**
 * Resolves with the first value that is neither false, null nor undefined; rejects after the time
 * given, saying what was waited for and what was found last.
 */
export async function waitUntil<T>(
  what: string,
  look: () => T | Promise<T>,
  options: {
    /** @defaultValue 60 s */
    readonly timeoutMs?: number;
    /** Between two looks. @defaultValue 10 ms */
    readonly everyMs?: number;
    /** Said when the time is up. */
    readonly explain?: () => string | Promise<string>;
  } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const { timeoutMs = 60_000, everyMs = 10, explain } = options;
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
