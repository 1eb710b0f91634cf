/**
 * Bad input everywhere. Every route of every manifest is sent what it does not take: each answer is a
 * problem with a code, the field and what was expected there. Rules of the domain are provoked one by
 * one. After all of it the data is what it was: no row more, no row changed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signWebhook } from '../../src/kernel/webhook-signature.ts';
import { testSecrets } from '../support/real-use.ts';
import { type OrderStory, placeOrder, plainOrder } from './order-story.ts';
import { pathOf, type Route, routesOf, type Schema, someId } from './routes.ts';
import { type Answer, startShop } from './shop.ts';

/** What keeps track of requests themselves, and is meant to grow. */
const journals = ['trace_events.events', 'http.webhook_receipt', 'http.idempotency_key'];
/** What a node writes by itself: who it is, what it holds, and counts being summed up. */
const housekeeping = ['engine.shard', 'engine.node', 'engine.count', 'engine.count_change'];

const shop = await startShop({ env: { BODY_LIMIT: '20000' } });
const operations = await routesOf(shop);
const writing = operations.filter(({ body }) => body !== undefined);

/** Of no type that the schema takes; undefined when it takes everything. */
function wrongValue(schema: Schema): unknown {
  if (schema.anyOf) return { no: 'such value' };
  switch (schema.type) {
    case 'string':
      return 12_345;
    case 'integer':
    case 'number':
      return 'not a number';
    case 'boolean':
      return 'perhaps';
    case 'array':
      return 'no list';
    case 'object':
      return 'no object';
    default:
      return undefined;
  }
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.body, answer.text).toMatchObject({
    type: expect.stringContaining(code),
    title: expect.any(String),
    status,
    code,
    detail: expect.any(String),
    traceId: answer.headers.get('x-trace-id'),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
}

function expectField(answer: Answer, pointer: string): void {
  expectProblem(answer, 400, 'INVALID_INPUT');
  const { errors } = answer.body as { errors: { pointer: string }[] };
  const issue = errors.find(
    (one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`),
  );
  expect(issue, answer.text).toMatchObject({
    expected: expect.stringMatching(/./),
    found: expect.stringMatching(/./),
    message: expect.stringMatching(/./),
  });
}

/** Rows of every table, and a digest of what is in them. */
async function dataNow(): Promise<Record<string, string>> {
  const { rows: tables } = await shop.database.query<{ name: string }>(
    `select schemaname || '.' || tablename as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const data: Record<string, string> = {};
  for (const { name } of tables) {
    if (journals.includes(name) || housekeeping.includes(name)) continue;
    const { rows } = await shop.database.query<{ digest: string }>(
      `select count(*) || ' rows ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '')
         as digest from ${name} as t`,
    );
    data[name] = rows[0]?.digest ?? '';
  }
  return data;
}

let before: Record<string, string>;
let story: OrderStory;
beforeAll(async () => {
  story = await placeOrder(shop);
  await story.standsAt('wait-payment');
  before = await dataNow();
});
afterAll(async () => {
  expect(await dataNow()).toEqual(before);
});

test('there are routes to try', () => {
  expect(operations.length).toBeGreaterThan(40);
  expect(writing.length).toBeGreaterThan(20);
  expect(Object.keys(before).length).toBeGreaterThan(15);
});

describe('every route that takes a body', () => {
  test.each(writing)('$name refuses what is no JSON', async (route) => {
    const path = pathOf(route);
    for (const raw of ['{"orderId": ', '{"a": undefined}', 'null null']) {
      expectProblem(await shop.call(route.method, path, { raw }), 400, 'MALFORMED_JSON');
    }
    for (const raw of ['[]', '"text"', '42', 'true']) {
      expectField(await shop.call(route.method, path, { raw }), '');
    }
    const raw = '{"__proto__": {"roles": ["admin"]}}';
    expectProblem(await shop.call(route.method, path, { raw }), 400, 'MALFORMED_JSON');
  });

  test.each(writing)(
    '$name refuses another type of body, and one that is too large',
    async (route) => {
      const path = pathOf(route);
      for (const type of [
        'text/csv',
        ...(route.name === 'deployments.create' ? [] : ['text/xml']),
      ]) {
        const headers = { 'content-type': type };
        const other = await shop.call(route.method, path, { raw: '<order/>', headers });
        expectProblem(other, 415, 'UNSUPPORTED_MEDIA_TYPE');
      }
      // Takes 40 MB; that more is refused is told with its routes.
      if (route.name === 'deployments.create') return;
      const huge = { raw: JSON.stringify({ reason: 'x'.repeat(20_001) }) };
      expectProblem(await shop.call(route.method, path, huge), 413, 'BODY_TOO_LARGE');
    },
  );

  test.each(writing)('$name names each field of the wrong type', async (route) => {
    const path = pathOf(route);
    for (const [name, schema] of Object.entries(route.body?.properties ?? {})) {
      const value = wrongValue(schema);
      if (value === undefined) continue;
      const answer = await shop.call(route.method, path, { body: { [name]: value } });
      expectField(answer, `/${name}`);
    }
  });

  test.each(writing)('$name names each required field that is missing', async (route) => {
    const { required = [] } = route.body ?? {};
    if (required.length === 0) return;
    const answer = await shop.call(route.method, pathOf(route), { body: {} });
    for (const name of required) expectField(answer, `/${name}`);
  });

  test.each(writing)('$name refuses an Idempotency-Key that is none', async (route) => {
    const key = 'x'.repeat(256);
    const answer = await shop.call(route.method, pathOf(route), { body: {}, key });
    expectField(answer, '/headers/Idempotency-Key');
  });
});

test.each(operations)('$name refuses what it does not know', async (route) => {
  const hasQuery = route.method === 'GET' || route.method === 'DELETE';
  const path = pathOf(route) + (hasQuery ? '?nobodysField=1' : '');
  const parts = hasQuery ? {} : { body: { nobodysField: 1 } };
  const answer = await shop.call(route.method, path, parts);
  expectField(answer, '/nobodysField');
  expect(answer.text).toContain('there is no field \\"nobodysField\\"');
});

describe('every route with parameters', () => {
  const withPath = operations.flatMap((route) =>
    route.parameters
      .filter((one) => one.in === 'path' && wrongValue(one.schema) !== undefined)
      .map(({ name }) => ({ ...route, parameter: name })),
  );
  test.each(withPath)('$name refuses a malformed $parameter', async (route) => {
    for (const bad of ['not%20an%20id!', '%00', "1'%20or%20'1'='1"]) {
      const path = pathOf(route, { [route.parameter]: bad });
      expectField(await shop.call(route.method, path, bodyOf(route)), `/${route.parameter}`);
    }
  });

  const withQuery = operations.flatMap((route) =>
    route.parameters
      .filter(({ in: place, schema }) => place === 'query' && isStrict(schema))
      .map(({ name }) => ({ ...route, parameter: name })),
  );
  test.each(withQuery)('$name refuses a malformed $parameter in the query', async (route) => {
    const answer = await shop.call(route.method, `${pathOf(route)}?${route.parameter}=no%20such!`);
    expectField(answer, `/${route.parameter}`);
  });

  const ofSomething = operations.filter(
    ({ method, path }) => method === 'GET' && path.includes('{'),
  );
  test.each(ofSomething)('$name says that there is no such thing', async (route) => {
    const answer = await shop.call(route.method, pathOf(route));
    expect(answer.status, answer.text).toBe(404);
    expectProblem(answer, 404, String(answer.body.code));
    expect(answer.body.code).not.toBe('ROUTE_NOT_FOUND');
  });
});

function bodyOf({ body }: Route) {
  return body === undefined ? {} : { body: {} };
}

/** Text of any kind is fine for a search; these take only what they name. */
function isStrict({ type, format, enum: choices }: Schema): boolean {
  return type === 'integer' || type === 'boolean' || format !== undefined || choices !== undefined;
}

describe('orders', () => {
  const item = { productId: 'prod-100', quantity: 1 };
  const order = (change: object) =>
    shop.post('/api/orders', { body: { ...plainOrder, ...change } });

  test.each([
    ['no items', { items: [] }, '/items'],
    ['quantity 0', { items: [{ ...item, quantity: 0 }] }, '/items/0/quantity'],
    ['a negative quantity', { items: [item, { ...item, quantity: -1 }] }, '/items/1/quantity'],
    ['half a piece', { items: [{ ...item, quantity: 0.5 }] }, '/items/0/quantity'],
    ['a quantity as text', { items: [{ ...item, quantity: '2' }] }, '/items/0/quantity'],
    ['no product', { items: [{ quantity: 1 }] }, '/items/0/productId'],
    [
      'too many items',
      { items: Array.from({ length: 101 }, () => item) },
      '/items/100'.slice(0, 6),
    ],
    ['a currency that is none', { currency: 'XXQ' }, '/currency'],
    ['a total that is no amount', { total: 'a lot' }, '/total'],
    ['a user id that is none', { userId: 'me' }, '/userId'],
    ['an address without a city', { shippingAddress: { line1: 'x' } }, '/shippingAddress/city'],
    ['a hint that is no yes or no', { newCustomer: 'maybe' }, '/newCustomer'],
  ])('%s', async (_what, change, pointer) => {
    expectField(await order(change), pointer);
  });

  test.each([
    [
      'an unknown product',
      { items: [{ productId: 'prod-x', quantity: 1 }] },
      'UNKNOWN_PRODUCT',
      '/items/0/productId',
    ],
    [
      'a product no longer sold',
      { items: [{ productId: 'prod-paper-filters', quantity: 1 }] },
      'UNKNOWN_PRODUCT',
      '/items/0/productId',
    ],
    ['a negative price', { items: [{ ...item, price: -100 }] }, 'PRICE_MISMATCH', '/items/0/price'],
    [
      'a price of one’s own',
      { items: [{ ...item, price: 1 }] },
      'PRICE_MISMATCH',
      '/items/0/price',
    ],
    ['a total of one’s own', { total: 99.99 }, 'TOTAL_MISMATCH', '/total'],
    ['a foreign currency', { currency: 'EUR' }, 'CURRENCY_NOT_SUPPORTED', '/items/0/productId'],
    [
      'a product in another currency',
      { items: [item, { productId: 'prod-hand-grinder-eu', quantity: 1 }] },
      'CURRENCY_NOT_SUPPORTED',
      '/items/1/productId',
    ],
  ])('%s', async (_what, change, code, pointer) => {
    const answer = await order(change);
    expectProblem(answer, 422, code);
    expect(answer.body.errors, answer.text).toMatchObject([
      { pointer, expected: expect.any(String), found: expect.any(String) },
    ]);
  });

  test('a wrong total is refused with both figures', async () => {
    const answer = await order({ total: 99.99 });
    expect(answer.text).toContain('99.99');
    expect(answer.text).toContain('100');
    expect(answer.body.errors).toMatchObject([{ found: expect.stringContaining('99.99') }]);
  });

  test('an unknown state, and a change that the state machine does not know', async () => {
    const patch = (status: string) =>
      shop.call('PATCH', `/api/v1/orders/${story.id}`, { body: { status }, as: 'admin' });
    expectField(await patch('teleported'), '/status');
    for (const status of ['delivered', 'shipped', 'returned', 'refunded']) {
      const answer = await patch(status);
      expectProblem(answer, 409, 'INVALID_STATUS_TRANSITION');
      expect(answer.body.detail).toContain('pending');
    }
  });

  test('an approval of what needs none', async () => {
    const body = { orderId: story.id, approved: true };
    expectProblem(await shop.post('/api/orders/approve', { body }), 409, 'APPROVAL_NOT_REQUIRED');
  });
});

describe('an order of somebody else', () => {
  const reader = '01900000-0000-7000-8000-0000000000ee';
  let stranger: string;
  beforeAll(async () => {
    const { createTokenService } = await import('../../src/modules/users/index.ts');
    const { systemClock } = await import('../../src/kernel/clock.ts');
    const tokens = createTokenService({
      secrets: [{ id: 'k1', algorithm: 'HS256', secret: testSecrets.token }],
      issuer: 'orderloom',
      clock: systemClock,
    });
    stranger = (await tokens.issue({ id: reader, roles: ['customer'] })).token;
  });

  test.each([
    ['GET', '', {}],
    ['GET', '/items', {}],
    ['POST', '/cancel', { body: {} }],
    ['PATCH', '', { body: { status: 'cancelled' } }],
  ])('%s %s is not told', async (method, path, parts) => {
    const answer = await shop.call(method, `/api/v1/orders/${story.id}${path}`, {
      ...parts,
      as: stranger,
    });
    expect([403, 404]).toContain(answer.status);
    expectProblem(answer, answer.status, String(answer.body.code));
    for (const secret of ['prod-100', 'Gift Box', 'Springfield', '"totalAmount"']) {
      expect(answer.text).not.toContain(secret);
    }
  });

  test('is not in a stranger’s lists, and cannot be asked for there', async () => {
    const own = await shop.get('/api/v1/orders', { as: stranger });
    expect(own.body).toMatchObject({ items: [], count: { value: 0 } });
    const { userId } = await story.order();
    const theirs = await shop.get(`/api/v1/orders?userId=${userId}`, { as: stranger });
    expectProblem(theirs, 403, 'ORDER_FORBIDDEN');
    for (const path of [
      `/api/v1/payments/order/${story.id}`,
      `/api/v1/notifications?userId=${userId}`,
    ]) {
      const answer = await shop.get(path, { as: stranger });
      expect([403, 404], answer.text).toContain(answer.status);
    }
  });

  test('cannot be paid by a stranger, nor placed for somebody else', async () => {
    const body = {
      orderId: story.id,
      amount: 100,
      paymentMethod: 'credit_card',
      cardToken: 'tok_visa',
    };
    const paid = await shop.post('/api/v1/payments', { body, as: stranger });
    expectProblem(paid, 403, 'PAYMENT_FORBIDDEN');
    const { userId } = await story.order();
    const placed = await shop.post('/api/v1/orders', {
      body: { ...plainOrder, userId },
      as: stranger,
    });
    expectProblem(placed, 403, 'ORDER_FORBIDDEN');
  });
});

describe('webhooks', () => {
  const raw = () => JSON.stringify({ orderId: story.id, status: 'completed' });
  const signed = (secret: string, body: string, at = new Date()) => ({
    'orderloom-signature': signWebhook(secret, body, at),
  });
  const post = (name: string, body: string, headers: Record<string, string> = {}) =>
    shop.post(`/webhooks/${name}`, { raw: body, headers });

  test('a bad signature is refused, also where none is needed', async () => {
    const foreign = await post('payment', raw(), signed('some other secret', raw()));
    expectProblem(foreign, 401, 'WEBHOOK_SIGNATURE_INVALID');
    const changed = await post('payment', `${raw()} `, signed(testSecrets.paymentWebhook, raw()));
    expectProblem(changed, 401, 'WEBHOOK_SIGNATURE_INVALID');
    const broken = await post('payment', raw(), { 'orderloom-signature': 'v1=nonsense' });
    expectProblem(broken, 401, 'WEBHOOK_SIGNATURE_INVALID');
  });

  test('an old signature is refused', async () => {
    const old = new Date(Date.now() - 301_000);
    const answer = await post('payment', raw(), signed(testSecrets.paymentWebhook, raw(), old));
    expectProblem(answer, 401, 'WEBHOOK_SIGNATURE_EXPIRED');
  });

  test('a body that is none, too large, or of nothing that is known', async () => {
    expectProblem(await post('payment', '{"orderId"'), 400, 'MALFORMED_JSON');
    expectField(await post('payment', '{"status": "completed"}'), '/orderId');
    expectField(await post('payment', `{"orderId": "${story.id}", "status": "maybe"}`), '/status');
    expectField(await post('delivery', '{"orderId": "x", "status": "delivered"}'), '/orderId');
    expectProblem(await post('delivery', `"${'x'.repeat(20_001)}"`), 413, 'BODY_TOO_LARGE');
    const unknown = JSON.stringify({ orderId: someId, status: 'completed' });
    expectProblem(await post('payment', unknown), 404, 'PAYMENT_ORDER_UNKNOWN');
    const delivered = JSON.stringify({ orderId: someId, status: 'delivered' });
    expectProblem(await post('delivery', delivered), 404, 'DELIVERY_ORDER_UNKNOWN');
  });

  test('a delivery of what was not paid, and an amount that is not the order’s', async () => {
    const early = await story.deliveryWebhook('delivered');
    expectProblem(early, 409, 'DELIVERY_NOT_EXPECTED');
    const little = await story.paymentWebhook('completed', { amount: 1, currency: 'USD' });
    expectProblem(little, 422, 'PAYMENT_AMOUNT_MISMATCH');
  });

  test('there is no webhook of another name', async () => {
    expectProblem(await post('other', '{}'), 404, 'ROUTE_NOT_FOUND');
  });
});

describe('paths and methods', () => {
  test('an unknown path, and a method that a path does not take', async () => {
    expectProblem(await shop.get('/api/v1/nowhere'), 404, 'ROUTE_NOT_FOUND');
    const answer = await shop.call('DELETE', '/api/v1/orders');
    expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.get('allow')).toMatch(/GET.*POST|POST.*GET/);
  });

  test('credentials that are none are refused, never taken for none', async () => {
    for (const headers of [
      { authorization: 'Bearer nonsense' },
      { authorization: 'Basic YTpi' },
      { 'x-api-key': 'unknown' },
    ]) {
      const answer = await shop.get('/api/v1/orders', { headers });
      expect(answer.status, answer.text).toBe(401);
    }
  });
});
