/** Reads what is in a topic, for tests to compare. */
import type { KafkaCluster } from '../../../src/events/kafka/cluster.ts';
import {
  closeConsumer,
  createConsumer,
  type RawMessage,
  rangesOf,
  readTopics,
} from '../../../src/events/kafka/topic-reader.ts';

/** Every message of a topic, partition by partition in their order. */
export async function readTopic(cluster: KafkaCluster, topic: string): Promise<RawMessage[]> {
  const consumer = createConsumer(cluster, 'tests');
  try {
    const messages: RawMessage[] = [];
    for (const { partition, first, end } of await rangesOf(consumer, topic)) {
      for (let offset = first; offset < end; ) {
        const at = [{ topic, partition, offset }];
        for (const records of await readTopics(consumer, cluster.name, at, 100)) {
          messages.push(...records.messages);
          offset = records.next;
        }
      }
    }
    return messages;
  } finally {
    await closeConsumer(consumer);
  }
}
