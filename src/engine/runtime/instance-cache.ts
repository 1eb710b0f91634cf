/**
 * The instances that a node has in memory: those that run, and parked ones to which something may soon
 * happen. Of each there is one copy, which goes when it is evicted, when its shard is lost, or when a
 * commit has failed; the next look-up then loads what was last committed.
 */
import type { Log } from '../../kernel/procedure.ts';
import { ShortLivedMap, ShortLivedSet } from '../../kernel/short-lived.ts';
import type { InstanceState } from '../model/state.ts';
import { LeaseLost, type Statements } from '../store/commit-group.ts';
import type { InstanceIdentity } from '../store/commit-record.ts';
import { loadInstances, type StoredInstance } from '../store/instance-store.ts';
import { shardOf } from '../store/shard.ts';
import { InstanceActor } from './actor.ts';
import type { ProcessRegistry } from './process-registry.ts';

/** Parked instances kept in memory, as long as some of them are asked for again. */
const parkedInMemory = 2_000;
/**
 * Kept while hardly any is: of a million parked instances that messages come to at random none comes back in
 * time, and to keep them for a while cost more, by garbage that has grown old, than to load them.
 */
const passersByInMemory = 200;
/** It is judged anew after so many were loaded or found parked in memory. */
const seenPerJudgement = 1_000;
/** So many of them must have come back for more to be kept: one in twenty. */
const backPerJudgement = 50;
/** Characters of their states, as JSON; in memory a character takes about five bytes. */
const parkedCharacters = 16 * 1024 * 1024;
/**
 * Instances that are looked at for eviction after one transition: more than it can have added, so that there
 * is room in the end however many of them are busy, and few, since hundreds may be.
 */
const looksPerEviction = 4;

/** Ids of instances that were loaded, kept for the answers of starts that are still on their way. */
const loadedKept = 10_000;

/** The instance is open, but this node cannot move it: it stops, or lacks the process version. */
export class NotHere extends Error {
  override readonly name = 'NotHere';
}

/** Instances that one statement loads at most: states may be large. */
const instancesPerLoad = 100;

/** Somebody waits for an instance to be loaded. */
interface Wanted {
  readonly resolve: (actor: InstanceActor | null) => void;
  readonly reject: (error: unknown) => void;
}

/** For those who can do without an instance that another node has. */
function ifElsewhere(error: unknown): null {
  if (error instanceof NotHere || error instanceof LeaseLost) return null;
  throw error;
}

/** What a cache is made of. */
export interface InstanceCacheOptions {
  readonly db: Statements;
  readonly registry: ProcessRegistry;
  readonly log: Log;
  readonly owns: (instanceId: string) => boolean;
}

/** The instances in memory, least recently used first. */
export class InstanceCache {
  readonly #options: InstanceCacheOptions;
  readonly #actors = new ShortLivedMap<string, InstanceActor>();
  readonly #loading = new ShortLivedMap<string, Promise<InstanceActor | null>>();
  /** To be loaded by the next statement. */
  readonly #wanted = new ShortLivedMap<string, Wanted>();
  /** Loaded, or being loaded, for somebody who has not asked for them yet. */
  readonly #expected = new ShortLivedSet<string>();
  readonly #endedWhileLoading = new Set<string>();
  readonly #forgotten = new Set<string>();
  /** The last that were loaded, and those before them: a set whose oldest go one by one becomes slow. */
  #loaded = new Set<string>();
  #loadedBefore = new Set<string>();
  /** Of the states in memory. */
  #characters = 0;
  /** How many are kept now, and what the next judgement goes by. */
  #room = parkedInMemory;
  #seen = 0;
  #cameBack = 0;
  #closed = false;

  constructor(options: InstanceCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#actors.size;
  }

  has(id: string): boolean {
    return this.#actors.has(id);
  }

  /** The instance when it is in memory; its age there does not change. */
  peek(id: string): InstanceActor | undefined {
    return this.#actors.get(id);
  }

