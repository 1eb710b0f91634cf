/** Translates what the database throws into faults with stable codes. */
import { RetryableFault, TerminalFault } from '../kernel/errors.ts';
import type { Procedure } from '../kernel/procedure.ts';
import { isConnectionLoss, isSerializationFailure, isStatementTimeout } from '../postgres/index.ts';

/** The time limit of one attempt when the procedure declares none. */
export const defaultTimeoutMs = 10_000;

const retryAfterMs = 1_000;

/** The fault that an error of this procedure means; the error itself when it means nothing else. */
export function toFault(error: unknown, procedure: Procedure): unknown {
  if (isStatementTimeout(error)) return timedOut(procedure, { cause: error });
  return databaseFault(error, procedure.name);
}

/** The fault when PostgreSQL was not reached or had too much to do at once; else the error itself. */
export function databaseFault(error: unknown, what: string): unknown {
  if (error instanceof RetryableFault || error instanceof TerminalFault) return error;
  if (isSerializationFailure(error)) {
    return new RetryableFault(
      'TRANSACTION_CONFLICT',
      `${what} got in the way of other transactions several times; try again`,
      { cause: error, retryAfterMs },
    );
  }
  if (isConnectionLoss(error)) {
    return new RetryableFault(
      'DATABASE_UNAVAILABLE',
      `${what} could not reach PostgreSQL, or lost it; try again with the same key`,
      { cause: error, retryAfterMs, outcomeUnknown: true },
    );
  }
  return error;
}

/** The fault of an attempt that took too long. Looking data up has a code of its own. */
export function timedOut(
  procedure: Procedure,
  options: { readonly cause?: unknown; readonly outcomeUnknown?: boolean } = {},
): RetryableFault {
  const lookup = procedure.effect === 'read' && procedure.trace?.type === 'data_lookup';
  const limitMs = procedure.timeoutMs ?? defaultTimeoutMs;
  return new RetryableFault(
    lookup ? 'DATA_LOOKUP_TIMEOUT' : 'PROCEDURE_TIMEOUT',
    `expected ${procedure.name} to end within ${limitMs} ms, and it did not; try again`,
    { ...options, retryAfterMs },
  );
}

/** The stable code that metrics and trace events show for a thrown error. */
export function errorCodeOf(error: unknown): string {
  return error instanceof RetryableFault || error instanceof TerminalFault
    ? error.code
    : 'INTERNAL';
}
