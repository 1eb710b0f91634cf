/**
 * Sends HTTP requests to one outside system, over kept-open connections, with a time limit for
 * each attempt, retries and a circuit breaker. Guarantees that:
 *
 * - an answer of the system is given back as it is, as long as the system understood the request;
 * - the world failing is thrown as a fault whose `outcomeUnknown` is true exactly when the request
 *   may have been carried out: it changes something, was or may have been sent, and no answer
 *   tells;
 * - only requests that read, or that carry an idempotency key, are tried again after such a doubt,
 *   and every attempt is the same request with the same key.
 */
import { Agent, errors, request as send } from 'undici';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import { type ResilientCallsOptions, resilientCalls } from './resilient-calls.ts';
import type { HttpSettings } from './settings.ts';

/** Larger answers than this are no answers of an interface such as these. */
const largestAnswerBytes = 1024 * 1024;
const longestQuoted = 300;

/** Failures before a connection stood: nothing was sent. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Carries requests to one system. */
export interface HttpTransport {
  /**
   * Takes the place of `fetch`. Throws faults only. `repeatable` says whether the request may be sent
   * again although it may have been carried out; by default, when it reads or carries a key.
   */
  fetch(request: Request, options?: { readonly repeatable?: boolean }): Promise<Response>;
  /** Closes the connections. */
  close(): Promise<void>;
}

/** What a transport is made of. */
export type HttpTransportOptions = Omit<ResilientCallsOptions, 'retry' | 'breaker'> & {
  readonly settings: Omit<HttpSettings, 'apiKey' | 'baseUrl'>;
  /** True for answers of 400 or 403 that the caller reads itself. @defaultValue none */
  readonly isRefusal?: (answer: Response) => Promise<boolean>;
};

/** The text of one request, so that it can be sent more than once. */
interface Outgoing {
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Record<string, string>;
  readonly body: string | null;
  readonly signal: AbortSignal;
  readonly reads: boolean;
}

/** Makes the transport to one system. */
export function httpTransport(options: HttpTransportOptions): HttpTransport {
  const { settings, system, codePrefix } = options;
  const calls = resilientCalls({ ...options, retry: settings.retry, breaker: settings.breaker });
  const agent = new Agent({
    connections: settings.maxConnections,
    connect: { timeout: settings.connectTimeoutMs },
    maxResponseSize: largestAnswerBytes,
  });

  async function attempt(outgoing: Outgoing): Promise<Response> {
    const timeout = AbortSignal.timeout(settings.timeoutMs);
    let answer: Response;
    try {
      const { statusCode, headers, body } = await send(outgoing.url, {
        dispatcher: agent,
        method: outgoing.method,
        headers: outgoing.headers,
        body: outgoing.body,
        signal: AbortSignal.any([outgoing.signal, timeout]),
      });
      const text = await body.text();
      answer = new Response(text === '' ? null : text, {
        status: statusCode,
        headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      });
    } catch (error) {
      throw failureFault(error, outgoing, timeout.aborted);
    }
    await throwUnlessUnderstood(answer, outgoing);
    return answer;
  }

  function failureFault(error: unknown, outgoing: Outgoing, timedOut: boolean): Error {
    const what = `${outgoing.method} ${outgoing.url}`;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const outcomeUnknown = !outgoing.reads && !neverSent.has(code);
    const more = { cause: error, outcomeUnknown };
    if (outgoing.signal.aborted && !timedOut) {
      const gaveUp = outgoing.signal.reason instanceof Error ? outgoing.signal.reason.name : '';
      return gaveUp === 'TimeoutError'
        ? new RetryableFault(`${codePrefix}_TIMEOUT`, `${what}: the step's time was up`, more)
        : new RetryableFault(`${codePrefix}_CALL_ABORTED`, `${what}: the caller gave up`, more);
    }
    if (timedOut || code === 'UND_ERR_CONNECT_TIMEOUT') {
      const message = `${what}: expected an answer of ${system} within ${settings.timeoutMs} ms, none came`;
      return new RetryableFault(`${codePrefix}_TIMEOUT`, message, more);
    }
    if (error instanceof errors.ResponseExceededMaxSizeError) {
      const message = `${what}: expected at most ${largestAnswerBytes} bytes, more came`;
      return new TerminalFault(`${codePrefix}_CONTRACT_BROKEN`, message, { cause: error });
    }
    const message = `${what}: ${system} cannot be reached (${code || String(error)}); check its address and that it runs`;
    return new RetryableFault(`${codePrefix}_UNREACHABLE`, message, more);
  }

  async function throwUnlessUnderstood(answer: Response, outgoing: Outgoing): Promise<void> {
    const { status } = answer;
    if ((status === 400 || status === 403) && (await options.isRefusal?.(answer.clone()))) return;
    const what = `${outgoing.method} ${outgoing.url} was answered ${status}`;
    if (status === 401 || status === 403) {
      const message = `${what}: ${system} does not accept the API key; correct it in the configuration`;
      throw new TerminalFault(`${codePrefix}_UNAUTHORIZED`, message);
    }
    if (status === 400) {
      const quoted = (await answer.text()).slice(0, longestQuoted);
      const message = `${what}: ${system} did not understand the request: ${quoted}`;
      throw new TerminalFault(`${codePrefix}_REQUEST_REFUSED`, message);
    }
    const overload = status === 408 || status === 425 || status === 429 || status === 503;
    if (status < 500 && !overload) return;
    const retryAfterMs = retryAfter(answer);
    const suffix = status === 504 ? 'TIMEOUT' : status === 429 ? 'OVERLOADED' : 'UNAVAILABLE';
    throw new RetryableFault(`${codePrefix}_${suffix}`, `${what}: ${system} failed`, {
      // A system that says "not now" has done nothing; one that broke may have.
      outcomeUnknown: !outgoing.reads && !overload,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  return {
    async fetch(request, { repeatable } = {}) {
      const outgoing = await outgoingOf(request);
      return calls.run(() => attempt(outgoing), {
        repeatable: repeatable ?? (outgoing.reads || request.headers.has('idempotency-key')),
        signal: request.signal,
      });
    },
    async close() {
      calls.close();
      await agent.destroy();
    },
  };
}

async function outgoingOf(request: Request): Promise<Outgoing> {
  return {
    url: request.url,
    method: request.method as Outgoing['method'],
    headers: Object.fromEntries(request.headers),
    body: request.body === null ? null : await request.text(),
    signal: request.signal,
    reads: request.method === 'GET' || request.method === 'HEAD',
  };
}

/** Seconds of a `Retry-After` header, in milliseconds. */
function retryAfter(answer: Response): number | undefined {
  const text = answer.headers.get('retry-after');
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}
