/**
 * The engine's public face: deploys processes, starts and moves their instances, and hears of
 * procedures and events in the transactions that they happen in.
 */
import { hostname } from 'node:os';
import type { Clock } from '../kernel/clock.ts';
import { defineError, type Refusal, refuse, TerminalFault } from '../kernel/errors.ts';
import type { RecordedEvent } from '../kernel/event.ts';
import { fieldIssues } from '../kernel/field-issues.ts';
import { idOf, newId } from '../kernel/ids.ts';
import { Limits } from '../kernel/limits.ts';
import type { Log, ProcedureRunner } from '../kernel/procedure.ts';
import type { TraceContext } from '../kernel/trace.ts';
import type { Transaction } from '../kernel/transaction.ts';
import type { Database } from '../postgres/index.ts';
import type { DrawingFile } from './bpmn/compile-drawing.ts';
import { DrawingKeeper } from './bpmn/drawing-keeper.ts';
import { exportModel } from './bpmn/export-model.ts';
import { BulkRunner } from './bulk/bulk-runner.ts';
import { DecisionKeeper } from './decisions/decision-keeper.ts';
import { ExternalTasks } from './external/external-tasks.ts';
import { payloadKey } from './model/correlation.ts';
import type { InstanceEvent } from './model/events.ts';
import type { BusinessCalendar } from './model/human-work.ts';
import { asJson } from './model/json.ts';
import type { Instruction } from './model/modification.ts';
import type { ProcessModel } from './model/process-model.ts';
import { structureOf } from './model/structure.ts';
import type { EndedInstance } from './runtime/committed-effects.ts';
import { type ReadConditions, readConditions } from './runtime/conditional-starts.ts';
import { EngineNode } from './runtime/engine-node.ts';
import type { EnginePause } from './runtime/engine-pause.ts';
import { goesToOther } from './runtime/gathering-starts.ts';
import type { PreparedInstance } from './runtime/new-instances.ts';
import type { RequestOutcome } from './runtime/peers.ts';
import {
  digestOf,
  gathers,
  type Interests,
  ProcessRegistry,
  type Start,
} from './runtime/process-registry.ts';
import { judgeStart } from './runtime/start-payload.ts';
import {
  type UpdateInstanceOptions,
  type UpdateResult,
  updateInstance,
} from './runtime/update-instance.ts';
import { ScheduleKeeper } from './schedules/schedule-keeper.ts';
import { ScriptRunner } from './scripts/script-runner.ts';
import { deployDefinitions, ensureHistoryPartitions } from './store/definition-store.ts';
import { insertInbox } from './store/inbox-store.ts';
import { startedBy } from './store/instance-store.ts';
import type { NodeFacts } from './store/leases.ts';
import { type MessageRow, sendMessages } from './store/message-store.ts';
import { shardOf } from './store/shard.ts';
import { broadcast, type Thrown } from './store/thrown-store.ts';
import { longestValue } from './store/value-measure.ts';
import {
  type MigrateInstanceOptions,
  type MigrationResult,
  migrateInstance,
} from './versions/migrate-instance.ts';

