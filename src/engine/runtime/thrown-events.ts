/**
 * Publishes what processes have thrown: right after the commit that threw it, and again by the node that
 * keeps house when somebody died in between. Who hears a signal was settled in the thrower's commit; here
 * they are only woken, and processes that begin by it are started.
 */
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import type { InboxRow } from '../store/inbox-store.ts';
import { loadHearers, loadThrown, type Thrown, takeThrown } from '../store/thrown-store.ts';
import type { BackgroundWork } from './background-work.ts';

/** Hearers of one broadcast that are woken at the same time. */
const hearersAtOnce = 500;
/** What one round takes that nobody has published. */
const mostPerRound = 100;
/** How long the node that committed it has the first turn. */
const firstTurnMs = 2_000;

/** What publishing needs. */
export interface ThrownEventsOptions {
  readonly database: Database;
  readonly background: BackgroundWork;
  readonly publish: (tx: Transaction, thrown: Thrown) => Promise<void>;
  /** True when a transaction failed because a drawing was deployed; this node knows it by then. */
  readonly hasLearntAfter: (error: unknown) => Promise<boolean>;
  /** Handles an inbox row here, or tells the node that owns the instance. */
  readonly wake: (row: InboxRow) => Promise<void>;
}

/** Publishes thrown messages and signals, each once. */
export class ThrownEvents {
  readonly #options: ThrownEventsOptions;

  constructor(options: ThrownEventsOptions) {
    this.#options = options;
  }

  /** A commit threw these. */
  committed(ids: readonly string[]): void {
    const { background } = this.#options;
    for (const id of ids) background.run(this.#publish(id));
  }

  /** A signal was broadcast from outside: its hearers can be woken. */
  broadcasted(id: string): void {
    this.#options.background.run(this.#wakeHearers(id));
  }

  /** Publishes what was left behind. One that fails again keeps nothing else waiting. */
  async sweep(now: Date): Promise<void> {
    const before = new Date(now.getTime() - firstTurnMs);
    const { database, background } = this.#options;
    const ids = await loadThrown(database, before, mostPerRound);
    for (const id of ids) {
      await this.#publish(id).catch((error: unknown) =>
        background.unsettled('publishing what a process threw', error),
      );
    }
  }

  async #publish(id: string): Promise<void> {
    const { database, publish, hasLearntAfter } = this.#options;
    const once = () =>
      database.transaction(async (tx) => {
        const taken = await takeThrown(tx, id);
        if (taken) await publish(tx, taken);
        return taken;
      });
    const thrown = await once().catch(async (error: unknown) => {
      if (await hasLearntAfter(error)) return await once();
      throw error;
    });
    if (thrown?.kind === 'signal') await this.#wakeHearers(id);
  }

  async #wakeHearers(id: string): Promise<void> {
    const { database, wake, background } = this.#options;
    for (let after: string | null = null; !background.stopping; ) {
      const rows: readonly InboxRow[] = await loadHearers(database, id, after, hearersAtOnce);
      await Promise.all(rows.map(wake));
      if (rows.length < hearersAtOnce) return;
      after = rows.at(-1)?.id ?? null;
    }
  }
}
