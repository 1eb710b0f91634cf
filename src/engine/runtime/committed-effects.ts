/**
 * Does what a committed transition asks for, and nothing before its commit: starts and cancels jobs,
 * notes timers and waits, tells of the end. The same for an instance that comes from the database.
 */
import type { Effects } from '../model/events.ts';
import type { MessageWait } from '../model/state.ts';
import { waitNumber } from '../model/wait-number.ts';
import type { OpenWait } from '../store/message-store.ts';
import type { InstanceActor } from './actor.ts';
import type { HorizonTimers } from './horizon-timers.ts';
import type { InstanceCache } from './instance-cache.ts';
import type { JobPool } from './job-pool.ts';
import type { Matcher } from './matcher.ts';

/** An instance whose end is durable. */
export interface EndedInstance {
  readonly instanceId: string;
  readonly process: string;
  readonly status: 'completed' | 'failed' | 'cancelled';
}

/** What effects act upon. */
export interface CommittedEffectsOptions {
  readonly instances: InstanceCache;
  readonly jobs: JobPool;
  readonly timers: HorizonTimers;
  readonly matcher: Matcher;
  /** True while no job may be started. */
  readonly paused: () => boolean;
  /** Work for workers outside can be handed out. */
  readonly offered: (topic: string) => void;
  readonly onEnded: ((ended: EndedInstance) => void) | undefined;
}

/** Performs effects of transitions that are durable. */
export class CommittedEffects {
  readonly #options: CommittedEffectsOptions;

  constructor(options: CommittedEffectsOptions) {
    this.#options = options;
  }

  /** Does what a committed transition asks for. */
  perform(actor: InstanceActor, effects: Effects): void {
    const { instances, jobs, timers, matcher, offered, onEnded } = this.#options;
    const { id, process } = actor.identity;
    for (const n of effects.jobsCancelled) jobs.cancel(id, n);
    const openWaits: OpenWait[] = [];
    for (const { n, wait } of effects.waitsAdded) {
      if (wait.kind === 'message') openWaits.push(openWait(actor, n, wait));
      else if (wait.kind === 'timer') timers.note(id, n, wait);
      else if (wait.kind === 'external') offered(wait.topic);
    }
    matcher.noteWaits(openWaits);
    if (effects.ended) {
      instances.ended(id);
      onEnded?.({ instanceId: id, process, status: effects.ended.status });
    } else for (const job of effects.jobs) this.#startJob(actor, job, job.again ?? false);
    this.rested(actor);
    instances.evict();
  }

  /**
   * Starts what is due of an instance from the database and not in line or at work here. `recovered`:
   * it may have been at work when the instance was last in memory, here or elsewhere.
   */
  resumeJobs(actor: InstanceActor, recovered = true): void {
    for (const element of Object.values(actor.state.elements)) {
      if (element.job?.phase !== 'running') continue;
      const { n, node, job } = element;
      this.#startJob(actor, { n, node, attempt: job.attempt }, recovered);
    }
  }

  /** Nothing of it may be at work: a large one is then left to the database, since memory is worth more. */
  rested(actor: InstanceActor): void {
    if (actor.largeCharacters > 0) this.#options.instances.letGo(actor);
  }

  /** Takes up all that an instance works on and waits for. Not `recovered`: nothing of it ever began. */
  resume(actor: InstanceActor, recovered = true): void {
    const { timers, matcher } = this.#options;
    if (actor.state.suspended) return;
    this.resumeJobs(actor, recovered);
    const { id } = actor.identity;
    const openWaits: OpenWait[] = [];
    for (const { n, waits = [] } of Object.values(actor.state.elements)) {
      for (const wait of waits) {
        if (wait.kind === 'message') openWaits.push(openWait(actor, n, wait));
        else if (wait.kind === 'timer') timers.note(id, n, wait);
      }
    }
    matcher.noteWaits(openWaits);
  }

  #startJob(
    actor: InstanceActor,
    job: { readonly n: number; readonly node: string; readonly attempt: number },
    recovered: boolean,
  ): void {
    if (actor.state.suspended || this.#options.paused()) return;
    // A job that the same transition interrupted again never starts.
    const current = actor.state.elements[job.n]?.job;
    if (current?.phase !== 'running' || current.attempt !== job.attempt) return;
    const outcomeUnknown = recovered || current.unknown === true;
    const { jobs, instances } = this.#options;
    const { n, node, attempt } = job;
    // The line is full: that the job is due stands in the database, and it is fetched from there.
    if (!jobs.start({ actor, n, node, attempt, outcomeUnknown })) instances.letGo(actor);
  }
}

function openWait(actor: InstanceActor, n: number, wait: MessageWait): OpenWait {
  const { id, process } = actor.identity;
  const { on, message, key } = wait;
  return { process, instanceId: id, n: waitNumber(n, wait), on, message, key };
}
