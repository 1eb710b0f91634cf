/**
 * Brings messages into the topics of one cluster, in the order given for each key.
 *
 * One request is under way at a time, acknowledged by all in-sync replicas, from an idempotent producer:
 * a request that is sent again within one producer is written once. A producer that has failed is
 * never used again. It may have brought in some partitions of a request and not others, but counts
 * the request as a whole; its next request would carry numbers that the broker takes for a
 * repetition, and drops.
 *
 * A broker that no longer leads a partition is asked by the client itself who leads now, and the request
 * goes there under the same numbers, once. When that fails, too, it is a failure like any other.
 *
 * - *Closed*: no producer. Left by the next `send`.
 * - *Open*: requests succeed. Left by a failure, by `close`, or after so many messages that the
 *   numbers of a partition could run out.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import { Admin, Producer } from './client.ts';
import type { OutgoingMessage } from './cloud-events.ts';
import { clientOptions, type KafkaCluster, reasonOf } from './cluster.ts';
import { partitionHash } from './partition-hash.ts';

/** A producer of one cluster. */
export interface Publisher {
  /**
   * Resolves when every message is stored by all in-sync replicas. `stored` is told of those that are,
   * in their order, also when a later one fails. Rejects with a `RetryableFault` when the cluster could not
   * be reached or a topic is missing, and with a `TerminalFault` when it refuses the message.
   */
  send(
    messages: readonly OutgoingMessage[],
    options?: {
      readonly stored?: (messages: readonly OutgoingMessage[]) => void;
      /** Aborted when nobody waits any longer; the outcome is then unknown. */
      readonly signal?: AbortSignal;
    },
  ): Promise<void>;
  /** Resolves when the cluster answers; rejects with the reason. */
  probe(): Promise<void>;
  /**
   * Which of these topics the cluster has not. None, where missing topics are made: they take messages when
   * this resolves. Rejects when the cluster could not be reached.
   */
  missingOf(topics: readonly string[]): Promise<readonly string[]>;
  /** Ends the producer. A later `send` makes another one. */
  close(): Promise<void>;
}

/** Brokers take up to 1 MiB in one batch of a partition unless told otherwise; this leaves room for framing. */
const mostBytes = 900_000;

/** What the headers and the frame of a message take, in bytes, generously. */
const frameBytes = 400;

/** Sequence numbers of a partition end at 2^31. */
const mostMessagesOfProducer = 1_000_000_000;

/** A request that got no answer in this time has failed, in milliseconds. */
const longestRequestMs = 15_000;

/** Further tries of one request within a producer: enough for a partition that changes its leader. */
const retries = 3;

