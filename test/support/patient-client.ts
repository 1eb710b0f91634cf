/**
 * A client as clients should be: it repeats a request under its idempotency key until the request is
 * answered, whether the program was killed meanwhile, is starting, or works on it already.
 */
import { randomUUID } from 'node:crypto';

/** One answer. */
export interface PatientAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** What is asked. */
export interface PatientRequest {
  readonly token?: string;
  readonly body?: unknown;
  /** @defaultValue a new one, the same on every repeat */
  readonly key?: string;
}

/** Makes requests to one address, whoever serves it. */
export interface PatientClient {
  readonly url: string;
  get(path: string, request?: PatientRequest): Promise<PatientAnswer>;
  post(path: string, request?: PatientRequest): Promise<PatientAnswer>;
}

/** Of asking, all attempts together. */
const patienceMs = 60_000;
/** Of one attempt: what hangs is asked again, under the same key. */
const attemptMs = 15_000;
const pauseMs = 10;

/** Makes a client of the program at `url`. */
export function patientClient(url: string): PatientClient {
  async function send(method: string, path: string, request: PatientRequest) {
    const { token, body, key = randomUUID() } = request;
    let askedMs = 0;
    for (;;) {
      const began = performance.now();
      let found: string;
      try {
        const response = await fetch(url + path, {
          method,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...(method === 'GET' ? {} : { 'idempotency-key': key }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.timeout(attemptMs),
        });
        const answer: PatientAnswer = {
          status: response.status,
          headers: response.headers,
          body: (await response.json()) as Record<string, unknown>,
        };
        if (!isPassing(answer)) return answer;
        found = `${answer.status} ${JSON.stringify(answer.body)}`;
      } catch (error) {
        found = error instanceof Error ? String(error.cause ?? error) : String(error);
      }
      // A machine that slept in between has not asked meanwhile.
      askedMs += Math.min(performance.now() - began, attemptMs) + pauseMs;
      if (askedMs > patienceMs) {
        throw new Error(`expected an answer to ${method} ${path}, found ${found}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return {
    url,
    get: (path, request = {}) => send('GET', path, request),
    post: (path, request = {}) => send('POST', path, request),
  };
}

/** An answer that says "later". */
function isPassing({ status, body }: PatientAnswer): boolean {
  return status >= 500 || body.code === 'IDEMPOTENCY_IN_FLIGHT';
}
