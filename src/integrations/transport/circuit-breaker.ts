/**
 * The circuit breaker of one outside system. It is closed while calls go well; when too many calls
 * of the window fail it opens, and calls are refused at once instead of queueing on a system that
 * is down; after a while it is half open, and lets one call through, whose outcome closes or opens
 * it. Only the world failing counts: a business no is an answer, and a caller who gave up proves
 * nothing.
 */
import CircuitBreaker from 'opossum';
import { RetryableFault } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { BreakerState, OutsideCallObserver } from './observer.ts';
import type { BreakerSettings } from './settings.ts';

/** The breaker of one system. */
export interface Breaker {
  readonly state: BreakerState;
  /** Runs `work`, or throws `<PREFIX>_CIRCUIT_OPEN` without running it. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Stops its timers. */
  close(): void;
}

/** Makes the breaker of one system. `counts` says which errors are failures of the system. */
export function circuitBreaker(options: {
  readonly system: string;
  readonly codePrefix: string;
  readonly settings: BreakerSettings;
  readonly counts: (error: unknown) => boolean;
  readonly log: Log;
  readonly observer?: OutsideCallObserver | undefined;
}): Breaker {
  const { system, codePrefix, settings, log, observer } = options;
  const circuit = new CircuitBreaker<[() => Promise<unknown>], unknown>((work) => work(), {
    name: system,
    // Attempts have time limits of their own.
    timeout: false,
    volumeThreshold: settings.volumeThreshold,
    errorThresholdPercentage: settings.errorPercentage,
    resetTimeout: settings.halfOpenAfterMs,
    rollingCountTimeout: settings.windowMs,
    rollingCountBuckets: 10,
    errorFilter: (error) => !options.counts(error),
  });
  const changed = (state: BreakerState) => {
    if (state === 'open') log.warn({ system, state }, 'circuit breaker opened');
    else log.info({ system, state }, 'circuit breaker changed');
    observer?.breaker({ system, state });
  };
  circuit.on('open', () => changed('open'));
  circuit.on('halfOpen', () => changed('half-open'));
  circuit.on('close', () => changed('closed'));
  return {
    get state() {
      if (circuit.closed) return 'closed';
      return circuit.halfOpen ? 'half-open' : 'open';
    },
    async run<T>(work: () => Promise<T>): Promise<T> {
      let result: T | undefined;
      try {
        await circuit.fire(async () => {
          result = await work();
        });
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EOPENBREAKER') {
          throw new RetryableFault(
            `${codePrefix}_CIRCUIT_OPEN`,
            `${system} failed too often and is left alone for ${settings.halfOpenAfterMs} ms; ` +
              'the call was not sent, try again later',
            { retryAfterMs: settings.halfOpenAfterMs },
          );
        }
        throw error;
      }
      return result as T;
    },
    close: () => circuit.shutdown(),
  };
}
