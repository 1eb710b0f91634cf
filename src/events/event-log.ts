/**
 * The event log of a node: reading it without gaps and in order, being woken when it grows, and
 * consumer groups over it. One horizon is shared by all readers of the node, and nothing is asked of
 * the database while nobody waits.
 *
 * Woken by what this node commits, at once; by what others commit, through the wire; and by polling,
 * which is the net under both.
 */
import type { Clock } from '../kernel/clock.ts';
import { newId } from '../kernel/ids.ts';
import type { Log } from '../kernel/procedure.ts';
import type { Database } from '../postgres/index.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { type Consumer, createConsumers } from './consumers.ts';
import { createLogHorizon } from './log-horizon.ts';
import type { LogPage, LogQuery } from './log-query.ts';
import { createLogWire, type WireMessage } from './log-wire.ts';
import { type LoggedEventRow, loggedEventColumns, toLoggedEvent } from './logged-event.ts';
import type { EventSubscriber } from './outbox.ts';

/** The log as one node reads it. */
export interface EventLog {
  /** The id under which this node owns consumer groups. */
  readonly node: string;
  /** Begins to listen. Reading works without it; being woken by other nodes does not. */
  start(): Promise<void>;
  /** Ends every consumer after the events it is at, and gives its groups back. May be called twice. */
  stop(): Promise<void>;
  /** To be given to the outbox: after a commit it wakes the readers of this node and of others. */
  readonly subscriber: EventSubscriber;
  /** Events in the order of their positions, up to the horizon: complete, each once. */
  read(query: LogQuery): Promise<LogPage>;
  /** The position up to which the log is final now. */
  horizon(): Promise<string>;
  /** Calls back once when the horizon is beyond the position. The answer takes that back. */
  onceBeyond(position: bigint | string, callback: () => void): () => void;
  /** Resolves with the horizon once it is beyond the position; rejects when the signal aborts. */
  waitBeyond(position: bigint | string, signal?: AbortSignal): Promise<string>;
  /**
   * A position such that every event that occurred at the moment or later comes after it. Events
   * whose transactions took longer than a minute may be an exception.
   */
  positionBefore(moment: Date): Promise<string>;
  /** Handles every event of the log once for this group, on one node at a time. */
  consume(options: ConsumerOptions): Consumer;
  /** To be called when a consumer group was changed, after the commit: its owner looks at once. */
  groupsChanged(): void;
}

/** How an event log is made. */
export interface EventLogOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a claim on a consumer group lasts without being renewed. @defaultValue 10000 */
  readonly leaseMs?: number;
  /** How often waiting readers look without being woken. @defaultValue 1000 */
  readonly pollMs?: number;
  /** As in `createLogHorizon`. @defaultValue 1000 */
  readonly longWaitMs?: number;
}

/** Between two looks, however often readers are woken. */
const shortestPauseMs = 5;
/** Longest pause between looks while a transaction in progress holds the horizon. */
const longestPauseMs = 100;
/** Other nodes are told once in this time at most. */
const tellEveryMs = 10;

/** With a filter, positions that one statement looks at: bounds what finding nothing costs. */
const filterWindow = 100_000n;

/** A transaction takes less than this from the moment of an event to its commit. */
const longestTransactionMs = 60_000;

interface Waiter {
  readonly after: bigint;
  readonly callback: () => void;
}

