/**
 * The shards of a node: takes its share, keeps the lease alive, goes on with what runs in a shard that
 * was gained, hands shards over that others should have, and lets go of those that were lost.
 *
 * A shard that is held is *open*, or *closing* while it is handed over: nothing new begins in it, what is
 * at work is committed, then it is given back and its next owner takes it at once. A shard is *lost* when
 * somebody else has it, or when the lease could not be renewed in time; what is in memory of it is
 * thrown away, and what its jobs would still write is refused by the epoch.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../kernel/procedure.ts';
import type { Database } from '../../postgres/index.ts';
import type { Lease } from '../store/commit-group.ts';
import { loadInbox } from '../store/inbox-store.ts';
import {
  endSessions,
  leaveCluster,
  type NodeFacts,
  releaseShards,
  type Tended,
  tendLeases,
} from '../store/leases.ts';
import type { NodeSession } from '../store/node-session.ts';
import { shardOf } from '../store/shard.ts';
import type { BackgroundWork } from './background-work.ts';
import { messageOf } from './background-work.ts';
import type { CommittedEffects } from './committed-effects.ts';
import type { DueInstances } from './due-instances.ts';
import type { HorizonTimers } from './horizon-timers.ts';
import type { InstanceCache } from './instance-cache.ts';
import type { InstanceMover } from './instance-mover.ts';
import type { JobPool } from './job-pool.ts';
import type { Matcher } from './matcher.ts';
import type { PeerNotices } from './peer-notices.ts';

/** Inbox rows that are taken up at once after a take-over; the sweep takes the rest. */
const inboxPerTakeover = 10_000;
/** How often a node tells that it is here and looks for shards that are free. */
const tendEveryMs = 500;
/** How long shards that others should have may finish what is at work in them. */
const handOverMs = 5_000;
/** Between two looks at what is still at work in a closing shard. */
const closingLookMs = 10;
/** After a lost server came back, others get this long to come back, too, before they are called dead. */
const returnMs = 3_000;

/** The parts of a node that work on the shards held. */
export interface ShardWork {
  readonly instances: InstanceCache;
  readonly jobs: JobPool;
  readonly timers: HorizonTimers;
  readonly matcher: Matcher;
  readonly effects: CommittedEffects;
  readonly mover: InstanceMover;
  readonly due: DueInstances;
}

/** What a keeper is made of. */
export interface ShardKeeperOptions {
  readonly database: Database;
  readonly session: NodeSession;
  readonly notices: PeerNotices;
  readonly background: BackgroundWork;
  readonly log: Log;
  readonly node: string;
  readonly facts: NodeFacts;
  readonly figures: () => Readonly<Record<string, number>>;
  readonly leaseMs: number;
  /** Looked up at work, since these parts ask the keeper what is held. */
  readonly work: () => ShardWork;
}

/** Holds shards by lease, and says which. */
export class ShardKeeper {
  readonly #options: ShardKeeperOptions;
  readonly #startedAt = new Date();
  readonly #held = new Map<number, Lease>();
  readonly #closing = new Set<number>();
  /** Epochs under which shards were given back, so that an older answer does not bring them back. */
  readonly #given = new Map<number, bigint>();
  /** Those of `#held` that are not closing. */
  #open: readonly number[] = [];
  #share = 0;
  #peers = 0;
  #leastQueued = Number.POSITIVE_INFINITY;
  /** By the machine's steady clock: until then the lease is good without asking. */
  #validUntil = Number.NEGATIVE_INFINITY;
  #draining = false;
  #isReached = true;
  #tending: Promise<void> | undefined;
  #takingUp: Promise<void> = Promise.resolve();
  #handingOver: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #openingsSeen = 0;
  #judgesFrom = 0;

  constructor(options: ShardKeeperOptions) {
    this.#options = options;
  }

  /** Shards in which new work may begin. */
  get open(): readonly number[] {
    return this.#open;
  }

  /** Shards held, open or closing. */
  get count(): number {
    return this.#held.size;
  }

  /** Other nodes that live. */
  get peers(): number {
    return this.#peers;
  }

  /** Jobs that stand in line at the other node with the fewest; infinite without another one. */
  get leastQueued(): number {
    return this.#leastQueued;
  }

  /** True while the lease is good: the server answered, and no longer ago than the lease lasts. */
  get isValid(): boolean {
    return performance.now() < this.#validUntil;
  }

  /** True from the moment at which the node begins to leave. */
  get isDraining(): boolean {
    return this.#draining;
  }

  /** The lease of a shard as this node holds it now; undefined when it does not. */
  leaseOf(shard: number): Lease | undefined {
    return this.isValid ? this.#held.get(shard) : undefined;
  }

