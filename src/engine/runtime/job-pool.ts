/**
 * Jobs at work: bounded in number, each with a time limit. Who works next is decided by `fair-queue.ts`,
 * and what a job may not do at the same time as others by the limits of procedures, steps and outside
 * systems; whoever waits holds nothing. A job's next attempt, and the undo of a job that was
 * interrupted, begin only when the attempt before has really stopped, so that two attempts never run
 * beside each other on this node.
 *
 * The line is bounded for each process. A job that finds it full is not kept: its instance says in the
 * database that it is due, and the pool asks for more when the line has become short (`refill`). Where one
 * party has more than its share of a full line, a job of another one takes the place of its last.
 */
import { performance } from 'node:perf_hooks';
import { RetryableFault } from '../../kernel/errors.ts';
import type { Gate } from '../../kernel/gate.ts';
import type { KeyLimit, Limits } from '../../kernel/limits.ts';
import { ShortLivedMap } from '../../kernel/short-lived.ts';
import type { ServiceTask } from '../model/process-model.ts';
import { shardCount, shardOf } from '../store/shard.ts';
import type { InstanceActor } from './actor.ts';
import { FairQueue } from './fair-queue.ts';
import { Deferred, HeldLimits } from './held-limits.ts';
import { callJob, type JobOutcome, type JobServices, jobError } from './job-call.ts';
import { KeyLine } from './key-line.ts';
import type { Lane } from './lane.ts';
import { LineShares } from './line-shares.ts';
import { NodeLimits } from './node-limits.ts';
import type { InLine } from './turns.ts';

/** A job that is to be started. */
export interface DueJob {
  readonly actor: InstanceActor;
  readonly n: number;
  readonly node: string;
  readonly attempt: number;
  readonly outcomeUnknown: boolean;
}

/** Kept until the handler has stopped and its outcome is settled. */
interface Working {
  readonly abort: AbortController;
  /** Resolves when the handler has stopped, however it ended. */
  readonly stopped: Promise<void>;
  readonly attempt: number;
  /** The same attempt as it was to be started meanwhile: from a new copy of its instance. */
  asked?: DueJob;
}

/** A job in line. */
interface Entry extends InLine {
  readonly party: string;
  readonly job: DueJob;
  readonly node: ServiceTask;
  /** What it waited for already and holds when it begins; undefined before anybody looked. */
  key: KeyLimit | null | undefined;
  /** True once its key was given to it: it stands before those that come later. */
  called: boolean;
  /** Gates that an earlier try has met, where they are not those of its step. */
  gates: readonly Gate[] | undefined;
  /** How much of the line it takes: one, and more for large values. */
  readonly weight: number;
}

/** What a pool of jobs is made of. */
export interface JobPoolOptions {
  readonly services: JobServices;
  readonly limits: Limits;
  /** Jobs at work at the same time. */
  readonly concurrency: number;
  /** False while the instance's shard is being handed over: nothing new begins in it. */
  readonly accepts: (instanceId: string) => boolean;
  /**
   * Jobs of one process in line; more stay in the database. One whose instance has large values counts
   * for several, one for each `charactersPerPlace`.
   */
  readonly longestLine: number;
  /** True while callers wait for the database; then jobs make room. */
  readonly crowded: () => boolean;
  /** Takes what became of a job; resolves when that is committed. */
  readonly settle: (job: DueJob, outcome: JobOutcome) => Promise<void>;
  /** Nothing of the instance is in line or at work any more. */
  readonly rested: (actor: InstanceActor) => void;
  /** The line of a process, too long before, has become short: the database may have more. */
  readonly refill: (process: string) => void;
}

/** Of large values, for one place in line. */
const charactersPerPlace = 16 * 1024;

/** How long a handler that was told to stop may take before its next attempt begins without it. */
const stoppingGraceMs = 5_000;

/**
 * Jobs at work while callers wait for the database. Orders are taken while their processes fall
 * behind for a while; the other way round people would wait for work that nobody waits for. When jobs
 * have waited longer than `patienceMs` they give way no more: then new work has to wait for them.
 */
const workingWhenCrowded = 1;
const patienceMs = 20_000;
/** Until the next look for callers that wait. */
const crowdedMs = 20;

