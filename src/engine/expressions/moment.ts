/**
 * The moment that expressions see as now. A transition says its own, so that `now()` gives the same
 * again whenever the transition is computed again; a job says when its attempt began.
 */

let current: number | null = null;

/** Runs `act` with `at`, in milliseconds since 1970, as what expressions in it see as now. */
export function atMoment<Value>(at: number, act: () => Value): Value {
  const before = current;
  current = at;
  try {
    return act();
  } finally {
    current = before;
  }
}

/** Milliseconds since 1970. Throws where nobody has said a moment: then none would be the same again. */
export function momentNow(): number {
  if (current !== null) return current;
  throw new Error(
    'expected now() and today() in what a process evaluates while it moves, found them elsewhere; ' +
      'keep the moment in a variable, and read that',
  );
}
