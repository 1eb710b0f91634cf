/**
 * The moment that expressions see as now. A transition says its own, so that `now()` gives the same
 * again whenever the transition is computed again; a job says when its attempt began. What is evaluated at one
 * moment shares a bound of work.
 */
import type { MomentWork } from './work-meter.ts';

interface Moment {
  readonly at: number;
  readonly work: MomentWork;
}

let current: Moment | null = null;

/** Runs `act` with `at`, in milliseconds since 1970, as what expressions in it see as now. */
export function atMoment<Value>(at: number, act: () => Value): Value {
  const before = current;
  current = { at, work: { steps: 0 } };
  try {
    return act();
  } finally {
    current = before;
  }
}

/** Milliseconds since 1970. Throws where nobody has said a moment: then none would be the same again. */
export function momentNow(): number {
  if (current !== null) return current.at;
  throw new Error(
    'expected now() and today() in what a process evaluates while it moves, found them elsewhere; ' +
      'keep the moment in a variable, and read that',
  );
}

/** What the expressions of this moment have taken so far; null where nobody has said a moment. */
export function workOfMoment(): MomentWork | null {
  return current?.work ?? null;
}
