/** Which of the moments that have come are to start an instance, by what a schedule says of missed ones. */
import type { CycleEventDefinition } from '../model/process-model.ts';
import { startMoments } from '../time/start-moments.ts';

/** A moment that starts an instance. */
export interface DueMoment {
  readonly moment: Date;
  /** True when nobody was there at the moment itself. */
  readonly isLate: boolean;
}

/** A moment counts as met when it is dealt with within this time, in milliseconds. */
const onTimeWithinMs = 60_000;
/** A pattern of every second has so many moments that are on time, and one more may be missed. */
const mostOnTime = onTimeWithinMs / 1_000 + 2;

/** What a schedule says of its moments, and from when they count. */
type DuePattern = Omit<CycleEventDefinition, 'type'> & { readonly begunAt: Date };

/** The moments from `from` to `now` that start an instance, oldest first; bounded for each policy. */
export function dueMoments(
  { catchUp, most, begunAt, ...pattern }: DuePattern,
  range: { readonly from: Date; readonly now: Date },
): readonly DueMoment[] {
  const { from, now } = range;
  const isLate = (moment: Date) => now.getTime() - moment.getTime() > onTimeWithinMs;
  const count = catchUp === 'all' ? Math.max(most, mostOnTime) : mostOnTime;
  const due = startMoments(pattern, begunAt)
    .latest(count, { from, until: now })
    .map((moment) => ({ moment, isLate: isLate(moment) }));
  const onTime = due.filter((one) => !one.isLate);
  const missed = due.filter((one) => one.isLate);
  const caughtUp = { skip: 0, once: 1, all: Math.max(0, most - onTime.length) }[catchUp];
  return [...(caughtUp > 0 ? missed.slice(-caughtUp) : []), ...onTime];
}
