/**
 * One node of the engine, put together of its parts: shards held by lease (`shard-keeper.ts`), their
 * instances in memory (`instance-cache.ts`), what moves them (`instance-mover.ts`), jobs at work
 * (`job-pool.ts`, `job-settlement.ts`), timers and messages. Its life is here: start, stop, and the
 * sweep that finds what a lost wake-up has missed.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Limits } from '../../kernel/limits.ts';
import type { Log, ProcedureRunner } from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import { isWaiting } from '../model/wait-number.ts';
import { sendStart } from '../store/commit-group.ts';
import { Committer } from '../store/committer.ts';
import { foldCounts } from '../store/count-store.ts';
import { type InboxRow, loadInbox } from '../store/inbox-store.ts';
import { loadTimers } from '../store/instance-store.ts';
import type { NodeFacts } from '../store/leases.ts';
import {
  type Match,
  type MessageRow,
  matchMessages,
  matchWaits,
  readKeptMessages,
} from '../store/message-store.ts';
import { NodeSession } from '../store/node-session.ts';
import { shardCount, shardOf } from '../store/shard.ts';
import type { Thrown } from '../store/thrown-store.ts';
import { BackgroundWork, isGoneElsewhere } from './background-work.ts';
import { CommittedEffects, type EndedInstance } from './committed-effects.ts';
import { DueInstances } from './due-instances.ts';
import { EnginePause } from './engine-pause.ts';
import { ExternalOffers, type ExternalOffersOptions } from './external-offers.ts';
import { HorizonTimers } from './horizon-timers.ts';
import { HouseKeeping } from './house-keeping.ts';
import { InstanceCache } from './instance-cache.ts';
import { InstanceMigration } from './instance-migration.ts';
import { InstanceMover } from './instance-mover.ts';
import { JobPool } from './job-pool.ts';
import { JobSettlement } from './job-settlement.ts';
import { Matcher } from './matcher.ts';
import {
  NewInstances,
  type NewInstancesOptions,
  type PreparedInstance,
  type StartOptions,
} from './new-instances.ts';
import { PeerNotices } from './peer-notices.ts';
import { Peers, type RequestOutcome } from './peers.ts';
import { Permits } from './permits.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { ShardKeeper, type ShardWork } from './shard-keeper.ts';
import { ThrownEvents } from './thrown-events.ts';

/** What a node is made of. */
export interface EngineNodeOptions {
  readonly database: Database;
  readonly runner: ProcedureRunner;
  readonly registry: ProcessRegistry;
  readonly clock: Clock;
  readonly log: Log;
  /** Jobs at work at the same time. */
  readonly jobConcurrency: number;
  /** Jobs in line, shared out evenly to the processes; more stay in the database. */
  readonly jobsInLine: number;
  readonly limits: Limits;
  /** How long a lease lasts without being renewed. */
  readonly leaseMs: number;
  /** How long a request waits for the node that owns its instance. */
  readonly requestPatienceMs: number;
  /** How often everything is looked at again, in case a wake-up was lost. */
  readonly sweepMs: number;
  /** The node begins paused, and goes on when a person says so. */
  readonly startPaused: boolean;
  readonly facts: NodeFacts;
  readonly onEnded?: ((ended: EndedInstance) => void) | undefined;
  /** Which of these topics have a free external task. */
  readonly freeTopics: ExternalOffersOptions['freeTopics'];
  /** Another node deployed drawings. */
  readonly deployed: () => void;
  /** Starts and moves what waits for a message or begins by a signal that a process has thrown. */
  readonly publish: (tx: Transaction, thrown: Thrown) => Promise<void>;
  /** True when a transaction failed because a drawing was deployed; this node knows it by then. */
  readonly hasLearntAfter: (error: unknown) => Promise<boolean>;
  /** Learns of drawings that were deployed since the last look. Never rejects. */
  readonly learn: () => Promise<void>;
}

/** How soon a node hears that people paused the engine by another node, or let it go on. */
const pauseLookMs = 1_000;

/** How often changes of counts are folded; what is not folded yet is added by who reads. */
const foldMs = 1_000;

/** However many processes there are, so many jobs of each may stand in line. */
const shortestLine = 64;
/** Inbox rows that one sweep takes. */
const inboxPerSweep = 1_000;
/** The longest that a statement of the node's own session may take. */
const sessionTimeoutMs = 5_000;
/** Whoever holds this shard keeps house for all: one node at a time, and always some node. */
const houseShard = 0;

