/**
 * An instance in memory. It is moved by one transition at a time: whoever wants to move it waits in
 * line, and sees the state that the one before committed.
 */
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import type { InstanceIdentity } from '../store/commit-record.ts';
import type { JobEvent } from './advance.ts';

/** The copy in memory is no longer valid; the instance is loaded again from the database. */
export class ActorGone extends Error {
  override readonly name = 'ActorGone';
}

/** What became of a job, on its way into the state. */
export interface GatheredOutcome {
  readonly event: JobEvent;
  /** Told whether it was accepted, when that is durable. */
  readonly settle: (accepted: boolean) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Outcomes that one transition takes: a quarter of what the instance has running, since each transition writes the
 * state as a whole, and a list then takes time in proportion to its length; but at least so many, and at most as many
 * as keep others from the processor for a moment only.
 */
const leastTogether = 500;
const mostTogether = 2_500;

/** The one copy in memory of an instance, moved by one transition at a time. */
export class InstanceActor {
  readonly identity: InstanceIdentity;
  readonly model: ProcessModel;
  state: InstanceState;
  revision: number;
  /** Set when a commit failed: nobody may build on this copy any more. */
  gone = false;
  /** Characters of its state as JSON, as the cache counts them. */
  characters = 0;
  /** Characters of its large values. */
  largeCharacters = 0;
  /** Attempts in line or at work on this node, by element instance. */
  readonly jobs = new Map<number, number>();
  #line: Promise<unknown> = Promise.resolve();
  #inLine = 0;
  readonly #gathered: GatheredOutcome[] = [];

  constructor(
    identity: InstanceIdentity,
    model: ProcessModel,
    state: InstanceState,
    revision: number,
  ) {
    this.identity = identity;
    this.model = model;
    this.state = state;
    this.revision = revision;
  }

  /** Runs `work` alone: after all earlier calls, before all later ones. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    this.#inLine += 1;
    const result = this.#line.then(() => {
      if (this.gone) throw new ActorGone(`instance ${this.identity.id} is being loaded again`);
      return work();
    });
    const left = () => {
      this.#inLine -= 1;
    };
    this.#line = result.then(left, left);
    return result;
  }

  /**
   * As `exclusive`, for outcomes of jobs: those that come while others are at work on the instance are
   * handed to `work` together. Resolves to what was said of this one, or rejects with what `work` did.
   */
  together(
    event: JobEvent,
    work: (outcomes: readonly GatheredOutcome[]) => Promise<void>,
  ): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    this.#gathered.push({ event, settle: resolve, reject });
    if (this.#gathered.length === 1) this.#takeGathered(work);
    return promise;
  }

  #takeGathered(work: (outcomes: readonly GatheredOutcome[]) => Promise<void>): void {
    let taken: readonly GatheredOutcome[] = [];
    this.exclusive(() => {
      taken = this.#gathered.splice(0, this.#togetherNow);
      if (this.#gathered.length > 0) this.#takeGathered(work);
      return work(taken);
    }).catch((error: unknown) => {
      // The copy was thrown away before its turn came: nobody waits for one any more.
      if (taken.length === 0) taken = this.#gathered.splice(0);
      for (const { reject } of taken) reject(error);
    });
  }

  get #togetherNow(): number {
    if (this.#gathered.length <= leastTogether) return leastTogether;
    const quarter = Math.ceil(Object.keys(this.state.elements).length / 4);
    return Math.max(leastTogether, Math.min(mostTogether, quarter));
  }

  /** True when nobody works on it or waits to. */
  get idle(): boolean {
    return this.#inLine === 0;
  }
}