  /** True when this node may write to the instance. */
  owns(instanceId: string): boolean {
    return this.leaseOf(shardOf(instanceId)) !== undefined;
  }

  /** True when this node may begin something new with the instance. */
  accepts(instanceId: string): boolean {
    const shard = shardOf(instanceId);
    return this.leaseOf(shard) !== undefined && !this.#closing.has(shard);
  }

  /** Takes what is free, and goes on tending by itself. */
  async start(): Promise<void> {
    await this.tend();
    await this.#takingUp;
    this.#options.notices.tell('c');
    const everyMs = Math.min(tendEveryMs, this.#options.leaseMs / 3);
    this.#timer = setInterval(() => this.tendSoon(), everyMs);
    this.#timer.unref();
  }

  /** Tends in the background. A server that is away is reported once, and when it is back. */
  tendSoon(): void {
    this.#options.background.run(this.tend().catch(() => undefined));
  }

  /** Renews and takes shards; those who ask meanwhile get the same. */
  tend(): Promise<void> {
    this.#tending ??= this.#tendOnce().finally(() => {
      this.#tending = undefined;
    });
    return this.#tending;
  }

  /** Gives shards back one by one as they come to rest; those still at work after `graceMs` stay. */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    await this.#handingOver;
    await this.tend().catch(() => undefined);
    await this.#handOver([...this.#held.keys()], graceMs).catch(() => undefined);
  }

  /** Gives back whatever is left and takes leave of the others. */
  async leave(): Promise<void> {
    const { session, node, notices, log } = this.#options;
    clearInterval(this.#timer);
    await this.#tending?.catch(() => undefined);
    this.#drop([...this.#held.keys()]);
    try {
      await leaveCluster(session, node);
      notices.tell('c');
      await notices.flush();
    } catch (error) {
      log.warn(
        { error: messageOf(error) },
        'could not take leave; the shards of this node are free when its lease is over',
      );
    } finally {
      session.close();
    }
  }

  async #tendOnce(): Promise<void> {
    const { session, node, facts, figures, leaseMs } = this.#options;
    const asked = performance.now();
    const state = { startedAt: this.#startedAt, draining: this.#draining, figures: figures() };
    if (session.openings > 0 && !session.isOpen) {
      this.#judgesFrom = asked + Math.min(returnMs, leaseMs);
    }
    let tended: Tended;
    try {
      const judges = asked >= this.#judgesFrom;
      tended = await tendLeases(session, node, { facts, state, leaseMs, judges });
    } catch (error) {
      this.#unreached(error);
      throw error;
    }
    this.#reached();
    this.#validUntil = asked + leaseMs;
    this.#share = tended.share;
    this.#peers = tended.peers;
    this.#leastQueued = tended.leastQueued ?? Number.POSITIVE_INFINITY;
    if (tended.displaced.length > 0) await this.#endSessions(tended.displaced);
    const gained = this.#compare(tended.leases);
    // Not waited for: however much there is to take up, the lease is renewed meanwhile.
    if (gained.length > 0) this.#takingUp = this.#takeUp(gained);
    if (gained.length > 0) this.#options.background.run(this.#takingUp);
    this.#handOverSurplus();
  }

  /** Takes over what PostgreSQL says is held; gives the shards that are new. */
  #compare(leases: readonly Lease[]): readonly number[] {
    const ours = leases.filter(({ shard, epoch }) => this.#given.get(shard) !== epoch);
    const now = new Map(ours.map((lease) => [lease.shard, lease]));
    // With another epoch somebody else held it in between: what is in memory of it is out of date.
    const lost = [...this.#held].filter(([shard, { epoch }]) => now.get(shard)?.epoch !== epoch);
    if (lost.length > 0) {
      this.#options.log.warn({ shards: lost.length }, 'lost shards to another node');
      this.#drop(lost.map(([shard]) => shard));
    }
    const gained = ours.filter(({ shard }) => !this.#held.has(shard));
    for (const lease of gained) this.#held.set(lease.shard, lease);
    this.#noteOpen();
    return gained.map(({ shard }) => shard);
  }

  #unreached(error: unknown): void {
    if (this.#isReached && !this.#options.background.stopping) {
      const text = 'the lease could not be renewed; it is tried again until PostgreSQL answers';
      this.#options.log.warn({ error: messageOf(error) }, text);
    }
    this.#isReached = false;
    if (this.isValid || this.#held.size === 0) return;
    this.#options.log.warn({ shards: this.#held.size }, 'the lease is over: all work is laid down');
    this.#drop([...this.#held.keys()]);
  }

  #reached(): void {
    const { session, background, log, work } = this.#options;
    if (!this.#isReached) log.info({}, 'PostgreSQL answers again');
    this.#isReached = true;
    if (session.openings === this.#openingsSeen) return;
    if (this.#openingsSeen > 0) {
      // Notices may have been missed while nobody listened.
      if (this.#held.size > 0) background.run(this.#lookAround(this.#open));
      background.run(work().timers.load());
    }
    this.#openingsSeen = session.openings;
  }

  async #endSessions(names: readonly string[]): Promise<void> {
    const { database, log, leaseMs } = this.#options;
    try {
      const ended = await endSessions(database, names, leaseMs / 3);
      if (ended > 0)
        log.info({ sessions: ended }, 'ended the sessions of a node that was replaced');
    } catch (error) {
      // The check of epochs and revisions stands without it.
      log.warn(
        { error: messageOf(error) },
        'could not end the sessions of a node that was replaced',
      );
    }
  }

  /** Goes on with the instances of new shards where they stood. */
  async #takeUp(gained: readonly number[]): Promise<void> {
    const { log, work } = this.#options;
    const { due, timers } = work();
    log.info({ shards: gained.length }, 'took shards');
    await due.takeUp(gained);
    await this.#lookAround(gained);
    await timers.load();
  }

  async #lookAround(shards: readonly number[]): Promise<void> {
    const { background, database, work } = this.#options;
    const { mover, matcher } = work();
    for (const row of await loadInbox(database, shards, inboxPerTakeover)) mover.takeInbox(row);
    background.run(matcher.walk());
  }

  /** Forgets what is in memory of shards, and that they were held. */
  #drop(shards: readonly number[]): void {
    if (shards.length === 0) return;
    const { instances, jobs } = this.#options.work();
    for (const shard of shards) {
      this.#held.delete(shard);
      this.#closing.delete(shard);
    }
    this.#noteOpen();
    // What their jobs would write is refused; stopping them spares the new owner's attempt a rival.
    for (const id of instances.forgetShards(new Set(shards))) jobs.cancelAll(id);
  }

  #noteOpen(): void {
    this.#open = [...this.#held.keys()].filter((shard) => !this.#closing.has(shard));
  }

  /** Others should have some of these: those at rest go first. */
  #handOverSurplus(): void {
    const surplus = this.#held.size - this.#share;
    if (surplus <= 0 || this.#draining || this.#handingOver) return;
    const { background, log } = this.#options;
    const { jobs } = this.#options.work();
    const quietest = this.#open.toSorted((a, b) => jobs.unsettledIn(a) - jobs.unsettledIn(b));
    const chosen = quietest.slice(0, surplus);
    log.info({ shards: chosen.length }, 'handing shards over to another node');
    const keep = () => this.#keepOpen(chosen);
    this.#handingOver = this.#handOver(chosen, handOverMs)
      .then(keep, async (error: unknown) => {
        await keep();
        throw error;
      })
      .finally(() => {
        this.#handingOver = undefined;
      });
    background.run(this.#handingOver);
  }

  /** What could not be handed over goes on here; the next look chooses anew. */
  async #keepOpen(chosen: readonly number[]): Promise<void> {
    const kept = chosen.filter((shard) => this.#closing.delete(shard));
    this.#noteOpen();
    if (kept.length > 0) await this.#takeUp(kept.filter((shard) => this.#held.has(shard)));
  }

  async #handOver(shards: readonly number[], graceMs: number): Promise<void> {
    const { notices } = this.#options;
    for (const shard of shards) this.#closing.add(shard);
    this.#noteOpen();
    const until = performance.now() + graceMs;
    for (;;) {
      const closing = shards.filter((shard) => this.#closing.has(shard));
      if (closing.length === 0) return;
      const busy = this.#busy();
      const resting = closing.filter((shard) => !busy.has(shard));
      if (resting.length > 0) {
        await this.#giveBack(resting);
        notices.tell('c');
      }
      if (performance.now() >= until) return;
      await delay(closingLookMs);
    }
  }

  async #giveBack(shards: readonly number[]): Promise<void> {
    const { session, node } = this.#options;
    const given = shards.map((shard) => [shard, this.#held.get(shard)?.epoch ?? 0n] as const);
    for (const [shard, epoch] of given) this.#given.set(shard, epoch);
    this.#drop(shards);
    try {
      await releaseShards(session, node, shards);
    } catch (error) {
      // Still ours, then; the next look takes them up again.
      for (const [shard] of given) this.#given.delete(shard);
      throw error;
    }
  }

  /** Shards in which something is at work or being committed. */
  #busy(): ReadonlySet<number> {
    const { instances, jobs } = this.#options.work();
    const busy = new Set(instances.shardsAtWork());
    for (const shard of this.#closing) if (jobs.unsettledIn(shard) > 0) busy.add(shard);
    return busy;
  }
}
