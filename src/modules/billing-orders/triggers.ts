/**
 * The topics that billing orders are told by, on both networks. A plain cluster (`KAFKA_BROKERS`) is read
 * under the names of the cloud network. The same `eventId` over both networks acts once.
 */
import { z } from 'zod';
import { defineTopicTrigger, type TopicTrigger } from '../../kernel/topic-trigger.ts';
import { billingEventSchema } from './billing-event.ts';
import { networkTopic } from './events.ts';

const [fulfillment, provisioning, writeback, cancelRequest] = billingEventSchema.options;

/** A topic carries one kind of event; senders may say more of it than is read here. */
function trigger(
  name: string,
  topic: string,
  event: (typeof billingEventSchema.options)[number],
  summary: string,
): TopicTrigger {
  const { network: _, ...told } = event.shape;
  const eventType = told.eventType.value;
  return defineTopicTrigger({
    name: `billing-orders.${name}`,
    summary,
    topic: networkTopic(topic),
    // The cancel requests are all of one kind, and say so or not.
    wants: (value) =>
      z.object({ eventType: z.literal(eventType).default(eventType) }).safeParse(value).success,
    value: z.looseObject({ ...told, eventType: z.literal(eventType).default(eventType) }),
    messageId: ({ eventId }) => eventId ?? null,
    does: {
      procedure: 'billing-orders.receive-event',
      input: (value, { cluster }) => ({
        ...value,
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
    fulfillment,
    'The warehouse has shipped an order',
  ),
  trigger(
    'provisioning',
    'billing-provisioning-events',
    provisioning,
    'The network has worked on lines of an order',
  ),
  trigger(
    'writeback',
    'billing-writeback-events',
    writeback,
    'The biller has written an order back',
  ),
  trigger(
    'cancel-request',
    'wkfl-cancel-order-request',
    cancelRequest,
    'Somebody wants an order cancelled',
  ),
];
