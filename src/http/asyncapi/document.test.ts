/** The document is valid AsyncAPI 2.6 and says of each event and trigger what it declares. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { asyncApiProblems, brokenReferences } from '../../../test/support/asyncapi.ts';
import { shopModule } from '../../../test/support/shop-module.ts';
import { defineEvent } from '../../kernel/event.ts';
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { defineTopicTrigger } from '../../kernel/topic-trigger.ts';
import { asyncApiDocument } from './document.ts';

const info = { title: 'Shop', version: '1.0.0' };

function documentOf(...modules: readonly ModuleDefinition[]) {
  const document = asyncApiDocument(modules, info);
  expect(asyncApiProblems(document)).toEqual([]);
  return document;
}

const Tree: z.ZodType = z.object({ id: z.string(), children: z.array(z.lazy(() => Tree)) });

const orderPlaced = defineEvent({
  name: 'order.placed',
  version: 2,
  summary: 'An order was placed',
  payload: z.object({ orderId: z.uuid(), placedAt: z.date(), parts: Tree }),
  key: (payload) => String(payload),
  topic: 'shop.orders',
});
const orderLost = defineEvent({
  name: 'order.lost',
  version: 1,
  summary: 'An order was lost',
  payload: z.object({ orderId: z.uuid() }),
  key: ({ orderId }) => orderId,
  topic: { north: 'orders-north', south: 'orders-south' },
});
const shipped = defineTopicTrigger({
  name: 'warehouse.shipped',
  summary: 'The warehouse has shipped',
  topic: 'warehouse.shipments',
  value: z.object({ orderId: z.uuid() }),
  does: { procedure: 'orders.ship' },
});
const orders = defineModule({
  name: 'orders',
  summary: 'Orders',
  procedures: [],
  events: [orderPlaced, orderLost],
  errors: [],
  triggers: [shipped],
});

test('a document without any event is valid, and one of another form is not', () => {
  const document = documentOf();
  expect(asyncApiProblems({ ...document, asyncapi: '3.0.0' })).not.toEqual([]);
  expect(asyncApiProblems({ ...document, channels: { 'a.b': { subscribe: 1 } } })).not.toEqual([]);
});

test('channels, messages, ways and topics follow from the manifests', () => {
  const document = documentOf(shopModule(), orders);
  expect(document).toMatchObject({
    asyncapi: '2.6.0',
    channels: {
      'order.placed': {
        servers: ['stream', 'webhooks', 'kafka'],
        bindings: { kafka: { topic: 'shop.orders' } },
        subscribe: { message: { $ref: '#/components/messages/OrderPlaced' } },
      },
      'order.lost': {
        bindings: { 'x-topics': { north: 'orders-north', south: 'orders-south' } },
      },
      'item.created': { servers: ['stream', 'webhooks'] },
      'warehouse.shipments': {
        servers: ['kafka'],
        publish: { message: { $ref: '#/components/messages/WarehouseShippedTrigger' } },
      },
    },
    components: {
      messages: {
        OrderPlaced: {
          name: 'order.placed',
          'x-version': 2,
          payload: { $ref: '#/components/schemas/OrderPlacedPayload' },
        },
      },
      schemas: {
        OrderPlacedPayload: {
          type: 'object',
          required: ['orderId', 'placedAt', 'parts'],
          properties: { placedAt: { type: 'string', format: 'date-time' } },
        },
      },
    },
  });
});

test('every reference leads somewhere, also in schemas that refer to themselves', () => {
  const document = documentOf(orders);
  expect(JSON.stringify(document)).toContain('OrderPlacedPayloadPart');
  expect(brokenReferences(document)).toEqual([]);
  expect(brokenReferences({ a: { $ref: '#/b/c' } })).toEqual(['#/b/c']);
});
