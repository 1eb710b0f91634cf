/** Every way that a request can go wrong is answered as a problem, over real HTTP. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { startShop } from '../../test/support/shop-server.ts';
import { newId } from '../kernel/ids.ts';
import { defineModule } from '../kernel/module.ts';
import { defineTransactional } from '../kernel/procedure.ts';

const lamp = { name: 'lamp', price: 9.5 };

test('wrong input names each field, and nothing is left behind', async () => {
  const { post, column } = await startShop();
  const answer = await post('/api/v1/items', { as: 'anna', body: { name: 5, price: -1 } });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.body).toMatchObject({
    type: '/errors/INVALID_INPUT',
    title: 'The input is not valid.',
    status: 400,
    code: 'INVALID_INPUT',
    traceId: answer.headers.get('x-trace-id'),
    errors: [
      { pointer: '/name', expected: 'string', found: '5' },
      { pointer: '/price', expected: 'more than 0', found: '-1' },
    ],
  });
  expect(await column('select 1 from shop.item')).toEqual([]);
});

test.each<[string, string, string, number, string]>([
  ['half an object', '{"name": ', 'application/json', 400, 'MALFORMED_JSON'],
  ['the same from curl', '{"name": ', 'application/x-www-form-urlencoded', 400, 'MALFORMED_JSON'],
  ['a poisoned object', '{"__proto__": {"x": 1}}', 'application/json', 400, 'MALFORMED_JSON'],
  ['a list', '[1]', 'application/json', 400, 'INVALID_INPUT'],
  ['a text', '"text"', 'application/json', 400, 'INVALID_INPUT'],
  ['nothing', '', 'application/json', 400, 'INVALID_INPUT'],
  ['a form', 'name=a&price=5', 'application/x-www-form-urlencoded', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['XML', '<name/>', 'application/xml', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['plain text', '{"name":"a","price":5}', 'text/plain', 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['too much', JSON.stringify('x'.repeat(20_000)), 'application/json', 413, 'BODY_TOO_LARGE'],
])('%s', async (_name, raw, type, status, code) => {
  const { post } = await startShop();
  const answer = await post('/api/v1/items', {
    as: 'anna',
    raw,
    headers: { 'content-type': type },
  });
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.body.detail).toMatch(/^expected /);
});

test('a binding may take a larger body than the rest of the server', async () => {
  const take = defineTransactional({
    name: 'letters.take',
    summary: 'Takes a long letter',
    input: z.object({ text: z.string() }),
    output: z.object({ length: z.number() }),
    access: 'public',
    http: { method: 'POST', path: '/letters', bodyLimit: 30_000 },
    errors: [],
    execute: (_, { text }) => Promise.resolve({ length: text.length }),
  });
  const letters = defineModule({
    ...{ name: 'letters', summary: 'Letters', procedures: [take], events: [], errors: [] },
  });
  const { post } = await startShop({ beside: [letters] });
  const answer = await post('/api/v1/letters', { body: { text: 'x'.repeat(29_000) } });
  expect(answer.body).toEqual({ length: 29_000 });
  const longer = await post('/api/v1/letters', { body: { text: 'x'.repeat(30_000) } });
  expect([longer.status, longer.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
  expect(longer.body.detail).toContain('expected a body of 30000 bytes at most, found more');
});

test('a JSON object that curl labels as urlencoded is taken as JSON', async () => {
  const { post } = await startShop();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const raw = JSON.stringify(lamp);
  expect((await post('/api/orders', { raw, headers })).status).toBe(404);
  expect((await post('/api/items', { as: 'anna', raw, headers })).status).toBe(201);
  const bare = await post('/api/items', {
    as: 'anna',
    raw: JSON.stringify({ ...lamp, name: 'desk' }),
    headers: { 'content-type': 'application/vnd.shop+json' },
  });
  expect(bare.status).toBe(201);
});

test('refusals have the status of their code; nobody, the wrong one, and a wrong token', async () => {
  const { post, get, request } = await startShop();
  await post('/api/v1/items', { as: 'anna', body: lamp });
  const id = newId();
  const answers = await Promise.all([
    post('/api/v1/items', { as: 'anna', body: lamp }),
    get(`/api/v1/items/${id}`),
    post('/api/v1/items', { body: lamp }),
    post('/api/v1/items', { as: 'nobody', body: lamp }),
    post('/api/v1/items', { body: lamp, headers: { authorization: 'Basic eDp5' } }),
    request('DELETE', `/api/v1/items/${id}`, { as: 'anna' }),
    request('DELETE', `/api/v1/items/${id}`, { as: 'anna+admin' }),
  ]);
  expect(answers.map(({ status, body }) => `${status} ${body.code ?? ''}`)).toEqual([
    '409 NAME_TAKEN',
    '404 ITEM_NOT_FOUND',
    '401 UNAUTHENTICATED',
    '401 UNAUTHENTICATED',
    '401 UNAUTHENTICATED',
    '403 FORBIDDEN',
    '204 ',
  ]);
  expect(answers[2]!.headers.get('www-authenticate')).toBe('Bearer');
});

test('unknown paths and wrong methods', async () => {
  const { get, request } = await startShop();
  const unknown = await get('/api/v1/nothing');
  expect([unknown.status, unknown.body.code]).toEqual([404, 'ROUTE_NOT_FOUND']);
  const wrong = await request('PUT', `/api/v1/items/${newId()}?x=1`);
  expect([wrong.status, wrong.body.code]).toEqual([405, 'METHOD_NOT_ALLOWED']);
  expect(wrong.headers.get('allow')).toBe('DELETE, GET, HEAD, PATCH');
  const broken = await get('/api/v1/items/%ff');
  expect([broken.status, broken.body.code]).toEqual([400, 'MALFORMED_REQUEST']);
});

test('faults say when to try again, bugs say nothing but the trace id', async () => {
  const { post, get, logged, column } = await startShop();
  const breakDown = (how: string) => post('/api/v1/break-down', { body: { how } });
  const busy = await breakDown('retryable');
  expect([busy.status, busy.body.code]).toEqual([503, 'SHOP_BUSY']);
  expect(busy.headers.get('retry-after')).toBe('3');
  const late = await breakDown('timeout');
  expect([late.status, late.body.code]).toEqual([504, 'GATEWAY_TIMEOUT']);
  const lookUp = await get('/api/v1/look-up?seconds=20');
  expect([lookUp.status, lookUp.body.code]).toEqual([504, 'DATA_LOOKUP_TIMEOUT']);
  const burnt = await breakDown('terminal');
  expect([burnt.status, burnt.body.code]).toEqual([502, 'SHOP_BURNT']);
  for (const how of ['bug', 'output', 'event']) {
    const bug = await breakDown(how);
    expect([bug.status, bug.body.code]).toEqual([500, 'INTERNAL']);
    expect(bug.text).not.toMatch(/secret internals|at .*\.ts|schema/);
    const line = logged.find(({ fields }) => fields.traceId === bug.body.traceId);
    expect(line).toMatchObject({ level: 'error' });
  }
  expect(await column('select what from shop.heard')).toEqual([]);
});

test('every code that a problem names has a page that explains it', async () => {
  const { get } = await startShop();
  const page = await get('/errors/NAME_TAKEN');
  expect(page.body).toMatchObject({ module: 'shop', status: 409 });
  expect(page.body.procedures).toContain('shop.create-item');
  const all = (await get('/errors')).body.items as { code: string }[];
  expect(all.map(({ code }) => code)).toContain('INVALID_INPUT');
  expect(new Set(all.map(({ code }) => code)).size).toBe(all.length);
  expect((await get('/errors/NO_SUCH')).status).toBe(404);
});
