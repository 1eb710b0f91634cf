/** The committed contract of the events is valid AsyncAPI 2.6, and knows every header that goes over the wire. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { toKafkaMessage } from '../../src/events/kafka/cloud-events.ts';
import { newId } from '../../src/kernel/ids.ts';
import { asyncApiProblems, brokenReferences } from '../support/asyncapi.ts';

const contract = new URL('../../contracts/asyncapi.yaml', import.meta.url);

test('contracts/asyncapi.yaml is valid, whole, and tells of the events of an order', async () => {
  const text = await readFile(contract, 'utf8');
  const document = parse(text) as { channels: Record<string, unknown> };
  expect(asyncApiProblems(document)).toEqual([]);
  expect(brokenReferences(document)).toEqual([]);
  expect(Object.keys(document.channels)).toEqual(
    expect.arrayContaining(['order.created', 'order.confirmed', 'payment.processed']),
  );
});

test('what a message carries besides its payload stands in the document', async () => {
  const document = parse(await readFile(contract, 'utf8'));
  const { properties } = document.components.messageTraits.cloudEvent.headers;
  const event = {
    ...{
      position: '1',
      id: newId(),
      name: 'order.created',
      version: 1,
      key: 'k',
      payloadJson: '{}',
    },
    ...{ occurredAt: new Date(), traceId: '0'.repeat(31).concat('1'), payload: {} },
  };
  const sending = { topic: 't', isRedelivery: true, fallbackFor: 'cloud' };
  const { headers } = toKafkaMessage(event, sending);
  const sent = [...headers.keys()].map(String).filter((name) => name !== 'content-type');
  expect(Object.keys(properties).sort()).toEqual(sent.sort());
});
