/**
 * The shards of a node: takes them, keeps their leases alive, goes on with what runs in a shard that
 * was gained, and lets go of what is in memory of one that was lost.
 */
import type { Log } from '../../kernel/procedure.ts';
import type { Database } from '../../postgres/index.ts';
import type { Lease } from '../store/commit-group.ts';
import { loadInbox, loadRunning } from '../store/instance-store.ts';
import { type LeaseHolder, openLeases } from '../store/leases.ts';
import { shardOf } from '../store/shard.ts';
import type { CommittedEffects } from './committed-effects.ts';
import type { HorizonTimers } from './horizon-timers.ts';
import type { InstanceCache } from './instance-cache.ts';
import type { InstanceMover } from './instance-mover.ts';
import type { JobPool } from './job-pool.ts';
import type { Matcher } from './matcher.ts';

/** Inbox rows that are taken up at once after a take-over; the sweep takes the rest. */
const inboxPerTakeover = 10_000;

/** The parts of a node that work on the shards held. */
export interface ShardWork {
  readonly instances: InstanceCache;
  readonly jobs: JobPool;
  readonly timers: HorizonTimers;
  readonly matcher: Matcher;
  readonly effects: CommittedEffects;
  readonly mover: InstanceMover;
}

/** What a keeper is made of. */
export interface ShardKeeperOptions {
  readonly database: Database;
  readonly log: Log;
  readonly node: string;
  readonly leaseMs: number;
  /** True while no job may be started; running instances are then left in the database. */
  readonly paused: () => boolean;
  /** Looked up at work, since these parts ask the keeper what is held. */
  readonly work: () => ShardWork;
}

/** Holds shards by lease, and says which. */
export class ShardKeeper {
  readonly #options: ShardKeeperOptions;
  #leases: LeaseHolder | undefined;
  #tending: Promise<void> | undefined;

  constructor(options: ShardKeeperOptions) {
    this.#options = options;
  }

  /** Shards held now. */
  get held(): readonly number[] {
    return [...(this.#leases?.held.keys() ?? [])];
  }

  get count(): number {
    return this.#leases?.held.size ?? 0;
  }

  /** The lease of a shard as this node holds it now; undefined when it does not. */
  leaseOf(shard: number): Lease | undefined {
    return this.#leases?.held.get(shard);
  }

  owns(instanceId: string): boolean {
    return this.leaseOf(shardOf(instanceId)) !== undefined;
  }

  /** Opens the leases and takes what is free. */
  async start(): Promise<void> {
    const { database, node, leaseMs } = this.#options;
    this.#leases = await openLeases(database, node, leaseMs);
    await this.tend();
  }

  /** Renews and takes shards; those who ask meanwhile get the same. */
  tend(): Promise<void> {
    this.#tending ??= this.#tendOnce().finally(() => {
      this.#tending = undefined;
    });
    return this.#tending;
  }

  /** Gives every shard back. */
  async release(): Promise<void> {
    await this.#leases?.release();
  }

  async #tendOnce(): Promise<void> {
    const leases = this.#leases;
    if (!leases) return;
    const { gained, lost } = await leases.tend();
    if (lost.length > 0) this.#drop(new Set(lost));
    if (gained.length > 0) await this.#takeUp(gained);
  }

  /** Goes on with the instances of new shards where they stood. */
  async #takeUp(gained: readonly number[]): Promise<void> {
    const { database, log, work, paused } = this.#options;
    const { instances, effects, mover, matcher, timers } = work();
    log.info({ shards: gained.length }, 'took shards');
    for (const stored of paused() ? [] : await loadRunning(database, gained)) {
      const actor = instances.adopt(stored.identity, stored.state, stored.revision);
      if (actor) effects.resumeJobs(actor);
    }
    for (const row of await loadInbox(database, gained, inboxPerTakeover)) mover.takeInbox(row);
    await matcher.sweep();
    await timers.load();
  }

  #drop(lost: ReadonlySet<number>): void {
    const { log, work } = this.#options;
    const { instances, jobs } = work();
    log.warn({ shards: lost.size }, 'lost shards to another node');
    // What their jobs would write is refused; stopping them spares the new owner's attempt a rival.
    for (const id of instances.forgetShards(lost)) jobs.cancelAll(id);
  }
}
