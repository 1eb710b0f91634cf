/** A server with the event log and nothing else, spoken to over HTTP. */
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { serverSentEvents } from '../../src/app/server-sent-events.ts';
import { createOutbox, type EventLogOptions, eventsModule } from '../../src/events/index.ts';
import { createHttpServer, type HttpServerOptions, httpMigrations } from '../../src/http/index.ts';
import type { Role } from '../../src/kernel/caller.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { EventDefinition } from '../../src/kernel/event.ts';
import { migrate } from '../../src/postgres/index.ts';
import { createProcedureRunner } from '../../src/procedures/index.ts';
import { createMetrics } from '../../src/telemetry/index.ts';
import { eventLog, silentLog } from './event-log.ts';

/** Who asks, whatever the role. */
export const eventReader = '01900000-0000-7000-8000-000000000001';

/** What is asked of the server. */
export interface EventRequest {
  readonly body?: unknown;
  /** Roles of the caller. @defaultValue `['operator']`; an empty list is nobody */
  readonly as?: readonly Role[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** Starts it on a free port; it is closed when the test is over. */
export async function startEventServer(
  options: {
    readonly log?: Partial<EventLogOptions>;
    readonly streams?: Partial<NonNullable<HttpServerOptions['streams']>>;
    /** What is known of events. @defaultValue nothing */
    readonly events?: readonly EventDefinition[];
    readonly modules?: (
      parts: Awaited<ReturnType<typeof eventLog>>,
    ) => HttpServerOptions['modules'];
  } = {},
) {
  const parts = await eventLog(options.log);
  const { database, log } = parts;
  await migrate(database, [httpMigrations]);
  const events = options.events ?? [];
  const modules = options.modules?.(parts) ?? [
    eventsModule({ eventLog: () => log, events: () => events }),
  ];
  const runner = createProcedureRunner({
    modules,
    database,
    outbox: createOutbox({ subscribers: [log.subscriber] }),
    clock: systemClock,
    log: silentLog,
  });
  const server = createHttpServer({
    modules,
    runner,
    database,
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
    info: { title: 'Events', version: '1.0.0' },
    authenticate: async (token) => ({
      kind: 'user',
      userId: eventReader,
      roles: token.split('+') as Role[],
      demo: false,
    }),
    webhookSecrets: {},
    config: {
      demo: false,
      corsOrigins: [],
      rateLimit: false,
      bodyLimit: 100_000,
      apiKeys: [],
      idempotencySecret: 'a secret for tests',
    },
    streams: { log, heartbeatMs: 200, ...options.streams },
  });
  onTestFinished(() => server.close());
  await server.listen({ port: 0, host: '127.0.0.1' });
  const base = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;

  const send = (method: string, path: string, { body, as = ['operator'], headers }: EventRequest) =>
    fetch(`${base}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as.length === 0 ? {} : { authorization: `Bearer ${as.join('+')}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  /** Sends a request and reads its JSON. */
  async function request<Body = Record<string, unknown>>(
    method: string,
    path: string,
    more: EventRequest = {},
  ): Promise<{ readonly status: number; readonly body: Body; readonly headers: Headers }> {
    const response = await send(method, path, more);
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? null : JSON.parse(text)) as Body,
      headers: response.headers,
    };
  }

  /** Opens a stream: its answer, its events, and what closes it. */
  async function open(path: string, more: EventRequest = {}) {
    const response = await send('GET', path, more);
    const events = response.body ? serverSentEvents(response.body) : null;
    return {
      status: response.status,
      headers: response.headers,
      body: response.body!,
      events: events!,
      /** The next so many events. */
      async take(count: number) {
        const taken = [];
        while (taken.length < count) {
          const { done, value } = await events!.next();
          if (done) break;
          taken.push(value);
        }
        return taken;
      },
    };
  }

  return { ...parts, base, server, request, open };
}
