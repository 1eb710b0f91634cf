/**
 * Reads the topics of one cluster that triggers want, as a member of a consumer group, and takes each
 * message through its trigger. Offsets are committed after that: a message that is committed was acted
 * upon, or is a dead letter. A message that comes again, after a crash or a rebalance, acts once.
 *
 * - *Away*: the cluster does not answer, or none of the topics exists; the latter is no failure. Tried
 *   again with growing pauses.
 * - *Joining*: a new generation of the group; read positions are those that the group has committed.
 * - *Reading*: what comes is acted upon and committed. Left when the group is rebalanced (joining),
 *   when anything fails (away), or when a topic that was missing has appeared (away, at once).
 *
 * The client's own stream is not used: it commits the offset of the last message instead of the one
 * after it, and a heartbeat that failed once is its last. Any failure of it here ends the membership,
 * and a new one begins.
 */
import type { Clock } from '../../kernel/clock.ts';
import { topicOn } from '../../kernel/event.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { TopicTrigger } from '../../kernel/topic-trigger.ts';
import { type Bell, createBell } from '../bell.ts';
import { type ActingParts, actUpon } from './act-upon.ts';
import type { Consumer } from './client.ts';
import { type KafkaCluster, reasonOf } from './cluster.ts';
import { apiCodes, inTime, type Publisher } from './publisher.ts';
import type { ReceiveMessages } from './receive-messages.ts';
import {
  closeConsumer,
  createConsumer,
  type PartitionRecords,
  rangesOf,
  readTopics,
  type TopicPosition,
} from './topic-reader.ts';

/** How the reading of a cluster stands. */
export interface ConsumerState {
  readonly cluster: string;
  readonly status: 'away' | 'joining' | 'reading';
  /** Topics that triggers want and the cluster has not. */
  readonly missing: readonly string[];
  /** Partitions that this node reads. */
  readonly partitions: number;
  /** Messages of these partitions that are still to be read. */
  readonly lag: number;
  readonly lastError: string | null;
}

/** A member of a consumer group. */
export interface TriggerConsumer {
  readonly state: ConsumerState;
  /** Ends after the messages at hand, and leaves the group. May be called twice. */
  stop(): Promise<void>;
}

/** What it is made of. */
export interface TriggerConsumerOptions {
  readonly cluster: KafkaCluster;
  readonly triggers: readonly TopicTrigger[];
  readonly group: string;
  readonly publisher: Publisher;
  readonly receive: ReceiveMessages;
  readonly clock: Clock;
  readonly log: Log;
  readonly counted: ActingParts['counted'];
}

/** How long one read waits for messages, in milliseconds: also how long stopping may take. */
const maxWaitMs = 500;

/** A join takes as long as the slowest member of the group needs to notice, in milliseconds. */
const longestJoinMs = 30_000;

/** Missing topics are looked for again after this, in milliseconds. */
const lookForTopicsMs = 10_000;

const [shortestPauseMs, longestPauseMs] = [250, 2_000];

/** Codes of a commit that comes from a generation that is no longer. */
const rebalanced = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'];

/** Begins to read; undefined when no trigger declares a topic on the cluster. */
export function startTriggerConsumer(options: TriggerConsumerOptions): TriggerConsumer | undefined {
  const { cluster, triggers } = options;
  const byTopic = new Map<string, TopicTrigger[]>();
  for (const trigger of triggers) {
    const topic = topicOn(trigger.topic, cluster.name);
    if (topic !== undefined) byTopic.set(topic, [...(byTopic.get(topic) ?? []), trigger]);
  }
  if (byTopic.size === 0) return undefined;
  const member = new Member(options, byTopic);
  const running = member.run();
  return {
    get state() {
      return member.state;
    },
    async stop() {
      member.stop();
      await running;
    },
  };
}

class Member {
  readonly #options: TriggerConsumerOptions;
  readonly #byTopic: ReadonlyMap<string, readonly TopicTrigger[]>;
  readonly #bell: Bell = createBell();
  readonly #lags = new Map<string, number>();
  #stopping = false;
  #status: ConsumerState['status'] = 'away';
  #missing: readonly string[] = [];
  #lastError: string | null = null;
  /** Under which the group still expects this node, because it could not be told. */
  #memberId: string | null = null;

