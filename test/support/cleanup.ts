/**
 * What must be undone when the running test is over, or when the file is, for what was opened outside
 * a test. The last thing opened is the first one closed.
 */
import { onTestFinished } from 'vitest';

const atEndOfFile: (() => Promise<void>)[] = [];

/** Undoes what is left to the end of the file; `each-file.ts` calls it there. */
export async function cleanUpFile(): Promise<void> {
  for (const close of atEndOfFile.splice(0).reverse()) await close();
}

/** Runs `close` at the end of the file, also when it is asked for in a test. */
export function cleanUpWithFile(close: () => Promise<void>): void {
  atEndOfFile.push(close);
}

/** Runs `close` at the end of the running test where there is one, else at the end of the file. */
export function laterCleanup(close: () => Promise<void>): void {
  try {
    onTestFinished(close);
  } catch {
    cleanUpWithFile(close);
  }
}
