/** What other systems send over their topics, to the letter of their contract, becomes an event that is known. */
import { describe, expect, test } from 'vitest';
import { topicOn } from '../../kernel/event.ts';
import type { TopicMessage } from '../../kernel/topic-trigger.ts';
import { billingEventSchema } from './billing-event.ts';
import { billingOrderTriggers } from './triggers.ts';

const traced = { traceId: 'trace-123', spanId: 'span-456' };
const order = { mboOrderId: 'ORD-12345', accountId: 'ACC-98765' };

const told: readonly (readonly [topic: string, body: Readonly<Record<string, unknown>>])[] = [
  [
    'billing-fulfillment-events',
    {
      ...{ eventId: 'evt-001', eventType: 'FULFILLMENT_COMPLETE' },
      ...{ timestamp: '2025-02-02T14:30:45Z', ...order, ...traced },
      ...{ fulfillmentOrderId: 'FULFILL-001', shipmentId: 'SHIP-001' },
      ...{ fulfillmentStatus: 'SHIPPED', trackingNumber: 'TRK-98765' },
      estimatedDeliveryDate: '2025-02-05',
    },
  ],
  [
    'billing-fulfillment-events',
    { eventType: 'FULFILLMENT_COMPLETE', ...order, fulfillmentStatus: 'SUCCESS' },
  ],
  [
    'billing-provisioning-events',
    {
      ...{ eventId: 'evt-002', eventType: 'PROVISIONING_COMPLETE' },
      ...{ timestamp: '2025-02-02T14:35:10Z', ...order, traceId: 'trace-123' },
      lineItems: [
        {
          ...{ lineId: 'LINE-001', mdn: '214-555-0123', imei: '35xxxxxxxxxxxx' },
          ...{ iccid: '89xxxxxxxxxx', status: 'PROVISIONED' },
        },
      ],
      provisioningStatus: 'SUCCESS',
    },
  ],
  [
    'billing-provisioning-events',
    {
      ...{ eventType: 'PROVISIONING_COMPLETE', mboOrderId: 'ORD-12345' },
      ...{ mdn: '214-555-0123', imei: '35xxxxxxxxxxxx' },
    },
  ],
  [
    'billing-writeback-events',
    { eventId: 'evt-004', eventType: 'WRITEBACK_COMPLETE', ...order, writebackStatus: 'SUCCESS' },
  ],
  ['wkfl-cancel-order-request', { eventId: 'evt-005', ...order, reason: 'moved away' }],
];

describe.each([
  ['cloud', 'cloud'],
  ['comcast', 'comcast'],
  ['main', 'cloud'],
])('on the cluster %s', (cluster, network) => {
  test.each(told)('%s: %j', (name, body) => {
    const message = { cluster } as TopicMessage;
    const [trigger, ...more] = billingOrderTriggers.filter(
      ({ topic, wants }) =>
        topicOn(topic, cluster) === `${name}-${network}` && wants?.(body, message),
    );
    expect(more).toEqual([]);
    const value = trigger!.value.parse(body) as object;
    expect(trigger!.messageId?.(value)).toBe(body.eventId ?? null);
    const does = trigger!.does as {
      readonly input: (value: unknown, from: TopicMessage) => unknown;
    };
    const event = billingEventSchema.parse(does.input(value, message));
    expect(event).toMatchObject({ mboOrderId: 'ORD-12345', network });
  });
});

test('another event of the same topic is passed over', () => {
  for (const { wants } of billingOrderTriggers) {
    expect(wants?.({ eventType: 'SOMETHING_ELSE' }, {} as TopicMessage)).toBe(false);
  }
});
