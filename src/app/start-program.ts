/**
 * The composition root: opens everything in the order in which it depends on each other, and closes
 * it in the reverse order. A start that fails half-way closes what it had opened.
 */
import { join } from 'node:path';
import { createEngine, type Engine, type NodeRole } from '../engine/index.ts';
import { createEventLog, createOutbox, type Kafka } from '../events/index.ts';
import { httpMigrations, LoopDelay } from '../http/index.ts';
import { type Clock, systemClock } from '../kernel/clock.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import { recordTraceEvents } from '../modules/trace-events/index.ts';
import { migrate } from '../postgres/index.ts';
import { createProcedureRunner, type Runner } from '../procedures/index.ts';
import { readShippedDrawings, workflows } from '../processes/index.ts';
import { createMetrics, type Logger, startTelemetry } from '../telemetry/index.ts';
import { readBusinessCalendars } from './business-calendars.ts';
import { explained } from './cannot-start.ts';
import type { Config } from './config.ts';
import { createServer } from './create-server.ts';
import { seedDemo } from './demo.ts';
import { addEngineGauges } from './engine-gauges.ts';
import { addEventGauges } from './event-gauges.ts';
import { keepHouse } from './housekeeping.ts';
import { connectIntegrations } from './integrations.ts';
import { openKafka } from './kafka.ts';
import { checkLimits, createLimits } from './limits.ts';
import { createModules, tokensOf } from './modules.ts';
import { type OpenData, openData } from './open-data.ts';
import { programInfo } from './program-info.ts';
import { openOutsideSystems } from './sandboxes.ts';
import { readSecrets } from './secrets.ts';
import { answersBetween } from './services/answers-between.ts';
import { connectForwarding } from './services/forwarding.ts';
import { connectPeers } from './services/peers.ts';
import { tellServices } from './services/tell-services.ts';
import { partOf, withoutServiceName } from './services/topology.ts';
import { prepareWebhooks } from './webhooks.ts';

/** A running program. */
export interface Program {
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  readonly config: Config;
  readonly role: NodeRole;
  /** The embedded data's folder; null when a server is used. */
  readonly dataFolder: string | null;
  readonly sandboxes: Readonly<Record<string, string>>;
  /** Lets requests and steps finish, then closes everything. May be called twice. */
  stop(): Promise<void>;
}

/** Resolves when the program answers requests and processes go on. */
export async function startProgram(options: {
  readonly config: Config;
  readonly log: Logger;
  readonly clock?: Clock;
  /** @defaultValue 'serve' */
  readonly role?: NodeRole;
  /** The database, on its way. @defaultValue what the configuration names */
  readonly data?: Promise<OpenData>;
}): Promise<Program> {
  const { config, log, clock = systemClock, role = 'serve' } = options;
  const data = options.data ?? openData(config, log);
  // Whatever goes wrong meanwhile, a database that was opened is closed.
  const closers: (() => Promise<unknown>)[] = [
    () =>
      data.then(
        (opened) => opened.close(),
        () => undefined,
      ),
  ];
  const close = async () => {
    for (let next = closers.pop(); next; next = closers.pop()) await next();
  };
  try {
    const opened = await open({ config, log, clock, role, data }, closers);
    let stopping: Promise<void> | undefined;
    return {
      ...opened,
      config,
      role,
      stop() {
        stopping ??= close();
        return stopping;
      },
    };
  } catch (error) {
    await close().catch((closing: unknown) =>
      log.error({ error: closing }, 'closing after a failed start failed as well'),
    );
    throw explained(error, config);
  }
}

