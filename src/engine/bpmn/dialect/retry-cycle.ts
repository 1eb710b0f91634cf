/** `failedJobRetryTimeCycle`: how often and when a failed job is tried again, in our words. */

/**
 * Attributes of `<orderloom:retry>`: `R3/PT10M` is three attempts ten minutes apart, `PT5M,PT1H` one more
 * attempt than it has times. Null when it is neither.
 */
export function retryOf(cycle: string): Readonly<Record<string, string | number>> | null {
  const [, times, delay] = /^R(\d{1,4})\/(P[0-9A-Z.]+)$/.exec(cycle) ?? [];
  if (times !== undefined && delay !== undefined && Number(times) > 0) {
    return { attempts: Number(times), delay, factor: 1, maxDelay: delay, jitter: 0 };
  }
  const delays = cycle.split(',').map((one) => one.trim());
  if (!delays.every((one) => /^P[0-9A-Z.]+$/.test(one))) return null;
  return { attempts: delays.length + 1, delays: delays.join(' '), jitter: 0 };
}
