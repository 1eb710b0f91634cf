/**
 * Puts the HTTP server together: plugins at the root, each in its own file, then the routes that
 * follow from the manifests. Nothing listens until `listen` is called on what comes back.
 */
import { type FastifyInstance, fastify } from 'fastify';
import type { ModuleDefinition } from '../kernel/module.ts';
import { idOnlyTracing } from '../kernel/tracing.ts';
import type { TransactionRunner } from '../kernel/transaction.ts';
import { databaseFault } from '../procedures/index.ts';
import { httpErrors } from './errors.ts';
import { createExecute } from './idempotency/execute.ts';
import { createSealing } from './idempotency/sealing.ts';
import type { HttpServerOptions } from './options.ts';
import { addAuthentication } from './plugins/authentication.ts';
import { addBackPressure } from './plugins/back-pressure.ts';
import { addBodyParsing } from './plugins/body-parsing.ts';
import { addMeasurements } from './plugins/measurements.ts';
import { addProblems, answerProblem } from './plugins/problems.ts';
import { addProtection } from './plugins/protection.ts';
import { addTraceHeaders } from './plugins/trace-headers.ts';
import { watchRoutes } from './route-table.ts';
import { addActuatorRoutes } from './routes/actuator-routes.ts';
import { addDocsRoutes } from './routes/docs-routes.ts';
import { addErrorPages } from './routes/error-pages.ts';
import { addProcedureRoutes, apiPrefixes } from './routes/procedure-routes.ts';
import { addStreamRoutes } from './routes/stream-routes.ts';
import { addWebhookRoutes } from './routes/webhook-routes.ts';
import { createReceiveWebhook } from './webhooks/receive.ts';

/** Longest time to send a request's headers and body; slower senders are cut off. */
const requestTimeoutMs = 30_000;

/**
 * Makes the server. Throws when a webhook has no secret although it must be signed, and when a module
 * claims a code of this layer.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { config, log, metrics } = options;
  assertOwnCodes(options.modules);
  assertWebhookSecrets(options);
  const server = fastify({
    logger: false,
    bodyLimit: config.bodyLimit,
    trustProxy: config.trustProxy ?? false,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error, request, reply) => {
      answerProblem(error, request, reply, log);
    },
  });
  const routes = watchRoutes(server);
  addTraceHeaders(server, options.tracing ?? idOnlyTracing);
  addMeasurements(server, { metrics, log });
  addProtection(server, options);
  addBackPressure(server, options);
  addAuthentication(server, options);
  addBodyParsing(server);
  addProblems(server, { log, routes });
  server.register(async (root) => addRoutes(root, options));
  return server;
}

/** Registered as a plugin, so that all others are in place when the routes are added. */
async function addRoutes(server: FastifyInstance, options: HttpServerOptions): Promise<void> {
  const { modules, runner, clock, log, config } = options;
  addActuatorRoutes(server, options);
  if (options.surface === 'health') return;
  const database = throwingFaults(options.database);
  const sealing = createSealing(config.idempotencySecret);
  const execute = createExecute({ runner, database, clock, sealing });
  const secrets = options.webhookSecrets;
  const receive = createReceiveWebhook({ runner, database, clock, log, secrets });
  const webhooks = modules.flatMap((module) => module.webhooks ?? []);
  addProcedureRoutes(server, { modules, execute, startsWork: options.startsWork });
  if (options.streams) {
    addStreamRoutes(server, modules, { ...options.streams, runner, prefixes: apiPrefixes });
  }
  addWebhookRoutes(server, { webhooks, receive, config });
  addDocsRoutes(server, options);
  addErrorPages(server, modules);
  await options.extraRoutes?.(server);
}

/** A database that is not to be reached is a fault for the caller to retry, not a bug of ours. */
function throwingFaults(database: TransactionRunner): TransactionRunner {
  return {
    async transaction(work) {
      try {
        return await database.transaction(work);
      } catch (error) {
        throw databaseFault(error, 'keeping the request');
      }
    },
  };
}

/** The codes of this layer belong to it alone: a code has one meaning and one status. */
function assertOwnCodes(modules: readonly ModuleDefinition[]): void {
  const own = new Set(httpErrors.map(({ code }) => code));
  for (const { name, errors } of modules) {
    const taken = errors.find(({ code }) => own.has(code));
    if (!taken) continue;
    throw new Error(
      `module ${name} declares error ${taken.code}, which the HTTP layer itself uses; rename it`,
    );
  }
}

function assertWebhookSecrets({ modules, config, webhookSecrets }: HttpServerOptions): void {
  if (config.demo) return;
  const names = modules.flatMap(({ webhooks = [] }) => webhooks.map(({ name }) => name));
  const open = names.filter((name) => !webhookSecrets[name]?.length);
  if (open.length === 0) return;
  throw new Error(
    `expected a secret for each webhook, found none for ${open.join(', ')}; ` +
      'configure the secret that its sender signs with',
  );
}
