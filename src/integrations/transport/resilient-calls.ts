/**
 * Carries one piece of work to an outside system in up to a few attempts, each through the circuit
 * breaker. Guarantees that only retryable faults are tried again, and only when the work may be
 * repeated; that a pause never outlives the caller's patience; and that what was unknown once stays
 * unknown: when any attempt may have done the work, the fault that is thrown in the end says so.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { RetryableFault } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/procedure.ts';
import { backoffMs } from './backoff.ts';
import { type Breaker, circuitBreaker } from './circuit-breaker.ts';
import type { OutsideCallObserver } from './observer.ts';
import type { BreakerSettings, RetrySettings } from './settings.ts';

/** The calls to one system, with their shared breaker. */
export interface ResilientCalls {
  readonly breaker: Breaker;
  /** Runs `attempt` until it succeeds, fails for good, or has been tried often enough. */
  run<T>(
    attempt: () => Promise<T>,
    options: {
      /** False: a fault after which the work may be done is not tried again here. */
      readonly repeatable: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<T>;
  close(): void;
}

/** What the calls to one system share. */
export interface ResilientCallsOptions {
  /** Short name of the system for logs and metrics, e.g. `payment-gateway`. */
  readonly system: string;
  /** First part of the fault codes, e.g. `GATEWAY`. */
  readonly codePrefix: string;
  readonly retry: RetrySettings;
  readonly breaker: BreakerSettings;
  readonly log: Log;
  readonly observer?: OutsideCallObserver | undefined;
  /** Evenly distributed in [0, 1). @defaultValue Math.random */
  readonly random?: (() => number) | undefined;
}

/** True for a caller who stopped waiting: that says nothing about the outside system. */
function isAbort(error: unknown): boolean {
  return error instanceof RetryableFault && error.code.endsWith('_CALL_ABORTED');
}

/** Makes the calls to one system; `close` stops the breaker's timers. */
export function resilientCalls(options: ResilientCallsOptions): ResilientCalls {
  const { system, retry, log, observer, random = Math.random } = options;
  const breaker = circuitBreaker({
    ...options,
    settings: options.breaker,
    counts: (error) => error instanceof RetryableFault && !isAbort(error),
  });

  async function measured<T>(attempt: () => Promise<T>, number: number): Promise<T> {
    const startedMs = performance.now();
    const ended = (outcome: string) =>
      observer?.attempt({
        system,
        outcome,
        durationMs: performance.now() - startedMs,
        attempt: number,
      });
    try {
      const result = await breaker.run(attempt);
      ended('ok');
      return result;
    } catch (error) {
      ended(error instanceof Error && 'code' in error ? String(error.code) : 'error');
      throw error;
    }
  }

  return {
    breaker,
    async run(attempt, { repeatable, signal }) {
      let outcomeUnknown = false;
      for (let number = 1; ; number += 1) {
        try {
          return await measured(attempt, number);
        } catch (error) {
          if (!(error instanceof RetryableFault)) throw error;
          outcomeUnknown ||= error.outcomeUnknown;
          const waitMs = Math.max(backoffMs(number, retry, random), error.retryAfterMs ?? 0);
          const again =
            number < retry.attempts &&
            // An open breaker, or a system that asks for more time than we have, ends the attempts.
            (error.retryAfterMs ?? 0) <= retry.maxDelayMs &&
            !error.code.endsWith('_CIRCUIT_OPEN') &&
            !signal.aborted &&
            (repeatable || !outcomeUnknown);
          if (!again) throw withOutcome(error, outcomeUnknown);
          log.warn({ system, code: error.code, attempt: number, waitMs }, 'trying again');
          await pause(waitMs, undefined, { signal }).catch(() => {
            throw withOutcome(error, outcomeUnknown);
          });
        }
      }
    },
    close: () => breaker.close(),
  };
}

function withOutcome(fault: RetryableFault, outcomeUnknown: boolean): RetryableFault {
  if (fault.outcomeUnknown === outcomeUnknown) return fault;
  return new RetryableFault(fault.code, fault.message, {
    cause: fault.cause ?? fault,
    outcomeUnknown,
    ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }),
  });
}
