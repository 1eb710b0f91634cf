/** How this dialect says no: `{ type, message, code }` with the statuses that its clients know. */
import { isRefusal, type Refusal, RetryableFault, TerminalFault } from '../kernel/errors.ts';

/** Thrown by operations, answered by the routes. */
export class RestError extends Error {
  override readonly name = 'RestError';
  readonly status: number;
  /** `InvalidRequestException`, `RestException`, `AuthorizationException`. */
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    type: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.type = type;
    this.headers = headers;
  }
}

/** The request cannot be understood, or what it asks for cannot be done. */
export function invalid(message: string): RestError {
  return new RestError(400, 'InvalidRequestException', message);
}

/** There is no such thing. */
export function missing(message: string): RestError {
  return new RestError(404, 'InvalidRequestException', message);
}

/** A part of Camunda 7 that this engine does not have; says what there is instead. */
export function unsupported(what: string, instead: string): RestError {
  return new RestError(
    501,
    'NotSupportedException',
    `${what} is not supported by this engine: ${instead}`,
  );
}

/** A procedure's refusal in the words of this dialect. The stable code stands at the end. */
export function restErrorOf(refusal: Refusal): RestError {
  const { definition, detail, code } = refusal;
  const issues = refusal.issues.map(({ pointer, message }) => `${pointer || '/'}: ${message}`);
  const message = [`${detail} (${code})`, ...issues].join('; ');
  switch (definition.status) {
    case 401:
      return new RestError(401, 'AuthenticationException', message);
    case 403:
      return new RestError(403, 'AuthorizationException', message);
    case 404:
      return new RestError(404, 'RestException', message);
    case 413:
    case 415:
    case 429:
    case 503:
      return new RestError(definition.status, 'RestException', message);
    default:
      return new RestError(
        definition.status >= 500 ? definition.status : 400,
        'InvalidRequestException',
        message,
      );
  }
}

/** Anything that was thrown; null for what nobody expected, of which the caller must not learn more. */
export function knownError(error: unknown): RestError | null {
  if (error instanceof RestError) return error;
  if (isRefusal(error)) return restErrorOf(error);
  const refusal = (error as { refusal?: unknown } | null)?.refusal;
  if (isRefusal(refusal)) return restErrorOf(refusal);
  if (error instanceof RetryableFault) {
    const seconds = error.retryAfterSeconds;
    const message = `${error.code}: it may be done a little later; try again in ${seconds} s`;
    return new RestError(503, 'RestException', message, { 'retry-after': String(seconds) });
  }
  if (error instanceof TerminalFault) return new RestError(502, 'RestException', error.code);
  const { statusCode, message } = error as { statusCode?: unknown; message?: unknown };
  if (typeof statusCode === 'number' && statusCode < 500) {
    return new RestError(statusCode, 'InvalidRequestException', String(message));
  }
  return null;
}
