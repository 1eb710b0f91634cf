/**
 * What must be undone when the running test is over, or when the file is, for what was opened outside
 * a test. The last thing opened is the first one closed.
 */
import { afterAll, onTestFinished } from 'vitest';

const atEndOfFile: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of atEndOfFile.splice(0).reverse()) await close();
});

/** Runs `close` at the end of the running test where there is one, else at the end of the file. */
export function laterCleanup(close: () => Promise<void>): void {
  try {
    onTestFinished(close);
  } catch {
    atEndOfFile.push(close);
  }
}
