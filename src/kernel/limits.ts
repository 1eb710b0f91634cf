/**
 * Limits of work as data: how many calls of a procedure are at work at the same time, how many for one
 * key, and how many calls a second an outside system is sent. Whoever calls asks first; who waits holds
 * nothing. All limits are those of one node, except rates: with a supply they are those of all nodes.
 */
import type { Rate } from './call-bucket.ts';
import type { Clock } from './clock.ts';
import { Gate } from './gate.ts';
import type { CallSupply } from './shared-bucket.ts';

/** What bounds the calls of one procedure; declared with it. */
export interface ProcedureLimits {
  /** Calls at work at the same time on one node. A setting may say otherwise. */
  readonly concurrency?: number;
  /** Calls at work at the same time on one node with the same value of this field of the input. */
  readonly perKey?: { readonly field: string; readonly concurrency: number };
  /** The outside system that it calls; its rate is a setting. Each call of the procedure counts once. */
  readonly system?: string;
}

/** A procedure as far as limits are concerned. */
export interface LimitedProcedure {
  readonly name: string;
  readonly limits?: ProcedureLimits;
}

/** A bound on what has one key. */
export interface KeyLimit {
  readonly key: string;
  readonly atOnce: number;
}

/** What an operator sets. */
export interface LimitsOptions {
  readonly clock: Clock;
  /** Calls at work at the same time, by procedure; stands for what the procedure declares. */
  readonly concurrency?: Readonly<Record<string, number>>;
  /** By outside system. A system without one is called as often as there is work. */
  readonly rates?: Readonly<Record<string, Rate>>;
  /** What several nodes share the rates by. @defaultValue each process has the whole of each rate */
  readonly supply?: CallSupply;
}

const none: readonly Gate[] = [];

/** The limits of one node. */
export class Limits {
  readonly #options: LimitsOptions;
  readonly #gates = new Map<string, readonly Gate[]>();
  readonly #systems = new Map<string, Gate>();
  readonly #keys = new Map<string, number>();
  readonly #keyWatchers = new Set<(key: string) => void>();

  constructor(options: LimitsOptions) {
    this.#options = options;
    for (const [system, rate] of Object.entries(options.rates ?? {})) {
      const { clock, supply } = options;
      this.#systems.set(system, new Gate({ name: system, clock, rate, supply }));
    }
  }

  /** The gates that every call of a procedure passes; none for one without limits. */
  gatesOf({ name, limits }: LimitedProcedure): readonly Gate[] {
    const known = this.#gates.get(name);
    if (known) return known;
    const { clock, concurrency = {} } = this.#options;
    const atOnce = concurrency[name] ?? limits?.concurrency;
    const own = atOnce === undefined ? [] : [new Gate({ name, clock, atOnce })];
    const system = limits?.system === undefined ? undefined : this.#systems.get(limits.system);
    const gates = system ? [...own, system] : own;
    const made = gates.length === 0 ? none : gates;
    this.#gates.set(name, made);
    return made;
  }

  /** The key of a call, when its procedure declares one and the input has it. */
  keyOf({ name, limits }: LimitedProcedure, input: unknown): KeyLimit | null {
    const perKey = limits?.perKey;
    if (!perKey || typeof input !== 'object' || input === null) return null;
    const value = (input as Readonly<Record<string, unknown>>)[perKey.field];
    if (value === undefined || value === null) return null;
    return { key: JSON.stringify([name, value]), atOnce: perKey.concurrency };
  }

  keyIsFree({ key, atOnce }: KeyLimit): boolean {
    return (this.#keys.get(key) ?? 0) < atOnce;
  }

  /** Counts one at work under a key; whoever took gives back, once. */
  takeKey(key: string): void {
    this.#keys.set(key, (this.#keys.get(key) ?? 0) + 1);
  }

  giveKey(key: string): void {
    const left = (this.#keys.get(key) ?? 1) - 1;
    if (left > 0) this.#keys.set(key, left);
    else this.#keys.delete(key);
    for (const watcher of this.#keyWatchers) watcher(key);
  }

  /** Tells of every key that was given back. Gives what ends it. */
  watchKeys(watcher: (key: string) => void): () => void {
    this.#keyWatchers.add(watcher);
    return () => void this.#keyWatchers.delete(watcher);
  }

  /** Counts one more call to a system: a client has repeated one. The next ones wait for it. */
  countCall(system: string): void {
    this.#systems.get(system)?.count();
  }

  /**
   * Lets a call in without waiting for others, or tells after how many milliseconds to ask again. Who was
   * let in calls `leave` when the call is over.
   */
  async enter(
    procedure: LimitedProcedure,
    input: unknown,
  ): Promise<{ readonly leave: () => void } | { readonly retryAfterMs: number }> {
    const gates = this.gatesOf(procedure);
    const key = this.keyOf(procedure, input);
    // What one had to be asked for may be gone when the next has answered, so all are looked at anew.
    for (let closed = firstClosed(gates); closed; closed = firstClosed(gates)) {
      if (!(await closed.look())) return { retryAfterMs: closed.opensInMs };
    }
    if (key && !this.keyIsFree(key)) return { retryAfterMs: 1_000 };
    for (const gate of gates) gate.take();
    if (key) this.takeKey(key.key);
    return {
      leave: () => {
        for (const gate of gates) gate.give();
        if (key) this.giveKey(key.key);
      },
    };
  }
}

function firstClosed(gates: readonly Gate[]): Gate | undefined {
  return gates.find((gate) => !gate.isOpen);
}
