/**
 * What an engine is, to everybody else: deploys processes, starts and moves their instances, and hears of
 * procedures and events in the transactions that they happen in. `create-engine.ts` makes one.
 */
import type { Clock } from '../kernel/clock.ts';
import type { RecordedEvent } from '../kernel/event.ts';
import type { Limits } from '../kernel/limits.ts';
import type { Log, ProcedureRunner } from '../kernel/procedure.ts';
import type { TraceContext } from '../kernel/trace.ts';
import type { Transaction } from '../kernel/transaction.ts';
import type { Database } from '../postgres/index.ts';
import type { DrawingFile } from './bpmn/compile-drawing.ts';
import type { DrawingKeeper } from './bpmn/drawing-keeper.ts';
import type { DecisionKeeper } from './decisions/decision-keeper.ts';
import type { ExternalTasks } from './external/external-tasks.ts';
import type { BusinessCalendar } from './model/human-work.ts';
import type { ProcessModel } from './model/process-model.ts';
import type {
  HeardSignal,
  StartedByConditions,
  ToldConditions,
  ToldSignal,
} from './runtime/broadcasts.ts';
import type { EndedInstance } from './runtime/committed-effects.ts';
import type { EngineNode } from './runtime/engine-node.ts';
import type { EnginePause } from './runtime/engine-pause.ts';
import type { InstanceRequest } from './runtime/instance-requests.ts';
import type { RequestOutcome } from './runtime/peers.ts';
import type { StartProcessOptions, StartProcessResult } from './runtime/start-process.ts';
import type { UpdateInstanceOptions, UpdateResult } from './runtime/update-instance.ts';
import type { ScheduleKeeper } from './schedules/schedule-keeper.ts';
import type { NodeFacts } from './store/leases.ts';
import type { MigrateInstanceOptions, MigrationResult } from './versions/migrate-instance.ts';

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
  startProcess(options: StartProcessOptions): Promise<StartProcessResult>;
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
  broadcastSignal(tx: Transaction, told: ToldSignal): Promise<HeardSignal>;
  /**
   * Reads in `tx` the conditions by which processes begin, with what is given, and starts those that hold;
   * `process`: of this one alone.
   */
  startByConditions(tx: Transaction, told: ToldConditions): Promise<StartedByConditions>;
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
