/** What the HTTP server is made of and how it is configured. */
import type { FastifyInstance } from 'fastify';
import type { Caller, Role } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Refusal } from '../kernel/errors.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import type { Access, Log, Procedure } from '../kernel/procedure.ts';
import type { Tracing } from '../kernel/tracing.ts';
import type { TransactionRunner } from '../kernel/transaction.ts';
import type { Runner } from '../procedures/index.ts';
import type { Metrics } from '../telemetry/index.ts';
import type { Door } from './door.ts';
import type { LoopDelay } from './loop-delay.ts';
import type { StreamOptions } from './routes/stream-routes.ts';

/** A key for other programs, sent as `X-API-Key`. Only its digest is kept in the configuration. */
export interface ApiKey {
  /** Who holds it; appears in logs and separates the holders' idempotency keys. */
  readonly name: string;
  /** SHA-256 of the key, in hex. */
  readonly sha256: string;
  readonly roles: readonly Role[];
  /** Procedures that it opens. @defaultValue all that its roles do */
  readonly only?: readonly string[] | undefined;
}

/** Who is let in, and how much is taken of them; the modules and their routes are no matter of it. */
export interface HttpConfig {
  /**
   * Demo mode lends an identity to requests without credentials and takes unsigned webhooks. It
   * serves only requests that come from this machine's own pages or from no page at all.
   */
  readonly demo: false | { callerFor(access: Access): Caller };
  /** Origins whose pages may read answers, e.g. `https://shop.example`. Empty: only our own. */
  readonly corsOrigins: readonly string[];
  /** Requests of one address in a span of time. */
  readonly rateLimit: false | { readonly max: number; readonly windowMs: number };
  /** Largest body in bytes. */
  readonly bodyLimit: number;
  readonly apiKeys: readonly ApiKey[];
  /**
   * Keys the digests of requests and seals stored answers that hold secrets. The same on every node;
   * changing it makes repeats of older requests look like other requests (422) for a day.
   */
  readonly idempotencySecret: string;
  /** Believe `X-Forwarded-*`, behind a proxy that sets them. @defaultValue false */
  readonly trustProxy?: boolean;
}

/** Whether one part of the program works; to be answered within two seconds. */
export type HealthCheck = () => Promise<{
  readonly status: 'UP' | 'DOWN';
  /** False: shown, but a node without it is ready all the same. @defaultValue true */
  readonly essential?: boolean;
  readonly details?: Readonly<Record<string, unknown>>;
}>;

/** How the API introduces itself, in its description and on its documentation page. */
export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description?: string;
}

/** All that the server is made of: it opens nothing of its own, and closing it closes none of these. */
export interface HttpServerOptions {
  readonly modules: readonly ModuleDefinition[];
  readonly runner: Runner;
  readonly database: TransactionRunner;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** @defaultValue ids travel, nothing is reported */
  readonly tracing?: Tracing;
  readonly config: HttpConfig;
  readonly info: ApiInfo;
  /** `health`: only `/actuator`, for a node that works and is not asked. @defaultValue 'all' */
  readonly surface?: 'all' | 'health';
  /** Turns a bearer token into a caller, or says why not (401). */
  authenticate(token: string): Promise<Caller | Refusal>;
  /** The secrets of each webhook's sender by webhook name; several while one is being rotated. */
  readonly webhookSecrets: Readonly<Record<string, readonly string[]>>;
  /** Turns work away while there is too much of it. @defaultValue all that comes is let in */
  readonly door?: Door;
  /** Turns everything but probes away while the event loop is far behind. @defaultValue nobody looks */
  readonly loopDelay?: Pick<LoopDelay, 'read'>;
  /** Whether a procedure begins something new, which is turned away first. @defaultValue none does */
  readonly startsWork?: (procedure: Procedure) => boolean;
  /** Components of `/actuator/health`; readiness is all of them. @defaultValue none */
  readonly healthChecks?: Readonly<Record<string, HealthCheck>>;
  /** What streams are made of. @defaultValue none: their routes are not mounted */
  readonly streams?: StreamOptions;
  /** Routes that are no procedures (a console's files); mounted at the root with all plugins. */
  readonly extraRoutes?: (server: FastifyInstance) => void | Promise<void>;
}
