/**
 * The whole program in this process, on a database of its own and with the sandboxes of the outside
 * systems, spoken to over HTTP alone. What a test needs besides (rows, time) is at hand as well.
 */
import { readConfig } from '../../src/app/config.ts';
import { type Program, startProgram } from '../../src/app/start-program.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { demoUsers } from '../../src/modules/users/index.ts';
import type { Database } from '../../src/postgres/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { laterCleanup } from '../support/cleanup.ts';
import { testDatabase } from '../support/database.ts';
import { freePort } from '../support/free-port.ts';
import { realUseEnvironment, tokenOf } from '../support/real-use.ts';

/** A body of the API: what is in it is for the test to say. */
export type Body = Readonly<Record<string, unknown>>;

/** One answer, its body parsed where it is JSON. */
export interface Answer<T = Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: T;
}

/** What a request carries besides its path. */
export interface RequestParts {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  /** A demo user by role, or a bearer token. @defaultValue nobody */
  readonly as?: string;
  /** Idempotency key. */
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks HTTP with one server. */
export interface HttpClient {
  readonly url: string;
  call<T = Body>(method: string, path: string, parts?: RequestParts): Promise<Answer<T>>;
  get<T = Body>(path: string, parts?: RequestParts): Promise<Answer<T>>;
  post<T = Body>(path: string, parts?: RequestParts): Promise<Answer<T>>;
}

/** A client of the server at this address; paths are taken as written. */
export function httpClient(url: string): HttpClient {
  async function call<T>(method: string, path: string, parts: RequestParts = {}) {
    const { body, raw, as, key, headers } = parts;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as === undefined ? {} : { authorization: `Bearer ${await bearer(as)}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const type = response.headers.get('content-type') ?? '';
    // A stream has no end; that it begins is what counts here.
    const isStream = type.startsWith('text/event-stream');
    if (isStream) await response.body?.cancel();
    const text = isStream ? '' : await response.text();
    const isJson = /json/.test(type);
    const parsed = (isJson ? JSON.parse(text) : {}) as T;
    return { status: response.status, headers: response.headers, text, body: parsed };
  }
  return {
    url,
    call,
    get: (path, parts) => call('GET', path, parts),
    post: (path, parts) => call('POST', path, parts),
  };
}

/** Tokens of demo users are made as the program makes them; they last an hour of the machine's time. */
async function bearer(as: string): Promise<string> {
  return as in demoUsers ? await tokenOf(demoUsers[as as keyof typeof demoUsers]) : as;
}

/** The running program of a test file. */
export interface Shop extends HttpClient {
  readonly program: Program;
  readonly database: Database;
  /** The environment that it runs with, for commands beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** The outside systems, each with what its sandbox offers besides. */
  readonly gateway: HttpClient;
  readonly courier: HttpClient;
  readonly mail: HttpClient;
}

/** How the program is started. */
export interface ShopOptions {
  /** @defaultValue true */
  readonly demo?: boolean;
  readonly clock?: Clock;
  /** Settings besides, by environment variable. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts it; it is stopped at the end of the file, or of the test that started it. */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const { demo = true, clock = systemClock, env = {} } = options;
  const { database, connectionString } = await testDatabase();
  const port = await freePort();
  const given = {
    ...realUseEnvironment(connectionString),
    PORT: String(port),
    ORDERLOOM_SANDBOXES: 'on',
    DATABASE_MAX_CONNECTIONS: '12',
    ...env,
  };
  const config = readConfig(given);
  const log = createLogger({ level: config.LOG_LEVEL ?? 'error', pretty: true });
  const program = await startProgram({ config: { ...config, demo }, log, clock });
  laterCleanup(() => program.stop());
  const { sandboxes, url } = program;
  return {
    ...httpClient(url),
    program,
    database,
    env: given,
    gateway: httpClient(sandboxes['payment gateway']!),
    courier: httpClient(sandboxes.courier!),
    mail: httpClient(sandboxes.mail!),
  };
}

/** An idempotency key that no request had before. */
export function newKey(): string {
  return crypto.randomUUID();
}
