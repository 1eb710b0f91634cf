/** The HTTP server of the program: what it mounts, whom it lets in, and what its health is made of. */
import type { Engine, NodeRole } from '../engine/index.ts';
import { addEngineRestRoutes } from '../engine-rest/index.ts';
import type { EventLog, Kafka } from '../events/index.ts';
import { createHttpServer, type LoopDelay } from '../http/index.ts';
import type { Clock } from '../kernel/clock.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import type { Database } from '../postgres/index.ts';
import type { Runner } from '../procedures/index.ts';
import type { Logger, Metrics, Telemetry } from '../telemetry/index.ts';
import type { Config } from './config.ts';
import { demoCallerFor } from './demo.ts';
import { createDoor, startsWork } from './door.ts';
import { kafkaHealth } from './kafka.ts';
import type { tokensOf } from './modules.ts';
import { programInfo } from './program-info.ts';
import type { Secrets } from './secrets.ts';

/** The parts of the program that it answers for. */
export interface ServerParts {
  readonly config: Config;
  readonly role: NodeRole;
  readonly secrets: Secrets;
  readonly modules: readonly ModuleDefinition[];
  readonly runner: Runner;
  readonly engine: () => Engine;
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly tracing: Telemetry['tracing'];
  readonly eventLog: EventLog;
  readonly tokens: ReturnType<typeof tokensOf>;
  readonly loopDelay: LoopDelay;
  /** Null where no cluster is named. */
  readonly kafka: Kafka | null;
}

/** Makes the server, which does not listen yet. A worker answers for its health only. */
export function createServer(parts: ServerParts): ReturnType<typeof createHttpServer> {
  const { config, role, secrets, modules, runner, engine, database, clock, log, metrics } = parts;
  const { tracing, eventLog, tokens, loopDelay, kafka } = parts;
  return createHttpServer({
    ...{ modules, runner, database, clock, log, metrics, tracing, info: programInfo, loopDelay },
    surface: role === 'worker' ? 'health' : 'all',
    config: {
      demo: config.demo ? { callerFor: demoCallerFor } : false,
      corsOrigins: config.CORS_ORIGINS ?? [],
      rateLimit: rateLimitOf(config),
      bodyLimit: config.BODY_LIMIT,
      apiKeys: config.ORDERLOOM_API_KEYS ?? [],
      idempotencySecret: secrets.idempotency,
      trustProxy: config.TRUST_PROXY === 'on',
    },
    streams: { log: eventLog, mostStreams: config.EVENT_STREAM_LIMIT },
    authenticate: (token) => tokens.verify(token),
    webhookSecrets: { ...secrets.webhooks, ...serviceSecrets(config) },
    door: createDoor({ config, database, engine, loopDelay }),
    startsWork: startsWork(engine),
    extraRoutes: (root) =>
      addEngineRestRoutes(root, { engine, runner, modules, log, startsWork: startsWork(engine) }),
    healthChecks: {
      database: () => checkDatabase(database),
      engine: async () => ({
        status: engine().isReady ? 'UP' : 'DOWN',
        details: engine().counts,
      }),
      ...(kafka ? { kafka: kafkaHealth(kafka) } : {}),
    },
  });
}

/** Other services sign their events with one secret each, as gateway and courier do. */
function serviceSecrets({ ORDERLOOM_SERVICE_SECRETS = {} }: Config) {
  return Object.fromEntries(
    Object.entries(ORDERLOOM_SERVICE_SECRETS).map(([name, secret]) => [name, [secret]]),
  );
}

function rateLimitOf(config: Config): false | { max: number; windowMs: number } {
  const max = config.RATE_LIMIT ?? (config.demo ? 0 : 600);
  return max === 0 ? false : { max, windowMs: 60_000 };
}

async function checkDatabase(database: Database): Promise<{ status: 'UP' | 'DOWN' }> {
  try {
    await database.query('select 1');
    return { status: 'UP' };
  } catch {
    return { status: 'DOWN' };
  }
}
