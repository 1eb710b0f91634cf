/**
 * When a process begins by the clock: by a pattern of cron, or, in drawings, by a date, a duration or a
 * cycle of ISO 8601. A duration, and a cycle without a first moment, count from the deployment.
 */
import { type CronMoments, cronMoments } from './cron.ts';
import { durationMs } from './duration.ts';
import { cycleOf, momentOf } from './timer-cycle.ts';

/** What the moments depend on. */
export interface StartPattern {
  readonly cron: string;
  readonly timeZone: string;
}

/** The element of the standard that a pattern is written in. */
export function elementOfPattern(pattern: string): 'timeDate' | 'timeDuration' | 'timeCycle' {
  if (isDuration(pattern)) return 'timeDuration';
  return isDate(pattern) ? 'timeDate' : 'timeCycle';
}

/** True for a pattern whose moments depend on when it was deployed. */
export function countsFromDeployment(pattern: string): boolean {
  return isDuration(pattern) || (isCycle(pattern) && cycleOf(pattern).firstAt === null);
}

/**
 * The moments of a pattern; `begunAt` is when it was deployed. Throws with what is wrong with it, or with
 * the zone.
 */
export function startMoments({ cron, timeZone }: StartPattern, begunAt: Date): CronMoments {
  if (isDuration(cron)) {
    return equalMoments({ first: begunAt.getTime() + durationMs(cron), everyMs: 0, times: 1 });
  }
  if (isCycle(cron)) {
    const { everyMs, times, firstAt } = cycleOf(cron);
    return equalMoments({ first: firstAt ?? begunAt.getTime() + everyMs, everyMs, times });
  }
  if (isDate(cron)) {
    return equalMoments({ first: momentOf(cron).getTime(), everyMs: 0, times: 1 });
  }
  return cronMoments(cron, timeZone);
}

const isDuration = (pattern: string): pattern is `P${string}` => pattern.startsWith('P');
const isDate = (pattern: string) => /^\d{4}-/.test(pattern);
const isCycle = (pattern: string) => /^R\d*\//.test(pattern);

/** Moments at equal distances; `times` null: without end. */
function equalMoments({
  first,
  everyMs,
  times,
}: {
  readonly first: number;
  readonly everyMs: number;
  readonly times: number | null;
}): CronMoments {
  const last = (times ?? Number.POSITIVE_INFINITY) - 1;
  const at = (index: number) => new Date(first + index * everyMs);
  /** The index of the last moment up to this one; negative before the first. */
  const indexUpTo = (moment: number) => {
    if (moment < first) return -1;
    return everyMs === 0 ? 0 : Math.min(last, Math.floor((moment - first) / everyMs));
  };
  return {
    next(after) {
      const index = indexUpTo(after.getTime()) + 1;
      return index > last ? null : at(index);
    },
    latest(count, { from, until }) {
      const newest = indexUpTo(until.getTime());
      const oldest = Math.max(indexUpTo(from.getTime() - 1) + 1, newest - count + 1);
      return Array.from({ length: Math.max(0, newest - oldest + 1) }, (_, i) => at(oldest + i));
    },
  };
}
