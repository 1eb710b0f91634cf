/**
 * Makes an engine of its parts: the node that moves instances, the keepers of drawings, schedules and
 * decisions, and what tells them of facts, signals and requests.
 */
import { hostname } from 'node:os';
import { idOf, newId } from '../kernel/ids.ts';
import { Limits } from '../kernel/limits.ts';
import { DrawingKeeper } from './bpmn/drawing-keeper.ts';
import { BulkRunner } from './bulk/bulk-runner.ts';
import { DecisionKeeper } from './decisions/decision-keeper.ts';
import { exportModel } from './diagram/export-model.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { topicsWithFree } from './external/external-task-store.ts';
import { ExternalTasks } from './external/external-tasks.ts';
import { digestOf, structureOf } from './model/structure.ts';
import { Broadcasts } from './runtime/broadcasts.ts';
import { EngineNode } from './runtime/engine-node.ts';
import { FactPublisher } from './runtime/fact-publisher.ts';
import { InstanceRequests } from './runtime/instance-requests.ts';
import { ProcessRegistry } from './runtime/process-registry.ts';
import { startProcess } from './runtime/start-process.ts';
import { updateInstance } from './runtime/update-instance.ts';
import { ScheduleKeeper } from './schedules/schedule-keeper.ts';
import { ScriptRunner } from './scripts/script-runner.ts';
import { deployDefinitions, ensureHistoryPartitions } from './store/definition-store.ts';
import type { NodeFacts } from './store/leases.ts';
import { migrateInstance } from './versions/migrate-instance.ts';

/** How often bulk operations are brought on; twice a second, so that their rate is even. */
const bulkStepMs = 500;

const thirtyDaysMs = 30 * 24 * 60 * 60 * 1000;

function thisProcess(): NodeFacts {
  const host = hostname();
  const { pid } = process;
  const facts = { host, pid, role: 'serve', version: '', sessionName: null } as const;
  return { ...facts, name: `${host}:${pid}` };
}

/** Makes an engine. Nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { database, clock, log } = options;
  const leaseMs = options.leaseMs ?? 10_000;
  const sweepMs = options.sweepMs ?? 5_000;
  const registry = new ProcessRegistry(options.processes);
  const node = new EngineNode({
    ...{ database, runner: options.runner, registry, clock, log, leaseMs, sweepMs },
    jobConcurrency: options.jobConcurrency ?? 32,
    jobsInLine: options.jobsInLine ?? 10_000,
    limits: options.limits ?? new Limits({ clock }),
    requestPatienceMs: options.requestPatienceMs ?? leaseMs + 5_000,
    startPaused: options.startPaused ?? false,
    facts: { ...thisProcess(), ...options.node },
    onEnded: options.onEnded,
    freeTopics: (topics, at) => topicsWithFree(database, topics, at),
    deployed: () => void drawings.look(),
    publish: async (tx, thrown) => {
      if (thrown.kind === 'message') await facts.publish(tx, [{ ...thrown, isNew: false }]);
      else await broadcasts.startBySignal(tx, thrown);
    },
    hasLearntAfter: (error) => drawings.hasLearntAfter(error),
    learn: () => drawings.learn(),
  });
  const parts = { database, clock, registry, node };

  const schedules = new ScheduleKeeper({ ...parts, log, sweepMs });
  const scripts = options.javascript ? new ScriptRunner() : undefined;
  const drawings = new DrawingKeeper({
    ...{ database, clock, registry, log, scripts },
    knowsProcedure: (name) => options.runner.find(name) !== undefined,
    calendars: options.calendars ?? [],
    tell: () => node.tellDeployed(),
    learnt: async () => {
      await schedules.start();
      await node.learnt();
    },
  });

  const expectKnown: DrawingKeeper['expectKnown'] = (tx) => drawings.expectKnown(tx);
  const messageRetentionMs = options.messageRetentionMs ?? thirtyDaysMs;
  const facts = new FactPublisher({ ...parts, expectKnown, messageRetentionMs });
  const broadcasts = new Broadcasts({ ...parts, expectKnown });
  const requests = new InstanceRequests(parts);
  const migrate: Engine['migrateInstance'] = (asked) => migrateInstance(parts, asked);
  const bulk = new BulkRunner({
    ...{ database, clock, engine: { models: () => registry.all(), migrateInstance: migrate } },
    committed: (rows) => node.inboxCommitted(rows),
  });

  const engine: Engine = {
    async start() {
      await drawings.start(options.drawings ?? []);
      await deployDefinitions(
        database,
        registry.all().map((model) => ({
          process: model.key,
          version: model.version,
          name: model.name,
          digest: digestOf(model),
          graph: structureOf(model),
        })),
      );
      await ensureHistoryPartitions(database, clock.now());
      try {
        await node.start();
        node.every(bulkStepMs, async () => {
          if (node.keepsHouse) await bulk.step();
        });
        node.every(sweepMs, () => drawings.look());
        await schedules.start();
      } catch (error) {
        // What has begun would go on without anybody who could stop it, and the process would never end.
        await engine.stop(0).catch(() => undefined);
        throw error;
      }
    },
    async stop(graceMs) {
      await schedules.stop();
      await node.stop(graceMs);
      await scripts?.close();
    },
    model: (process, version) =>
      version === undefined ? registry.newest(process) : registry.find(process, version),
    models: () => registry.all(),
    startProcess: (asked) => startProcess({ ...parts, look: () => drawings.look() }, asked),
    startsBy: (name) => registry.interests(name).starts.length > 0,
    listensTo(procedure) {
      const { starts, waits } = registry.interests(procedure);
      return starts.length > 0 || waits.length > 0;
    },
    async procedureSucceeded({ tx, procedure, output, trace, repeatKey = null }) {
      const id = repeatKey === null ? newId() : idOf(`${procedure} ${repeatKey}`);
      const fact = { id, name: procedure, payload: output, traceId: trace.traceId };
      await facts.publish(tx, [{ ...fact, isNew: repeatKey === null }]);
    },
    async eventsRecorded(tx, events) {
      await facts.publish(
        tx,
        events.map(({ id, name, payload, traceId }) => ({
          ...{ id, name, payload, traceId: traceId ?? '', isNew: false },
        })),
      );
    },
    listeners: {
      expectKnown,
      hasLearntAfter: (error) => drawings.hasLearntAfter(error),
      catchUp: () => drawings.catchUp(),
    },
    broadcastSignal: (tx, told) => broadcasts.signal(tx, told),
    startByConditions: (tx, told) => broadcasts.startByConditions(tx, told),
    request: (instanceId, asked) => requests.ask(instanceId, asked),
    requestIn: (tx, instanceId, asked) => requests.askIn(tx, instanceId, asked),
    pause: node.pause,
    externalTasks: new ExternalTasks(parts),
    drawings: {
      prepare: (files, more) => drawings.prepare(files, more),
      deploy: (tx, files, by) => drawings.deploy(tx, files, by),
      look: () => drawings.look(),
      async draw(process, version) {
        const model = registry.find(process, version);
        return model ? await exportModel(model) : null;
      },
    },
    schedules,
    decisions: new DecisionKeeper(),
    updateInstance: (asked) => updateInstance(parts, asked),
    migrateInstance: migrate,
    get counts() {
      return node.counts;
    },
    nodeId: node.id,
    get isReady() {
      return node.isReady;
    },
    get keepsHouse() {
      return node.keepsHouse;
    },
  };
  return engine;
}
