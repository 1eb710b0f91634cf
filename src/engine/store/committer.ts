/**
 * Group commit. Transitions of many instances are collected while a statement is under way and
 * written by the next one; an idle committer writes at once, so a lone instance never waits for
 * company. A record's promise resolves when its commit is durable.
 *
 * Those of one group would come back together with their next transitions, so that after a while all
 * instances travel in one group, and Node and PostgreSQL wait for each other in turn. Therefore a large
 * group is answered in portions: the first is under way again while Node works on the second.
 */
import { crashPoint } from '../../kernel/crash-point.ts';
import {
  commitGroup,
  isRefusedByData,
  type Lease,
  LeaseLost,
  StaleInstances,
  type Statements,
} from './commit-group.ts';
import type { CommitRecord } from './commit-record.ts';

/** More than this in one statement lengthens everybody's wait more than it saves. */
const largestGroup = 500;

/** Fewer than this are not worth a statement of their own: measured with 16 to 100 at 100 and 500 in flight. */
const leastPortion = 50;

interface Pending {
  readonly record: CommitRecord;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** What a committer is made of. */
export interface CommitterOptions {
  readonly db: Statements;
  readonly node: string;
  /** The lease of a shard as this node holds it now; undefined when it does not. */
  readonly leaseOf: (shard: number) => Lease | undefined;
  /** Statements under way at the same time. @defaultValue 2 */
  readonly lanes?: number;
}

/** Writes records in groups; each is durable, or refused, on its own. */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #lanes: number;
  #waiting: Pending[] = [];
  #underWay = 0;
  #scheduled = false;
  /** Groups and records written since the start, for metrics. */
  readonly counts = { groups: 0, records: 0 };

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#lanes = options.lanes ?? 2;
  }

  /** Resolves when the record is durable; rejects when nothing of it was written. */
  commit(record: CommitRecord): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      this.#schedule();
    });
  }

  /** Records whose commit has not been answered yet. */
  get backlog(): number {
    return this.#waiting.length;
  }

  #schedule(): void {
    if (this.#scheduled || this.#underWay >= this.#lanes) return;
    this.#scheduled = true;
    // One turn of the loop lets everything that became ready with this record join its group.
    setImmediate(() => {
      this.#scheduled = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    if (this.#waiting.length === 0 || this.#underWay >= this.#lanes) return;
    const group = this.#waiting.splice(0, largestGroup);
    this.#underWay += 1;
    await this.#write(group);
    this.#underWay -= 1;
    if (this.#waiting.length > 0) this.#schedule();
  }

  async #write(given: readonly Pending[]): Promise<void> {
    const { group, leases } = this.#underLease(given);
    if (group.length === 0) return;
    try {
      crashPoint('before-commit:group');
      await commitGroup(
        this.#options.db,
        this.#options.node,
        leases,
        group.map(({ record }) => record),
      );
      crashPoint('after-commit:group');
    } catch (error) {
      await this.#refused(group, error);
      return;
    }
    this.counts.groups += 1;
    this.counts.records += group.length;
    this.#answer(group, Math.max(leastPortion, Math.ceil(group.length / this.#lanes)));
  }

  /** What the first portion writes next leaves before the second is told. */
  #answer(group: readonly Pending[], portion: number): void {
    for (const pending of group.slice(0, portion)) pending.resolve();
    const rest = group.slice(portion);
    if (rest.length === 0) return;
    // What was resolved asks for its flush with the first `setImmediate`; this comes after it.
    setImmediate(() => setImmediate(() => this.#answer(rest, portion)));
  }

  /** What may be written, and under which leases; a record whose shard is not held is refused alone. */
  #underLease(given: readonly Pending[]): { group: readonly Pending[]; leases: readonly Lease[] } {
    const leases = new Map<number, Lease>();
    const lost = new Set<Pending>();
    for (const pending of given) {
      const { shard, revision } = pending.record;
      if (revision === null || leases.has(shard)) continue;
      const lease = this.#options.leaseOf(shard);
      if (lease) leases.set(shard, lease);
      else {
        lost.add(pending);
        pending.reject(new LeaseLost(`shard ${shard} is not held by this node`));
      }
    }
    const group = lost.size === 0 ? given : given.filter((pending) => !lost.has(pending));
    return { group, leases: [...leases.values()].sort((a, b) => a.shard - b.shard) };
  }

  /** Those that are to blame are refused; the others are written without them. */
  async #refused(group: readonly Pending[], error: unknown): Promise<void> {
    if (group.length > 1 && error instanceof StaleInstances) {
      const stale = group.filter(({ record }) => error.ids.includes(record.id));
      if (stale.length > 0 && stale.length < group.length) {
        for (const pending of stale) pending.reject(error);
        await this.#write(group.filter((pending) => !stale.includes(pending)));
        return;
      }
    }
    if (group.length > 1 && (error instanceof StaleInstances || isRefusedByData(error))) {
      // It is not said which one it was: each is written alone, and one alone is refused.
      for (const pending of group) await this.#write([pending]);
      return;
    }
    for (const pending of group) pending.reject(error);
  }
}