/** Makes the event log of a node. Nothing is asked of the database before somebody reads or waits. */
export function createEventLog(options: EventLogOptions): EventLog {
  const { database, clock, log, leaseMs = 10_000, pollMs = 1_000 } = options;
  const node = newId();
  const horizon = createLogHorizon({
    query: database.query,
    ...(options.longWaitMs === undefined ? {} : { longWaitMs: options.longWaitMs }),
  });
  const waiters = new Set<Waiter>();
  let looking: Promise<bigint> | undefined;
  let lookingNext: Promise<bigint> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let timerDueMs = Number.POSITIVE_INFINITY;
  let lastLookMs = Number.NEGATIVE_INFINITY;
  let pauseMs = shortestPauseMs;
  let stopped: Promise<void> | undefined;
  let telling: NodeJS.Timeout | undefined;

  const wire = createLogWire({ database, node, log, onMessage: heard });
  const consumers = createConsumers({
    log: { read, onceBeyond, horizon: async () => (await look()).toString() },
    database,
    clock,
    logger: log,
    node,
    leaseMs,
    checkWire: () => wire.check(),
    tellOthers: () => wire.tell('groups'),
  });

  function heard(message: WireMessage): void {
    if (message === 'groups') consumers.changed();
    else if (waiters.size > 0) lookWithin(shortestPauseMs);
  }

  /** A look that begins after this call; calls that come meanwhile share the one after. */
  async function look(): Promise<bigint> {
    if (!looking) {
      looking = horizon.look().finally(() => {
        looking = undefined;
        lastLookMs = performance.now();
      });
      return await looking;
    }
    lookingNext ??= looking
      .catch(() => undefined)
      .then(() => {
        lookingNext = undefined;
        return look();
      });
    return await lookingNext;
  }

  function lookWithin(delayMs: number): void {
    if (stopped) return;
    const now = performance.now();
    const dueMs = Math.max(now + delayMs, lastLookMs + shortestPauseMs);
    if (timer && timerDueMs <= dueMs) return;
    clearTimeout(timer);
    timerDueMs = dueMs;
    timer = setTimeout(() => void lookForWaiters(), dueMs - now);
    timer.unref();
  }

  async function lookForWaiters(): Promise<void> {
    timer = undefined;
    timerDueMs = Number.POSITIVE_INFINITY;
    const before = horizon.position;
    try {
      await look();
    } catch (error) {
      if (!stopped) log.debug({ error }, 'the event log was not reached; it is tried again');
    }
    for (const waiter of waiters) if (horizon.position > waiter.after) release(waiter);
    if (waiters.size === 0) return;
    if (horizon.position > before) pauseMs = shortestPauseMs;
    if (horizon.isBehind) {
      lookWithin(Math.min(pauseMs, pollMs));
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    } else {
      lookWithin(pollMs);
    }
  }

  function release(waiter: Waiter): void {
    waiters.delete(waiter);
    waiter.callback();
  }

  function onceBeyond(position: bigint | string, callback: () => void): () => void {
    const waiter: Waiter = { after: BigInt(position), callback };
    waiters.add(waiter);
    lookWithin(0);
    return () => waiters.delete(waiter);
  }

  async function read({ after, limit, names, keys, owner }: LogQuery): Promise<LogPage> {
    const filtered = names !== undefined || keys !== undefined || owner !== undefined;
    let from = BigInt(after);
    // What was committed before the call is seen, whether somebody waits or not; readers at full speed
    // share their looks.
    const known = performance.now() - lastLookMs < shortestPauseMs && horizon.position > from;
    if (!known) await look();
    const end = horizon.position;
    if (filtered) from = await skipMissing(from, end);
    const window = filtered && end > from + filterWindow ? from + filterWindow : end;
    if (window <= from) return { events: [], next: (from > end ? BigInt(after) : from).toString() };
    const { rows } = await database.query<LoggedEventRow>(
      `select ${loggedEventColumns} from events.event e
        where e.position > $1 and e.position <= $2
          and ($3::text[] is null or e.name = any($3)) and ($4::text[] is null or e.key = any($4))
          and ($6::text is null or e.payload ->> 'userId' = $6)
        order by e.position limit $5`,
      [from.toString(), window.toString(), names ?? null, keys ?? null, limit, owner ?? null],
    );
    const last = rows.length === limit ? rows.at(-1) : undefined;
    return { events: rows.map(toLoggedEvent), next: last?.position ?? window.toString() };
  }

  /** Steps over what retention has deleted, so that a filter does not search there window by window. */
  async function skipMissing(from: bigint, end: bigint): Promise<bigint> {
    if (end - from <= filterWindow) return from;
    const { rows } = await database.query<{ position: string | null }>(
      'select min(position) as position from events.event where position > $1',
      [from.toString()],
    );
    const first = rows[0]?.position;
    return first == null ? end : BigInt(first) - 1n;
  }

  async function positionBefore(moment: Date): Promise<string> {
    const early = new Date(moment.getTime() - longestTransactionMs);
    let [low, high] = [0n, await look()];
    // Moments grow with positions, but for transactions that overlap: halve up to a margin of time.
    while (high - low > 1n) {
      const middle = (low + high) / 2n;
      const { rows } = await database.query<{ occurred_at: Date }>(
        `select occurred_at from events.event where position > $1 and position <= $2
          order by position limit 1`,
        [middle.toString(), high.toString()],
      );
      if (rows[0] && rows[0].occurred_at < early) low = middle;
      else high = middle;
    }
    const { rows } = await database.query<{ position: string }>(
      `select position from events.event where position > $1 and occurred_at >= $2
        order by position limit 1`,
      [low.toString(), moment],
    );
    return rows[0] ? (BigInt(rows[0].position) - 1n).toString() : horizon.position.toString();
  }

  function committed(): void {
    if (waiters.size > 0) lookWithin(0);
    if (!wire.othersListen || telling) return;
    telling = setTimeout(() => {
      telling = undefined;
      wire.tell('log');
    }, tellEveryMs);
    telling.unref();
  }

  async function stop(): Promise<void> {
    await consumers.stop();
    clearTimeout(timer);
    clearTimeout(telling);
    waiters.clear();
    await looking?.catch(() => undefined);
    await wire.stop();
  }

  return {
    node,
    async start() {
      await wire.start();
      consumers.start();
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
    async subscriber(tx) {
      tx.afterCommit(committed);
    },
    read,
    async horizon() {
      return (await look()).toString();
    },
    onceBeyond,
    waitBeyond(position, signal) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const forget = onceBeyond(position, () => {
          signal?.removeEventListener('abort', abort);
          resolve(horizon.position.toString());
        });
        function abort(): void {
          forget();
          reject(signal?.reason);
        }
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
    positionBefore,
    consume: (consumer) => consumers.add(consumer),
    groupsChanged() {
      consumers.changed();
      wire.tell('groups');
    },
  };
}
