/**
 * Messages for parked instances, at a steady rate or as many as are taken, and the times that each needs: from
 * the moment at which it is handed to the engine to that at which it is durable and its wait known, and from
 * when it is durable to when the transition of its instance is. All ends are moments at which PostgreSQL has
 * answered.
 */
import type { Engine } from '../../src/engine/index.ts';
import { ShortLivedMap } from '../../src/kernel/short-lived.ts';
import type { Database } from '../../src/postgres/index.ts';
import { instanceId, usageOf } from './parked-process.ts';

/** Messages of one transaction: as a consumer of a topic would take them in. */
const perTransaction = 100;
/** At a steady rate messages are sent this often. */
const tickMs = 10;
/** So many on their way, and no more are sent: the rate is not kept up with, and the times say so. */
const mostInFlight = 20_000;

/** A message on its way. */
interface Sent {
  readonly at: number;
  /** When it was durable; undefined: not known yet. */
  durableAt: number | undefined;
  isMatched: boolean;
}

/** Times of messages, in milliseconds. */
export interface Delays {
  /** From when it was handed over until it was durable and its wait known. */
  readonly matchedMs: readonly number[];
  /** From when it was durable until its instance had moved, durably. */
  readonly movedMs: readonly number[];
}

/** Sends messages and sees them taken. */
export class MessageLoad {
  readonly #database: Database;
  readonly #engine: Engine;
  readonly #instances: number;
  readonly #inFlight = new ShortLivedMap<string, Sent>();
  #taken = 0;
  #sent = 0;
  #matchedMs: number[] = [];
  #movedMs: number[] = [];
  #failure: unknown;
  #oneTaken: () => void = () => undefined;

  constructor(options: {
    readonly database: Database;
    readonly engine: Engine;
    readonly instances: number;
  }) {
    this.#database = options.database;
    this.#engine = options.engine;
    this.#instances = options.instances;
  }

  /** Messages whose instance has moved. */
  get taken(): number {
    return this.#taken;
  }

  /** Messages sent. */
  get sent(): number {
    return this.#sent;
  }

  /** The times of messages matched and taken since the last call. Throws what went wrong meanwhile. */
  takeDelays(): Delays {
    if (this.#failure !== undefined) throw this.#failure;
    const delays = { matchedMs: this.#matchedMs, movedMs: this.#movedMs };
    this.#matchedMs = [];
    this.#movedMs = [];
    return delays;
  }

  /** Sends so many a second until it is told to stop, and resolves when all are taken. */
  steady(perSecond: number): { stop(): Promise<void> } {
    const begin = performance.now();
    const before = this.#sent;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begin) / 1_000) * perSecond);
      while (due - (this.#sent - before) >= perTransaction) {
        if (this.#inFlight.size > mostInFlight) return;
        void this.#send(perTransaction);
      }
    }, tickMs);
    return {
      stop: async () => {
        clearInterval(timer);
        await this.#untilAtMost(0);
      },
    };
  }

  /** Keeps so many on their way until it is told to stop, and resolves when all are taken. */
  most(inFlight: number): { stop(): Promise<void> } {
    let stopping = false;
    const all = (async () => {
      while (!stopping) {
        while (this.#inFlight.size + perTransaction <= inFlight) void this.#send(perTransaction);
        await this.#untilAtMost(inFlight - perTransaction);
      }
    })();
    return {
      stop: async () => {
        stopping = true;
        await all;
        await this.#untilAtMost(0);
      },
    };
  }

  /** PostgreSQL has answered that waits of these instances meet a durable message. */
  matched(ids: Iterable<string>): void {
    const now = performance.now();
    for (const id of ids) {
      const sent = this.#inFlight.get(id);
      if (!sent || sent.isMatched) continue;
      sent.isMatched = true;
      this.#matchedMs.push(now - sent.at);
    }
  }

  /** PostgreSQL has answered that the transitions of these instances are durable. */
  durable(ids: Iterable<string>): void {
    const now = performance.now();
    for (const id of ids) {
      const sent = this.#inFlight.get(id);
      if (!sent) continue;
      this.#inFlight.delete(id);
      this.#movedMs.push(now - (sent.durableAt ?? now));
      this.#taken += 1;
    }
    this.#oneTaken();
  }

  async #send(count: number): Promise<void> {
    const batch: { readonly event: ReturnType<typeof usageOf>; readonly sent: Sent }[] = [];
    while (batch.length < count) {
      const n = Math.floor(Math.random() * this.#instances);
      const id = instanceId(n);
      // One at a time for each instance, so that it is known which message a transition took.
      if (this.#inFlight.has(id)) continue;
      const sent: Sent = { at: performance.now(), durableAt: undefined, isMatched: false };
      this.#inFlight.set(id, sent);
      batch.push({ event: usageOf(n), sent });
    }
    this.#sent += count;
    try {
      await this.#database.transaction(async (tx) => {
        tx.afterCommit(() => {
          const now = performance.now();
          for (const { sent } of batch) sent.durableAt = now;
        });
        await this.#engine.eventsRecorded(
          tx,
          batch.map(({ event }) => event),
        );
      });
    } catch (error) {
      this.#failure ??= error;
      this.#oneTaken();
    }
  }

  async #untilAtMost(inFlight: number): Promise<void> {
    while (this.#inFlight.size > inFlight) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#oneTaken = resolve;
      });
    }
  }
}
