/** The committed contract of the events is valid AsyncAPI 2.6. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { asyncApiProblems, brokenReferences } from '../support/asyncapi.ts';

test('contracts/asyncapi.yaml is valid, whole, and tells of the events of an order', async () => {
  const text = await readFile(new URL('../../contracts/asyncapi.yaml', import.meta.url), 'utf8');
  const document = parse(text) as { channels: Record<string, unknown> };
  expect(asyncApiProblems(document)).toEqual([]);
  expect(brokenReferences(document)).toEqual([]);
  expect(Object.keys(document.channels)).toEqual(
    expect.arrayContaining(['order.created', 'order.confirmed', 'payment.processed']),
  );
});
