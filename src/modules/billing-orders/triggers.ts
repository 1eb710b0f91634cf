/**
 * The topics that billing orders are told by, on both networks. A plain cluster (`KAFKA_BROKERS`) is read
 * under the names of the cloud network. The same `eventId` over both networks acts once.
 */
import { z } from 'zod';
import { defineTopicTrigger, type TopicTrigger } from '../../kernel/topic-trigger.ts';
import { networkTopic } from './events.ts';

const eventSchema = z.looseObject({ eventId: z.string().min(1).max(200).optional() });

function trigger(name: string, topic: string, eventType: string, summary: string): TopicTrigger {
  return defineTopicTrigger({
    name: `billing-orders.${name}`,
    summary,
    topic: networkTopic(topic),
    // The cancel requests are all of one kind, and say so or not.
    wants: (value) =>
      z.object({ eventType: z.literal(eventType).default(eventType) }).safeParse(value).success,
    value: eventSchema,
    messageId: ({ eventId }) => eventId ?? null,
    does: {
      procedure: 'billing-orders.receive-event',
      input: (value, { cluster }) => ({
        ...value,
        eventType,
        network: cluster === 'comcast' ? 'comcast' : 'cloud',
      }),
    },
  }) as TopicTrigger;
}

/** All of them, for the manifest. */
export const billingOrderTriggers: readonly TopicTrigger[] = [
  trigger(
    'fulfillment',
    'billing-fulfillment-events',
    'FULFILLMENT_COMPLETE',
    'The warehouse has shipped an order',
  ),
  trigger(
    'provisioning',
    'billing-provisioning-events',
    'PROVISIONING_COMPLETE',
    'The network has worked on lines of an order',
  ),
  trigger(
    'writeback',
    'billing-writeback-events',
    'WRITEBACK_COMPLETE',
    'The biller has written an order back',
  ),
  trigger(
    'cancel-request',
    'wkfl-cancel-order-request',
    'CANCEL_ORDER_REQUEST',
    'Somebody wants an order cancelled',
  ),
];
