/**
 * Moments of a cron pattern in a time zone. Where the clock of the zone jumps forward, a moment that
 * falls into the gap is taken right behind it; where it is set back, a fixed time happens once, and
 * what happens every hour happens in both of the equal hours.
 */
import { Cron } from 'croner';
import { fromQuartz } from './quartz.ts';

/**
 * A pattern that was read: minute, hour, day, month, weekday, with seconds before if there are six; or as
 * Quartz writes them.
 */
export interface CronMoments {
  /** The first moment after this one; null when there is none any more. */
  next(after: Date): Date | null;
  /** The last `count` moments up to this one and not before `from`, oldest first. */
  latest(count: number, range: { readonly from: Date; readonly until: Date }): readonly Date[];
}

/** Reads a pattern. Throws with what is wrong with it, or with the zone. */
export function cronMoments(pattern: string, timeZone: string): CronMoments {
  const cron = new Cron(fromQuartz(pattern), { timezone: timeZone, paused: true });
  // Fails for a zone that nobody knows, which the pattern alone does not show.
  cron.nextRun(new Date(0));
  return {
    next: (after) => cron.nextRun(after),
    latest(count, { from, until }) {
      // Its steps are whole seconds, and it looks strictly before the moment that it is given.
      const after = new Date(until.getTime() + 1_000);
      return cron
        .previousRuns(count + 1, after)
        .filter((moment) => moment <= until && moment >= from)
        .slice(0, count)
        .reverse();
    },
  };
}
