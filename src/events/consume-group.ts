/**
 * The loop of one consumer group on one node.
 *
 * - *Waiting to own*: another node holds the group or is to get it, or nobody could be asked. Left when
 *   this node's claim is had.
 * - *Reading*: batches after the cursor are handed to the consumer, and the cursor moves with them. A
 *   paused group stays here and reads nothing.
 * - *Failing*: the same events are tried again after a growing pause. A fault that may pass
 *   (`RetryableFault`, a lost or busy database) is tried for ever. Any other failure makes the loop go
 *   on event by event, and the one that has failed `parkAfter` times is parked as a dead letter.
 *
 * Order per key is kept throughout: while a key has a dead letter, its later events are parked behind
 * it without being tried, and a replay goes through all of them in order. Other keys go on.
 */
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/procedure.ts';
import type { Transaction } from '../kernel/transaction.ts';
import type { Database } from '../postgres/index.ts';
import type { Bell } from './bell.ts';
import {
  blockedKeys,
  type Claim,
  deleteLetter,
  dueLetters,
  type HeldGroup,
  hasLetters,
  isPaused,
  moveCursor,
  type ParkedEvent,
  parkEvents,
  readGroupState,
  recordFailure,
  returnLetter,
} from './consumer-group-store.ts';
import type { ConsumerOptions, Deliver } from './consumer-options.ts';
import {
  describeFailure,
  isPoison,
  mayPass,
  pauseAfter,
  type RetryRule,
  usualRetryRule,
} from './failures.ts';
import type { LogPage, LogQuery } from './log-query.ts';
import type { LoggedEvent } from './logged-event.ts';

/** What a loop reads from. */
export interface ReadableLog {
  read(query: LogQuery): Promise<LogPage>;
  onceBeyond(position: string, callback: () => void): () => void;
}

/** What a loop is made of. */
export interface GroupLoopParts {
  readonly log: ReadableLog;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Log;
  readonly node: string;
  readonly options: ConsumerOptions;
  /** Rung when anything about the group has changed. */
  readonly bell: Bell;
  /** Aborted when the program does not wait for `deliver` any longer. */
  readonly signal: AbortSignal;
  /** The claim on the group; null while this node has none. */
  held(): HeldGroup | null;
  /** To be called when nothing is at hand because no claim is had: it can be given away. */
  rests(): void;
  /** To be called when a write was refused: the claim is gone. */
  lost(): void;
  /** True while the claim of this epoch has not run out, also when it is to be given away or ended. */
  owns(epoch: string): boolean;
  isStopping(): boolean;
}

/** Waits are ended by the bell; this is only how long one can last. */
const longestWaitMs = 60_000;
/** A cursor that only passes over events of other names is stored once in this time. */
const storeScanEveryMs = 5_000;
/** Dead letters tried in one go. */
const lettersAtOnce = 50;
/**
 * How often a delivery under way looks whether the group is still this node's. A node that was stopped
 * looks first of all when it goes on, before it hears of any answer.
 */
const watchEveryMs = 100;

/** The claim was gone when something was to be written under it; nothing was written. */
class ClaimLost extends Error {}

/** Runs until it is told to stop. Never rejects. */
export async function consumeGroup(parts: GroupLoopParts): Promise<void> {
  while (!parts.isStopping()) {
    const held = parts.held();
    if (!held) {
      parts.rests();
      await parts.bell.wait(longestWaitMs);
      continue;
    }
    try {
      await new OwnedGroup(parts, held).run();
    } catch (error) {
      if (!(error instanceof ClaimLost)) {
        parts.logger.warn(
          { error, group: parts.options.group },
          'a consumer group was interrupted; it goes on from its cursor',
        );
        await parts.bell.wait(usualRetryRule.firstMs);
      }
    }
  }
}

/** A group while this node holds it under one epoch. */
class OwnedGroup {
  readonly #parts: GroupLoopParts;
  readonly #claim: Claim;
  readonly #rule: RetryRule;
  readonly #batch: number;
  /** Everything up to here is done with, in memory; the stored cursor may lag behind. */
  #cursor = '0';
  #stored = '0';
  #storedAtMs = performance.now();
  /** Up to here events are handed over one by one, because one of them failed. */
  #oneByOneUntil = 0n;
  /** Failures of the event after the cursor that count towards parking. */
  #attempts = 0;
  /** Failures in a row, of whatever kind. */
  #failures = 0;
  /** What was said of the failure before, which is no news again. */
  #lastSaid = '';
  #hasLetters = false;

