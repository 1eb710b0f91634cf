/**
 * How many calls a rate allows at this moment: a bucket of tokens that fills at the rate up to the burst,
 * and that each call empties by one. This one is filled by the clock, for one process on its own.
 */
import type { Clock } from './clock.ts';

/** So many calls a second, and so many at once after a pause. */
export interface Rate {
  readonly perSecond: number;
  /** Most calls at once. At least 1. */
  readonly burst: number;
}

/** What a gate asks before it lets a call through. */
export interface CallBucket {
  /** True when one more call may be made now. */
  readonly isFilled: boolean;
  /** Milliseconds until it may be filled again, as far as anybody knows. */
  readonly fillsInMs: number;
  /** One call is made. May empty it below nothing; it is filled up first then. */
  take(): void;
  /** A call that was taken is not made. */
  putBack(): void;
  /** Somebody waits: `refilled` is called when it may be filled. Costs nothing when it is known already. */
  want(): void;
  /** True when it is filled, or may be when asked again; false when it certainly is not for a while. */
  look(): Promise<boolean>;
}

/** Filled by the clock of this process, exactly. */
export class OwnBucket implements CallBucket {
  readonly #rate: Rate;
  readonly #clock: Clock;
  readonly #refilled: () => void;
  #tokens: number;
  #filledAt: number;
  #isWanted = false;

  constructor(options: {
    readonly rate: Rate;
    readonly clock: Clock;
    readonly refilled: () => void;
  }) {
    this.#rate = options.rate;
    this.#clock = options.clock;
    this.#refilled = options.refilled;
    this.#tokens = options.rate.burst;
    this.#filledAt = options.clock.now().getTime();
  }

  get isFilled(): boolean {
    this.#fill();
    return this.#tokens >= 1;
  }

  get fillsInMs(): number {
    this.#fill();
    return Math.max(0, Math.ceil(((1 - this.#tokens) * 1_000) / this.#rate.perSecond));
  }

  take(): void {
    this.#fill();
    this.#tokens -= 1;
  }

  putBack(): void {
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + 1);
  }

  want(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    const at = new Date(this.#clock.now().getTime() + Math.max(1, this.fillsInMs));
    this.#clock.schedule(at, () => {
      this.#isWanted = false;
      this.#refilled();
    });
  }

  look(): Promise<boolean> {
    return Promise.resolve(this.isFilled);
  }

  #fill(): void {
    const now = this.#clock.now().getTime();
    const passedMs = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (passedMs * perSecond) / 1_000);
  }
}
