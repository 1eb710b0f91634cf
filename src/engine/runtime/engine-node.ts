/**
 * One node of the engine, put together of its parts: shards held by lease (`shard-keeper.ts`), their
 * instances in memory (`instance-cache.ts`), what moves them (`instance-mover.ts`), jobs at work
 * (`job-pool.ts`, `job-settlement.ts`), timers and messages. Its life is here: start, stop, and the
 * sweep that finds what a lost wake-up has missed.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Log, ProcedureRunner } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import { commitGroup } from '../store/commit-group.ts';
import { Committer } from '../store/committer.ts';
import { ensureHistoryPartitions } from '../store/definition-store.ts';
import {
  deleteExpiredMessages,
  type InboxRow,
  loadInbox,
  loadMatches,
  loadRunningIds,
  loadTimers,
} from '../store/instance-store.ts';
import { BackgroundWork } from './background-work.ts';
import { CommittedEffects, type EndedInstance } from './committed-effects.ts';
import { EnginePause } from './engine-pause.ts';
import { HorizonTimers } from './horizon-timers.ts';
import { InstanceCache } from './instance-cache.ts';
import { InstanceMover } from './instance-mover.ts';
import { JobPool } from './job-pool.ts';
import { JobSettlement } from './job-settlement.ts';
import { Matcher } from './matcher.ts';
import { NewInstances, type PreparedInstance, type StartOptions } from './new-instances.ts';
import { Permits } from './permits.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { ShardKeeper, type ShardWork } from './shard-keeper.ts';

/** What a node is made of. */
export interface EngineNodeOptions {
  readonly database: Database;
  readonly runner: ProcedureRunner;
  readonly registry: ProcessRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** Jobs at work at the same time. */
  readonly jobConcurrency: number;
  /** How long a lease lasts without being renewed. */
  readonly leaseMs: number;
  /** How often everything is looked at again, in case a wake-up was lost. */
  readonly sweepMs: number;
  /** The node begins paused, and goes on when a person says so. */
  readonly startPaused: boolean;
  readonly onEnded?: ((ended: EndedInstance) => void) | undefined;
}

/** How soon a node hears that people paused the engine by another node, or let it go on. */
const pauseLookMs = 1_000;

/** Inbox rows that one sweep takes. */
const inboxPerSweep = 1_000;

/** One node: it moves the instances of the shards that it holds, and no others. */
export class EngineNode {
  readonly id = newId();
  readonly #options: EngineNodeOptions;
  readonly #background: BackgroundWork;
  readonly #shards: ShardKeeper;
  readonly #newInstances: NewInstances;
  readonly #committer: Committer;
  readonly #work: ShardWork;
  readonly #pause: EnginePause;
  readonly #repeated: (() => void)[] = [];
  #partitionsSeenOn = '';

