/**
 * One node of the engine: owns shards by lease, holds their running instances in memory as actors,
 * and moves them. Everything that can move an instance comes through `move`: a job's outcome, a
 * message, a timer, a person, another instance.
 *
 * When a commit fails, the copy in memory is thrown away and the instance is loaded again from what
 * was last committed; a job whose outcome was lost that way runs again under its same key.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Log, ProcedureRunner } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import type { Effects, InstanceEvent, JobError } from '../model/events.ts';
import type { TimerWait } from '../model/state.ts';
import { commitGroup, isRefusedByData, LeaseLost } from '../store/commit-group.ts';
import {
  type Cause,
  type CommitRecord,
  commitRecord,
  type InboxEvent,
  type InstanceIdentity,
} from '../store/commit-record.ts';
import { Committer } from '../store/committer.ts';
import { ensureHistoryPartitions } from '../store/definition-store.ts';
import {
  deleteExpiredMessages,
  deleteInbox,
  type InboxRow,
  loadInbox,
  loadMatches,
  loadOpenChildren,
  loadRunning,
  loadRunningIds,
  loadTimers,
} from '../store/instance-store.ts';
import { type LeaseHolder, openLeases } from '../store/leases.ts';
import { shardOf } from '../store/shard.ts';
import { ActorGone, type InstanceActor } from './actor.ts';
import { type Advanced, advance } from './advance.ts';
import { InstanceCache } from './instance-cache.ts';
import type { JobOutcome } from './job-call.ts';
import { type DueJob, JobPool } from './job-pool.ts';
import { Matcher } from './matcher.ts';
import { NewInstances, type PreparedInstance, type StartOptions } from './new-instances.ts';
import { Permits } from './permits.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { TimerQueue } from './timer-queue.ts';

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
  readonly onEnded?: ((ended: EndedInstance) => void) | undefined;
}

/** An instance whose end is durable. */
export interface EndedInstance {
  readonly instanceId: string;
  readonly process: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
}

/** Timers due within this time are held in memory. */
const timerHorizonMs = 60_000;
const timersPerLoad = 10_000;
const reloadDelaysMs = [50, 200, 1_000, 5_000];
/** How often one call looks for the instance anew when others in line could not commit. */
const movesPerCall = 5;

interface MoveOptions {
  readonly cause?: Cause;
  /** Commits the record in a transaction that has more to commit. */
  readonly commit?: (record: CommitRecord) => Promise<void>;
}

/** One node: it moves the instances of the shards that it holds, and no others. */
export class EngineNode {
  readonly id = newId();
  readonly #options: EngineNodeOptions;
  readonly #instances: InstanceCache;
  readonly #newInstances: NewInstances;
  readonly #committer: Committer;
  readonly #jobs: JobPool;
  readonly #timers: TimerQueue;
  readonly #matcher: Matcher;
  readonly #background = new Set<Promise<unknown>>();
  /** Ends the pauses before instances are loaded again. */
  readonly #pauses = new Set<() => void>();
  #transitions = 0;
  #leases: LeaseHolder | undefined;
  #tending: Promise<void> | undefined;
  #tendTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #cancelHorizon: (() => void) | undefined;
  #stopping = false;
  #partitionsSeenOn = '';

