/** The document is valid OpenAPI 3.1 and says of each procedure what it declares. */
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { shopModule } from '../../../test/support/shop-module.ts';
import { defineModule } from '../../kernel/module.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { openApiDocument } from './document.ts';

const info = { title: 'Shop', version: '1.0.0' };

/** A place in the document; every step of the way there must exist. */
function at(document: unknown, ...steps: readonly (string | number)[]): object {
  let place = document;
  for (const step of steps) {
    expect(place).toHaveProperty([step]);
    place = (place as Record<string | number, unknown>)[step];
  }
  return place as object;
}

async function documentOf(...modules: Parameters<typeof openApiDocument>[0]) {
  const document = openApiDocument(modules, info);
  const result = await new Validator().validate(structuredClone(document));
  expect(result).toMatchObject({ valid: true });
  return document;
}

const jsonSchema = ['requestBody', 'content', 'application/json', 'schema'] as const;

test('paths, parameters, bodies, answers and security follow from the manifest', async () => {
  const { paths, tags, components } = await documentOf(shopModule());
  expect(tags).toEqual([{ name: 'shop', description: 'A shop for tests' }]);
  const create = at(paths, '/items', 'post');
  expect(create).toMatchObject({
    operationId: 'shop.create-item',
    tags: ['shop'],
    description: 'Emits `item.created`.',
    security: [{ bearer: [] }, { apiKey: [] }],
    parameters: [{ $ref: '#/components/parameters/IdempotencyKey' }],
    requestBody: { required: true },
  });
  expect(Object.keys(at(create, ...jsonSchema, 'properties'))).toEqual([
    'name',
    'price',
    'cardToken',
  ]);
  expect(Object.keys(at(create, 'responses'))).toEqual([
    '201',
    '400',
    '401',
    '409',
    '413',
    '415',
    '422',
    '429',
    '500',
    '503',
  ]);
  const conflict = at(create, 'responses', 409, 'content', 'application/problem+json');
  expect(at(conflict, 'schema', 'allOf', 1, 'properties', 'code', 'enum')).toEqual([
    'NAME_TAKEN',
    'IDEMPOTENCY_IN_FLIGHT',
  ]);
  expect(Object.keys(at(conflict, 'examples'))).toEqual(['NAME_TAKEN', 'IDEMPOTENCY_IN_FLIGHT']);
  expect(at(components, 'schemas', 'Problem', 'required')).toContain('traceId');
});

test('path fields leave the body; the rest of a GET is its query', async () => {
  const { paths } = await documentOf(shopModule());
  const rename = at(paths, '/items/{itemId}', 'patch');
  expect(at(rename, 'parameters', 0)).toMatchObject({ name: 'itemId', in: 'path', required: true });
  expect(Object.keys(at(rename, ...jsonSchema, 'properties'))).toEqual(['name']);
  expect(at(rename, ...jsonSchema, 'required')).toEqual(['name']);
  const lookUp = at(paths, '/look-up', 'get');
  expect(at(lookUp, 'parameters')).toMatchObject([
    { name: 'seconds', in: 'query', required: true },
  ]);
  expect(lookUp).not.toHaveProperty('requestBody');
  expect(at(lookUp, 'security')).toEqual([]);
  const remove = at(paths, '/items/{itemId}', 'delete');
  expect(remove).toMatchObject({ 'x-roles': ['admin'], responses: { 204: {}, 403: {} } });
  expect(at(remove, 'responses', 204)).not.toHaveProperty('content');
});

test('webhooks stand at the root, with their signature', async () => {
  const { paths } = await documentOf(shopModule());
  expect(at(paths, '/webhooks/shop')).toMatchObject({
    servers: [{ url: '/' }],
    post: { operationId: 'webhooks.shop', parameters: [{ name: 'Orderloom-Signature' }] },
  });
});

test('schemas that refer to themselves or carry an id become components', async () => {
  const money = z.object({ amount: z.number() }).meta({ id: 'Money' });
  const tree: z.ZodType = z.lazy(() => z.object({ children: z.array(tree), price: money }));
  const common = { access: 'public', errors: [] } as const;
  const module = defineModule({
    name: 'garden',
    summary: 'Trees',
    events: [],
    errors: [],
    procedures: [
      defineRead({
        ...common,
        name: 'garden.get-tree',
        summary: 'Get a tree',
        input: z.object({ at: z.date().optional(), big: z.bigint().optional() }),
        output: tree,
        http: { method: 'GET', path: '/tree' },
        execute: () => Promise.resolve({}),
      }),
      defineTransactional({
        ...common,
        name: 'garden.plant',
        summary: 'Plant',
        input: z.object({ first: money, second: money }),
        output: z.void(),
        http: { method: 'POST', path: '/tree' },
        execute: () => Promise.resolve(undefined),
      }),
      defineTransactional({
        ...common,
        name: 'garden.water',
        summary: 'Water one or all',
        input: z.union([z.object({ treeId: z.string() }), z.object({ all: z.literal(true) })]),
        output: z.object({ ok: z.boolean() }),
        http: { method: 'POST', path: '/tree/water' },
        execute: () => Promise.resolve({ ok: true }),
      }),
    ],
  });
  const { components, paths } = await documentOf(module);
  expect(at(components, 'schemas')).toHaveProperty('Money');
  const text = JSON.stringify({ components, paths });
  for (const [, name] of text.matchAll(/#\/components\/schemas\/([\w.-]+)/g)) {
    expect(at(components, 'schemas')).toHaveProperty(name!);
  }
  expect(text).not.toContain('$defs');
  expect(at(paths, '/tree', 'get', 'parameters', 0, 'schema')).toMatchObject({
    format: 'date-time',
  });
});

test('the same manifests give the same text', () => {
  const text = () => JSON.stringify(openApiDocument([shopModule()], info));
  expect(text()).toBe(text());
});