  /** Takes an instance in; null when this node cannot move it. One that is known stays as it is. */
  adopt(identity: InstanceIdentity, state: InstanceState, revision: number) {
    const { id, process, version } = identity;
    const { owns, registry, log } = this.#options;
    if (this.#closed || !owns(id)) return null;
    const known = this.#actors.get(id);
    if (known) return known;
    const model = registry.find(process, version);
    if (!model) {
      log.error(
        { instanceId: id, process, version },
        'an open instance runs on a process version that this program does not have; deploy that ' +
          'version again',
      );
      return null;
    }
    if (state.status !== 'active') return null;
    const actor = new InstanceActor(identity, model, state, revision);
    this.#actors.set(id, actor);
    return actor;
  }

  /**
   * True when an instance that is to begin was loaded already, since a message found it before the answer
   * of its start was here. What its start computed may be out of date then.
   */
  wasLoaded(id: string): boolean {
    return !this.#actors.has(id) && (this.#loaded.has(id) || this.#loadedBefore.has(id));
  }

  /** The instance, loaded if need be; null when there is none or it has ended. */
  async find(id: string): Promise<InstanceActor | null> {
    const wasExpected = this.#expected.delete(id);
    const known = this.#actors.get(id);
    if (known) {
      if (!wasExpected && known.idle && known.jobs.size === 0) this.#judge(true);
      // Used again: it moves to the young end of the map, where eviction does not look first.
      this.#actors.delete(id);
      this.#actors.set(id, known);
      return known;
    }
    if (!this.#options.owns(id)) throw new LeaseLost(`instance ${id} is not held by this node`);
    return await (this.#loading.get(id) ?? this.#beginLoading(id));
  }

  /** True while hardly any instance comes back to memory: most that are asked for have to be loaded. */
  get fewComeBack(): boolean {
    return this.#room === passersByInMemory;
  }

  /** Loads an instance that will be asked for in a moment. What goes wrong is told to whoever asks. */
  expect(id: string): void {
    if (this.#actors.has(id) || this.#loading.has(id) || !this.#options.owns(id)) return;
    this.#expected.add(id);
    this.#beginLoading(id).then(
      (actor) => {
        if (!actor) this.#expected.delete(id);
      },
      () => this.#expected.delete(id),
    );
  }

  #beginLoading(id: string): Promise<InstanceActor | null> {
    const loading = this.#load(id).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading;
  }

  /** Loads several; without those that are gone or cannot be moved here. */
  async loadAll(ids: readonly string[]): Promise<readonly InstanceActor[]> {
    const found = await Promise.all(ids.map((id) => this.find(id).catch(ifElsewhere)));
    return found.filter((actor) => actor !== null);
  }

  /** Those that are asked for within one turn of the loop are loaded by one statement. */
  #load(id: string): Promise<InstanceActor | null> {
    if (this.#wanted.size === 0) setImmediate(() => this.#loadWanted());
    return new Promise((resolve, reject) => this.#wanted.set(id, { resolve, reject }));
  }

  #loadWanted(): void {
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (let from = 0; from < wanted.length; from += instancesPerLoad) {
      void this.#loadTogether(new Map(wanted.slice(from, from + instancesPerLoad)));
    }
  }

  async #loadTogether(wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    try {
      const rows = await loadInstances(this.#options.db, [...wanted.keys()]);
      const found = new Map(rows.map((row) => [row.identity.id, row]));
      for (const [id, { resolve, reject }] of wanted) {
        try {
          resolve(this.#takeIn(id, found.get(id) ?? null));
        } catch (error) {
          reject(error);
        }
      }
    } catch (error) {
      for (const { reject } of wanted.values()) reject(error);
    }
  }

  #takeIn(id: string, stored: StoredInstance | null): InstanceActor | null {
    // What was read may be older than the end of the instance.
    if (!stored || this.#endedWhileLoading.delete(id)) return null;
    const { identity, state, revision, characters, largeCharacters } = stored;
    if (state.status !== 'active') return null;
    const actor = this.adopt(identity, state, revision);
    if (!actor && !this.#options.owns(id)) throw new LeaseLost(`instance ${id} went elsewhere`);
    if (!actor) throw new NotHere(`instance ${id} cannot be moved by this node now`);
    actor.largeCharacters = largeCharacters;
    this.weigh(actor, characters);
    this.#noteLoaded(id);
    return actor;
  }

  /** Keeps many or few, by how many come back soon after they were loaded. */
  #judge(hasComeBack: boolean): void {
    this.#seen += 1;
    if (hasComeBack) this.#cameBack += 1;
    if (this.#seen < seenPerJudgement) return;
    this.#room = this.#cameBack < backPerJudgement ? passersByInMemory : parkedInMemory;
    this.#seen = 0;
    this.#cameBack = 0;
  }

  #noteLoaded(id: string): void {
    this.#judge(this.#loaded.has(id) || this.#loadedBefore.has(id));
    this.#loaded.add(id);
    if (this.#loaded.size < loadedKept) return;
    this.#loadedBefore = this.#loaded;
    this.#loaded = new Set();
  }

  /** Notes how many characters an instance's state has as JSON, without its large values. */
  weigh(actor: InstanceActor, characters: number): void {
    if (this.#actors.get(actor.identity.id) === actor) {
      this.#characters += characters - actor.characters;
    }
    actor.characters = characters;
  }

  /** The instance has ended. */
  ended(id: string): void {
    const actor = this.#actors.get(id);
    if (actor) this.#remove(actor);
    this.#forgotten.delete(id);
    if (this.#loading.has(id)) this.#endedWhileLoading.add(id);
  }

  /**
   * Throws a copy away: nobody may build on it any more. What was at work then may have been done
   * without anybody having heard of it; `wasForgotten` tells so.
   */
  forget(actor: InstanceActor): void {
    this.#forgotten.add(actor.identity.id);
    this.#drop(actor);
  }

  /** Whether a copy was thrown away although its jobs may have been at work; told once. */
  wasForgotten(id: string): boolean {
    return this.#forgotten.delete(id);
  }

  /** Leaves an instance to the database when nothing of it is in line or at work here. */
  letGo(actor: InstanceActor): void {
    if (actor.jobs.size === 0) this.#drop(actor);
  }

  #drop(actor: InstanceActor): void {
    actor.gone = true;
    this.#remove(actor);
  }

  #remove(actor: InstanceActor): void {
    const { id } = actor.identity;
    if (this.#actors.get(id) !== actor) return;
    this.#actors.delete(id);
    this.#expected.delete(id);
    this.#characters -= actor.characters;
  }

  get #isFull(): boolean {
    return this.#actors.size > this.#room || this.#characters > parkedCharacters;
  }

  /** Throws away all that is in these shards; gives the ids. */
  forgetShards(shards: ReadonlySet<number>): readonly string[] {
    const lost = [...this.#actors.values()].filter(({ identity }) =>
      shards.has(shardOf(identity.id)),
    );
    for (const actor of lost) this.#drop(actor);
    for (const id of this.#forgotten) if (shards.has(shardOf(id))) this.#forgotten.delete(id);
    return lost.map(({ identity }) => identity.id);
  }

  /** Shards of instances that somebody moves or waits to move. */
  shardsAtWork(): ReadonlySet<number> {
    const shards = new Set<number>();
    for (const actor of this.#actors.values())
      if (!actor.idle) shards.add(shardOf(actor.identity.id));
    return shards;
  }

  /** Makes room, when there are more than enough, by a few that nothing happens to. */
  evict(): void {
    if (!this.#isFull) return;
    let looked = 0;
    for (const actor of this.#actors.values()) {
      looked += 1;
      if (looked > looksPerEviction || !this.#isFull) return;
      const { id } = actor.identity;
      if (actor.idle && actor.jobs.size === 0) this.#drop(actor);
      else {
        // To the young end, so that a thousand busy ones do not hide those behind them.
        this.#actors.delete(id);
        this.#actors.set(id, actor);
      }
    }
  }

  /** Takes no more in. Those that are in memory can still be found. */
  close(): void {
    this.#closed = true;
  }

  clear(): void {
    this.#actors.clear();
    this.#expected.clear();
    this.#characters = 0;
  }
}
