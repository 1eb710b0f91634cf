/**
 * Problems: how refusals, faults and bugs look over HTTP (RFC 9457). A refusal shows all it says; a
 * fault shows its code and when to try again; a bug shows nothing but the trace id to ask about.
 */
import {
  Bug,
  isRefusal,
  type Refusal,
  RetryableFault,
  refuse,
  TerminalFault,
} from '../kernel/errors.ts';
import { bodyTooLarge, internal, malformedRequest, unsupportedMediaType } from './errors.ts';

/** A problem as it is sent: the standard members always stand in it, facts of the occurrence beside them. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly traceId: string;
  readonly errors?: Refusal['issues'];
  readonly [fact: string]: unknown;
}

/** A problem and the headers that go with it. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/** Marks every answer that is a problem, so that clients know its form before they parse it. */
export const problemMediaType = 'application/problem+json; charset=utf-8';

/** Throws a refusal out of a hook, up to the place where problems are answered. */
export class RefusedError extends Error {
  readonly refusal: Refusal;
  readonly headers: Readonly<Record<string, string>>;

  constructor(refusal: Refusal, headers: Readonly<Record<string, string>> = {}) {
    super(refusal.detail);
    this.refusal = refusal;
    this.headers = headers;
  }
}

/** The problem of a refusal. Facts of the occurrence can never replace the standard members. */
export function refusalProblem(refusal: Refusal, traceId: string): Problem {
  const { code, definition, detail, issues, data } = refusal;
  return {
    ...data,
    type: problemType(code),
    title: definition.title,
    status: definition.status,
    detail,
    code,
    traceId,
    ...(issues.length > 0 ? { errors: issues } : {}),
  };
}

/** Where a code is explained; served by `routes/error-pages.ts`. */
export function problemType(code: string): string {
  return `/errors/${code}`;
}

/** Faults have no page: their codes come from outside systems, and their status says all there is. */
const faultType = 'about:blank';

/** The answer to anything that was thrown while a request was handled; `bodyLimit` in bytes is that of its route. */
export function thrownProblem(error: unknown, traceId: string, bodyLimit?: number): ProblemAnswer {
  if (error instanceof RefusedError) return refused(error.refusal, traceId, error.headers);
  if (isRefusal(error)) return refused(error, traceId);
  if (error instanceof RetryableFault) return retryableProblem(error, traceId);
  if (error instanceof TerminalFault) return terminalProblem(error, traceId);
  const refusal = frameworkRefusal(error, bodyLimit);
  return refused(refusal ?? internalRefusal(traceId), traceId);
}

/** True when the thrown thing is worth a line in the log at level error. */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof Bug) return true;
  if (error instanceof RefusedError || isRefusal(error)) return false;
  if (error instanceof RetryableFault || error instanceof TerminalFault) return false;
  return frameworkRefusal(error) === null;
}

function refused(
  refusal: Refusal,
  traceId: string,
  headers: Readonly<Record<string, string>> = {},
): ProblemAnswer {
  return {
    problem: refusalProblem(refusal, traceId),
    headers: { ...headersOf(refusal), ...headers },
  };
}

/** Headers that belong to a refusal's status. */
export function headersOf(refusal: Refusal): Readonly<Record<string, string>> {
  return refusal.definition.status === 401 ? { 'www-authenticate': 'Bearer' } : {};
}

function retryableProblem(fault: RetryableFault, traceId: string): ProblemAnswer {
  const seconds = fault.retryAfterSeconds;
  const timedOut = fault.code.endsWith('_TIMEOUT');
  const problem: Problem = {
    type: faultType,
    title: timedOut ? 'The answer did not come in time.' : 'This cannot be done right now.',
    status: timedOut ? 504 : 503,
    detail:
      `expected an answer from everything that this needs, found ${fault.code}; ` +
      `try again in ${seconds} s with the same Idempotency-Key`,
    code: fault.code,
    traceId,
  };
  return { problem, headers: { 'retry-after': String(seconds) } };
}

function terminalProblem(fault: TerminalFault, traceId: string): ProblemAnswer {
  const problem: Problem = {
    type: faultType,
    title: 'An outside system failed for good.',
    status: 502,
    detail: `expected an answer that can be used, found ${fault.code}; a repeat will not help: ask the operators, with the trace id`,
    code: fault.code,
    traceId,
  };
  return { problem, headers: {} };
}

function internalRefusal(traceId: string): Refusal {
  return refuse(
    internal,
    `this is a fault of the server, not of the request; report it with the trace id ${traceId}`,
  );
}

/** What Fastify itself found wrong with a request. */
function frameworkRefusal(error: unknown, bodyLimit?: number): Refusal | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const { code, message } = error as Error & { code: unknown };
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return refuse(
        bodyTooLarge,
        `expected a body of ${bodyLimit === undefined ? 'less' : `${bodyLimit} bytes at most`}, found more; ` +
          'send less, or in several requests, or ask the operators for a larger BODY_LIMIT',
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return refuse(unsupportedMediaType, `expected Content-Type: application/json (${message})`);
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_ASYNC_CONSTRAINT':
    case 'FST_ERR_MAX_PARAM_LENGTH':
    case 'ECONNRESET':
      return refuse(malformedRequest, `expected a well-formed request, found: ${message}`);
    default:
      return null;
  }
}
