/** Cycles of timers as ISO 8601 writes them: `R3/PT10S`, `R/PT1H`, `R5/2026-12-24T18:00:00Z/PT1H`. */
import type { EqualMoments } from '../model/event-definitions.ts';
import { durationMs } from './duration.ts';

/** Closer together, a timer would leave no room for what else an instance does. */
const shortestMs = 1_000;

/** The cycle that a text says. Throws with what is wrong with it. */
export function cycleOf(text: string): EqualMoments {
  const [, count, first, every] = /^R(\d*)\/(?:([^P/][^/]*)\/)?(P[^/]*)$/.exec(text) ?? [];
  if (every === undefined) throw new Error(`expected a cycle such as R3/PT10S, found "${text}"`);
  const everyMs = durationMs(every as `P${string}`);
  const times = count === '' || count === undefined ? null : Number(count);
  const firstAt = first === undefined ? null : momentOf(first).getTime();
  if (everyMs < shortestMs || times === 0) {
    throw new Error(
      `expected a cycle of one or more moments, a second or more apart, found "${text}"`,
    );
  }
  return { everyMs, times, firstAt };
}

/** The moment that a text says, with its zone. Throws when it says none. */
export function momentOf(text: string): Date {
  const moment = new Date(text);
  if (!Number.isNaN(moment.getTime()) && /(?:Z|[+-]\d{2}:?\d{2})$/.test(text)) return moment;
  throw new Error(`expected a moment such as 2026-12-24T18:00:00Z, found "${text}"`);
}
