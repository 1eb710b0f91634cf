/**
 * Jobs at work: bounded in number, each with a time limit. A job's next attempt, and the undo of a
 * job that was interrupted, begin only when the attempt before has really stopped, so that two
 * attempts never run beside each other on this node.
 */
import { RetryableFault } from '../../kernel/errors.ts';
import { shardCount, shardOf } from '../store/shard.ts';
import type { InstanceActor } from './actor.ts';
import { callJob, type JobOutcome, type JobServices, jobError } from './job-call.ts';

/** A job that is to be started. */
export interface DueJob {
  readonly actor: InstanceActor;
  readonly n: number;
  readonly node: string;
  readonly attempt: number;
  readonly outcomeUnknown: boolean;
}

interface Working {
  readonly abort: AbortController;
  /** Resolves when the handler has stopped, however it ended. */
  readonly stopped: Promise<void>;
  readonly attempt: number;
}

/** What a pool of jobs is made of. */
export interface JobPoolOptions {
  readonly services: JobServices;
  /** Jobs at work at the same time. */
  readonly concurrency: number;
  /** False while the instance's shard is being handed over: nothing new begins in it. */
  readonly accepts: (instanceId: string) => boolean;
  /** True while callers wait for the database; then jobs make room. */
  readonly crowded: () => boolean;
  /** Takes what became of a job; resolves when that is committed. */
  readonly settle: (job: DueJob, outcome: JobOutcome) => Promise<void>;
}

/** How long a handler that was told to stop may take before its next attempt begins without it. */
const stoppingGraceMs = 5_000;

/**
 * Jobs at work while callers wait for the database. Orders are taken while their processes fall
 * behind for a while; the other way round people would wait for work that nobody waits for.
 */
const workingWhenCrowded = 2;

/** Runs jobs, each attempt once at a time. */
export class JobPool {
  readonly #options: JobPoolOptions;
  readonly #queue: DueJob[] = [];
  readonly #working = new Map<string, Map<number, Working>>();
  #atWork = 0;
  /** Jobs at work, and those whose outcome is being committed. */
  #unsettled = 0;
  readonly #unsettledIn = new Uint32Array(shardCount);
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(options: JobPoolOptions) {
    this.#options = options;
  }

