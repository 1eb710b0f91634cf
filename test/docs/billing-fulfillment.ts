/** The example of the guide "Kafka": what the warehouse says over two networks becomes an event. */
import { z } from 'zod';
import { defineEvent } from '../../src/kernel/event.ts';
import { defineTopicTrigger } from '../../src/kernel/topic-trigger.ts';

/** An order left the warehouse. */
export const billingFulfilled = defineEvent({
  name: 'billing.fulfilled',
  version: 1,
  summary: 'An order left the warehouse',
  payload: z.object({ orderId: z.string(), trackingNumber: z.string() }),
  key: ({ orderId }) => orderId,
});

/** Reads the topic of each network; the same `eventId` over both of them acts once. */
export const billingFulfillment = defineTopicTrigger({
  name: 'billing.fulfillment',
  summary: 'The warehouse reports what it has shipped',
  topic: {
    cloud: 'billing-fulfillment-events-cloud',
    comcast: 'billing-fulfillment-events-comcast',
  },
  wants: (value) =>
    z.object({ eventType: z.literal('FULFILLMENT_COMPLETE') }).safeParse(value).success,
  value: z.object({ eventId: z.string(), mboOrderId: z.string(), trackingNumber: z.string() }),
  messageId: ({ eventId }) => eventId,
  does: {
    event: billingFulfilled,
    payload: ({ mboOrderId, trackingNumber }) => ({ orderId: mboOrderId, trackingNumber }),
  },
});