/** Runs jobs, each attempt once at a time. */
export class JobPool {
  readonly #options: JobPoolOptions;
  readonly #queue: FairQueue<Entry>;
  readonly #keys = new KeyLine<Entry>();
  readonly #nodes: NodeLimits<Entry>;
  readonly #shares = new LineShares();
  /** Processes of which a job was not kept because the line was full. */
  readonly #overflowed = new Set<string>();
  readonly #working = new ShortLivedMap<string, Map<number, Working>>();
  readonly #unwatchKeys: () => void;
  #atWork = 0;
  /** Jobs at work, and those whose outcome is being committed. */
  #unsettled = 0;
  readonly #unsettledIn = new Uint32Array(shardCount);
  #closed = false;
  #idle: (() => void) | undefined;
  /** Looks again when callers may have got what they waited for. */
  #lookAgain: NodeJS.Timeout | undefined;

  constructor(options: JobPoolOptions) {
    this.#options = options;
    this.#queue = new FairQueue(() => this.#fill());
    this.#nodes = new NodeLimits(this.#queue);
    this.#unwatchKeys = options.limits.watchKeys((key) => this.#callNext(key));
  }

  get counts(): {
    readonly queued: number;
    readonly atWork: number;
    /** How long the first of those waits that nothing but the lack of a place keeps. */
    readonly waitMs: number;
    /** Processes with due jobs that are not in line but in the database. */
    readonly overflowed: number;
  } {
    const since = this.#queue.waitingSince;
    return {
      queued: this.#queue.size + this.#keys.size,
      atWork: this.#atWork,
      waitMs: since === undefined ? 0 : Math.round(performance.now() - since),
      overflowed: this.#overflowed.size,
    };
  }

  /** Jobs of a shard that are at work, or whose outcome is being committed. */
  unsettledIn(shard: number): number {
    return this.#unsettledIn[shard] ?? 0;
  }

