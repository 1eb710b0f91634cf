/** What a failure of a consumer means: whether it may pass, how long to wait, how it is shown. */
import { RetryableFault, TerminalFault } from '../kernel/errors.ts';
import { isConnectionLoss, isSerializationFailure, isStatementTimeout } from '../postgres/index.ts';

/** How failures are met. */
export interface RetryRule {
  /** Pause after the first failure, in milliseconds; it doubles with each further one. @defaultValue 200 */
  readonly firstMs: number;
  /** Longest pause, in milliseconds. @defaultValue 30000 */
  readonly longestMs: number;
  /**
   * After this many failures of one event it is parked as a dead letter. Faults that may pass do not
   * count. `never` keeps the group at the event until it succeeds. @defaultValue 8
   */
  readonly parkAfter: number | 'never';
}

/** About 25 seconds from the first attempt to the last. */
export const usualRetryRule: RetryRule = { firstMs: 200, longestMs: 30_000, parkAfter: 8 };

/** Longest error text that is kept, in characters. */
const longestError = 1_000;

/** True when the same attempt may succeed later: the outside or the database was not well. */
export function mayPass(error: unknown): boolean {
  return (
    error instanceof RetryableFault ||
    isConnectionLoss(error) ||
    isSerializationFailure(error) ||
    isStatementTimeout(error)
  );
}

/** True when one more attempt of this event cannot help, by the rule or by the failure itself. */
export function isPoison(error: unknown, attempts: number, { parkAfter }: RetryRule): boolean {
  if (parkAfter === 'never' || mayPass(error)) return false;
  return error instanceof TerminalFault || attempts >= parkAfter;
}

/** Pause before the next attempt, in milliseconds: doubling, between half and the whole of it. */
export function pauseAfter(failures: number, error: unknown, rule: RetryRule): number {
  if (error instanceof RetryableFault && error.retryAfterMs !== undefined) {
    return Math.min(error.retryAfterMs, rule.longestMs);
  }
  const full = Math.min(rule.firstMs * 2 ** Math.min(failures - 1, 30), rule.longestMs);
  return full * (0.5 + Math.random() / 2);
}

/** The failure for people: its code where it has one, and its message. */
export function describeFailure(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const coded = error instanceof RetryableFault || error instanceof TerminalFault;
  return (coded ? `${error.code}: ${message}` : message).slice(0, longestError);
}