/** What an engine is made of. */
export interface EngineOptions {
  readonly database: Database;
  readonly runner: ProcedureRunner;
  readonly clock: Clock;
  readonly log: Log;
  /** Every version of every process that instances may be on. */
  readonly processes: readonly ProcessModel[];
  /** Drawings that the program brings; each new content is deployed as the next version. */
  readonly drawings?: readonly DrawingFile[];
  /** Whether script tasks may be in JavaScript, which runs isolated. @defaultValue false */
  readonly javascript?: boolean;
  /** Business calendars that drawings may name. */
  readonly calendars?: readonly BusinessCalendar[];
  /** Jobs at work at the same time. @defaultValue 32 */
  readonly jobConcurrency?: number;
  /** Jobs in line, shared out evenly to the processes; more stay in the database. @defaultValue 10000 */
  readonly jobsInLine?: number;
  /** What bounds procedures and outside systems. @defaultValue what procedures declare, without rates */
  readonly limits?: Limits;
  /** How long a shard lease lasts without being renewed. @defaultValue 10000 */
  readonly leaseMs?: number;
  /**
   * How long a request waits for the answer of the node that owns the instance. @defaultValue the time of
   * a lease and 5 s more, which outlasts one take-over
   */
  readonly requestPatienceMs?: number;
  /**
   * The node takes shards but starts no jobs and fires no timers until somebody resumes the engine.
   * @defaultValue false
   */
  readonly startPaused?: boolean;
  /**
   * Who this node is among those that share the database. @defaultValue a `serve` node named for its
   * host and process
   */
  readonly node?: Partial<NodeFacts>;
  /** How often the tables are looked at for lost wake-ups. @defaultValue 5000 */
  readonly sweepMs?: number;
  /** How long a message without a wait is kept. @defaultValue 30 days */
  readonly messageRetentionMs?: number;
  /**
   * Told of each instance that this node ended, once that is durable. For figures, not for work that
   * must happen: a node that dies in between tells nobody.
   */
  readonly onEnded?: (ended: EndedInstance) => void;
}

export const PROCESS_NOT_FOUND = defineError({
  code: 'PROCESS_NOT_FOUND',
  status: 404,
  title: 'No such process or instance',
});
export const INSTANCE_NOT_MOVABLE = defineError({
  code: 'INSTANCE_NOT_MOVABLE',
  status: 409,
  title: 'The instance has moved on',
});
export const PROCESS_INPUT_INVALID = defineError({
  code: 'PROCESS_INPUT_INVALID',
  status: 422,
  title: 'The process does not accept this input',
});

/** What a person may ask of an instance. */
export type InstanceRequest =
  | {
      readonly type: 'task-completed';
      readonly n: number;
      readonly output: unknown;
      readonly by: string;
    }
  | {
      readonly type: 'activity-start';
      readonly node: string;
      readonly scope: number | null;
      readonly by: string;
    }
  | {
      readonly type: 'modify';
      readonly instructions: readonly Instruction[];
      readonly reason: string;
      readonly by: string;
    }
  | { readonly type: 'cancel' | 'suspend'; readonly reason: string; readonly by: string }
  | { readonly type: 'resume'; readonly by: string }
  | {
      readonly type: 'variables-set';
      /** Number of the scope. @defaultValue the process itself */
      readonly n?: number;
      readonly variables: Readonly<Record<string, unknown>>;
      readonly removed: readonly string[];
      readonly by: string;
    }
  | {
      /** A message for this instance alone, whatever it is correlated by. */
      readonly type: 'message';
      readonly n: number;
      readonly on: string;
      readonly message: string;
      readonly payload: unknown;
    }
  | {
      readonly type: 'timer-moved';
      readonly n: number;
      readonly on: string;
      /** Milliseconds since 1970 in UTC. */
      readonly due: number;
      readonly by: string;
    }
  | { readonly type: 'incident-retry'; readonly n: number; readonly by: string }
  | {
      readonly type: 'incident-skip';
      readonly n: number;
      readonly by: string;
      readonly reason: string;
      readonly output: unknown;
    };

export type { RequestOutcome } from './runtime/peers.ts';