  constructor(options: EngineNodeOptions) {
    this.#options = options;
    const { database, registry, clock, runner, log } = options;
    const owns = (id: string) => this.owns(id);
    this.#instances = new InstanceCache({ db: database, registry, log, owns });
    this.#newInstances = new NewInstances({
      registry,
      clock,
      begun: (identity, state, effects, inbox) => {
        const actor = this.#instances.adopt(identity, state, 1);
        if (actor) this.#perform(actor, effects);
        for (const row of inbox) this.#takeInbox(row);
      },
    });
    this.#committer = new Committer({
      db: database,
      node: this.id,
      leaseOf: (shard) => this.#leases?.held.get(shard),
    });
    this.#jobs = new JobPool({
      services: { database, transactions: stepTransactions(database), runner, log },
      concurrency: options.jobConcurrency,
      crowded: () => database.pool.waitingCount > 0,
      settle: (job, outcome) => this.#settle(job, outcome),
    });
    this.#timers = new TimerQueue(clock, ({ instanceId, n, on, due }) => {
      const at = clock.now().getTime();
      this.#inBackground(this.move(instanceId, { type: 'timer', at, n, on, due: due.getTime() }));
    });
    this.#matcher = new Matcher({
      load: (scope) => loadMatches(database, scope, this.#heldShards()),
      deliver: ({ messageId, instanceId, n, on, message, payload }) => {
        const at = clock.now().getTime();
        const event = { type: 'message', at, n, on, message, payload } as const;
        return this.move(instanceId, event, { cause: { message: messageId } });
      },
      failed: (error) => this.#unsettled('matching messages', error),
    });
  }

  // --- life ------------------------------------------------------------------------------------

  /** Takes shards and goes on with their instances where they stood. */
  async start(): Promise<void> {
    this.#leases = await openLeases(this.#options.database, this.id, this.#options.leaseMs);
    await this.#tend();
    const again = (everyMs: number, work: () => Promise<void>) => {
      const timer = setInterval(() => {
        if (!this.#stopping) this.#inBackground(work());
      }, everyMs);
      timer.unref();
      return timer;
    };
    this.#tendTimer = again(this.#options.leaseMs / 3, () => this.#tend());
    this.#sweepTimer = again(this.#options.sweepMs, () => this.#sweep());
    await this.#loadTimers();
  }

  /** Lets jobs at work finish, commits what they did, and gives the shards back. */
  async stop(graceMs = 10_000): Promise<void> {
    this.#stopping = true;
    this.#instances.close();
    clearInterval(this.#tendTimer);
    clearInterval(this.#sweepTimer);
    this.#cancelHorizon?.();
    this.#timers.stop();
    for (const end of this.#pauses) end();
    await this.#jobs.close(graceMs);
    await this.#matcher.close();
    while (this.#background.size > 0) await Promise.allSettled(this.#background);
    await this.#leases?.release();
    this.#instances.clear();
  }

  /** Figures for metrics and health. */
  get counts() {
    return {
      instancesInMemory: this.#instances.size,
      shards: this.#leases?.held.size ?? 0,
      commitBacklog: this.#committer.backlog,
      /** Of instances that were begun already, since the start; in groups or with a job's writes. */
      transitions: this.#transitions,
      commitGroups: this.#committer.counts.groups,
      commitRecords: this.#committer.counts.records,
      jobsAtWork: this.#jobs.counts.atWork,
      jobsQueued: this.#jobs.counts.queued,
    };
  }

  owns(instanceId: string): boolean {
    return this.#leases?.held.has(shardOf(instanceId)) ?? false;
  }

  /** Renews and takes shards; those who ask meanwhile get the same. */
  #tend(): Promise<void> {
    this.#tending ??= this.#tendOnce().finally(() => {
      this.#tending = undefined;
    });
    return this.#tending;
  }

  async #tendOnce(): Promise<void> {
    const leases = this.#leases;
    if (!leases) return;
    const { gained, lost } = await leases.tend();
    if (lost.length > 0) this.#dropShards(new Set(lost));
    if (gained.length === 0) return;
    this.#options.log.info({ shards: gained.length }, 'took shards');
    const { database } = this.#options;
    for (const stored of await loadRunning(database, gained)) {
      const actor = this.#instances.adopt(stored.identity, stored.state, stored.revision);
      if (actor) this.#resumeJobs(actor, true);
    }
    for (const row of await loadInbox(database, gained, 10_000)) this.#takeInbox(row);
    await this.#matcher.sweep();
    await this.#loadTimers();
  }

  #heldShards(): readonly number[] {
    return [...(this.#leases?.held.keys() ?? [])];
  }

  #dropShards(lost: ReadonlySet<number>): void {
    this.#options.log.warn({ shards: lost.size }, 'lost shards to another node');
    // What their jobs would write is refused; stopping them spares the new owner's attempt a rival.
    for (const id of this.#instances.forgetShards(lost)) this.#jobs.cancelAll(id);
  }

  async #sweep(): Promise<void> {
    const { database, clock } = this.#options;
    const held = this.#heldShards();
    for (const row of await loadInbox(database, held, 1_000)) this.#takeInbox(row);
    await this.#matcher.sweep();
    for (const id of await loadRunningIds(database, held)) {
      if (!this.#instances.has(id)) await this.#goOnWith(id);
    }
    await deleteExpiredMessages(database, clock.now());
    await this.#keepPartitions(clock.now());
  }

  /** A program that runs for months makes the partitions that it did not make at its start. */
  async #keepPartitions(now: Date): Promise<void> {
    const day = now.toISOString().slice(0, 10);
    if (day === this.#partitionsSeenOn) return;
    await ensureHistoryPartitions(this.#options.database, now);
    this.#partitionsSeenOn = day;
  }

  async #loadTimers(): Promise<void> {
    if (this.#stopping) return;
    const { clock, database } = this.#options;
    const horizon = new Date(clock.now().getTime() + timerHorizonMs);
    let next = new Date(clock.now().getTime() + timerHorizonMs / 2);
    try {
      const timers = await loadTimers(database, this.#heldShards(), horizon, timersPerLoad);
      for (const timer of timers) this.#timers.add(timer);
      const last = timers.at(-1);
      // More than fit: the rest is fetched as soon as these are due.
      if (last && timers.length === timersPerLoad && last.due < next) next = last.due;
    } catch (error) {
      this.#unsettled('loading timers', error);
    }
    if (this.#stopping) return;
    this.#cancelHorizon?.();
    this.#cancelHorizon = clock.schedule(next, () => this.#inBackground(this.#loadTimers()));
  }

  // --- starting instances ----------------------------------------------------------------------

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
    if (!this.#stopping) this.#matcher.noteMessages(ids);
  }

  /** What the children of interrupted call activities have to hear. */
  async #cancelledChildren(parent: InstanceIdentity, effects: Effects, at: number) {
    if (effects.childrenCancelled.length === 0) return [];
    const { database } = this.#options;
    const ids = await loadOpenChildren(database, parent.id, effects.childrenCancelled);
    const reason = 'the calling process was interrupted';
    const event = { type: 'cancel', at, reason, by: parent.id } as const;
    return ids.map((instanceId): InboxEvent => ({ id: newId(), instanceId, event }));
  }

  // --- moving instances ------------------------------------------------------------------------

  /**
   * Moves an instance by an event; resolves when that is durable. False: the event came too late, and
   * nothing was changed. Rejects when the instance is not ours or could not be written.
   */
  async move(
    instanceId: string,
    event: InstanceEvent,
    options: MoveOptions = {},
  ): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      const actor = await this.#instances.find(instanceId);
      if (!actor) {
        await this.#forgetCause(options.cause);
        return false;
      }
      try {
        return await this.#moveActor(actor, event, options);
      } catch (error) {
        // Somebody before us in line could not commit: what is stored now is asked instead.
        if (!(error instanceof ActorGone) || attempt === movesPerCall) throw error;
      }
    }
  }

  #moveActor(actor: InstanceActor, event: InstanceEvent, options: MoveOptions): Promise<boolean> {
    return actor.exclusive(async () => {
      const advanced = advance(actor.model, actor.state, event);
      if (!advanced.accepted) {
        await this.#forgetCause(options.cause);
        return false;
      }
      try {
        await this.#commitMove(actor, event, advanced, options);
      } catch (error) {
        this.#loadAgain(actor, error);
        throw error;
      }
      return true;
    });
  }

  async #commitMove(
    actor: InstanceActor,
    event: InstanceEvent,
    { state, effects }: Advanced,
    options: MoveOptions,
  ): Promise<void> {
    const { identity, revision } = actor;
    const family = this.#newInstances.familyOf(identity, state, effects, event.at);
    const { children } = family;
    const cancelled = await this.#cancelledChildren(identity, effects, event.at);
    const inbox = [...family.inbox, ...cancelled];
    const record = commitRecord({
      identity,
      revision,
      state,
      effects,
      at: event.at,
      ...(options.cause ? { cause: options.cause } : {}),
      children: children.map((child) => child.record),
      inbox,
    });
    await (options.commit?.(record) ?? this.#committer.commit(record));
    actor.state = state;
    actor.revision = revision + 1;
    this.#transitions += 1;
    this.#perform(actor, effects);
    for (const child of children) child.begin();
    for (const row of inbox) this.#takeInbox(row);
  }

  async #forgetCause(cause: Cause | undefined): Promise<void> {
    if (cause?.inbox !== undefined) await deleteInbox(this.#options.database, [cause.inbox]);
  }

  /** Does what a committed transition asks for. */
  #perform(actor: InstanceActor, effects: Effects): void {
    const { id } = actor.identity;
    for (const n of effects.jobsCancelled) this.#jobs.cancel(id, n);
    let waitsForMessage = false;
    for (const { n, wait } of effects.waitsAdded) {
      if (wait.kind === 'message') waitsForMessage = true;
      else if (wait.kind === 'timer') this.#noteTimer(id, n, wait);
    }
    if (waitsForMessage && !this.#stopping) this.#matcher.noteInstance(id);
    if (effects.ended) {
      this.#instances.ended(id);
      const { process } = actor.identity;
      this.#options.onEnded?.({ instanceId: id, process, status: effects.ended.status });
    } else for (const job of effects.jobs) this.#startJob(actor, job, false);
    this.#instances.evict();
  }

  #noteTimer(instanceId: string, n: number, { on, due }: TimerWait): void {
    const horizon = this.#options.clock.now().getTime() + timerHorizonMs;
    if (due <= horizon) this.#timers.add({ instanceId, n, on, due: new Date(due) });
  }

  #startJob(
    actor: InstanceActor,
    job: { readonly n: number; readonly node: string; readonly attempt: number },
    recovered: boolean,
  ): void {
    // A job that the same transition interrupted again never starts.
    const current = actor.state.elements[job.n]?.job;
    if (current?.phase !== 'running' || current.attempt !== job.attempt) return;
    const outcomeUnknown = recovered || current.unknown === true;
    this.#jobs.start({ actor, ...job, outcomeUnknown });
  }

  #resumeJobs(actor: InstanceActor, recovered: boolean): void {
    for (const element of Object.values(actor.state.elements)) {
      if (element.job?.phase !== 'running') continue;
      const { n, node, job } = element;
      this.#startJob(actor, { n, node, attempt: job.attempt }, recovered);
    }
  }

  async #settle(job: DueJob, outcome: JobOutcome): Promise<void> {
    const at = this.#options.clock.now().getTime();
    const { n, attempt } = job;
    // Not the copy that the job began with: that one may have been thrown away since.
    const { id } = job.actor.identity;
    try {
      if (!outcome.ok) {
        await this.#jobFailed(job, outcome.error);
        return;
      }
      const { output, transaction } = outcome;
      const event = { type: 'job-completed', at, n, attempt, output } as const;
      if (!transaction.isOpen) {
        await this.move(id, event);
        return;
      }
      const commit = async (record: CommitRecord) => {
        const lease = this.#leases?.held.get(record.shard);
        if (!lease) throw new LeaseLost(`shard ${record.shard} is not held by this node`);
        await commitGroup(await transaction.begin(), this.id, [lease], [record]);
        await transaction.commit();
      };
      await this.move(id, event, { commit });
    } catch (error) {
      this.#unsettled(`settling step ${job.node}`, error);
      if (isRefusedByData(error)) await this.#commitRefused(job, error);
    } finally {
      if (outcome.ok) await outcome.transaction.rollback();
    }
  }

  async #jobFailed({ actor, n, attempt }: DueJob, error: JobError): Promise<void> {
    const at = this.#options.clock.now().getTime();
    const chance = Math.random();
    await this.move(actor.identity.id, { type: 'job-failed', at, n, attempt, error, chance });
  }

  /** PostgreSQL will not take what the step wrote: it counts as a failed attempt, not as none. */
  async #commitRefused(job: DueJob, cause: unknown): Promise<void> {
    const code = 'STEP_NOT_COMMITTED';
    try {
      await this.#jobFailed(job, { kind: 'retry', code, message: messageOf(cause) });
    } catch (error) {
      this.#unsettled(`noting that step ${job.node} was not committed`, error);
    }
  }

  /** Handles an inbox row that is committed; the row goes with the transition it causes. */
  async handleInbox(row: InboxRow): Promise<boolean> {
    return await this.move(row.instanceId, row.event, { cause: { inbox: row.id } });
  }

  #takeInbox(row: InboxRow): void {
    if (this.owns(row.instanceId)) this.#inBackground(this.handleInbox(row));
  }

  // --- from the database, and again ----------------------------------------------------------------------------------

  /** Throws the copy in memory away and goes on from what was last committed. */
  #loadAgain(actor: InstanceActor, cause: unknown): void {
    const { id } = actor.identity;
    this.#instances.forget(actor);
    if (this.#stopping) return;
    const isLost = cause instanceof LeaseLost;
    this.#inBackground(isLost ? this.#tend().then(() => this.#reload(id)) : this.#reload(id));
  }

  /** Resumes all that an instance in the database waits for or works on. */
  async #goOnWith(id: string): Promise<boolean> {
    try {
      const actor = await this.#instances.find(id);
      if (!actor) return true;
      this.#resumeJobs(actor, true);
      this.#matcher.noteInstance(id);
      for (const { n, waits = [] } of Object.values(actor.state.elements)) {
        for (const wait of waits) if (wait.kind === 'timer') this.#noteTimer(id, n, wait);
      }
      return true;
    } catch (error) {
      this.#unsettled('loading an instance', error);
      return false;
    }
  }

  async #reload(id: string): Promise<void> {
    for (let attempt = 0; !this.#stopping && this.owns(id); attempt += 1) {
      const delay = reloadDelaysMs[Math.min(attempt, reloadDelaysMs.length - 1)];
      await this.#pause(delay ?? 0);
      if (await this.#goOnWith(id)) return;
    }
  }

  /** Time that passes, cut short when the node stops. */
  async #pause(delayMs: number): Promise<void> {
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, delayMs);
      this.#pauses.add(end);
    });
  }

  #inBackground(work: Promise<unknown>): void {
    const settled: Promise<unknown> = work
      .catch((error: unknown) => {
        if (!(error instanceof ActorGone)) this.#unsettled('moving an instance', error);
      })
      .finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }

  #unsettled(what: string, error: unknown): void {
    if (this.#stopping) return;
    this.#options.log.warn({ error: messageOf(error) }, `${what} failed; it will be tried again`);
  }
}

/** Connections that steps leave to the engine itself: two for commits, one to load, one for life. */
const connectionsKeptFree = 4;

function stepTransactions(database: Database): Permits {
  return new Permits(Math.max(1, database.pool.options.max - connectionsKeptFree));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
