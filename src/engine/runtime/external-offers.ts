/**
 * Workers that wait for work: whoever finds nothing stands in line for its topics and is woken when a
 * task may be there. An offer wakes one worker; when there was more, or what was there did not suit it,
 * it wakes the next. A look at the table twice a second finds locks and pauses that have ended, and what
 * a lost notice has missed; it costs nothing while nobody waits.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { BackgroundWork } from './background-work.ts';

const lookEveryMs = 500;
/** Workers that one node lets wait; further ones are answered at once. */
const mostWaiting = 1_000;

/** A worker in line. */
export interface Waiting {
  /** Resolves when something may be there for it, or nobody is to wait any more. */
  readonly woken: Promise<void>;
  /** Leaves the line; `passOn`: there may be more for the next. */
  leave(passOn: boolean): void;
}

interface InLine {
  readonly topics: ReadonlySet<string>;
  readonly since: number;
  readonly wake: (moment: number) => void;
}

/** What the line needs. */
export interface ExternalOffersOptions {
  readonly clock: Clock;
  readonly background: Pick<BackgroundWork, 'run'>;
  /** Which of these topics have a free task. */
  readonly freeTopics: (topics: readonly string[], at: Date) => Promise<readonly string[]>;
}

/** The line of waiting workers of one node. */
export class ExternalOffers {
  readonly #options: ExternalOffersOptions;
  readonly #line = new Set<InLine>();
  #moment = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  #closed = false;

  constructor(options: ExternalOffersOptions) {
    this.#options = options;
  }

  /** False when a worker that finds nothing is to be answered at once. */
  get mayWait(): boolean {
    return !this.#closed && this.#line.size < mostWaiting;
  }

  /** Stands in line, before looking: what is offered from now on is not missed. */
  enlist(topics: readonly string[]): Waiting {
    const { promise: woken, resolve } = Promise.withResolvers<void>();
    this.#moment += 1;
    let wokenAt = Number.POSITIVE_INFINITY;
    const wake = (moment: number) => {
      wokenAt = moment;
      resolve();
    };
    const one: InLine = { topics: new Set(topics), since: this.#moment, wake };
    this.#line.add(one);
    this.#timer ??= setInterval(() => this.look(), lookEveryMs);
    return {
      woken,
      leave: (passOn) => {
        this.#remove(one);
        // Only those who stood in line when it was offered: the others have looked since.
        if (passOn) for (const topic of one.topics) this.#wakeOne(topic, wokenAt);
      },
    };
  }

  /** A task of a topic can be handed out. */
  offered(topic: string): void {
    if (this.#line.size === 0) return;
    this.#moment += 1;
    this.#wakeOne(topic, this.#moment);
  }

  /** Looks now whether there is anything for those who wait. */
  look(): void {
    if (this.#looking || this.#line.size === 0) return;
    this.#looking = true;
    const looked = this.#look().finally(() => {
      this.#looking = false;
    });
    this.#options.background.run(looked);
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closed = true;
    for (const one of this.#line) one.wake(this.#moment);
    this.#line.clear();
    this.#stopLooking();
  }

  async #look(): Promise<void> {
    const { freeTopics, clock } = this.#options;
    const topics = [...new Set([...this.#line].flatMap((one) => [...one.topics]))];
    for (const topic of await freeTopics(topics, clock.now())) this.offered(topic);
  }

  #wakeOne(topic: string, before: number): void {
    for (const one of this.#line) {
      if (one.since >= before || !one.topics.has(topic)) continue;
      this.#remove(one);
      one.wake(before);
      return;
    }
  }

  #remove(one: InLine): void {
    this.#line.delete(one);
    if (this.#line.size === 0) this.#stopLooking();
  }

  #stopLooking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
