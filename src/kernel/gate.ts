/**
 * One limit: how many at the same time, how many a second, or both. A rate is a bucket of tokens that
 * fills at the rate up to the burst; each take empties it by one. Asking costs the same however many
 * wait, and a closed gate tells those who watch it when it opens, so that nobody has to ask again.
 */
import type { Clock } from './clock.ts';

/** So many calls a second, and so many at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  /** Most calls at once. At least 1. */
  readonly burst: number;
}

/** What a gate is made of. */
export interface GateOptions {
  readonly name: string;
  readonly clock: Clock;
  /** Most that are in at the same time. @defaultValue no limit */
  readonly atOnce?: number;
  /** @defaultValue no limit */
  readonly rate?: Rate;
}

/** How long to wait for somebody to leave, when nobody can know: a second. */
const unknownWaitMs = 1_000;

/** One limit, and who is told when there is room again. */
export class Gate {
  readonly name: string;
  readonly #clock: Clock;
  readonly #atOnce: number;
  readonly #rate: Rate | undefined;
  readonly #watchers = new Set<(gate: Gate) => void>();
  #in = 0;
  #tokens: number;
  #filledAt: number;
  #share = 1;
  #cancelWake: (() => void) | undefined;

  constructor({ name, clock, atOnce = Number.POSITIVE_INFINITY, rate }: GateOptions) {
    this.name = name;
    this.#clock = clock;
    this.#atOnce = atOnce;
    this.#rate = rate;
    this.#tokens = rate?.burst ?? 0;
    this.#filledAt = rate ? clock.now().getTime() : 0;
  }

  /** Whether one more may come in now. A closed one tells its watchers when it opens. */
  get isOpen(): boolean {
    if (this.#in >= this.#atOnce) return false;
    if (!this.#rate) return true;
    this.#fill();
    if (this.#tokens >= 1) return true;
    this.#wakeInTime();
    return false;
  }

  /** Milliseconds until it may be open: exact for a rate, a guess when somebody has to leave first. */
  get opensInMs(): number {
    if (this.#in >= this.#atOnce) return unknownWaitMs;
    if (!this.#rate) return 0;
    this.#fill();
    return Math.max(0, Math.ceil(((1 - this.#tokens) * 1_000) / this.#perSecond));
  }

  /** The part of the rate that counts here. */
  set share(share: number) {
    if (share === this.#share) return;
    if (this.#rate) this.#fill();
    this.#share = share;
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    this.#tell();
  }

  /** Comes in; whoever took gives back, once. */
  take(): void {
    this.#in += 1;
    this.count();
  }

  /** Empties the bucket by one without coming in. It may go below nothing; it is filled up first then. */
  count(): void {
    if (!this.#rate) return;
    this.#fill();
    this.#tokens -= 1;
  }

  give(): void {
    const wasFull = this.#in >= this.#atOnce;
    this.#in -= 1;
    if (wasFull) this.#tell();
  }

  /** Gives back what was taken and not used: the token as well. */
  giveUnused(): void {
    if (this.#rate) this.#tokens = Math.min(this.#rate.burst, this.#tokens + 1);
    this.give();
  }

  /** Tells when it may have opened. Gives what ends it. */
  watch(watcher: (gate: Gate) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  get #perSecond(): number {
    return (this.#rate?.perSecond ?? 0) * this.#share;
  }

  #fill(): void {
    const now = this.#clock.now().getTime();
    const passedMs = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    const { burst } = this.#rate as Rate;
    this.#tokens = Math.min(burst, this.#tokens + (passedMs * this.#perSecond) / 1_000);
  }

  #wakeInTime(): void {
    if (this.#cancelWake || this.#watchers.size === 0) return;
    const at = new Date(this.#clock.now().getTime() + Math.max(1, this.opensInMs));
    this.#cancelWake = this.#clock.schedule(at, () => {
      this.#cancelWake = undefined;
      this.#tell();
    });
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher(this);
  }
}
