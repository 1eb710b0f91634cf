/**
 * What the calls to outside systems tell those who measure them. Without an observer nothing is
 * lost.
 */

/** `open`: calls are refused. `half-open`: one is let through. */
export type BreakerState = 'closed' | 'open' | 'half-open';

/** Told of every attempt and of every change of a breaker; `app/` turns both into metrics. */
export interface OutsideCallObserver {
  /** One attempt ended. `outcome` is `ok` or the code of the fault. */
  attempt(facts: { system: string; outcome: string; durationMs: number; attempt: number }): void;
  breaker(facts: { system: string; state: BreakerState }): void;
}
