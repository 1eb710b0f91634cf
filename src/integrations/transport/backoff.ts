/**
 * Pauses between attempts: exponential, with full jitter, so that many callers never march in
 * step.
 */
import type { RetrySettings } from './settings.ts';

/**
 * The pause after attempt number `attempt` (1 for the first): evenly drawn between nothing and the
 * bound, which doubles with each attempt up to `maxDelayMs`.
 */
export function backoffMs(attempt: number, settings: RetrySettings, random: () => number): number {
  const bound = Math.min(settings.maxDelayMs, settings.baseDelayMs * 2 ** (attempt - 1));
  return Math.floor(random() * bound);
}