/** Makes a publisher. Nothing is connected before the first message. */
export function createPublisher(options: {
  readonly cluster: KafkaCluster;
  /** Missing topics are made with so many partitions; 0: they are waited for. */
  readonly createTopicPartitions: number;
}): Publisher {
  const { cluster, createTopicPartitions } = options;
  let open: { readonly producer: Producer; sent: number } | undefined;
  const known = new Set<string>();

  async function ensureTopics(messages: readonly OutgoingMessage[]): Promise<void> {
    const strange = topicsOf(messages).filter((topic) => !known.has(topic));
    if (strange.length === 0) return;
    const missing = await missingOf(strange);
    if (missing.length > 0) throw missingFault(cluster, missing);
    for (const topic of strange) known.add(topic);
  }

  async function missingOf(topics: readonly string[]): Promise<readonly string[]> {
    return await withAdmin(cluster, async (admin) => {
      const present = new Set(await admin.listTopics({ includeInternals: false }));
      const missing = topics.filter((topic) => !present.has(topic));
      if (missing.length === 0 || createTopicPartitions === 0) return missing;
      // Replicas -1: as many as the brokers are configured to make.
      const wanted = { topics: missing, partitions: createTopicPartitions, replicas: -1 };
      await admin.createTopics(wanted).catch(ignoreExisting);
      await toBeLed(admin, missing);
      return [];
    });
  }

  async function request(
    messages: OutgoingMessage[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    open ??= {
      producer: new Producer({ ...clientOptions(cluster, retries), maxInflights: 1 }),
      sent: 0,
    };
    const { producer } = open;
    try {
      await inTime(
        producer.send({
          messages,
          idempotent: true,
          acks: -1,
          partitioner: ({ key }) => (key === undefined ? 0 : partitionHash(key)),
        }),
        longestRequestMs,
        signal,
      );
    } catch (error) {
      await discard();
      known.clear();
      throw faultOf(error, cluster, messages);
    }
    open.sent += messages.length;
    if (open.sent > mostMessagesOfProducer) await discard();
  }

  async function discard(): Promise<void> {
    const producer = open?.producer;
    open = undefined;
    // What cannot be closed has no connection either.
    await producer?.close().catch(() => undefined);
  }

  return {
    async send(messages, { stored, signal } = {}) {
      try {
        await ensureTopics(messages);
      } catch (error) {
        throw faultOf(error, cluster, messages);
      }
      for (const part of parts(messages)) {
        await request(part, signal);
        stored?.(part);
      }
    },
    async probe() {
      await withAdmin(cluster, (admin) => admin.metadata({ topics: [] }));
    },
    missingOf,
    close: discard,
  };
}

/** Runs `work` with an administrative client that is closed afterwards. */
export async function withAdmin<T>(
  cluster: KafkaCluster,
  work: (admin: Admin) => Promise<T>,
): Promise<T> {
  const admin = new Admin(clientOptions(cluster, 0));
  try {
    return await inTime(work(admin), longestRequestMs);
  } finally {
    await admin.close().catch(() => undefined);
  }
}

/** Cuts messages into requests that a broker takes, in their order. */
function* parts(messages: readonly OutgoingMessage[]): Generator<OutgoingMessage[]> {
  let part: OutgoingMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.value.length + message.key.length + frameBytes;
    if (part.length > 0 && bytes + size > mostBytes) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/** The promise's outcome, or a rejection after `limitMs` or when the signal is aborted. */
export async function inTime<T>(
  work: Promise<T>,
  limitMs: number,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

/** Between two looks for the leaders of a topic that was made just now; mostly one is enough. */
const lookEveryMs = 20;

/**
 * Resolves when every partition of the topics has a leader. A topic that has been made is unknown to
 * the brokers until they have heard of it, which takes some milliseconds, and longer on a busy machine.
 */
async function toBeLed(admin: Admin, topics: readonly string[]): Promise<void> {
  for (;;) {
    const found = await admin
      .metadata({ topics: [...topics], forceUpdate: true })
      .catch(nothingWhileUnknown);
    const partitions = [...(found?.topics.values() ?? [])].flatMap((topic) => topic.partitions);
    if (found && partitions.every(({ leader }) => leader >= 0)) return;
    await delay(lookEveryMs);
  }
}

/** Codes by which a broker says that it has no such topic, or not yet. */
const unknown = ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_ID'];

function nothingWhileUnknown(error: unknown): undefined {
  const passing = [...unknown, 'LEADER_NOT_AVAILABLE'];
  if (!apiCodes(error).some((code) => passing.includes(code))) throw error;
}

/** Codes by which a broker refuses the message itself: another attempt cannot help. */
const refusals = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'];

function faultOf(
  error: unknown,
  cluster: KafkaCluster,
  messages: readonly OutgoingMessage[],
): RetryableFault | TerminalFault {
  if (error instanceof RetryableFault) return error;
  const reason = reasonOf(error);
  if (apiCodes(error).some((code) => refusals.includes(code))) {
    const bytes = Math.max(...messages.map(({ value }) => value.length));
    return new TerminalFault(
      'KAFKA_MESSAGE_REFUSED',
      `cluster "${cluster.name}" refused a message (the largest has ${bytes} bytes): ${reason}; ` +
        'raise max.message.bytes of the topic, or make the payload smaller',
      { cause: error },
    );
  }
  // The cluster works, so this is no reason to go to its fallback; it may have been deleted a moment ago.
  if (apiCodes(error).some((code) => unknown.includes(code))) {
    const options = { found: 'not all of it', cause: error, outcomeUnknown: true };
    return missingFault(cluster, topicsOf(messages), options);
  }
  return unavailable(cluster, 'take messages', error);
}

/** The fault of a cluster that does not answer; `what` is what it did not do. */
export function unavailable(cluster: KafkaCluster, what: string, error: unknown): RetryableFault {
  return new RetryableFault(
    'KAFKA_UNAVAILABLE',
    `cluster "${cluster.name}" (${cluster.brokers.join(', ')}) did not ${what}: ${reasonOf(error)}`,
    { cause: error, retryAfterMs: 500, outcomeUnknown: true },
  );
}

function missingFault(
  cluster: KafkaCluster,
  topics: readonly string[],
  {
    found = 'none',
    ...options
  }: { readonly found?: string; readonly cause?: unknown; readonly outcomeUnknown?: boolean } = {},
): RetryableFault {
  return new RetryableFault(
    'KAFKA_TOPIC_MISSING',
    `expected topic ${topics.join(', ')} on cluster "${cluster.name}", found ${found}; ` +
      'create it, or set KAFKA_CREATE_TOPICS',
    { ...options, retryAfterMs: 1_000 },
  );
}

function topicsOf(messages: readonly OutgoingMessage[]): string[] {
  return [...new Set(messages.map(({ topic }) => topic))];
}

/** Protocol codes anywhere in an error of the client, which nests them. */
export function apiCodes(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const own = 'apiId' in error && typeof error.apiId === 'string' ? [error.apiId] : [];
  const inner = error instanceof AggregateError ? error.errors : [];
  return [...own, ...inner.flatMap(apiCodes), ...apiCodes(error.cause)];
}

function ignoreExisting(error: unknown): void {
  const codes = apiCodes(error);
  if (codes.length === 0 || codes.some((code) => code !== 'TOPIC_ALREADY_EXISTS')) throw error;
}
