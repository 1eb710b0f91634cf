/**
 * What the whole cluster needs done once: removing what is past its time, making the partitions of the
 * next month. Done by one node at a time, now and then; done twice, it does no harm.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { Database } from '../../postgres/index.ts';
import { ensureHistoryPartitions } from '../store/definition-store.ts';
import { deleteUnheardAnswers } from '../store/inbox-store.ts';
import { forgetDeadNodes } from '../store/leases.ts';
import { deleteExpiredMessages } from '../store/message-store.ts';
import { deleteOldAnswers } from '../store/update-store.ts';

/** How long answers are kept for askers that do not come back for them. */
const answersKeptMs = 3_600_000;

/**
 * How often messages that are past their time are looked for. What is not yet summed up in their index by time is
 * read in full: 40 ms of PostgreSQL after a minute of 10,000 messages a second (measured).
 */
const messagesEveryMs = 60_000;

/** Keeps the engine's tables in order. */
export class HouseKeeping {
  readonly #database: Database;
  readonly #clock: Clock;
  #partitionsSeenOn = '';
  #messagesSeenAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** One round. Rejects when PostgreSQL is away; the next round does what was left. */
  async keep(): Promise<void> {
    const database = this.#database;
    const now = this.#clock.now();
    await this.#removeMessages(now);
    await deleteOldAnswers(database, now);
    // By the clock of the server, which marked them; an hour forgives the difference.
    await deleteUnheardAnswers(database, new Date(Date.now() - answersKeptMs));
    await forgetDeadNodes(database);
    await this.#keepPartitions(now);
  }

  async #removeMessages(now: Date): Promise<void> {
    if (now.getTime() < this.#messagesSeenAt + messagesEveryMs) return;
    await deleteExpiredMessages(this.#database, now);
    this.#messagesSeenAt = now.getTime();
  }

  /** A program that runs for months makes the partitions that it did not make at its start. */
  async #keepPartitions(now: Date): Promise<void> {
    const day = now.toISOString().slice(0, 10);
    if (day === this.#partitionsSeenOn) return;
    await ensureHistoryPartitions(this.#database, now);
    this.#partitionsSeenOn = day;
  }
}
