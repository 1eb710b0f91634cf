/** Waits for a condition of a whole program, which takes longer than one of the engine alone. */
import { type WaitOptions, waitFor } from '../../src/engine/testing/wait-for.ts';

/** As `waitFor`, but for up to 60 s, looking every 10 ms. */
export function waitUntil<T>(
  what: string,
  look: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, false | null | undefined>> {
  return waitFor(what, look, { timeoutMs: 60_000, everyMs: 10, ...options });
}