  constructor(
    options: TriggerConsumerOptions,
    byTopic: ReadonlyMap<string, readonly TopicTrigger[]>,
  ) {
    this.#options = options;
    this.#byTopic = byTopic;
  }

  get state(): ConsumerState {
    return {
      cluster: this.#options.cluster.name,
      status: this.#status,
      missing: this.#missing,
      partitions: this.#lags.size,
      lag: [...this.#lags.values()].reduce((sum, lag) => sum + lag, 0),
      lastError: this.#lastError,
    };
  }

  stop(): void {
    this.#stopping = true;
    this.#bell.ring();
  }

  async run(): Promise<void> {
    let pauseMs = shortestPauseMs;
    while (!this.#stopping) {
      try {
        const hasRead = await this.#membership();
        if (hasRead) pauseMs = shortestPauseMs;
      } catch (error) {
        this.#failed(error);
      }
      this.#status = 'away';
      this.#lags.clear();
      if (!this.#stopping) await this.#bell.wait(pauseMs);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  #failed(error: unknown): void {
    const reason = reasonOf(error);
    const { cluster, log } = this.#options;
    // The same reason again and again is no news.
    if (reason !== this.#lastError) {
      log.warn({ cluster: cluster.name, reason }, 'reading from Kafka failed; it is tried again');
    }
    this.#lastError = reason;
  }

  /** One membership of the group, from joining to leaving. True when it got as far as reading. */
  async #membership(): Promise<boolean> {
    const { cluster, group } = this.#options;
    const missing = await this.#lookForTopics();
    const topics = [...this.#byTopic.keys()].filter((topic) => !missing.includes(topic));
    if (topics.length === 0) {
      this.#lastError = null;
      return false;
    }
    const consumer = createConsumer(cluster, group);
    consumer.memberId = this.#memberId;
    const session = new Session(this.#options, this.#byTopic, consumer, {
      isStopping: () => this.#stopping,
      bell: this.#bell,
      lags: this.#lags,
      status: (status) => {
        this.#status = status;
        if (status === 'reading') this.#lastError = null;
      },
      failed: (error) => this.#failed(error),
    });
    try {
      await session.join(topics);
      let lookAgainAt = performance.now() + lookForTopicsMs;
      while (!this.#stopping) {
        if (this.#missing.length > 0 && performance.now() >= lookAgainAt) {
          // Leaving the group makes all its members pause, so only for a topic that has come.
          if ((await this.#lookForTopics()).length < missing.length) break;
          lookAgainAt = performance.now() + lookForTopicsMs;
        }
        await session.turn();
      }
      return true;
    } finally {
      this.#memberId = await closeConsumer(consumer);
    }
  }

  /** Gives the topics that the cluster has not. Not every program has those of every trigger. */
  async #lookForTopics(): Promise<readonly string[]> {
    const { cluster, publisher, log } = this.#options;
    const missing = await publisher.missingOf([...this.#byTopic.keys()]);
    const isNews = missing.some((topic) => !this.#missing.includes(topic));
    if (isNews) log.warn({ cluster: cluster.name, missing }, 'topics of triggers do not exist');
    this.#missing = missing;
    return missing;
  }
}

/** What a session tells and is told. */
interface SessionParts {
  readonly isStopping: () => boolean;
  readonly bell: Bell;
  readonly lags: Map<string, number>;
  readonly status: (status: ConsumerState['status']) => void;
  readonly failed: (error: unknown) => void;
}

/** One membership: positions are kept here, and begin anew with every generation of the group. */
class Session {
  readonly #options: TriggerConsumerOptions;
  readonly #byTopic: ReadonlyMap<string, readonly TopicTrigger[]>;
  readonly #consumer: Consumer;
  readonly #parts: SessionParts;
  #positions: TopicPosition[] = [];
  /** Counts generations of the group; messages of an earlier one are dropped. */
  #generation = 0;
  #readGeneration = 0;
  #failure: unknown;

  constructor(
    options: TriggerConsumerOptions,
    byTopic: ReadonlyMap<string, readonly TopicTrigger[]>,
    consumer: Consumer,
    parts: SessionParts,
  ) {
    this.#options = options;
    this.#byTopic = byTopic;
    this.#consumer = consumer;
    this.#parts = parts;
    const fail = (error: unknown) => {
      this.#failure ??= error ?? new Error('the membership of the group ended');
      parts.bell.ring();
    };
    consumer.on('error', fail);
    consumer.on('consumer:heartbeat:error', ({ error }: { error?: unknown } = {}) => fail(error));
    consumer.on('consumer:group:join', () => {
      this.#generation += 1;
      parts.bell.ring();
    });
  }

  async join(topics: readonly string[]): Promise<void> {
    this.#parts.status('joining');
    this.#consumer.topics.trackAll(...topics);
    await inTime(this.#consumer.joinGroup({}), longestJoinMs);
  }

  /** Reads once and acts upon what came. Throws what ends the membership. */
  async turn(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#readGeneration !== this.#generation) await this.#begin();
    if (this.#positions.length === 0) return await this.#parts.bell.wait(maxWaitMs);
    const { cluster } = this.#options;
    let read: readonly PartitionRecords[];
    try {
      read = await readTopics(this.#consumer, cluster.name, this.#positions, maxWaitMs);
    } catch (error) {
      if (apiCodes(error).includes('OFFSET_OUT_OF_RANGE')) return await this.#moveIntoRange();
      throw error;
    }
    for (const records of read) {
      if (this.#isOver()) return;
      await this.#take(records);
    }
  }

  #isOver(): boolean {
    const { isStopping } = this.#parts;
    return isStopping() || this.#failure !== undefined || this.#readGeneration !== this.#generation;
  }

  /** Goes to where the group has committed, or to the beginning of what it has never read. */
  async #begin(): Promise<void> {
    const generation = this.#generation;
    const consumer = this.#consumer;
    const assigned = consumer.assignments ?? [];
    this.#parts.lags.clear();
    this.#positions = [];
    if (assigned.length > 0) {
      const committed = await inTime(
        consumer.listCommittedOffsets({ topics: assigned }),
        longestJoinMs,
      );
      for (const { topic, partitions } of assigned) {
        const ranges = await rangesOf(consumer, topic);
        for (const partition of partitions) {
          const stored = committed.get(topic)?.[partition] ?? -1n;
          const first = ranges[partition]?.first ?? 0n;
          const offset = stored >= 0n ? stored : first;
          this.#positions.push({ topic, partition, offset });
          this.#note(topic, partition, (ranges[partition]?.end ?? offset) - offset);
        }
      }
    }
    this.#readGeneration = generation;
    this.#parts.status('reading');
  }

  #note(topic: string, partition: number, lag: bigint): void {
    this.#parts.lags.set(`${topic} ${partition}`, Math.max(0, Number(lag)));
  }

  async #take({ topic, partition, messages, next, end }: PartitionRecords): Promise<void> {
    const { publisher, receive, clock, log, counted } = this.#options;
    const acting: ActingParts = {
      receive,
      publisher,
      clock,
      log,
      counted,
      failed: this.#parts.failed,
      pause: (ms) => this.#parts.bell.wait(ms),
      isOver: () => this.#isOver(),
    };
    for (const trigger of this.#byTopic.get(topic) ?? []) {
      if (!(await actUpon(trigger, messages, acting))) return;
    }
    const at = this.#positions.findIndex(
      (one) => one.topic === topic && one.partition === partition,
    );
    if (at === -1 || this.#positions[at]?.offset === next) return;
    this.#positions[at] = { topic, partition, offset: next };
    this.#note(topic, partition, end - next);
    await this.#commit({ topic, partition, offset: next });
  }

  async #commit(position: TopicPosition): Promise<void> {
    try {
      const offsets = [{ ...position, leaderEpoch: -1 }];
      await inTime(this.#consumer.commit({ offsets }), longestJoinMs);
    } catch (error) {
      // The next generation begins at what was committed; what is done again does nothing.
      if (!apiCodes(error).some((code) => rebalanced.includes(code))) throw error;
      await this.#parts.bell.wait(maxWaitMs);
    }
  }

  /** What was to be read next is gone, by retention or because the topic was made anew. */
  async #moveIntoRange(): Promise<void> {
    for (const [at, { topic, partition, offset }] of this.#positions.entries()) {
      const range = (await rangesOf(this.#consumer, topic))[partition];
      if (!range || (offset >= range.first && offset <= range.end)) continue;
      this.#options.log.error(
        { topic, partition, expected: String(offset), found: `${range.first} to ${range.end}` },
        'messages were gone before they were read; reading goes on at the oldest one',
      );
      this.#positions[at] = { topic, partition, offset: range.first };
    }
  }
}
