/** The entrance to Kafka, through which its client library is loaded only where a cluster is named. */
import type { Kafka, KafkaOptions } from './kafka.ts';

/** Starts the relays and readers of all clusters; waits for no broker. */
export async function startKafka(options: KafkaOptions): Promise<Kafka> {
  const kafka = await import('./kafka.ts');
  return kafka.startKafka(options);
}