/** One node: it moves the instances of the shards that it holds, and no others. */
export class EngineNode {
  readonly id = newId();
  /** Workers outside that wait for work at this node. */
  readonly offers: ExternalOffers;
  readonly #options: EngineNodeOptions;
  readonly #background: BackgroundWork;
  readonly #notices: PeerNotices;
  readonly #peers: Peers;
  readonly #housekeeping: HouseKeeping;
  readonly #shards: ShardKeeper;
  readonly #newInstances: NewInstances;
  readonly #committer: Committer;
  readonly #work: ShardWork;
  readonly #pause: EnginePause;
  readonly #thrown: ThrownEvents;
  readonly #repeated: (() => void)[] = [];

  constructor(options: EngineNodeOptions) {
    this.#options = options;
    const { database, registry, clock, log, leaseMs } = options;
    this.#background = new BackgroundWork(log);
    this.offers = new ExternalOffers({
      ...{ clock, background: this.#background, freeTopics: options.freeTopics },
    });
    this.#pause = new EnginePause({
      db: database,
      startPaused: options.startPaused,
      changed: (paused) => this.#pauseChanged(paused),
    });
    this.#notices = new PeerNotices({ database, node: this.id, peers: () => this.#shards.peers });
    this.#housekeeping = new HouseKeeping(database, clock);
    this.#peers = new Peers({
      ...{ database, node: this.id, background: this.#background },
      requestPatienceMs: options.requestPatienceMs,
      notices: this.#notices,
      shards: () => this.#shards,
      work: () => this.#work,
      deployed: options.deployed,
      offered: () => this.offers.look(),
    });
    this.#shards = new ShardKeeper({
      ...{ database, log, leaseMs, facts: options.facts, node: this.id },
      ...{ notices: this.#notices, background: this.#background },
      session: new NodeSession({
        database,
        node: this.id,
        timeoutMs: Math.min(leaseMs / 2, sessionTimeoutMs),
        onNotice: (payload) => this.#peers.hear(payload),
        onLost: () => this.#shards.tendSoon(),
      }),
      figures: () => this.counts,
      work: () => this.#work,
    });
    this.#newInstances = new NewInstances({
      registry,
      clock,
      shard: () => this.#peers.shardForNew(),
      begun: (...begun) => this.#begun(...begun),
      thrown: (ids) => this.#thrown.committed(ids),
      learn: options.learn,
    });
    this.#thrown = new ThrownEvents({
      ...{ database, background: this.#background, publish: options.publish },
      hasLearntAfter: options.hasLearntAfter,
      wake: (row) => this.#work.mover.wake(row),
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
    const { sweepMs } = this.#options;
    this.#repeated.push(
      this.#background.every(pauseLookMs, () => this.#pause.look()),
      this.#background.every(foldMs, () => this.#fold()),
      this.#background.every(sweepMs, () => this.#sweep()),
    );
    await this.#work.timers.load();
  }

  /**
   * Lets jobs at work finish, commits what they did, and gives each shard back as soon as it has come to
   * rest, so that others go on with it while this node still finishes the last of its jobs.
   */
  async stop(graceMs = 10_000): Promise<void> {
    const { instances, timers, jobs, matcher } = this.#work;
    this.#background.beginStop();
    this.offers.close();
    instances.close();
    for (const end of this.#repeated) end();
    timers.stop();
    this.#peers.close();
    const drained = this.#shards.drain(graceMs);
    await jobs.close(graceMs);
    await drained;
    await matcher.close();
    await this.#background.settled();
    await this.#shards.leave();
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
      /** Other nodes that live. */
      peers: this.#shards.peers,
      commitBacklog: this.#committer.backlog,
      /** Of instances that were begun already, since the start; in groups or with a job's writes. */
      transitions: mover.transitions,
      commitGroups: this.#committer.counts.groups,
      commitRecords: this.#committer.counts.records,
      jobsAtWork: jobs.counts.atWork,
      jobsQueued: jobs.counts.queued,
      /** 1 while no job is started and no timer fires. */
      paused: this.#pause.paused ? 1 : 0,
      /** How long the first job waits that nothing but the lack of a place keeps. */
      jobsWaitMs: jobs.counts.waitMs,
      /** Processes of which more jobs are due than stand in line. */
      jobsOverflowed: jobs.counts.overflowed,
    };
  }

  /** True while this node has its place among the nodes: PostgreSQL answers, and it does not leave. */
  get isReady(): boolean {
    return this.#shards.isValid && !this.#shards.isDraining;
  }

  /** True on one node at a time: the one that does what the whole cluster needs done once. */
  get keepsHouse(): boolean {
    return this.#shards.leaseOf(houseShard) !== undefined;
  }

  /** Computes a new instance up to its first waits. It exists once its record is committed. */
  async prepare(options: StartOptions): Promise<PreparedInstance> {
    return await this.#newInstances.prepareKnown(options);
  }

  /** Writes a prepared instance in somebody's transaction and begins it after that commits. */
  async startIn(tx: Transaction, prepared: PreparedInstance): Promise<void> {
    sendStart(tx, prepared.record);
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

  /** Calls `work` again and again until the node stops; a failure is reported and tried again. */
  every(everyMs: number, work: () => Promise<void>): void {
    this.#repeated.push(this.#background.every(everyMs, work));
  }

  /** Tells the other nodes that drawings were deployed. */
  tellDeployed(): void {
    this.#notices.tell('d');
  }

  /** Takes up what waited for process versions that this node has just learnt of. */
  async learnt(): Promise<void> {
    await this.#work.due.look();
  }

  /** Inbox rows were committed: has them handled, here or by the nodes that own the instances. */
  inboxCommitted(rows: readonly InboxRow[]): void {
    for (const row of rows) this.#work.mover.takeInbox(row);
  }

  /** A signal from outside was committed: those that heard it are woken. */
  signalCommitted(id: string): void {
    this.#thrown.broadcasted(id);
  }

  /** True while instances that are met are loaded before it is certain that anything comes to them. */
  get loadsAhead(): boolean {
    return this.#work.instances.fewComeBack;
  }

  /** Messages that are being committed have met these waits: their instances are loaded meanwhile. */
  messagesMet(met: readonly Match[]): void {
    const { instances, matcher } = this.#work;
    if (!this.loadsAhead || !matcher.hasRoomFor(met.length)) return;
    for (const { instanceId } of met) {
      if (this.#shards.accepts(instanceId)) instances.expect(instanceId);
    }
  }

  /** Messages were committed: takes them to the waits that they met, and looks for those of the others. */
  messagesCommitted(rows: readonly MessageRow[], met: readonly Match[]): void {
    const { matcher } = this.#work;
    matcher.noteMatches(this.#ours(met, true));
    if (met.length === rows.length) return;
    const known = new Set(
      met.map(({ messageId, process, key }) => `${messageId} ${process} ${key}`),
    );
    const others = rows.filter(({ id, process, key }) => !known.has(`${id} ${process} ${key}`));
    matcher.noteMessages(others.map(({ id }) => id));
  }

  /** Has an inbox row handled, here or by the node that owns the instance (`Peers.request`). */
  request(row: InboxRow): Promise<RequestOutcome> {
    return this.#peers.request(row);
  }

  readonly #begun: NewInstancesOptions['begun'] = (identity, state, effects, inbox, size) => {
    const { instances, mover } = this.#work;
    const { id, process } = identity;
    if (this.#shards.accepts(id) && instances.wasLoaded(id)) {
      this.#background.run(mover.goOnWith(id));
    } else if (this.#shards.accepts(id)) {
      const actor = instances.adopt(identity, state, 1);
      if (actor) {
        actor.largeCharacters = size.large;
        instances.weigh(actor, size.characters);
        this.#work.effects.perform(actor, effects);
      }
    } else if (effects.ended) {
      const { status } = effects.ended;
      this.#options.onEnded?.({ instanceId: id, process, status });
    } else this.#notices.tell('s', shardOf(id), id);
    for (const row of inbox) mover.takeInbox(row);
  };

  #makeParts(): ShardWork {
    const { database, registry, clock, log, onEnded } = this.#options;
    const background = this.#background;
    const owns = (id: string) => this.#shards.owns(id);
    const accepts = (id: string) => this.#shards.accepts(id);
    const paused = () => this.#pause.paused;
    const instances = new InstanceCache({ db: database, registry, log, owns });
    const jobs = this.#makeJobPool();
    const timers = new HorizonTimers({
      clock,
      background,
      paused,
      load: (before, limit) => loadTimers(database, this.#shards.open, before, limit),
      fire: ({ instanceId, n, on, due }) => {
        if (!accepts(instanceId)) return;
        const at = clock.now().getTime();
        const event = { type: 'timer', at, n, on, due: due.getTime() } as const;
        background.run(this.#work.mover.move(instanceId, event));
      },
    });
    const matcher = new Matcher({
      matchMessages: (ids, tell) => this.#matchMessages(ids, tell),
      matchWaits: (waits) => matchWaits(database, waits),
      readKept: (after, limit) => readKeptMessages(database, after, limit),
      deliver: ({ messageId, instanceId, n, on, message, payload }) => {
        const at = clock.now().getTime();
        const event = { type: 'message', at, n, on, message, payload } as const;
        return this.#work.mover.move(instanceId, event, { cause: { message: messageId } });
      },
      mayBeOpen: ({ instanceId, n, on }) => {
        const actor = this.#work.instances.peek(instanceId);
        return !actor || isWaiting(actor.state, n, on);
      },
      stopping: () => background.stopping,
      failed: (error) => {
        if (!isGoneElsewhere(error)) background.unsettled('matching messages', error);
      },
    });
    const effects = new CommittedEffects({
      ...{ instances, jobs, timers, matcher, paused, onEnded },
      offered: (topic) => {
        this.offers.offered(topic);
        this.#notices.tell('x');
      },
    });
    const migration = new InstanceMigration({
      ...{ database, registry, instances, committer: this.#committer },
      goOnWith: (id) => this.#work.mover.goOnWith(id),
    });
    const mover = new InstanceMover({
      migration,
      ...{ database, instances, effects, background, owns, accepts },
      ...{ node: this.id, notices: this.#notices },
      thrown: (ids) => this.#thrown.committed(ids),
      leaseOf: (shard) => this.#shards.leaseOf(shard),
      newInstances: this.#newInstances,
      committer: this.#committer,
      tendLeases: () => this.#shards.tend(),
    });
    const due = new DueInstances({
      ...{ database, registry, instances, jobs, effects, background, paused },
      held: () => this.#shards.open,
    });
    return { instances, jobs, timers, matcher, effects, mover, due };
  }

  #makeJobPool(): JobPool {
    const { database, clock, runner, log, registry } = this.#options;
    const { jobConcurrency, jobsInLine, limits } = this.#options;
    const settlement = new JobSettlement({
      ...{ node: this.id, clock, background: this.#background },
      move: (...args) => this.#work.mover.move(...args),
      leaseOf: (shard) => this.#shards.leaseOf(shard),
      hasLearntAfter: this.#options.hasLearntAfter,
    });
    const processes = new Set(registry.all().map(({ key }) => key)).size;
    return new JobPool({
      services: { database, transactions: stepTransactions(database), runner, clock, log },
      limits,
      concurrency: jobConcurrency,
      accepts: (id) => this.#shards.accepts(id),
      longestLine: Math.max(shortestLine, Math.floor(jobsInLine / Math.max(1, processes))),
      rested: (actor) => this.#work.effects.rested(actor),
      refill: (process) => this.#work.due.refill(process),
      crowded: crowdedOf(database),
      settle: (job, outcome) => settlement.settle(job, outcome),
    });
  }

  async #matchMessages(ids: readonly string[], tell: boolean) {
    const { open } = this.#shards;
    const shards = tell || open.length === shardCount ? null : open;
    return this.#ours(await matchMessages(this.#options.database, ids, shards), tell);
  }

  /** Without those of other nodes; with `tell`, these are told. */
  #ours(matches: readonly Match[], tell: boolean): readonly Match[] {
    return matches.filter(({ instanceId, messageId }) => {
      if (this.#shards.accepts(instanceId)) return true;
      if (tell) this.#notices.tell('m', shardOf(instanceId), messageId);
      return false;
    });
  }

  async #sweep(): Promise<void> {
    const { database } = this.#options;
    const { due, matcher, mover } = this.#work;
    const { open } = this.#shards;
    for (const row of await loadInbox(database, open, inboxPerSweep)) mover.takeInbox(row);
    await matcher.sweep();
    await due.look();
    if (this.keepsHouse) {
      await this.#thrown.sweep(this.#options.clock.now());
      await this.#housekeeping.keep();
    }
  }

  async #fold(): Promise<void> {
    if (this.keepsHouse) await foldCounts(this.#options.database);
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
    const { due, timers } = this.#work;
    await timers.load();
    await due.look();
  }
}

/** Connections that steps leave to the engine itself: two for commits, one to load, one for life. */
const connectionsKeptFree = 4;

function stepTransactions(database: Database): Permits {
  return new Permits(Math.max(1, database.pool.options.max - connectionsKeptFree));
}

/** Between two callers that wait for a connection there may be a moment without one. */
const crowdedForMs = 200;

/** Whether callers waited for a connection just now. */
function crowdedOf({ pool }: Database): () => boolean {
  let lastSeen = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (pool.waitingCount > 0) lastSeen = now;
    return now - lastSeen < crowdedForMs;
  };
}
