/** Two kinds of things behind one path: each is found by its id, and nobody sees more than by its own path. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shopModule } from '../../test/support/shop-module.ts';
import { startShop } from '../../test/support/shop-server.ts';
import { anonymousCaller, type Caller } from '../kernel/caller.ts';
import { defineError, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { defineModule } from '../kernel/module.ts';
import { type Access, defineRead } from '../kernel/procedure.ts';
import { openApiDocument } from './openapi/document.ts';

const crateNotFound = defineError({
  code: 'CRATE_NOT_FOUND',
  status: 404,
  title: 'The crate does not exist.',
});
const uuidOfCrate = newId();

/** Crates have names, or ids like items. */
const depot = defineModule({
  name: 'depot',
  summary: 'Crates',
  events: [],
  errors: [crateNotFound],
  procedures: [
    defineRead({
      name: 'depot.get-crate',
      summary: 'Get a crate',
      input: z.object({ itemId: z.string().regex(/^[\w-]+$/) }),
      output: z.object({ crate: z.string() }),
      access: ['operator'],
      http: { method: 'GET', path: '/crates/{itemId}', alsoAt: '/items/{itemId}' },
      errors: [crateNotFound],
      async execute(_, { itemId }) {
        if (['crate-1', uuidOfCrate].includes(itemId)) return { crate: itemId };
        return refuse(crateNotFound, `expected a crate, found ${itemId}`);
      },
    }),
  ],
});

const lamp = { name: 'lamp', price: 5 };
const operator = 'anna+operator';

test('an id is looked up in both kinds, whatever it looks like', async () => {
  const { get, post } = await startShop({ beside: [depot] });
  const { itemId } = (await post('/api/items', { as: 'anna', body: lamp })).body;
  const told = async (id: unknown) => {
    const { status, body } = await get(`/api/items/${id}`, { as: operator });
    return [status, body.name ?? body.crate ?? body.code];
  };
  expect(await told(itemId)).toEqual([200, 'lamp']);
  expect(await told('crate-1')).toEqual([200, 'crate-1']);
  expect(await told(uuidOfCrate)).toEqual([200, uuidOfCrate]);
  expect(await told(newId())).toEqual([404, 'ITEM_NOT_FOUND']);
  expect(await told('crate-2')).toEqual([404, 'CRATE_NOT_FOUND']);
  expect(await told('no%20id')).toEqual([400, 'INVALID_INPUT']);
});

test('who may not ask for the second kind is told what they would be told without it', async () => {
  const { get } = await startShop({ beside: [depot] });
  const told = async (id: string) => (await get(`/api/items/${id}`, { as: 'bert' })).body.code;
  expect(await told('crate-1')).toBe('INVALID_INPUT');
  expect(await told(uuidOfCrate)).toBe('ITEM_NOT_FOUND');
});

test('a key that opens the first alone does not open the second', async () => {
  const key = (name: string, only?: readonly string[]) => ({
    ...{ name, sha256: createHash('sha256').update(name).digest('hex') },
    ...{ roles: ['operator' as const], ...(only ? { only } : {}) },
  });
  const apiKeys = [key('narrow', ['shop.get-item']), key('wide')];
  const { get } = await startShop({ beside: [depot], config: { apiKeys } });
  const told = async (name: string) =>
    (await get('/api/items/crate-1', { headers: { 'x-api-key': name } })).status;
  expect(await told('wide')).toBe(200);
  expect(await told('narrow')).toBe(400);
});

test('demo mode lends the identity that the second one needs', async () => {
  const lent: Caller = { kind: 'user', userId: newId(), roles: ['operator'], demo: true };
  const callerFor = (access: Access) => (access === 'public' ? anonymousCaller : lent);
  const { get } = await startShop({ beside: [depot], config: { demo: { callerFor } } });
  expect((await get('/api/items/crate-1')).body).toEqual({ crate: 'crate-1' });
});

test('the document says what either gives, and takes', () => {
  const document = openApiDocument([shopModule(), depot], { title: 'Shop', version: '1.0.0' });
  const { get } = (document.paths as Record<string, { get: Record<string, unknown> }>)[
    '/items/{itemId}'
  ]!;
  expect(get).toMatchObject({
    operationId: 'shop.get-item',
    description: expect.stringContaining('`depot.get-crate` is asked'),
    parameters: [{ name: 'itemId', schema: { anyOf: [{ format: 'uuid' }, { type: 'string' }] } }],
    responses: {
      200: {
        content: {
          'application/json': {
            schema: {
              anyOf: [
                { properties: { price: { type: 'number' } } },
                { properties: { crate: { type: 'string' } } },
              ],
            },
          },
        },
      },
      404: { description: expect.stringMatching(/ITEM_NOT_FOUND[\s\S]*CRATE_NOT_FOUND/) },
    },
  });
});
