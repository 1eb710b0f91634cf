/**
 * One limit: how many at the same time, how many a second, or both. Asking costs the same however many
 * wait, and a closed gate tells those who watch it when it opens, so that nobody has to ask again.
 */
import { type CallBucket, OwnBucket, type Rate } from './call-bucket.ts';
import type { Clock } from './clock.ts';
import { type CallSupply, SharedBucket } from './shared-bucket.ts';

/** What a gate is made of. */
export interface GateOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Most that are in at the same time. @defaultValue no limit */
  readonly atOnce?: number;
  /** @defaultValue no limit */
  readonly rate?: Rate;
  /** Where the calls of the rate come from. @defaultValue the rate is that of this process alone */
  readonly supply?: CallSupply | undefined;
}

/** How long to wait for somebody to leave, when nobody can know: a second. */
const unknownWaitMs = 1_000;

/** One limit, and who is told when there is room again. */
export class Gate {
  readonly name: string;
  readonly #atOnce: number;
  readonly #calls: CallBucket | undefined;
  readonly #watchers = new Set<(gate: Gate) => void>();
  #in = 0;

  constructor({ name, clock, atOnce = Number.POSITIVE_INFINITY, rate, supply }: GateOptions) {
    this.name = name;
    this.#atOnce = atOnce;
    const refilled = () => this.#tell();
    if (rate && supply) this.#calls = new SharedBucket({ system: name, rate, supply, refilled });
    else if (rate) this.#calls = new OwnBucket({ rate, clock, refilled });
  }

  /** Whether one more may come in now. A closed one tells its watchers when it opens. */
  get isOpen(): boolean {
    if (this.#in >= this.#atOnce) return false;
    if (!this.#calls || this.#calls.isFilled) return true;
    if (this.#watchers.size > 0) this.#calls.want();
    return false;
  }

  /** Milliseconds until it may be open: exact for a rate, a guess when somebody has to leave first. */
  get opensInMs(): number {
    if (this.#in >= this.#atOnce) return unknownWaitMs;
    return this.#calls?.fillsInMs ?? 0;
  }

  /** Asks whoever has to be asked. False when one more certainly cannot come in now. */
  async look(): Promise<boolean> {
    if (this.isOpen) return true;
    if (this.#in >= this.#atOnce) return false;
    return (await this.#calls?.look()) ?? true;
  }

  /** Comes in; whoever took gives back, once. */
  take(): void {
    this.#in += 1;
    this.count();
  }

  /** One call more without coming in: those that come next wait for it. */
  count(): void {
    this.#calls?.take();
  }

  give(): void {
    const wasFull = this.#in >= this.#atOnce;
    this.#in -= 1;
    if (wasFull) this.#tell();
  }

  /** Gives back what was taken and not used: the call as well. */
  giveUnused(): void {
    this.#calls?.putBack();
    this.give();
  }

  /** Tells when it may have opened. Gives what ends it. */
  watch(watcher: (gate: Gate) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher(this);
  }
}
