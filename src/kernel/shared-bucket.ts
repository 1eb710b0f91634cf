/**
 * The calls that this process may make of a rate that many processes share. The one bucket of all is
 * elsewhere (`CallSupply`); this one fetches calls from it as they are wanted, a few ahead while there is
 * much to do, and lets those lapse that it has not made within a second. So all processes together begin
 * at most `burst + perSecond * (T + 1)` calls in any T seconds, whatever their roles, how many they are,
 * and whichever of them die. Without an answer of the supply no call is made.
 */
import { performance } from 'node:perf_hooks';
import type { CallBucket, Rate } from './call-bucket.ts';

/** What a supply gives. */
export interface SuppliedCalls {
  /** Calls that may be made: at most as many as were wanted. */
  readonly calls: number;
  /** When none: milliseconds until there may be one. */
  readonly againInMs: number;
}

/** The one bucket of each rate, which all processes share. */
export interface CallSupply {
  /**
   * Takes calls out of the bucket of a system. `made` were made without having been taken: they are
   * counted first.
   */
  take(
    system: string,
    rate: Rate,
    asked: { readonly wanted: number; readonly made: number },
  ): Promise<SuppliedCalls>;
}

/** What was fetched and not used within this time lapses. */
const keptMs = 1_000;
/** Calls are fetched ahead for at most this part of a second. */
const aheadSeconds = 0.2;
/** Between two questions that found nothing. */
const shortestPauseMs = 5;
/** After a supply that did not answer. */
const silencePauseMs = 1_000;

/** Fetches calls from a supply. */
export class SharedBucket implements CallBucket {
  readonly #system: string;
  readonly #rate: Rate;
  readonly #supply: CallSupply;
  readonly #refilled: () => void;
  readonly #mostAhead: number;
  /** What is here to be used, and until when; below nothing it was used already. */
  #calls = 0;
  #keptUntil = 0;
  /** Calls that were made without having been fetched. */
  #owed = 0;
  #wanted = 1;
  #asking: Promise<void> | undefined;
  /** The supply has nothing before this moment. */
  #emptyUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly system: string;
    readonly rate: Rate;
    readonly supply: CallSupply;
    readonly refilled: () => void;
  }) {
    this.#system = options.system;
    this.#rate = options.rate;
    this.#supply = options.supply;
    this.#refilled = options.refilled;
    this.#mostAhead = Math.max(1, Math.floor(options.rate.perSecond * aheadSeconds));
  }

  get isFilled(): boolean {
    if (this.#calls > 0 && performance.now() >= this.#keptUntil) {
      this.#calls = 0;
      this.#wanted = 1;
    }
    return this.#calls > 0;
  }

  get fillsInMs(): number {
    return this.isFilled ? 0 : Math.max(1, Math.ceil(this.#emptyUntil - performance.now()));
  }

  take(): void {
    if (this.isFilled) {
      this.#calls -= 1;
      return;
    }
    this.#owed += 1;
    // Told at once: this process may never ask again.
    this.#ask(0);
  }

  putBack(): void {
    if (this.#owed > 0) this.#owed -= 1;
    else if (performance.now() < this.#keptUntil) this.#calls += 1;
  }

  want(): void {
    if (this.#asking || this.#timer) return;
    const pauseMs = this.#emptyUntil - performance.now();
    if (pauseMs <= 0) {
      this.#ask();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#ask();
    }, Math.ceil(pauseMs));
    this.#timer.unref();
  }

  async look(): Promise<boolean> {
    if (this.isFilled) return true;
    if (!this.#asking && performance.now() < this.#emptyUntil) return false;
    this.#ask();
    await this.#asking;
    return performance.now() >= this.#emptyUntil;
  }

  #ask(wanted = this.#wanted): void {
    this.#asking ??= this.#fetch(wanted).finally(() => {
      this.#asking = undefined;
      if (this.#owed > 0 && performance.now() >= this.#emptyUntil) this.#ask(0);
      this.#refilled();
    });
  }

  /** Never rejects. */
  async #fetch(wanted: number): Promise<void> {
    const made = this.#owed;
    this.#owed = 0;
    try {
      const { calls, againInMs } = await this.#supply.take(this.#system, this.#rate, {
        wanted,
        made,
      });
      const now = performance.now();
      if (wanted === 0) return;
      this.#calls += calls;
      this.#keptUntil = now + keptMs;
      // Whoever uses up what it fetched fetches more the next time.
      this.#wanted = calls < wanted ? 1 : Math.min(this.#mostAhead, this.#wanted * 2);
      if (calls === 0) this.#emptyUntil = now + Math.max(shortestPauseMs, againInMs);
    } catch {
      this.#owed += made;
      this.#emptyUntil = performance.now() + silencePauseMs;
    }
  }
}
