/**
 * An instance in memory. It is moved by one transition at a time: whoever wants to move it waits in
 * line, and sees the state that the one before committed.
 */
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import type { InstanceIdentity } from '../store/commit-record.ts';

/** The copy in memory is no longer valid; the instance is loaded again from the database. */
export class ActorGone extends Error {
  override readonly name = 'ActorGone';
}

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

  /** True when nobody works on it or waits to. */
  get idle(): boolean {
    return this.#inLine === 0;
  }
}
