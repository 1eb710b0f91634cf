/**
 * Reading PostgreSQL's errors. Nothing is translated on the way: the error of the driver arrives as
 * it is, and these predicates say which of the few kinds that callers act on it belongs to.
 */

/** The parts of a server error that the predicates look at. */
interface ServerError extends Error {
  readonly code: string;
  readonly constraint?: string;
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return isServerError(error) && codes.includes(error.code);
}

/** True when a unique index refused a row; with `constraint`, only for the index of that name. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    isServerError(error) &&
    error.code === '23505' &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/** True when transactions got in each other's way (serialization failure, deadlock): repeat the whole. */
export function isSerializationFailure(error: unknown): boolean {
  return hasCode(error, '40001', '40P01');
}

/** True for what follows the failure: PostgreSQL takes nothing more until the end of the transaction. */
export function isAbortedTransaction(error: unknown): boolean {
  return hasCode(error, '25P02');
}

/** True when a statement was cancelled, by its time limit or by an operator, or a lock was not had in time. */
export function isStatementTimeout(error: unknown): boolean {
  return hasCode(error, '57014', '55P03');
}

/** Class 08 (connection), the server's shutdown and start-up states, too many connections. */
const lossCodes = /^(08...|57P0[1-5]|53300|ECONNRESET|ECONNREFUSED|EPIPE|ENOENT|ETIMEDOUT)$/;

/** What the driver itself says, without a code, when the connection is gone. */
const lossMessages =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect)/;

/**
 * True when the server was not reached or went away in the middle. After a lost COMMIT the outcome
 * is unknown: the work may or may not have been kept.
 */
export function isConnectionLoss(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (isServerError(error) && lossCodes.test(error.code)) || lossMessages.test(error.message);
}

/**
 * True when a prepared statement no longer fits its tables, because a migration ran beside the
 * living program. A new connection prepares it anew.
 */
export function isStalePlan(error: unknown): boolean {
  return hasCode(error, '0A000') && /cached plan/.test((error as Error).message);
}