async function open(
  {
    config,
    log,
    clock,
    role,
    data,
  }: {
    readonly data: Promise<OpenData>;
    readonly config: Config;
    readonly log: Logger;
    readonly clock: Clock;
    readonly role: NodeRole;
  },
  closers: (() => Promise<unknown>)[],
): Promise<Omit<Program, 'config' | 'role' | 'stop'>> {
  const metrics = createMetrics();
  const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
  const telemetry = await startTelemetry({
    serviceName: 'orderloom',
    ...(endpoint === undefined ? {} : { otlpEndpoint: endpoint }),
  });
  closers.push(() => telemetry.stop());

  const { database: opened, dataFolder, sessionName } = await data;
  const { database, ask: askElsewhere } = answersBetween(opened);
  const { has, runsProcesses } = partOf(config.ORDERLOOM_SERVICE);
  const secrets = await readSecrets(config, dataFolder);
  const systems = await openOutsideSystems({
    config,
    secrets,
    folder: dataFolder === null ? null : join(dataFolder, 'sandboxes'),
    clock,
    log,
  });
  closers.push(() => systems.stop());
  const limits = createLimits(config, clock, database);
  const integrations = connectIntegrations({
    ...{ systems, has, config, log, metrics },
    repeated: (system) => limits.countCall(system),
  });
  closers.push(() => integrations.close());
  const { observer } = integrations;
  const peers = connectPeers(config, { log, observer });
  closers.push(() => peers.close());
  const forwarding = connectForwarding(config, secrets, { log, observer });
  closers.push(() => forwarding.close());

  const late: { runner?: Runner; engine?: Engine; kafka?: Kafka | null } = {};
  const runner = () => made(late.runner);
  const engine = () => made(late.engine);
  const tokens = tokensOf(secrets, clock);
  const { encryptionKey } = secrets;
  const eventLog = createEventLog({ database, clock, log, leaseMs: config.LEASE_MS });
  const webhooks = prepareWebhooks(config, eventLog, () => modules);
  const modules: readonly ModuleDefinition[] = [
    ...createModules({
      ...{ runner, engine, integrations, tokens, encryptionKey, has, askElsewhere },
      eventLog: () => eventLog,
      webhooks: webhooks.parts,
      kafka: () => late.kafka ?? null,
      taskGroups: config.TASK_GROUPS ?? {},
      checkAfterMs: {
        payments: config.PAYMENT_CHECK_AFTER_MS,
        delivery: config.DELIVERY_CHECK_AFTER_MS,
      },
    }),
    ...peers.modules,
    ...forwarding.modules,
  ];
  checkLimits(config, modules);

  const outbox = createOutbox({
    subscribers: [(tx, events) => engine().eventsRecorded(tx, events), eventLog.subscriber],
  });
  const started = createProcedureRunner({
    modules,
    database,
    outbox,
    clock,
    log,
    metrics,
    tracing: telemetry.tracing,
    ...(has('trace-events') ? { recordTraceEvents } : {}),
    limits,
    alias: withoutServiceName,
    listeners: {
      expectKnown: (tx) => engine().listeners.expectKnown(tx),
      hasLearntAfter: (error) => engine().listeners.hasLearntAfter(error),
      catchUp: () => engine().listeners.catchUp(),
    },
    listensTo: (procedure) => engine().listensTo(procedure),
    onSuccess: ({ tx, procedure, output, trace, idempotencyKey }) =>
      engine().procedureSucceeded({
        tx,
        procedure: procedure.name,
        output,
        trace,
        // Only what reaches outside is repeated after it succeeded: its success is announced later.
        repeatKey: procedure.effect === 'external' ? idempotencyKey : null,
      }),
  });
  late.runner = started;
  closers.push(() => started.settled());
  late.engine = createEngine({
    database,
    runner: started,
    clock,
    log,
    processes: [...(runsProcesses ? workflows : []), ...forwarding.workflows].map(
      ({ model }) => model,
    ),
    calendars: await readBusinessCalendars(config.BUSINESS_CALENDARS),
    drawings: runsProcesses ? await readShippedDrawings({ billing: config.billing }) : [],
    jobConcurrency: config.JOB_CONCURRENCY,
    jobsInLine: config.JOBS_IN_LINE,
    limits,
    leaseMs: config.LEASE_MS,
    startPaused: config.ENGINE_PAUSED === 'on',
    javascript: config.JAVASCRIPT_SCRIPTS === 'on',
    node: { role, version: programInfo.version, sessionName },
  });
  addEventGauges(metrics, database);
  addEngineGauges(metrics, engine(), database);

  await migrate(database, [
    httpMigrations,
    ...modules.flatMap(({ schema, migrations }) =>
      schema && migrations ? [{ schema, folder: migrations }] : [],
    ),
  ]);
  if (config.demo) await seedDemo(database, has);
  tellServices(eventLog, config);
  // Also one whose start fails has a connection that the pool would wait for.
  closers.push(() => eventLog.stop());
  await eventLog.start();
  if (role !== 'api') {
    const delivery = webhooks.start({ database, outbox, clock, log, encryptionKey });
    closers.push(() => delivery.stop());
  }

  await engine().start();
  closers.push(() => engine().stop(config.SHUTDOWN_GRACE_MS));
  const kafka = await openKafka({
    ...{ config, modules, eventLog, outbox, database, clock, log, metrics },
    runner: started,
    isWorking: role !== 'api',
  });
  late.kafka = kafka;
  closers.push(async () => await kafka?.stop());
  closers.push(
    keepHouse({
      config,
      runner: started,
      database,
      clock,
      log,
      has,
      mayWork: () => engine().keepsHouse,
    }),
  );

  const loopDelay = new LoopDelay();
  closers.push(async () => loopDelay.close());
  const server = createServer({
    ...{ config, role, secrets, modules, runner: started, engine, database, clock, log, metrics },
    ...{ tracing: telemetry.tracing, eventLog, tokens, loopDelay, kafka },
  });
  closers.push(() => server.close());
  closers.push(async () => engine().externalTasks.endWaits());
  const url = await server.listen({ port: config.PORT, host: config.HOST });
  return { url, dataFolder, sandboxes: systems.sandboxes };
}

function made<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a part of the program was used before it was made');
  return value;
}
