/**
 * The faults of a sandbox: switched on for the calls to come by `PUT /sandbox/faults`, or for one
 * call by its `Sandbox-Fault` header. Counted or accumulated, never drawn by lot, so that the same
 * calls meet the same faults every time.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { components } from './generated/openapi.ts';

/** What is switched on, with what is left of each count. */
export type Faults = components['schemas']['Faults'];

/** What one call meets. */
export interface CallFault {
  readonly latencyMs: number;
  /** Answer with this status before anything is done. */
  readonly status: number | null;
  /** Do the work, then never answer. */
  readonly timeoutAfterCommit: boolean;
}

/** What one callback meets. */
export interface CallbackFault {
  readonly kind: 'none' | 'lose' | 'duplicate' | 'hold';
  readonly delayMs: number;
}

/** The faults that are switched on; each call and callback takes its own from the counts. */
export interface FaultPlan {
  get(): Faults;
  set(faults: Faults): void;
  /** Switches all off; what `delayed` holds up goes on at once. */
  clear(): void;
  /** Takes from the counts what this call meets. */
  forCall(call: {
    readonly operationId: string;
    readonly changes: boolean;
    readonly header: string | undefined;
  }): CallFault;
  /** Takes from the counts what this callback meets. */
  forCallback(): CallbackFault;
  /** Resolves after the latency of a call, or as soon as the faults are switched off. */
  delayed(clock: Clock, latencyMs: number): Promise<void>;
}

const defaultStatus = 503;

/** A plan without faults. */
export function faultPlan(): FaultPlan {
  let faults: Faults = {};
  /** Grows by the error rate with each call; a call that brings it to one fails. */
  let accumulated = 0;
  /** Ends the latency of each call that is held up. */
  const heldUp = new Set<() => void>();

  const take = (name: 'failNext' | 'timeoutAfterCommitNext'): boolean => {
    const left = faults[name] ?? 0;
    if (left > 0) faults = { ...faults, [name]: left - 1 };
    return left > 0;
  };
  const takeCallback = (name: 'lose' | 'duplicate' | 'reorder'): boolean => {
    const left = faults.callbacks?.[name] ?? 0;
    if (left > 0) faults = { ...faults, callbacks: { ...faults.callbacks, [name]: left - 1 } };
    return left > 0;
  };
  const rateStrikes = (): boolean => {
    accumulated += faults.errorRate ?? 0;
    // A hair below one, since sums of fractions are not exact.
    if (accumulated < 1 - 1e-9) return false;
    accumulated -= 1;
    return true;
  };

  return {
    get: () => faults,
    set(next) {
      faults = structuredClone(next);
      accumulated = 0;
    },
    clear() {
      faults = {};
      accumulated = 0;
      for (const goOn of heldUp) goOn();
    },
    forCall({ operationId, changes, header }) {
      const own = readHeader(header);
      if (faults.operations && !faults.operations.includes(operationId)) return own;
      const fails = take('failNext') || rateStrikes();
      const status = own.status ?? (fails ? (faults.status ?? defaultStatus) : null);
      return {
        latencyMs: own.latencyMs + (faults.latencyMs ?? 0),
        status,
        timeoutAfterCommit:
          own.timeoutAfterCommit || (changes && status === null && take('timeoutAfterCommitNext')),
      };
    },
    forCallback() {
      const delayMs = faults.callbacks?.delayMs ?? 0;
      if (takeCallback('lose')) return { kind: 'lose', delayMs };
      if (takeCallback('reorder')) return { kind: 'hold', delayMs };
      return { kind: takeCallback('duplicate') ? 'duplicate' : 'none', delayMs };
    },
    delayed(clock, latencyMs) {
      if (latencyMs === 0) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const goOn = () => {
        heldUp.delete(goOn);
        cancel();
        resolve();
      };
      const cancel = clock.schedule(new Date(clock.now().getTime() + latencyMs), goOn);
      heldUp.add(goOn);
      return promise;
    },
  };
}

/**
 * Reads `latency=500, error=503, timeout-after-commit`; parts that it does not know are ignored.
 */
function readHeader(header: string | undefined): CallFault {
  let latencyMs = 0;
  let status: number | null = null;
  let timeoutAfterCommit = false;
  for (const part of (header ?? '').split(',')) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === 'latency' && /^\d{1,6}$/.test(value)) latencyMs = Number(value);
    if (name === 'error' && /^[45]\d\d$/.test(value)) status = Number(value);
    if (name === 'timeout-after-commit') timeoutAfterCommit = true;
  }
  return { latencyMs, status, timeoutAfterCommit };
}
