/**
 * The timers of a node's shards: those of the next minute in memory, the others in their table until
 * the horizon reaches them.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { TimerWait } from '../model/state.ts';
import type { DueTimer } from '../store/instance-store.ts';
import type { BackgroundWork } from './background-work.ts';
import { TimerQueue } from './timer-queue.ts';

/** Timers due within this time are held in memory. */
const horizonMs = 60_000;
const timersPerLoad = 10_000;

/** What the timers of a node are made of. */
export interface HorizonTimersOptions {
  readonly clock: Clock;
  readonly background: BackgroundWork;
  /** Timers of the shards held now that are due before a moment, earliest first. */
  readonly load: (before: Date, limit: number) => Promise<readonly DueTimer[]>;
  readonly fire: (timer: DueTimer) => void;
  /** True while no timer may fire; they stay in the table. */
  readonly paused: () => boolean;
}

/** Fires timers when they are due, and looks ahead for the next ones. */
export class HorizonTimers {
  readonly #options: HorizonTimersOptions;
  readonly #queue: TimerQueue;
  #cancelNextLoad: (() => void) | undefined;

  constructor(options: HorizonTimersOptions) {
    this.#options = options;
    this.#queue = new TimerQueue(options.clock, (timer) => {
      if (!options.paused()) options.fire(timer);
    });
  }

  /** A timer that was just committed or found; one beyond the horizon stays in the table. */
  note(instanceId: string, n: number, { on, due }: TimerWait): void {
    if (this.#options.paused()) return;
    const horizon = this.#options.clock.now().getTime() + horizonMs;
    if (due <= horizon) this.#queue.add({ instanceId, n, on, due: new Date(due) });
  }

  /** Takes in what the horizon has reached, and comes back in time for the rest. */
  async load(): Promise<void> {
    const { clock, background, load, paused } = this.#options;
    if (background.stopping || paused()) return;
    const horizon = new Date(clock.now().getTime() + horizonMs);
    let next = new Date(clock.now().getTime() + horizonMs / 2);
    try {
      const timers = await load(horizon, timersPerLoad);
      for (const timer of timers) this.#queue.add(timer);
      const last = timers.at(-1);
      // More than fit: the rest is fetched as soon as these are due.
      if (last && timers.length === timersPerLoad && last.due < next) next = last.due;
    } catch (error) {
      background.unsettled('loading timers', error);
    }
    if (background.stopping) return;
    this.#cancelNextLoad?.();
    this.#cancelNextLoad = clock.schedule(next, () => background.run(this.load()));
  }

  stop(): void {
    this.#cancelNextLoad?.();
    this.#queue.stop();
  }
}
