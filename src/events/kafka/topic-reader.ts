/**
 * Reads records of topics from positions that the caller keeps. What transactions have aborted, and the
 * marks that they leave in a topic, are passed over, and so is whatever a batch holds before the
 * position.
 */
import type { TopicMessage } from '../../kernel/topic-trigger.ts';
import { Consumer } from './client.ts';
import { clientOptions, type KafkaCluster } from './cluster.ts';
import { inTime } from './publisher.ts';

/** A place in a topic. */
export interface TopicPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A message with its bytes as they came. */
export interface RawMessage extends TopicMessage {
  readonly value: Buffer;
  readonly keyBytes: Buffer;
  readonly headerBytes: readonly (readonly [Buffer, Buffer])[];
}

/** What was read of one partition. */
export interface PartitionRecords {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly RawMessage[];
  /** Where to go on reading. */
  readonly next: bigint;
  /** One beyond the last record that can be read now. */
  readonly end: bigint;
}

type FetchResponse = Awaited<ReturnType<Consumer['fetch']>>;
type FetchedPartition = FetchResponse['responses'][number]['partitions'][number];
type RecordsBatch = NonNullable<FetchedPartition['records']>[number];

/** Most bytes read at a time: of all partitions, and of one. */
const mostBytes = 4_194_304;
const mostBytesOfPartition = 1_048_576;

/** An answer that does not come in this time never comes, in milliseconds. */
const longestAnswerMs = 20_000;

/** A consumer that is asked, and does nothing by itself before it joins its group. */
export function createConsumer(cluster: KafkaCluster, group: string): Consumer {
  return new Consumer({
    ...clientOptions(cluster, 2),
    groupId: group,
    autocommit: false,
    sessionTimeout: 10_000,
    rebalanceTimeout: 15_000,
    heartbeatInterval: 1_000,
    isolationLevel: 'READ_COMMITTED',
  });
}

/** A member that cannot say good-bye in this time is missed later, in milliseconds. */
const longestGoodByeMs = 5_000;

/**
 * Leaves the group, where it was joined, and closes every connection. Gives the member's id when the
 * group could not be told: whoever joins under that id takes its place at once, and nobody has to
 * wait until it is missed.
 */
export async function closeConsumer(consumer: Consumer): Promise<string | null> {
  try {
    await inTime(Promise.resolve(consumer.close(true)), longestGoodByeMs);
    return null;
  } catch {
    const { memberId } = consumer;
    // Without an id there is nobody to tell, and the connections are closed.
    consumer.memberId = null;
    await Promise.resolve(consumer.close(true)).catch(() => undefined);
    return memberId;
  }
}

/** The first and the end offset of each partition of a topic. */
export async function rangesOf(
  consumer: Consumer,
  topic: string,
): Promise<
  readonly { readonly partition: number; readonly first: bigint; readonly end: bigint }[]
> {
  const list = async (timestamp: bigint) =>
    (await inTime(consumer.listOffsets({ topics: [topic], timestamp }), longestAnswerMs)).get(
      topic,
    );
  const [firsts = [], ends = []] = [await list(-2n), await list(-1n)];
  return ends.map((end, partition) => ({ partition, first: firsts[partition] ?? 0n, end }));
}

/**
 * What comes at these positions, of each partition as much as fits. Waits up to `maxWaitMs` for something
 * to come.
 */
export async function readTopics(
  consumer: Consumer,
  cluster: string,
  positions: readonly TopicPosition[],
  maxWaitMs: number,
): Promise<readonly PartitionRecords[]> {
  const names = [...new Set(positions.map(({ topic }) => topic))];
  const metadata = await inTime(consumer.metadata({ topics: names }), longestAnswerMs);
  const nameOfId = new Map(names.map((name) => [metadata.topics.get(name)?.id, name]));
  const byLeader = Map.groupBy(
    positions,
    ({ topic, partition }) => metadata.topics.get(topic)?.partitions[partition]?.leader,
  );
  const read = await Promise.all(
    [...byLeader].map(async ([node, wanted]) => {
      if (node === undefined || node < 0) return [];
      const topics = [...Map.groupBy(wanted, ({ topic }) => topic)].map(([topic, partitions]) => ({
        topicId: metadata.topics.get(topic)!.id,
        partitions: partitions.map(({ partition, offset }) => ({
          partition,
          fetchOffset: offset,
          partitionMaxBytes: mostBytesOfPartition,
          currentLeaderEpoch: -1,
          lastFetchedEpoch: -1,
        })),
      }));
      const request = { node, topics, maxWaitTime: maxWaitMs, minBytes: 1, maxBytes: mostBytes };
      const answer = await inTime(consumer.fetch(request), maxWaitMs + longestAnswerMs);
      return answer.responses.flatMap(({ topicId, partitions }) =>
        partitions.map((found) => ({ topic: nameOfId.get(topicId)!, found })),
      );
    }),
  );
  const offsets = new Map(
    positions.map(({ topic, partition, offset }) => [`${topic} ${partition}`, offset]),
  );
  return read.flat().map(({ topic, found }) => {
    const from = offsets.get(`${topic} ${found.partitionIndex}`) ?? 0n;
    return recordsOf({ cluster, topic, found, from });
  });
}

function recordsOf(read: {
  readonly cluster: string;
  readonly topic: string;
  readonly found: FetchedPartition;
  readonly from: bigint;
}): PartitionRecords {
  const { cluster, topic, found, from } = read;
  const partition = found.partitionIndex;
  const messages: RawMessage[] = [];
  let next = from;
  for (const batch of committed(found)) {
    for (const record of batch.records) {
      const offset = batch.firstOffset + BigInt(record.offsetDelta);
      if (offset < from) continue;
      messages.push({
        cluster,
        topic,
        partition,
        offset: offset.toString(),
        // The client gives an empty key and value where there are none.
        key: record.key.length === 0 ? null : record.key.toString(),
        headers: headersOf(record.headers),
        producedAt: new Date(Number(batch.firstTimestamp + record.timestampDelta)),
        value: record.value,
        keyBytes: record.key,
        headerBytes: record.headers,
      });
    }
  }
  const last = found.records?.at(-1);
  if (last) next = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
  return { topic, partition, messages, next, end: found.lastStableOffset };
}

const controlBit = 0x20;
const transactionalBit = 0x10;

/** The batches whose transactions, where they have one, have committed. */
function* committed({
  records = [],
  abortedTransactions,
}: FetchedPartition): Generator<RecordsBatch> {
  const aborted = [...(abortedTransactions ?? [])].sort((a, b) =>
    a.firstOffset < b.firstOffset ? -1 : 1,
  );
  const aborting = new Set<bigint>();
  for (const batch of records) {
    const end = batch.firstOffset + BigInt(batch.lastOffsetDelta);
    while (aborted[0] && aborted[0].firstOffset <= end) aborting.add(aborted.shift()!.producerId);
    if (batch.attributes & controlBit) aborting.delete(batch.producerId);
    else if (!(batch.attributes & transactionalBit && aborting.has(batch.producerId))) yield batch;
  }
}

function headersOf(headers: readonly (readonly [Buffer, Buffer])[]): Record<string, string> {
  return Object.fromEntries(
    headers.map(([name, value]) => [name.toString().toLowerCase(), value.toString()]),
  );
}
