/**
 * Runs a story of a process once for each commit that it passes, and lets the node die there, before the
 * commit and after it; another node goes on each time, and the end must be the same as without a death.
 */

import { AssertionError } from 'node:assert';
import { isDeepStrictEqual } from 'node:util';
import { type ProcessTest, type ProcessTestOptions, testProcess } from './process-test.ts';

/** What was tried. */
export interface CrashPoints {
  /** Deaths, one in each run. */
  readonly deaths: number;
}

/**
 * Tells the story once undisturbed and then once for each commit point. `make` makes what a run needs, so
 * that fakes begin anew each time. What the story gives is compared with what it gave undisturbed: give
 * what must not depend on a death, such as the history or the calls of a fake by their key.
 */
export async function atEveryCrashPoint<Options extends ProcessTestOptions, Result>(
  make: () => Options,
  story: (test: ProcessTest, options: Options) => Promise<Result>,
): Promise<CrashPoints> {
  const { result: expected } = await tell(make, story, null);
  for (let point = 1; ; point += 1) {
    const { result, died } = await tell(make, story, point);
    if (!isDeepStrictEqual(result, expected)) {
      throw new AssertionError({
        message: `expected the same end as without a death, found another after one at point ${point}`,
        actual: result,
        expected,
      });
    }
    if (!died) return { deaths: point - 1 };
  }
}

async function tell<Options extends ProcessTestOptions, Result>(
  make: () => Options,
  story: (test: ProcessTest, options: Options) => Promise<Result>,
  deathAt: number | null,
): Promise<{ readonly result: Result; readonly died: boolean }> {
  const options = make();
  const test = await testProcess(options);
  try {
    if (deathAt !== null) test.killAtCommit(deathAt);
    const result = await story(test, options);
    return { result, died: test.deaths > 0 };
  } catch (error) {
    if (deathAt === null) throw error;
    throw new Error(`after a death at commit point ${deathAt}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    await test.end();
  }
}
