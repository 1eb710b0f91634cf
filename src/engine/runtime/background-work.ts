/**
 * Work of a node that nobody waits for: moving instances, loading them again. What fails in it is
 * reported and tried again by whoever looks next; stopping waits for all of it.
 */
import type { Log } from '../../kernel/procedure.ts';
import { ShortLivedSet } from '../../kernel/short-lived.ts';
import { LeaseLost } from '../store/commit-group.ts';
import { ActorGone } from './actor.ts';

/** What a node does beside answering its callers. */
export class BackgroundWork {
  readonly #log: Log;
  readonly #underWay = new ShortLivedSet<Promise<unknown>>();
  /** Ends the pauses before instances are loaded again. */
  readonly #pauses = new Set<() => void>();
  #stopping = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** True from the moment at which the node begins to stop. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Lets work go on by itself; its failure is reported. */
  run(work: Promise<unknown>): void {
    const settled: Promise<unknown> = work
      .catch((error: unknown) => {
        if (!isGoneElsewhere(error)) this.unsettled('moving an instance', error);
      })
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }

  /** Calls `work` again and again until the node stops. Gives what ends it before. */
  every(everyMs: number, work: () => Promise<void>): () => void {
    const timer = setInterval(() => {
      if (!this.#stopping) this.run(work());
    }, everyMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  /** Reports what failed. Silent while the node stops: its successor does it again. */
  unsettled(what: string, error: unknown): void {
    if (this.#stopping) return;
    this.#log.warn({ error: messageOf(error) }, `${what} failed; it will be tried again`);
  }

  /** Time that passes, cut short when the node stops. */
  async pause(delayMs: number): Promise<void> {
    if (this.#stopping) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#pauses.delete(end);
        resolve();
      };
      const timer = setTimeout(end, delayMs);
      this.#pauses.add(end);
    });
  }

  /** Says that the node stops, and ends all pauses. */
  beginStop(): void {
    this.#stopping = true;
    for (const end of this.#pauses) end();
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }
}

/** The instance is loaded again, or another node goes on with it: nothing is lost, and nobody need know. */
export function isGoneElsewhere(error: unknown): boolean {
  return error instanceof ActorGone || error instanceof LeaseLost;
}

/** What a thrown thing says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