  get counts(): { readonly queued: number; readonly atWork: number } {
    return { queued: this.#queue.length, atWork: this.#atWork };
  }

  /** Jobs of a shard that are at work, or whose outcome is being committed. */
  unsettledIn(shard: number): number {
    return this.#unsettledIn[shard] ?? 0;
  }

  /** Starts a job as soon as there is room. An attempt that is at work already is not started again. */
  start(job: DueJob): void {
    if (this.#closed) return;
    if (this.#of(job)?.get(job.n)?.attempt === job.attempt) return;
    this.#queue.push(job);
    this.#fill();
  }

  /** Forgets the jobs that have not begun; whoever lets jobs start again brings them back. */
  dropQueued(): void {
    this.#queue.length = 0;
  }

  /** Tells a job to stop. Its outcome will find that its element is gone. */
  cancel(instanceId: string, n: number): void {
    this.#working.get(instanceId)?.get(n)?.abort.abort();
  }

  /** Tells all jobs of an instance to stop. */
  cancelAll(instanceId: string): void {
    for (const { abort } of this.#working.get(instanceId)?.values() ?? []) abort.abort();
  }

  /** Takes no more jobs and waits for those at work, aborting them after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    if (this.#unsettled === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const timer = setTimeout(() => {
      for (const jobs of this.#working.values()) {
        for (const { abort } of jobs.values()) abort.abort();
      }
    }, graceMs);
    await idle;
    clearTimeout(timer);
  }

  #of(job: DueJob): Map<number, Working> | undefined {
    return this.#working.get(job.actor.identity.id);
  }

  /** Places in all. At least one job is always at work, so that the next look comes by itself. */
  get #room(): number {
    const { concurrency, crowded } = this.#options;
    return crowded() ? Math.min(workingWhenCrowded, concurrency) : concurrency;
  }

  #fill(): void {
    while (this.#atWork < this.#room) {
      const job = this.#queue.shift();
      if (!job) return;
      const shard = shardOf(job.actor.identity.id);
      this.#atWork += 1;
      this.#unsettled += 1;
      this.#unsettledIn[shard]! += 1;
      let atWork = true;
      const leave = () => {
        if (!atWork) return;
        atWork = false;
        this.#atWork -= 1;
        if (!this.#closed) this.#fill();
      };
      void this.#work(job, leave).finally(() => {
        leave();
        this.#unsettled -= 1;
        this.#unsettledIn[shard]! -= 1;
        if (this.#unsettled === 0) this.#idle?.();
      });
    }
  }

  /**
   * `leave` gives the place to the next job. A job that waits for its commit alone needs none; one
   * that holds a transaction keeps its place, since it holds a connection.
   */
  async #work(job: DueJob, leave: () => void): Promise<void> {
    const node = job.actor.model.nodes[job.node];
    if (node?.type !== 'serviceTask' || !this.#isDue(job)) return;
    if (this.#of(job)?.get(job.n)?.attempt === job.attempt) return;
    const before = this.#mustStopFirst(job, node.forCompensation === true);
    if (before.length > 0) await stopsOrGrace(before);
    if (!this.#isDue(job)) return;
    const abort = new AbortController();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    this.#remember(job, { abort, stopped, attempt: job.attempt });
    const called = callJob(this.#options.services, { ...job, node, signal: abort.signal });
    // Only when the handler itself is through may the next attempt begin, not when its time is up.
    void called.then(() => {
      stop();
      this.#forget(job, stopped);
    });
    const outcome = await within(called, node.timeoutMs, abort, job.node);
    if (!(outcome.ok && outcome.transaction.isOpen)) leave();
    await this.#options.settle(job, outcome);
  }

  /** Attempts of the same job; for an undo, everything of the instance that was told to stop. */
  #mustStopFirst(job: DueJob, isUndo: boolean): Promise<void>[] {
    const jobs = this.#of(job);
    if (!jobs) return [];
    return [...jobs]
      .filter(([n, { abort }]) => n === job.n || (isUndo && abort.signal.aborted))
      .map(([, { stopped }]) => stopped);
  }

  /** False when the job was interrupted, or its instance held or gone, while it stood in the queue. */
  #isDue({ actor, n, attempt }: DueJob): boolean {
    if (actor.gone || actor.state.suspended) return false;
    if (!this.#options.accepts(actor.identity.id)) return false;
    const job = actor.state.elements[n]?.job;
    return job?.phase === 'running' && job.attempt === attempt;
  }

  #remember(job: DueJob, working: Working): void {
    const jobs = this.#of(job) ?? new Map<number, Working>();
    jobs.set(job.n, working);
    this.#working.set(job.actor.identity.id, jobs);
  }

  #forget(job: DueJob, stopped: Promise<void>): void {
    const jobs = this.#of(job);
    if (jobs?.get(job.n)?.stopped === stopped) jobs.delete(job.n);
    if (jobs?.size === 0) this.#working.delete(job.actor.identity.id);
  }
}

async function stopsOrGrace(stops: readonly Promise<void>[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, stoppingGraceMs);
  });
  await Promise.race([Promise.all(stops), grace]);
  clearTimeout(timer);
}

/** The outcome, or a failed one when the time is up; the handler is then told to stop. */
async function within(
  called: Promise<JobOutcome>,
  timeoutMs: number,
  abort: AbortController,
  node: string,
): Promise<JobOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<'time is up'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'time is up');
  });
  const first = await Promise.race([called, timeUp]);
  clearTimeout(timer);
  if (first !== 'time is up') return first;
  abort.abort();
  // A late success is thrown away; its transaction must not commit.
  void called.then((late) => (late.ok ? late.transaction.rollback() : undefined));
  const message = `step "${node}" was not done within ${timeoutMs} ms`;
  return {
    ok: false,
    error: jobError(new RetryableFault('STEP_TIMEOUT', message, { outcomeUnknown: true })),
  };
}
