/**
 * Brings due jobs that stand in no line from the database: after a take-over, when a line that had been
 * too long has become short, and now and then in case a wake-up was lost. However many instances are
 * due, only so many as fit in line are in memory; the oldest of a process come first, so what was begun
 * has precedence over what is new.
 */
import type { Database } from '../../postgres/index.ts';
import { type DueInstance, loadDue } from '../store/instance-store.ts';
import { shardOf } from '../store/shard.ts';
import type { BackgroundWork } from './background-work.ts';
import type { CommittedEffects } from './committed-effects.ts';
import type { InstanceCache } from './instance-cache.ts';
import type { JobPool } from './job-pool.ts';
import type { ProcessRegistry } from './process-registry.ts';

/** What it needs of the node. */
export interface DueInstancesOptions {
  readonly database: Database;
  readonly registry: ProcessRegistry;
  readonly instances: InstanceCache;
  readonly jobs: JobPool;
  readonly effects: CommittedEffects;
  readonly background: BackgroundWork;
  /** True while no job may be started. */
  readonly paused: () => boolean;
  /** Shards held now. */
  readonly held: () => readonly number[];
}

/** Instances that are loaded by one statement: states may be large. */
const instancesPerLoad = 50;
/** Of one process, new to this node, in one go. */
const newPerLook = 2_000;

/** Fetches what is due, as far as there is room for it. */
export class DueInstances {
  readonly #options: DueInstancesOptions;
  readonly #refilling = new Set<string>();
  /** When a shard was taken, in milliseconds since 1970. */
  readonly #takenAt = new Map<number, number>();

  constructor(options: DueInstancesOptions) {
    this.#options = options;
  }

  /** Goes on with what is due in shards that were just taken, as far as there is room. */
  async takeUp(shards: readonly number[]): Promise<void> {
    const now = Date.now();
    for (const shard of shards) this.#takenAt.set(shard, now);
    await this.#fetch(this.#processes(), shards);
  }

  /** Looks at everything, in case a wake-up was lost. */
  async look(): Promise<void> {
    await this.#fetch(this.#processes(), this.#options.held());
  }

  /** The line of a process has become short. */
  refill(process: string): void {
    const { background, held } = this.#options;
    if (background.stopping || this.#refilling.has(process)) return;
    this.#refilling.add(process);
    background.run(this.#fetch([process], held()).finally(() => this.#refilling.delete(process)));
  }

  #processes(): readonly string[] {
    const all = [...new Set(this.#options.registry.all().map(({ key }) => key))];
    return all.filter((process) => this.#options.jobs.roomFor(process) > 0);
  }

  async #fetch(processes: readonly string[], shards: readonly number[]): Promise<void> {
    const { database, instances, jobs, paused } = this.#options;
    if (paused() || processes.length === 0 || shards.length === 0) return;
    // So many are known already, and come back first, since they are older.
    const most = instances.size + newPerLook;
    const found = await loadDue(database, shards, processes, most);
    for (const process of processes) {
      const due = found.filter((one) => one.process === process);
      const isAll = await this.#takeIn(process, due);
      if (!isAll || due.length === most) jobs.noteMore(process);
    }
  }

  /** False when there was no room for all of them. */
  async #takeIn(process: string, due: readonly DueInstance[]): Promise<boolean> {
    const { instances, jobs, effects, background } = this.#options;
    const missing: string[] = [];
    for (const { id } of due) {
      const actor = instances.peek(id);
      if (actor) effects.resumeJobs(actor, this.#mayHaveWorked(id));
      else missing.push(id);
    }
    let isFull = false;
    for (let at = 0; at < missing.length; ) {
      if (background.stopping) return true;
      if (jobs.roomFor(process) === 0) return false;
      const ids = missing.slice(at, at + Math.min(instancesPerLoad, jobs.roomFor(process)));
      for (const actor of await instances.loadAll(ids)) {
        effects.resumeJobs(actor, this.#mayHaveWorked(actor.identity.id));
        // Large ones fill the line sooner than their number says.
        if (actor.gone) isFull = true;
      }
      if (isFull) return false;
      at += ids.length;
    }
    return true;
  }

  /**
   * Whether a due job may have been at work without being in memory here: its instance is older than
   * this node's hold of the shard, or a copy of it was thrown away. Else it never found room in line.
   */
  #mayHaveWorked(id: string): boolean {
    const takenAt = this.#takenAt.get(shardOf(id));
    const wasForgotten = this.#options.instances.wasForgotten(id);
    return wasForgotten || takenAt === undefined || madeAt(id) <= takenAt + clockMarginMs;
  }
}

/** Other nodes make ids by their own clocks. */
const clockMarginMs = 60_000;

/** When an id was made: the first 48 bits of a UUID of version 7 are milliseconds since 1970. */
function madeAt(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}