  constructor(parts: GroupLoopParts, held: HeldGroup) {
    const { group, retry, batch = 100 } = parts.options;
    this.#parts = parts;
    this.#claim = { group, node: parts.node, epoch: held.epoch };
    this.#rule = { ...usualRetryRule, ...retry };
    this.#batch = batch;
  }

  async run(): Promise<void> {
    const state = await readGroupState(this.#parts.database, this.#claim);
    if (!state) this.#lose();
    this.#cursor = state.position;
    this.#stored = state.position;
    this.#attempts = state.attempts;
    this.#hasLetters = state.hasLetters;
    for (let held = this.#held(); held; held = this.#held()) await this.#turn(held);
    await this.#storeScan();
  }

  /** The claim, as long as it is the one that this was made under. */
  #held(): HeldGroup | null {
    const held = this.#parts.isStopping() ? null : this.#parts.held();
    return held?.epoch === this.#claim.epoch ? held : null;
  }

  #lose(): never {
    this.#parts.lost();
    throw new ClaimLost('the group belongs to another node, or was moved');
  }

  async #turn(held: HeldGroup): Promise<void> {
    const { log, bell, options } = this.#parts;
    if (held.paused) return await bell.wait(longestWaitMs);
    if (held.replaying && (await this.#replayLetters())) return;
    const alone = this.#attempts > 0 || BigInt(this.#cursor) < this.#oneByOneUntil;
    const query = { after: this.#cursor, limit: alone ? 1 : this.#batch, names: options.names };
    const { events, next } = await log.read(query);
    if (events.length > 0) return await this.#handle(events, next);
    const moved = next !== this.#cursor;
    this.#cursor = next;
    if (performance.now() - this.#storedAtMs > storeScanEveryMs) await this.#storeScan();
    if (moved) return;
    const forget = log.onceBeyond(next, () => bell.ring());
    await bell.wait(storeScanEveryMs);
    forget();
  }

  async #storeScan(): Promise<void> {
    this.#storedAtMs = performance.now();
    if (this.#stored === this.#cursor) return;
    const { database } = this.#parts;
    if (!(await moveCursor(database, this.#claim, this.#cursor, 'passed over'))) this.#lose();
    this.#stored = this.#cursor;
  }

  async #handle(events: readonly LoggedEvent[], next: string): Promise<void> {
    // Word of a pause takes a moment to come here, and nothing recorded after it may be handed over.
    const paused = await isPaused(this.#parts.database, this.#claim);
    if (paused === undefined) this.#lose();
    if (paused) return await this.#parts.bell.wait(storeScanEveryMs);
    const { wanted, behind } = await this.#divide(events);
    try {
      await this.#work(wanted, async (tx) => {
        if (behind.length > 0) await this.#park(tx, behind);
        const outcome = wanted.length > 0 ? 'handled' : 'parked';
        if (!(await moveCursor(tx, this.#claim, next, outcome))) throw new ClaimLost();
      });
    } catch (error) {
      if (error instanceof ClaimLost) this.#lose();
      return await this.#failed(error, wanted, next);
    }
    this.#advanced(next);
  }

  /** Runs the consumer; `done` is committed with its work, or after it. */
  async #work(
    events: readonly LoggedEvent[],
    done: (tx: Transaction) => Promise<void>,
  ): Promise<void> {
    const { database, options } = this.#parts;
    const name = `consume:${options.group}`;
    if ('deliver' in options) {
      if (events.length > 0) await this.#deliver(options.deliver, events);
      await database.transaction(done, { name });
      return;
    }
    await database.transaction(
      async (tx) => {
        if (events.length > 0) await options.handle(events, tx);
        await done(tx);
      },
      { name },
    );
  }

  /** Carries events outside; given up, with `ClaimLost`, once the group is no longer this node's. */
  async #deliver(deliver: Deliver, events: readonly LoggedEvent[]): Promise<void> {
    const { signal, owns } = this.#parts;
    const gone = new AbortController();
    const watch = setInterval(() => {
      if (!owns(this.#claim.epoch)) gone.abort(new ClaimLost('the group belongs to another node'));
    }, watchEveryMs);
    try {
      await deliver(events, { signal: AbortSignal.any([signal, gone.signal]) });
    } catch (error) {
      gone.signal.throwIfAborted();
      throw error;
    } finally {
      clearInterval(watch);
    }
  }

  #advanced(next: string): void {
    this.#cursor = next;
    this.#stored = next;
    this.#storedAtMs = performance.now();
    this.#attempts = 0;
    const failures = this.#failures;
    if (failures === 0) return;
    this.#failures = 0;
    this.#lastSaid = '';
    const { logger, options } = this.#parts;
    logger.info({ group: options.group, failures }, 'a consumer group goes on after failures');
  }

  /** Sorts out the events whose keys have dead letters: they go behind them. */
  async #divide(
    events: readonly LoggedEvent[],
  ): Promise<{ wanted: readonly LoggedEvent[]; behind: readonly ParkedEvent[] }> {
    if (!this.#hasLetters) return { wanted: events, behind: [] };
    const { database, options } = this.#parts;
    const keys = [...new Set(events.map(({ key }) => key))];
    const blocked = await blockedKeys(database, options.group, keys);
    if (blocked.size === 0) {
      this.#hasLetters = await hasLetters(database, options.group);
      return { wanted: events, behind: [] };
    }
    return {
      wanted: events.filter(({ key }) => !blocked.has(key)),
      behind: events.flatMap((event) => {
        const first = blocked.get(event.key);
        if (first === undefined) return [];
        const error = `waits behind the dead letter at position ${first} of the same key`;
        return [{ event, attempts: 0, error, behind: first }];
      }),
    };
  }

  async #park(tx: Transaction, parked: readonly ParkedEvent[]): Promise<void> {
    await parkEvents(tx, this.#claim.group, parked, this.#parts.clock.now());
    this.#hasLetters = true;
  }

  async #failed(error: unknown, events: readonly LoggedEvent[], next: string): Promise<void> {
    const { database, logger, bell, options } = this.#parts;
    this.#failures += 1;
    const [only, ...more] = events;
    const isCounted = !mayPass(error);
    if (isCounted && more.length > 0) this.#oneByOneUntil = BigInt(events.at(-1)!.position);
    if (isCounted && more.length === 0) this.#attempts += 1;
    const text = describeFailure(error);
    const fields = { group: options.group, failures: this.#failures, error };
    if (only && more.length === 0 && isPoison(error, this.#attempts, this.#rule)) {
      logger.error(
        { ...fields, event: only.id, name: only.name, position: only.position },
        'an event could not be handled and is parked as a dead letter; later ones of its key wait',
      );
      const attempts = this.#attempts;
      await database.transaction(async (tx) => {
        await this.#park(tx, [{ event: only, attempts, error: text, behind: null }]);
        if (!(await moveCursor(tx, this.#claim, next, 'parked'))) throw new ClaimLost();
      });
      return this.#advanced(next);
    }
    // An outage of hours is no flood of the log: what is the same again is said ever more rarely.
    if (text !== this.#lastSaid || Number.isInteger(Math.log2(this.#failures))) {
      logger.warn(fields, 'a consumer group failed; it tries again');
    }
    this.#lastSaid = text;
    if (!(await recordFailure(database, this.#claim, this.#attempts, text))) this.#lose();
    await bell.wait(pauseAfter(this.#failures, error, this.#rule));
  }

  /** Tries letters that somebody asked for; true when there was one, so that more may follow. */
  async #replayLetters(): Promise<boolean> {
    const { database, options, logger } = this.#parts;
    const due = await dueLetters(database, options.group, lettersAtOnce);
    for (const { event } of due) {
      if (!this.#held()) return true;
      try {
        await this.#work([event], async (tx) => {
          if (!(await deleteLetter(tx, this.#claim, event.position))) throw new ClaimLost();
        });
      } catch (error) {
        if (error instanceof ClaimLost) this.#lose();
        logger.warn({ group: options.group, event: event.id, error }, 'a dead letter failed again');
        await returnLetter(database, this.#claim, event, describeFailure(error));
      }
    }
    return due.length > 0;
  }
}
