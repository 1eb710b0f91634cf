/**
 * What becomes of a job's outcome: the step ends or fails by a transition of its instance. When the
 * step wrote something, its writes and that transition are one commit, under the lease of the shard.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { JobError } from '../model/events.ts';
import { isRefusedByData, type Lease, LeaseLost, sendGroup } from '../store/commit-group.ts';
import type { CommitRecord } from '../store/commit-record.ts';
import { type BackgroundWork, messageOf } from './background-work.ts';
import type { InstanceMover } from './instance-mover.ts';
import type { JobOutcome } from './job-call.ts';
import type { DueJob } from './job-pool.ts';
import type { JobTransaction } from './job-transaction.ts';

/** What settling a job needs. */
export interface JobSettlementOptions {
  readonly node: string;
  readonly clock: Clock;
  readonly move: InstanceMover['move'];
  readonly leaseOf: (shard: number) => Lease | undefined;
  readonly background: BackgroundWork;
  /** Learns of drawings when the step met somebody who waits and whom this node does not know yet. */
  readonly hasLearntAfter: (error: unknown) => Promise<boolean>;
}

/** Settles jobs: each outcome is committed, or the job runs again under its same key. */
export class JobSettlement {
  readonly #options: JobSettlementOptions;

  constructor(options: JobSettlementOptions) {
    this.#options = options;
  }

  /** Resolves when the outcome is committed, or when it is known that it was not. */
  async settle(job: DueJob, outcome: JobOutcome): Promise<void> {
    const { background } = this.#options;
    try {
      if (outcome.ok) await this.#completed(job, outcome);
      else await this.#failed(job, outcome.error);
    } catch (error) {
      background.unsettled(`settling step ${job.node}`, error);
      if (isRefusedByData(error)) await this.#commitRefused(job, error);
    } finally {
      if (outcome.ok) await outcome.transaction.rollback();
    }
  }

  async #completed(
    { actor, n, attempt }: DueJob,
    { output, transaction }: JobOutcome & { ok: true },
  ): Promise<void> {
    const { clock, move } = this.#options;
    const at = clock.now().getTime();
    const event = { type: 'job-completed', at, n, attempt, output } as const;
    // By id, not the copy that the job began with: that one may have been thrown away since.
    const { id } = actor.identity;
    if (!transaction.isOpen) await move(id, event);
    else await move(id, event, { commit: (record) => this.#commitIn(transaction, record) });
  }

  async #commitIn(transaction: JobTransaction, record: CommitRecord): Promise<void> {
    const { node, leaseOf } = this.#options;
    const lease = leaseOf(record.shard);
    if (!lease) throw new LeaseLost(`shard ${record.shard} is not held by this node`);
    sendGroup(await transaction.begin(), node, [lease], [record]);
    try {
      await transaction.commit();
    } catch (error) {
      // The instance is loaded and the step runs again once this is thrown; by then they are known.
      await this.#options.hasLearntAfter(error);
      throw error;
    }
  }

  async #failed({ actor, n, attempt }: DueJob, error: JobError): Promise<void> {
    const { clock, move } = this.#options;
    const at = clock.now().getTime();
    const chance = Math.random();
    await move(actor.identity.id, { type: 'job-failed', at, n, attempt, error, chance });
  }

  /** PostgreSQL will not take what the step wrote: it counts as a failed attempt, not as none. */
  async #commitRefused(job: DueJob, cause: unknown): Promise<void> {
    const { background } = this.#options;
    const code = 'STEP_NOT_COMMITTED';
    try {
      await this.#failed(job, { kind: 'retry', code, message: messageOf(cause) });
    } catch (error) {
      background.unsettled(`noting that step ${job.node} was not committed`, error);
    }
  }
}
