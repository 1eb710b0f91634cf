/** The small test module behind a real HTTP server and a real database. */
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createOutbox, eventMigrations } from '../../src/events/index.ts';
import { createHttpServer, type HttpServerOptions, httpMigrations } from '../../src/http/index.ts';
import type { Caller, Role } from '../../src/kernel/caller.ts';
import { refuse } from '../../src/kernel/errors.ts';
import type { ModuleDefinition } from '../../src/kernel/module.ts';
import type { Log } from '../../src/kernel/procedure.ts';
import type { Database } from '../../src/postgres/index.ts';
import { createProcedureRunner, type Runner, unauthenticated } from '../../src/procedures/index.ts';
import { createMetrics } from '../../src/telemetry/index.ts';
import { fixedClock } from './context.ts';
import { testDatabase } from './database.ts';
import { type Outside, shopMigrations, shopModule } from './shop-module.ts';

/** The user ids behind the tokens `anna` and `bert`. */
export const userIds: Readonly<Record<string, string>> = {
  anna: '01900000-0000-7000-8000-00000000000a',
  bert: '01900000-0000-7000-8000-00000000000b',
};

/** Secrets that the shop's webhook accepts; the second one is being rotated in. */
export const shopSecrets = ['first-secret', 'second-secret'] as const;

/** What a test changes about the shop. */
export interface ShopOptions {
  readonly outside?: Outside;
  readonly config?: Partial<HttpServerOptions['config']>;
  readonly more?: Partial<HttpServerOptions>;
  /** Modules beside the shop. */
  readonly beside?: readonly ModuleDefinition[];
  /** Options that look at the shop's own database. */
  readonly watching?: (database: Database) => Partial<HttpServerOptions>;
}

/** One answer, with its body parsed where it is JSON. */
export interface ShopAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
  readonly text: string;
}

/** What a request is sent with, besides its method and path. */
export interface ShopRequest {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string;
  /** Name of a user: `anna`, `bert`, or with roles: `anna+admin`. @defaultValue nobody */
  readonly as?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts the shop on a free port; it is closed when the test is over. */
export async function startShop(options: ShopOptions = {}) {
  const { database, connectionString } = await testDatabase({
    migrations: [eventMigrations, httpMigrations, shopMigrations],
  });
  const logged: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  const line = (level: string) => (fields: Record<string, unknown>, message: string) => {
    logged.push({ level, fields, message });
  };
  const log: Log = {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
  };
  const clock = fixedClock('2026-01-31T12:00:00Z');
  const holder: { runner?: Runner } = {};
  const modules = [
    shopModule({
      runner: () => holder.runner!,
      ...(options.outside ? { outside: options.outside } : {}),
    }),
    ...(options.beside ?? []),
  ];
  const metrics = createMetrics();
  const outbox = createOutbox({ subscribers: [] });
  const runner = createProcedureRunner({ modules, database, outbox, clock, log, metrics });
  holder.runner = runner;
  const server = createHttpServer({
    modules,
    runner,
    database,
    clock,
    log,
    metrics,
    info: { title: 'Shop', version: '1.0.0' },
    authenticate: async (token) => {
      const [name = '', ...roles] = token.split('+');
      const userId = userIds[name];
      if (!userId) return refuse(unauthenticated, 'expected a known token');
      return { kind: 'user', userId, roles: roles as Role[], demo: false };
    },
    webhookSecrets: { shop: shopSecrets },
    config: {
      demo: false,
      corsOrigins: ['https://console.example'],
      rateLimit: false,
      bodyLimit: 10_000,
      apiKeys: [],
      idempotencySecret: 'a secret for tests',
      ...options.config,
    },
    ...options.more,
    ...options.watching?.(database),
  });
  onTestFinished(() => server.close());
  await server.listen({ port: 0, host: '127.0.0.1' });
  const base = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;

  async function request(
    method: string,
    path: string,
    { body, raw, as, key, headers }: ShopRequest = {},
  ): Promise<ShopAnswer> {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(base + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as === undefined ? {} : { authorization: `Bearer ${as}` }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: Buffer.from(sent) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  return {
    base,
    server,
    database,
    connectionString,
    clock,
    logged,
    request,
    post: (path: string, options?: ShopRequest) => request('POST', path, options),
    get: (path: string, options?: ShopRequest) => request('GET', path, options),
    /** The first column of the rows of a query. */
    async column(sql: string): Promise<unknown[]> {
      const { rows } = await database.query(sql);
      return rows.map((row) => Object.values(row)[0]);
    },
  };
}

/** A demo caller for tests of demo mode. */
export const demoCaller: Caller = {
  kind: 'user',
  userId: '01900000-0000-7000-8000-000000000001',
  roles: ['customer'],
  demo: true,
};
