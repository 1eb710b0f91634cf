/**
 * Brings kept messages and open waits together. Both sides look after their own commit, so whichever
 * commits later finds the other: a message can come long before its wait, at the same moment, or
 * after it, and is never lost between the two.
 */
import type { Match } from '../store/instance-store.ts';

/** What a matcher is made of. */
export interface MatcherOptions {
  /** Pairs whose wait is this node's. With `tell`, the owners of the others are told of theirs. */
  readonly load: (scope: {
    messages?: readonly string[];
    instances?: readonly string[];
    tell?: boolean;
  }) => Promise<readonly Match[]>;
  /** Moves the instance; false when the wait was gone by then. */
  readonly deliver: (match: Match) => Promise<boolean>;
  /** True once the node stops: nothing new is noted then, what is under way is finished. */
  readonly stopping: () => boolean;
  readonly failed: (error: unknown) => void;
}

/** Delivers each kept message to one wait of each process, once. */
export class Matcher {
  readonly #options: MatcherOptions;
  readonly #onTheWay = new Set<string>();
  #messages = new Set<string>();
  #toldMessages = new Set<string>();
  #instances = new Set<string>();
  readonly #deliveries = new Set<Promise<void>>();
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: MatcherOptions) {
    this.#options = options;
  }

  /** Messages that were just committed. */
  noteMessages(ids: readonly string[]): void {
    if (this.#options.stopping()) return;
    for (const id of ids) this.#messages.add(id);
    this.#run();
  }

  /** Messages that another node has committed, and that meet waits of this one. */
  noteToldMessages(ids: readonly string[]): void {
    if (this.#options.stopping()) return;
    for (const id of ids) this.#toldMessages.add(id);
    this.#run();
  }

  /** An instance that has just committed new message waits. */
  noteInstance(id: string): void {
    if (this.#options.stopping()) return;
    this.#instances.add(id);
    this.#run();
  }

  /** Looks at everything: after a start or take-over, and now and then as a safety net. */
  async sweep(): Promise<void> {
    await this.#deliverAll(await this.#options.load({}));
  }

  /** Takes no more, and resolves when all deliveries have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    await Promise.allSettled(this.#deliveries);
  }

  get #isNoted(): boolean {
    return this.#messages.size + this.#toldMessages.size + this.#instances.size > 0;
  }

  #begin(delivery: Promise<void>): void {
    const ended = delivery.finally(() => this.#deliveries.delete(ended));
    this.#deliveries.add(ended);
  }

  #run(): void {
    if (this.#closed) return;
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
  }

  async #drain(): Promise<void> {
    // What is noted within one turn of the loop is asked for by one query.
    await new Promise((resolve) => setImmediate(resolve));
    while (!this.#closed && this.#isNoted) {
      const messages = [...this.#messages];
      const told = [...this.#toldMessages];
      const instances = [...this.#instances];
      this.#messages = new Set();
      this.#toldMessages = new Set();
      this.#instances = new Set();
      try {
        const found = await Promise.all([
          messages.length > 0 ? this.#options.load({ messages, tell: true }) : [],
          told.length > 0 ? this.#options.load({ messages: told }) : [],
          instances.length > 0 ? this.#options.load({ instances }) : [],
        ]);
        // Deliveries are not awaited: an instance that is busy must not hold up the others.
        this.#begin(this.#deliverAll(found.flat()));
      } catch (error) {
        this.#options.failed(error);
        return;
      }
    }
  }

  async #deliverAll(matches: readonly Match[]): Promise<void> {
    const busyWaits = new Set<string>();
    const chosen = matches.filter((match) => {
      const wait = `${match.instanceId} ${match.n} ${match.on} ${match.message}`;
      if (this.#onTheWay.has(keyOf(match)) || busyWaits.has(wait)) return false;
      busyWaits.add(wait);
      this.#onTheWay.add(keyOf(match));
      return true;
    });
    await Promise.all(chosen.map((match) => this.#deliver(match)));
  }

  async #deliver(match: Match): Promise<void> {
    try {
      const isTaken = await this.#options.deliver(match);
      this.#onTheWay.delete(keyOf(match));
      // The wait was gone: another instance may wait for the message, or this one anew.
      if (!isTaken) this.noteMessages([match.messageId]);
    } catch (error) {
      this.#onTheWay.delete(keyOf(match));
      this.#options.failed(error);
    }
  }
}

/** A message acts once in each process that is interested in it. */
function keyOf({ messageId, process }: Match): string {
  return `${messageId} ${process}`;
}
