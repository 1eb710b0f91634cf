/** How often and how soon a step is tried again. */
import { expectAuthored } from '../model/authoring-error.ts';
import type { RetryPolicy } from '../model/process-model.ts';
import { type Duration, durationMs } from '../time/duration.ts';

/** What differs from the usual policy. Many attempts ride out an outage, few tell people sooner. */
export interface Retry {
  /**
   * Attempts in all, the first included.
   *
   * @defaultValue 10, which takes about five minutes; 20 for compensations, about fifteen
   */
  readonly maxAttempts?: number;
  /** @defaultValue half a second */
  readonly initialDelay?: Duration;
  /** @defaultValue 2 */
  readonly factor?: number;
  /** @defaultValue one minute */
  readonly maxDelay?: Duration;
  /** Share of the delay that is random, so that what failed together is not retried together. @defaultValue 0.5 */
  readonly jitter?: number;
}

/** The policy of the model; `false` means one attempt. */
export function retryPolicy(retry: Retry | false, usualAttempts: number): RetryPolicy {
  const options: Retry = retry === false ? { maxAttempts: 1 } : retry;
  const policy = {
    maxAttempts: options.maxAttempts ?? usualAttempts,
    initialDelayMs: durationMs(options.initialDelay ?? '500ms'),
    factor: options.factor ?? 2,
    maxDelayMs: durationMs(options.maxDelay ?? '1m'),
    jitter: options.jitter ?? 0.5,
  };
  const { maxAttempts, factor, jitter } = policy;
  expectAuthored(
    Number.isSafeInteger(maxAttempts) &&
      maxAttempts >= 1 &&
      factor >= 1 &&
      jitter >= 0 &&
      jitter <= 1,
    'expected a retry policy with maxAttempts of at least 1, a factor of at least 1 and a jitter of ' +
      `0 to 1, found ${JSON.stringify(options)}`,
  );
  return Object.freeze(policy);
}
