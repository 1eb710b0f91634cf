/** The public face of events. */

export {
  type CloudEventAttributes,
  cloudEventAttributes,
  cloudEventJson,
  cloudEventMediaType,
  cloudEventSource,
} from './cloud-event.ts';
export type { ConsumerOptions, DeliveryContext } from './consumer-options.ts';
export type { Consumer } from './consumers.ts';
export { createEventLog, type EventLog, type EventLogOptions } from './event-log.ts';
export type { RetryRule } from './failures.ts';
export { followLog } from './follow-log.ts';
export { fallbackHeader, redeliveryHeader } from './kafka/cloud-events.ts';
export type { KafkaCluster } from './kafka/cluster.ts';
export type { Kafka, KafkaOptions } from './kafka/kafka.ts';
export { kafkaModule } from './kafka/procedures.ts';
export { purgeReceived } from './kafka/purge-received.ts';
export { startKafka } from './kafka/start-kafka.ts';
export type { LogPage, LogQuery } from './log-query.ts';
export type { LoggedEvent } from './logged-event.ts';
export { createOutbox, type EventSubscriber, type Outbox } from './outbox.ts';
export { eventsModule } from './procedures/module.ts';
export { purgeDeliveries, purgeEvents } from './purge-events.ts';
export {
  deliverWebhooks,
  type WebhookDelivery,
  type WebhookOptions,
} from './webhooks/deliver-webhooks.ts';
export { webhooksModule } from './webhooks/module.ts';
export type { WebhookParts } from './webhooks/subscription-procedures.ts';

/** The migrations of the event log. */
export const eventMigrations = {
  schema: 'events',
  folder: new URL('./migrations/', import.meta.url),
} as const;