/** An engine: the node of this program, and the way to ask it. */
export interface Engine {
  /**
   * Checks and records the definitions, takes shards, and goes on with open instances. When it rejects,
   * nothing is at work and what was taken is given back.
   */
  start(): Promise<void>;
  /** Finishes jobs at work, commits them, gives the shards back. Instances stay as they are. */
  stop(graceMs?: number): Promise<void>;
  /** The newest version of a process, or an exact one. */
  model(process: string, version?: number): ProcessModel | undefined;
  models(): readonly ProcessModel[];
  /**
   * Starts an instance; with `tx` in that transaction. With a `startKey` that was used before, gives
   * the instance it started.
   */
  startProcess(options: {
    readonly process: string;
    /** @defaultValue the newest */
    readonly version?: number;
    readonly input: unknown;
    /** Begins at the start event that waits for this message. @defaultValue at the plain one */
    readonly message?: string;
    /** @defaultValue what the process makes of its input */
    readonly businessKey?: string;
    readonly trace: TraceContext;
    readonly startKey?: string;
    readonly tx?: Transaction;
  }): Promise<
    | { readonly instanceId: string; readonly existing: boolean }
    | Refusal<'PROCESS_NOT_FOUND' | 'PROCESS_INPUT_INVALID'>
  >;
  /** True when some process starts by this event, or by the success of this procedure. */
  startsBy(name: string): boolean;
  /** True when some process starts or moves by the success of this procedure. */
  listensTo(procedure: string): boolean;
  /** A procedure succeeded in `tx`: starts and moves what waits for it. */
  procedureSucceeded(call: {
    readonly tx: Transaction;
    readonly procedure: string;
    readonly output: unknown;
    readonly trace: TraceContext;
    /**
     * The same for every repetition of one call, so that its success acts once however often it is
     * told; null when a call cannot be repeated after its success.
     */
    readonly repeatKey?: string | null;
  }): Promise<void>;
  /** Events were recorded in `tx`: starts and moves what waits for them. */
  eventsRecorded(tx: Transaction, events: readonly RecordedEvent[]): Promise<void>;
  /** Sees to it that no fact is committed past a drawing that another node deployed. */
  readonly listeners: Pick<DrawingKeeper, 'expectKnown' | 'hasLearntAfter' | 'catchUp'>;
  /**
   * Broadcasts a signal in `tx`: each wait that is open at that moment hears it once, and what begins by
   * it is started.
   */
  broadcastSignal(
    tx: Transaction,
    told: { readonly signal: string; readonly payload: unknown; readonly traceId: string },
  ): Promise<{ readonly id: string; readonly waits: number; readonly started: string[] }>;
  /**
   * Reads in `tx` the conditions by which processes begin, with what is given, and starts those that hold;
   * `process`: of this one alone.
   */
  startByConditions(
    tx: Transaction,
    told: { readonly given: unknown; readonly process: string | null; readonly traceId: string },
  ): Promise<Pick<ReadConditions, 'failed'> & { readonly started: string[] }>;
  /**
   * Asks an instance, here or at the node that owns it. The request is durable before it is handled.
   * True when it moved the instance, false when it came too late, `stored` when the owner has not answered
   * in time (`requestPatienceMs`): the request is kept, and the next owner handles it, in whatever way.
   */
  request(instanceId: string, request: InstanceRequest): Promise<RequestOutcome>;
  /**
   * Writes a request in somebody's transaction. What it gives has it handled, once that is committed; if
   * nobody calls it, the owner of the instance finds the request by looking.
   */
  requestIn(
    tx: Transaction,
    instanceId: string,
    request: InstanceRequest,
  ): Promise<() => Promise<RequestOutcome>>;
  /** Starts of processes by the clock. */
  readonly schedules: Pick<ScheduleKeeper, 'pause' | 'runNow'>;
  /** Deployed drawings. `draw`: a version as BPMN 2.0; null when this node does not have it. */
  readonly drawings: Pick<DrawingKeeper, 'prepare' | 'deploy' | 'look'> & {
    draw(process: string, version: number): Promise<string | null>;
  };
  /** Deployed decisions. */
  readonly decisions: Pick<DecisionKeeper, 'prepare' | 'deploy' | 'evaluate'>;
  /** Work for workers outside of the program. */
  readonly externalTasks: Pick<
    ExternalTasks,
    'fetch' | 'settle' | 'setRetries' | 'lock' | 'unlock' | 'endWaits'
  >;
  /** Whether the engine is paused, and the way to pause it and to let it go on. */
  readonly pause: EnginePause;
  /**
   * Tells an instance something that changes it: checked as it stands, then taken once, however often
   * it is told with the same id, and answered. A refusal leaves no trace.
   */
  updateInstance(options: UpdateInstanceOptions): Promise<UpdateResult>;
  /**
   * Moves one open instance to another version of its process when it fits, else says why not; null
   * when there is no such instance. With `dryRun` nothing is written.
   */
  migrateInstance(options: MigrateInstanceOptions): Promise<MigrationResult | null>;
  readonly counts: EngineNode['counts'];
  /** This node's id, as `GET /api/v1/cluster` and logs have it. */
  readonly nodeId: string;
  /** True while this node has its place among the nodes: PostgreSQL answers, and it does not leave. */
  readonly isReady: boolean;
  /** True on one node at a time: the one that does what the whole cluster needs done once. */
  readonly keepsHouse: boolean;
}