  /** How many more jobs of a process fit in line. */
  roomFor(process: string): number {
    return Math.max(0, this.#options.longestLine - this.#shares.of(process));
  }

  /** Due jobs of the process may be left in the database: `refill` is called when there is room. */
  noteMore(process: string): void {
    if (this.roomFor(process) * 2 > this.#options.longestLine) this.#options.refill(process);
    else this.#overflowed.add(process);
  }

  /**
   * Puts a job in line; an attempt that stands there or is at work already is not put there again.
   * False: the line is full, and the job stays in the database until `refill` asks for it.
   */
  start(job: DueJob): boolean {
    const { actor, n, attempt } = job;
    const node = actor.model.nodes[job.node];
    if (this.#closed || node?.type !== 'serviceTask') return true;
    if (actor.jobs.get(n) === attempt) return true;
    const working = this.#of(job)?.get(n);
    if (working?.attempt === attempt) {
      // What becomes of it may be on its way into the database: it is due only if that does not arrive.
      working.asked = job;
      actor.jobs.set(n, attempt);
      return true;
    }
    const { process } = actor.identity;
    const party = `${process} ${partyOf(actor)}`;
    const before = this.#shares.of(process);
    const weight = 1 + Math.floor(actor.largeCharacters / charactersPerPlace);
    // One always fits, however large it is.
    if (before > 0 && !this.#makeRoom(process, party, weight)) {
      this.#overflowed.add(process);
      return false;
    }
    actor.jobs.set(n, attempt);
    this.#shares.add(process, party, weight);
    const group = actor.identity.id;
    const entry = { job, node, group, party, weight, since: performance.now() };
    const free = { key: undefined, called: false, gates: undefined };
    this.#queue.push(this.#nodes.laneOf(actor, node), { ...entry, ...free });
    this.#fill();
    return true;
  }

  /** Forgets the jobs that have not begun; whoever lets jobs start again brings them back. */
  dropQueued(): void {
    for (const { job } of [...this.#queue.drain(), ...this.#keys.drain()]) this.#leaveActor(job);
    for (const jobs of this.#working.values())
      for (const working of jobs.values()) takeAsked(working);
    this.#shares.clear();
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
    clearTimeout(this.#lookAgain);
    this.#queue.close();
    this.#keys.drain();
    this.#unwatchKeys();
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

  /** Places in all. While jobs give way, the next look may be long in coming: those at work may be slow. */
  get #room(): number {
    const { concurrency, crowded } = this.#options;
    const givesWay = crowded() && this.counts.waitMs < patienceMs;
    if (!givesWay || this.#closed || this.#queue.size === 0) return concurrency;
    this.#lookAgain ??= setTimeout(() => {
      this.#lookAgain = undefined;
      this.#fill();
    }, crowdedMs);
    return Math.min(workingWhenCrowded, concurrency);
  }

  // --- who is next -----------------------------------------------------------------------------

  #fill(): void {
    for (;;) {
      const room = this.#room;
      const free = room - this.#atWork;
      const picked = !this.#closed && free > 0 ? this.#queue.pick(free, room) : undefined;
      if (!picked) return;
      const { lane, item } = picked;
      if (this.#mayBegin(item)) this.#begin(lane, item);
      else this.#queue.done(lane);
    }
  }

  /** False when it is not due any more, or stands in line for its key now. */
  #mayBegin(entry: Entry): boolean {
    const { job, node } = entry;
    if (!this.#isDue(job)) {
      this.#leaveLine(entry);
      this.#leaveActor(job);
      // Its key was kept for it.
      if (entry.called && entry.key) this.#callNext(entry.key.key);
      return false;
    }
    const key = this.#keyOf(entry, node);
    if (!key) return true;
    const { limits } = this.#options;
    if (limits.keyIsFree(key) && (entry.called || !this.#keys.has(key.key))) return true;
    if (entry.called) this.#keys.pushFirst(key.key, entry);
    else this.#keys.push(key.key, entry);
    return false;
  }

  #keyOf(entry: Entry, node: ServiceTask): KeyLimit | null {
    if (entry.key === undefined) entry.key = this.#nodes.keyOf(entry.job, node);
    return entry.key;
  }

  /** A key was given back: the first that waits for it goes back before all others of its lane. */
  #callNext(key: string): void {
    const entry = this.#closed ? undefined : this.#keys.take(key);
    if (!entry) return;
    entry.called = true;
    this.#queue.pushFirst(this.#laneOf(entry), entry);
    this.#fill();
  }

  #laneOf({ job, node, gates }: Entry): Lane<Entry> {
    return this.#nodes.laneOf(job.actor, node, gates);
  }

  /**
   * Room in the line of a process for a party: where it is full, jobs of the party that takes most of it go
   * back to the database, as long as that one keeps more than this one has then.
   */
  #makeRoom(process: string, party: string, weight: number): boolean {
    const shares = this.#shares;
    while (shares.of(process) + weight > this.#options.longestLine) {
      const largest = shares.largest(process);
      if (largest === undefined) return true;
      if (shares.of(process, largest) <= shares.of(process, party) + weight) return false;
      const last = this.#queue.dropLast(process, largest) ?? this.#keys.dropLast(largest);
      if (!last) return false;
      this.#leaveLine(last);
      this.#leaveActor(last.job);
      this.#overflowed.add(process);
    }
    return true;
  }

  #leaveLine({ job, party, weight }: Entry): void {
    const { process } = job.actor.identity;
    this.#shares.remove(process, party, weight);
    const left = this.#shares.of(process);
    if (!this.#overflowed.has(process) || left > this.#options.longestLine / 2) return;
    this.#overflowed.delete(process);
    this.#options.refill(process);
  }

  /** From here on the same attempt may stand in line again. */
  #leaveActor({ actor, n, attempt }: DueJob): void {
    if (actor.jobs.get(n) !== attempt) return;
    actor.jobs.delete(n);
    if (actor.jobs.size === 0) this.#options.rested(actor);
  }

  // --- at work ---------------------------------------------------------------------------------

  #begin(lane: Lane<Entry>, entry: Entry): void {
    const { job, node, key = null } = entry;
    this.#leaveLine(entry);
    const { limits } = this.#options;
    const held = new HeldLimits(limits, { gates: lane.gates, key }, (gates) =>
      this.#nodes.learn(node, gates),
    );
    const shard = shardOf(job.actor.identity.id);
    this.#atWork += 1;
    this.#unsettled += 1;
    this.#unsettledIn[shard]! += 1;
    let atWork = true;
    const leave = () => {
      if (!atWork) return;
      atWork = false;
      this.#atWork -= 1;
      this.#queue.done(lane);
      if (!this.#closed) this.#fill();
    };
    void this.#work(entry, held, leave).finally(() => {
      leave();
      this.#unsettled -= 1;
      this.#unsettledIn[shard]! -= 1;
      if (this.#unsettled === 0) this.#idle?.();
    });
  }

  /**
   * `leave` gives the place to the next job. A job that waits for its commit alone needs none; one
   * that holds a transaction keeps its place, since it holds a connection.
   */
  async #work(entry: Entry, held: HeldLimits, leave: () => void): Promise<void> {
    const { job, node } = entry;
    const before = this.#mustStopFirst(job, node.forCompensation === true);
    if (before.length > 0) await stopsOrGrace(before);
    if (!this.#isDue(job)) {
      held.leaveUnused();
      this.#leaveActor(job);
      return;
    }
    const abort = new AbortController();
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    const working: Working = { abort, stopped, attempt: job.attempt };
    this.#remember(job, working);
    const called = callJob(this.#options.services, { ...job, node, held, signal: abort.signal });
    // Only when the handler itself is through may the next attempt begin, not when its time is up.
    void called.then(() => stop());
    const outcome = await within(called, node.timeoutMs, abort, job.node);
    if (outcome instanceof Deferred) {
      await stopped;
      this.#forget(job, working);
      this.#again(entry, held, outcome);
      return;
    }
    if (!(outcome.ok && outcome.transaction.isOpen)) leave();
    await this.#options.settle(job, outcome);
    void stopped.then(() => {
      this.#forget(job, working);
      const asked = takeAsked(working);
      if (asked) this.start(asked);
    });
    this.#leaveActor(job);
    // A handler that was not done in time may be at work for a while yet.
    if (held.hasSome) void stopped.then(() => held.leave());
  }

  /** It met a limit before it did anything: it goes back, in line for that limit. */
  #again(entry: Entry, held: HeldLimits, { gates, key }: Deferred): void {
    held.leaveUnused();
    if (this.#closed) return;
    const { process } = entry.job.actor.identity;
    this.#shares.add(process, entry.party, entry.weight);
    const again: Entry = { ...entry, gates, key: key ?? entry.key, called: false };
    this.#queue.pushFirst(this.#laneOf(again), again);
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

  #forget(job: DueJob, working: Working): void {
    const jobs = this.#of(job);
    if (jobs?.get(job.n) === working) jobs.delete(job.n);
    if (jobs?.size === 0) this.#working.delete(job.actor.identity.id);
  }
}

/** The attempt that was to be started meanwhile, as one that does not stand in line. */
function takeAsked(working: Working): DueJob | undefined {
  const { asked } = working;
  delete working.asked;
  if (asked && asked.actor.jobs.get(asked.n) === asked.attempt) asked.actor.jobs.delete(asked.n);
  return asked;
}

/** Whom an instance's jobs are for, so that these take turns: as its process says, else its business key. */
function partyOf({ identity, model, state }: InstanceActor): string {
  const own = identity.businessKey ?? identity.id;
  if (!model.fairBy) return own;
  try {
    const party = model.fairBy.evaluate(state.elements[1]?.vars ?? {});
    return party === null || party === undefined ? own : String(party);
  } catch {
    // The process works all the same; it only stands in line for itself.
    return own;
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
  called: Promise<JobOutcome | Deferred>,
  timeoutMs: number,
  abort: AbortController,
  node: string,
): Promise<JobOutcome | Deferred> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<'time is up'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'time is up');
  });
  const first = await Promise.race([called, timeUp]);
  clearTimeout(timer);
  if (first !== 'time is up') return first;
  abort.abort();
  // A late success is thrown away; its transaction must not commit.
  void called.then((late) => ('ok' in late && late.ok ? late.transaction.rollback() : undefined));
  const message = `step "${node}" was not done within ${timeoutMs} ms`;
  return {
    ok: false,
    error: jobError(new RetryableFault('STEP_TIMEOUT', message, { outcomeUnknown: true })),
  };
}
