/**
 * Waits for what became of requests that other nodes handle. The inbox row is the answer: gone, it was
 * taken; marked as refused, it came too late. A notice says when to look, and a look now and then does
 * without.
 */
import type { Database } from '../../postgres/index.ts';
import { readAnswers } from '../store/inbox-store.ts';
import type { BackgroundWork } from './background-work.ts';

/** Between two looks without a notice. */
const lookEveryMs = 200;

/** Waits for answers to inbox rows. */
export class RequestAnswers {
  readonly #database: Database;
  readonly #background: BackgroundWork;
  readonly #waiting = new Map<string, (taken: boolean | undefined) => void>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(database: Database, background: BackgroundWork) {
    this.#database = database;
    this.#background = background;
  }

  /** True: it moved the instance. False: it came too late. Undefined: not known within the time. */
  async wait(id: string, timeoutMs: number): Promise<boolean | undefined> {
    const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
    this.#waiting.set(id, resolve);
    const timer = setTimeout(resolve, timeoutMs, undefined);
    this.#timer ??= setInterval(() => this.look(), lookEveryMs);
    try {
      this.look();
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#stopLooking();
    }
  }

  /** Looks now: somebody says that there are answers. */
  look(): void {
    if (this.#looking || this.#waiting.size === 0) return;
    this.#looking = true;
    const looked = this.#look().finally(() => {
      this.#looking = false;
    });
    this.#background.run(looked);
  }

  /** Nobody is kept waiting by a node that stops. */
  close(): void {
    for (const resolve of this.#waiting.values()) resolve(undefined);
    this.#stopLooking();
  }

  async #look(): Promise<void> {
    const answers = await readAnswers(this.#database, [...this.#waiting.keys()]);
    for (const [id, taken] of answers) this.#waiting.get(id)?.(taken);
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
