/** What surrounds the procedures: aliases, traces, demo mode, protection, probes and docs. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { demoCaller, startShop } from '../../test/support/shop-server.ts';
import { anonymousCaller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { formatTraceparent, newTrace } from '../kernel/tracing.ts';

const lamp = { name: 'lamp', price: 9.5 };

test('/api is an alias of /api/v1, and a trailing slash does not matter', async () => {
  const { post, get } = await startShop();
  const { itemId } = (await post('/api/items', { as: 'anna', body: lamp })).body;
  for (const path of [`/api/v1/items/${itemId}`, `/api/items/${itemId}`, `/api/items/${itemId}/`]) {
    expect((await get(path)).body).toMatchObject(lamp);
  }
});

test('a field in two places must have one value', async () => {
  const { post, request } = await startShop();
  const { itemId } = (await post('/api/v1/items', { as: 'anna', body: lamp })).body;
  const path = `/api/v1/items/${itemId}`;
  const same = await request('PATCH', path, { as: 'anna', body: { itemId, name: 'desk' } });
  expect(same.status).toBe(200);
  const other = { itemId: newId(), name: 'x' };
  const differs = await request('PATCH', path, { as: 'anna', body: other });
  expect(differs.body).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/itemId' }] });
  const query = await request('PATCH', `${path}?name=a`, { as: 'anna', body: { name: 'b' } });
  expect(query.body).toMatchObject({ code: 'INVALID_INPUT', errors: [{ pointer: '/name' }] });
});

test('the trace comes in by either header, and goes on into events and out again', async () => {
  const { post, get, column } = await startShop();
  const trace = newTrace();
  const headers = { traceparent: formatTraceparent(trace) };
  const answer = await post('/api/v1/items', { as: 'anna', body: lamp, headers });
  expect(answer.headers.get('x-trace-id')).toBe(trace.traceId);
  expect(answer.headers.get('traceparent')).toContain(answer.headers.get('x-span-id'));
  expect(answer.headers.get('x-span-id')).not.toBe(trace.spanId);
  expect(await column('select trace_id from events.event')).toEqual([trace.traceId]);
  const plain = await get('/api/v1/nothing', { headers: { 'x-trace-id': trace.traceId } });
  expect(plain.body.traceId).toBe(trace.traceId);
  const junk = await get('/api/v1/nothing', { headers: { 'x-trace-id': 'junk' } });
  expect(junk.body.traceId).toMatch(/^[0-9a-f]{32}$/);
});

test('demo mode lends the identity that a route needs, but not to strangers’ pages', async () => {
  const demo = {
    callerFor: (access: unknown) => (access === 'public' ? anonymousCaller : demoCaller),
  };
  const { post } = await startShop({ config: { demo } });
  const send = (name: string, headers: Record<string, string> = {}) =>
    post('/api/items', { raw: JSON.stringify({ ...lamp, name }), headers });
  expect((await send('a')).status).toBe(201);
  const foreign = await send('b', { origin: 'https://evil.example' });
  expect([foreign.status, foreign.body.code]).toEqual([401, 'UNAUTHENTICATED']);
  expect((await send('c', { 'sec-fetch-site': 'cross-site' })).status).toBe(401);
  const json = { 'content-type': 'application/json' };
  expect((await send('d', { origin: 'https://console.example', ...json })).status).toBe(201);
});

test('API keys are callers with roles; unknown ones are refused', async () => {
  const sha256 = createHash('sha256').update('key-of-the-erp').digest('hex');
  const { request } = await startShop({
    config: { apiKeys: [{ name: 'erp', sha256, roles: ['admin'] }] },
  });
  const remove = (key: string) =>
    request('DELETE', `/api/v1/items/${newId()}`, { headers: { 'x-api-key': key } });
  expect((await remove('key-of-the-erp')).status).toBe(204);
  const wrong = await remove('another');
  expect([wrong.status, wrong.body.code]).toEqual([401, 'API_KEY_INVALID']);
});

test('too many requests of one address are told when to come back; probes are not counted', async () => {
  const { get } = await startShop({ config: { rateLimit: { max: 3, windowMs: 60_000 } } });
  const path = `/api/v1/items/${newId()}`;
  for (let i = 0; i < 5; i++) expect((await get('/actuator/health/liveness')).status).toBe(200);
  for (let i = 0; i < 3; i++) expect((await get(path)).status).toBe(404);
  const limited = await get(path, { as: 'a wrong token is not even looked at' });
  expect([limited.status, limited.body.code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('security headers on everything; other origins only when they are named', async () => {
  const { get, request } = await startShop();
  const own = await get('/api/v1/nothing');
  expect(own.headers.get('x-content-type-options')).toBe('nosniff');
  expect(own.headers.get('content-security-policy')).toContain(`default-src 'self'`);
  const origin = (name: string) => ({ headers: { origin: name } });
  const friend = await get('/errors', origin('https://console.example'));
  expect(friend.headers.get('access-control-allow-origin')).toBe('https://console.example');
  const stranger = await get('/errors', origin('https://evil.example'));
  expect(stranger.headers.get('access-control-allow-origin')).not.toBe('https://evil.example');
  const preflight = await request('OPTIONS', '/api/v1/items', {
    headers: { origin: 'https://console.example', 'access-control-request-method': 'POST' },
  });
  expect(preflight.status).toBe(204);
});

test('health lists its components; one that is down or silent makes the server not ready', async () => {
  let database: 'UP' | 'DOWN' = 'UP';
  const { get } = await startShop({
    more: {
      healthChecks: {
        database: async () => ({ status: database }),
        engine: async () => {
          if (database === 'DOWN') throw new Error('cannot reach postgres://a:secret@b');
          return { status: 'UP', details: { shards: 256 } };
        },
      },
    },
  });
  expect((await get('/actuator/health')).body).toEqual({
    status: 'UP',
    components: { database: { status: 'UP' }, engine: { status: 'UP', details: { shards: 256 } } },
  });
  database = 'DOWN';
  const down = await get('/actuator/health/readiness');
  expect([down.status, down.body.status]).toEqual([503, 'DOWN']);
  expect(down.text).not.toContain('secret');
  expect((await get('/actuator/health/liveness')).status).toBe(200);
});

test('metrics know procedures and routes by pattern, as text and as JSON', async () => {
  const { get } = await startShop();
  await get(`/api/v1/items/${newId()}`);
  const text = (await get('/actuator/prometheus')).text;
  expect(text).toMatch(/procedure="shop.get-item",outcome="ITEM_NOT_FOUND"/);
  expect(text).toMatch(/route="\/api\/v1\/items\/:itemId",status="404"/);
  const { names } = (await get('/actuator/metrics')).body;
  expect(names).toContain('orderloom_http_request_seconds');
});

test('each answer is one line in the log, without credentials', async () => {
  const { post, logged } = await startShop();
  await post('/api/v1/items', { as: 'anna', body: { ...lamp, cardToken: 'card-secret' } });
  const lines = logged.filter(({ message }) => message === 'answered');
  expect(lines).toHaveLength(1);
  expect(lines[0]!.fields).toMatchObject({ method: 'POST', route: '/api/v1/items', status: 201 });
  expect(JSON.stringify(logged)).not.toMatch(/card-secret|Bearer/);
});

test('the docs are a page, and everything that it loads comes from here', async () => {
  const { get } = await startShop();
  const page = (await get('/docs')).text;
  const links = [...page.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, link]) => link!);
  expect(links.length).toBeGreaterThan(3);
  for (const link of links) {
    expect(link).toMatch(/^\//);
    const asset = await get(link);
    expect(asset.status).toBe(200);
    const etag = asset.headers.get('etag');
    if (etag) {
      expect((await get(link, { headers: { 'if-none-match': etag } })).status).toBe(304);
    }
  }
  const { body } = await get('/openapi.json');
  expect(body.openapi).toBe('3.1.1');
  expect((await get('/openapi.yaml')).text).toMatch(/^openapi: 3\.1\.1\n/);
});