function thisProcess(): NodeFacts {
  const host = hostname();
  const { pid } = process;
  const facts = { host, pid, role: 'serve', version: '', sessionName: null } as const;
  return { ...facts, name: `${host}:${pid}` };
}

/** The start event that waits for a message; undefined without one. */
function startAt(model: ProcessModel, message: string | undefined): string | undefined {
  if (message === undefined) return undefined;
  return Object.values(model.nodes).find(
    (node) =>
      node.type === 'startEvent' &&
      node.parent === null &&
      node.event?.type === 'message' &&
      node.event.message === message,
  )?.id;
}

/** How often bulk operations are brought on; twice a second, so that their rate is even. */
const bulkStepMs = 500;

const thirtyDaysMs = 30 * 24 * 60 * 60 * 1000;

/** Something that happened: an event, or the success of a procedure. */
interface Fact {
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly traceId: string;
  /** True: nobody can have told of it before. */
  readonly isNew: boolean;
}

/** A fact as it is kept for those who wait for it; nothing when nobody can. */
function messagesOf({ id, name, payload }: Fact, waits: Interests['waits']): readonly MessageRow[] {
  const keys = waits.flatMap(({ process, signature }) => {
    const key = payloadKey(signature, payload);
    return key === null ? [] : [{ process, key }];
  });
  if (keys.length === 0) return [];
  const text = JSON.stringify(payload) ?? 'null';
  return keys.map(({ process, key }) => ({ id, process, name, key, payload: text }));
}