  constructor(options: EngineNodeOptions) {
    this.#options = options;
    const { database, registry, clock, log } = options;
    this.#background = new BackgroundWork(log);
    this.#pause = new EnginePause({
      db: database,
      startPaused: options.startPaused,
      changed: (paused) => this.#pauseChanged(paused),
    });
    this.#shards = new ShardKeeper({
      ...{ database, log, node: this.id, leaseMs: options.leaseMs },
      paused: () => this.#pause.paused,
      work: () => this.#work,
    });
    this.#newInstances = new NewInstances({
      registry,
      clock,
      begun: (identity, state, effects, inbox) => {
        const actor = this.#work.instances.adopt(identity, state, 1);
        if (actor) this.#work.effects.perform(actor, effects);
        for (const row of inbox) this.#work.mover.takeInbox(row);
      },
    });
    this.#committer = new Committer({
      db: database,
      node: this.id,
      leaseOf: (shard) => this.#shards.leaseOf(shard),
    });
    this.#work = this.#makeParts();
  }

  /** Takes shards and goes on with their instances where they stood. */
  async start(): Promise<void> {
    await this.#pause.look();
    await this.#shards.start();
    const { leaseMs, sweepMs } = this.#options;
    this.#repeated.push(
      this.#background.every(leaseMs / 3, () => this.#shards.tend()),
      this.#background.every(pauseLookMs, () => this.#pause.look()),
      this.#background.every(sweepMs, () => this.#sweep()),
    );
    await this.#work.timers.load();
  }

  /** Lets jobs at work finish, commits what they did, and gives the shards back. */
  async stop(graceMs = 10_000): Promise<void> {
    const { instances, timers, jobs, matcher } = this.#work;
    this.#background.beginStop();
    instances.close();
    for (const end of this.#repeated) end();
    timers.stop();
    await jobs.close(graceMs);
    await matcher.close();
    await this.#background.settled();
    await this.#shards.release();
    instances.clear();
  }

  /** Whether this node starts jobs and fires timers, and the way to change that. */
  get pause(): EnginePause {
    return this.#pause;
  }

  /** Figures for metrics and health. */
  get counts() {
    const { instances, jobs, mover } = this.#work;
    return {
      instancesInMemory: instances.size,
      shards: this.#shards.count,
      commitBacklog: this.#committer.backlog,
      /** Of instances that were begun already, since the start; in groups or with a job's writes. */
      transitions: mover.transitions,
      commitGroups: this.#committer.counts.groups,
      commitRecords: this.#committer.counts.records,
      jobsAtWork: jobs.counts.atWork,
      jobsQueued: jobs.counts.queued,
      /** 1 while no job is started and no timer fires. */
      paused: this.#pause.paused ? 1 : 0,
    };
  }

  owns(instanceId: string): boolean {
    return this.#shards.owns(instanceId);
  }

  /** Computes a new instance up to its first waits. It exists once its record is committed. */
  prepare(options: StartOptions): PreparedInstance {
    return this.#newInstances.prepare(options);
  }

  /** Writes a prepared instance in somebody's transaction and begins it after that commits. */
  async startIn(tx: Transaction, prepared: PreparedInstance): Promise<void> {
    await commitGroup(tx, null, [], [prepared.record]);
    tx.afterCommit(prepared.begin);
  }

  /**
   * Writes a prepared instance with the next group and begins it. Not for one with a start key: when
   * that is taken already, the whole group would be refused.
   */
  async begin(prepared: PreparedInstance): Promise<void> {
    await this.#committer.commit(prepared.record);
    prepared.begin();
  }

  /** Messages were committed: looks for their waits. */
  messagesCommitted(ids: readonly string[]): void {
    this.#work.matcher.noteMessages(ids);
  }

  /** Handles an inbox row that is committed; false when it came too late. */
  async handleInbox(row: InboxRow): Promise<boolean> {
    return await this.#work.mover.handleInbox(row);
  }

  #makeParts(): ShardWork {
    const { database, registry, clock, log, onEnded } = this.#options;
    const background = this.#background;
    const owns = (id: string) => this.owns(id);
    const paused = () => this.#pause.paused;
    const instances = new InstanceCache({ db: database, registry, log, owns, paused });
    const jobs = this.#makeJobPool();
    const timers = new HorizonTimers({
      clock,
      background,
      paused,
      load: (before, limit) => loadTimers(database, this.#shards.held, before, limit),
      fire: ({ instanceId, n, on, due }) => {
        const at = clock.now().getTime();
        const event = { type: 'timer', at, n, on, due: due.getTime() } as const;
        background.run(this.#work.mover.move(instanceId, event));
      },
    });
    const matcher = new Matcher({
      load: (scope) => loadMatches(database, scope, this.#shards.held),
      deliver: ({ messageId, instanceId, n, on, message, payload }) => {
        const at = clock.now().getTime();
        const event = { type: 'message', at, n, on, message, payload } as const;
        return this.#work.mover.move(instanceId, event, { cause: { message: messageId } });
      },
      stopping: () => background.stopping,
      failed: (error) => background.unsettled('matching messages', error),
    });
    const effects = new CommittedEffects({
      ...{ instances, jobs, timers, matcher, paused, onEnded },
    });
    const mover = new InstanceMover({
      ...{ database, instances, effects, background, owns },
      newInstances: this.#newInstances,
      committer: this.#committer,
      tendLeases: () => this.#shards.tend(),
    });
    return { instances, jobs, timers, matcher, effects, mover };
  }

  #makeJobPool(): JobPool {
    const { database, clock, runner, log, jobConcurrency } = this.#options;
    const settlement = new JobSettlement({
      ...{ node: this.id, clock, background: this.#background },
      move: (...args) => this.#work.mover.move(...args),
      leaseOf: (shard) => this.#shards.leaseOf(shard),
    });
    return new JobPool({
      services: { database, transactions: stepTransactions(database), runner, log },
      concurrency: jobConcurrency,
      crowded: () => database.pool.waitingCount > 0,
      settle: (job, outcome) => settlement.settle(job, outcome),
    });
  }

  async #sweep(): Promise<void> {
    const { database, clock } = this.#options;
    const { instances, matcher, mover } = this.#work;
    const { held } = this.#shards;
    for (const row of await loadInbox(database, held, inboxPerSweep)) mover.takeInbox(row);
    await matcher.sweep();
    for (const id of this.#pause.paused ? [] : await loadRunningIds(database, held)) {
      if (!instances.has(id)) await mover.goOnWith(id);
    }
    await deleteExpiredMessages(database, clock.now());
    await this.#keepPartitions(clock.now());
  }

  #pauseChanged(paused: boolean): void {
    const { log } = this.#options;
    if (paused) {
      log.warn({}, 'the engine is paused: no job is started and no timer fires');
      this.#work.jobs.dropQueued();
    } else {
      log.info({}, 'the engine goes on');
      this.#background.run(this.#goOn());
    }
  }

  /** Starts what became due during a pause. A job that is at work already is not started again. */
  async #goOn(): Promise<void> {
    const { mover, timers } = this.#work;
    for (const id of await loadRunningIds(this.#options.database, this.#shards.held)) {
      await mover.goOnWith(id);
    }
    await timers.load();
  }

  /** A program that runs for months makes the partitions that it did not make at its start. */
  async #keepPartitions(now: Date): Promise<void> {
    const day = now.toISOString().slice(0, 10);
    if (day === this.#partitionsSeenOn) return;
    await ensureHistoryPartitions(this.#options.database, now);
    this.#partitionsSeenOn = day;
  }
}

/** Connections that steps leave to the engine itself: two for commits, one to load, one for life. */
const connectionsKeptFree = 4;

function stepTransactions(database: Database): Permits {
  return new Permits(Math.max(1, database.pool.options.max - connectionsKeptFree));
}