/** Makes an engine. Nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  const { database, clock } = options;
  const registry = new ProcessRegistry(options.processes);
  const node = new EngineNode({
    database,
    runner: options.runner,
    registry,
    clock,
    log: options.log,
    jobConcurrency: options.jobConcurrency ?? 32,
    jobsInLine: options.jobsInLine ?? 10_000,
    limits: options.limits ?? new Limits({ clock }),
    leaseMs: options.leaseMs ?? 10_000,
    requestPatienceMs: options.requestPatienceMs ?? (options.leaseMs ?? 10_000) + 5_000,
    sweepMs: options.sweepMs ?? 5_000,
    startPaused: options.startPaused ?? false,
    facts: { ...thisProcess(), ...options.node },
    onEnded: options.onEnded,
    deployed: () => void drawings.look(),
    publish: async (tx, thrown) => {
      if (thrown.kind === 'message') await publish(tx, [{ ...thrown, isNew: false }]);
      else await startBySignal(tx, thrown);
    },
    hasLearntAfter: (error) => drawings.hasLearntAfter(error),
    learn: () => drawings.learn(),
  });

  const schedules = new ScheduleKeeper({
    ...{ database, clock, registry, node, log: options.log, sweepMs: options.sweepMs ?? 5_000 },
  });

  const scripts = options.javascript ? new ScriptRunner() : undefined;
  const drawings = new DrawingKeeper({
    ...{ database, clock, registry, log: options.log },
    knowsProcedure: (name) => options.runner.find(name) !== undefined,
    calendars: options.calendars ?? [],
    scripts,
    tell: () => node.tellDeployed(),
    learnt: async () => {
      await schedules.start();
      await node.learnt();
    },
  });

  /** Facts, which may start processes and meet waits. The id of each makes it act once. */
  async function publish(tx: Transaction, facts: readonly Fact[]): Promise<void> {
    if (facts.length > 0) drawings.expectKnown(tx);
    const rows: MessageRow[] = [];
    for (const fact of facts) {
      const { starts, waits } = registry.interests(fact.name);
      const gathering = new Set<string>();
      for (const { model, start, part } of starts) {
        if (gathers(start)) {
          if (await goesToOther(tx, { process: model.key, start, part, fact })) continue;
          // It acts once in a process: what began with it is not to find it among what is kept.
          gathering.add(model.key);
        }
        if (!fact.isNew && (await startedBy(tx, model.key, fact.id))) continue;
        const prepared = await node.prepare({
          model,
          node: start.id,
          ...(part === undefined ? {} : { part }),
          payload: fact.payload,
          traceId: fact.traceId,
          startKey: fact.id,
        });
        await node.startIn(tx, prepared);
      }
      rows.push(
        ...messagesOf(
          fact,
          gathering.size === 0 ? waits : waits.filter(({ process }) => !gathering.has(process)),
        ),
      );
    }
    if (rows.length === 0) return;
    const now = clock.now();
    const expires = new Date(now.getTime() + (options.messageRetentionMs ?? thirtyDaysMs));
    sendMessages(tx, rows, now, expires);
    tx.afterCommit(() => node.messagesCommitted(rows.map(({ id }) => id)));
  }

  /** Starts what begins by a signal; gives the ids of the instances. */
  async function startBySignal(
    tx: Transaction,
    { name, payload, traceId }: Pick<Thrown, 'name' | 'payload' | 'traceId'>,
  ): Promise<readonly string[]> {
    drawings.expectKnown(tx);
    return await startEach(tx, registry.signalStarts(name), { payload, traceId });
  }

  async function startByConditions(
    tx: Transaction,
    { given, process, traceId }: Parameters<Engine['startByConditions']>[1],
  ): ReturnType<Engine['startByConditions']> {
    drawings.expectKnown(tx);
    const starts = registry.conditionalStarts();
    const asked = starts.filter(({ model }) => process === null || model.key === process);
    const { held, failed } = readConditions(asked, given, clock.now().getTime());
    return { started: await startEach(tx, held, { payload: given, traceId }), failed };
  }

  async function startEach(
    tx: Transaction,
    starts: readonly Start[],
    { payload, traceId }: Pick<Thrown, 'payload' | 'traceId'>,
  ): Promise<string[]> {
    const started: string[] = [];
    for (const { model, start, part } of starts) {
      const of = part === undefined ? {} : { part };
      const prepared = await node.prepare({ model, node: start.id, ...of, payload, traceId });
      await node.startIn(tx, prepared);
      started.push(prepared.id);
    }
    return started;
  }

  async function broadcastSignal(
    tx: Transaction,
    { signal, payload, traceId }: Parameters<Engine['broadcastSignal']>[1],
  ): ReturnType<Engine['broadcastSignal']> {
    const id = newId();
    const waits = await broadcast(tx, { id, signal, payload: asJson(payload), at: clock.now() });
    const started = await startBySignal(tx, { name: signal, payload, traceId });
    tx.afterCommit(() => node.signalCommitted(id));
    return { id, waits, started: [...started] };
  }

  async function startProcess(
    request: Parameters<Engine['startProcess']>[0],
  ): ReturnType<Engine['startProcess']> {
    const { process, version, input, trace, startKey = null, businessKey = null } = request;
    // It may have been deployed by another node a moment ago.
    const find = () =>
      version === undefined ? registry.newest(process) : registry.find(process, version);
    if (!find()) await drawings.look();
    const model = find();
    if (!model && version !== undefined) {
      return refuse(
        PROCESS_NOT_FOUND,
        `expected a version of "${process}" that the program has, found ${version}`,
      );
    }
    if (!model) {
      const known = [...new Set(registry.all().map(({ key }) => key))].join(', ');
      return refuse(PROCESS_NOT_FOUND, `expected one of ${known}; found "${process}"`);
    }
    const { error, payload } = judgeStart(model, input);
    if (error) {
      return refuse(PROCESS_INPUT_INVALID, `process "${process}" does not accept this input`, {
        issues: fieldIssues(error, input),
      });
    }
    let prepared: PreparedInstance;
    const at = startAt(model, request.message);
    if (at === undefined && request.message !== undefined) {
      return refuse(
        PROCESS_NOT_FOUND,
        `expected a process that begins with message "${request.message}", found "${process}"`,
      );
    }
    try {
      const longest = longestValue;
      prepared = await node.prepare({
        ...{ model, payload, longest, traceId: trace.traceId, startKey, businessKey },
        ...(at === undefined ? {} : { node: at }),
      });
    } catch (error) {
      if (!(error instanceof TerminalFault)) throw error;
      return refuse(PROCESS_INPUT_INVALID, error.message);
    }
    const work = async (tx: Transaction) => {
      if (startKey !== null) {
        const known = await startedBy(tx, process, startKey);
        if (known !== null) return { instanceId: known, existing: true };
      }
      await node.startIn(tx, prepared);
      return { instanceId: prepared.id, existing: false };
    };
    if (request.tx) return await work(request.tx);
    if (startKey !== null) return await database.transaction(work);
    await node.begin(prepared);
    return { instanceId: prepared.id, existing: false };
  }

  async function request(instanceId: string, asked: InstanceRequest): Promise<RequestOutcome> {
    const at = clock.now();
    const event = asJson({ ...asked, at: at.getTime() }) as InstanceEvent;
    const row = { id: newId(), instanceId, event, askedBy: node.id };
    await insertInbox(database, { ...row, shard: shardOf(instanceId), at });
    return await node.request(row);
  }

  const requestIn: Engine['requestIn'] = async (tx, instanceId, asked) => {
    const at = clock.now();
    const event = asJson({ ...asked, at: at.getTime() }) as InstanceEvent;
    const row = { id: newId(), instanceId, event, askedBy: node.id };
    await insertInbox(tx, { ...row, shard: shardOf(instanceId), at });
    return () => node.request(row);
  };

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
        node.every(options.sweepMs ?? 5_000, () => drawings.look());
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
    startProcess,
    startsBy: (name) => registry.interests(name).starts.length > 0,
    listensTo(procedure) {
      const { starts, waits } = registry.interests(procedure);
      return starts.length > 0 || waits.length > 0;
    },
    async procedureSucceeded({ tx, procedure, output, trace, repeatKey = null }) {
      const id = repeatKey === null ? newId() : idOf(`${procedure} ${repeatKey}`);
      const fact = { id, name: procedure, payload: output, traceId: trace.traceId };
      await publish(tx, [{ ...fact, isNew: repeatKey === null }]);
    },
    async eventsRecorded(tx, events) {
      await publish(
        tx,
        events.map(({ id, name, payload, traceId }) => ({
          ...{ id, name, payload, traceId: traceId ?? '', isNew: false },
        })),
      );
    },
    broadcastSignal,
    startByConditions,
    listeners: {
      expectKnown: (tx) => drawings.expectKnown(tx),
      hasLearntAfter: (error) => drawings.hasLearntAfter(error),
      catchUp: () => drawings.catchUp(),
    },
    request,
    requestIn,
    pause: node.pause,
    externalTasks: new ExternalTasks({ database, clock, registry, node }),
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
    updateInstance: (asked) => updateInstance({ database, clock, registry, node }, asked),
    migrateInstance: (asked) => migrateInstance({ database, clock, registry, node }, asked),
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
  const bulk = new BulkRunner({
    ...{ database, clock, engine },
    committed: (rows) => node.inboxCommitted(rows),
  });
  return engine;
}
