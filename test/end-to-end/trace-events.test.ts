/**
 * What was tried and whether it succeeded: every type of trace event with both outcomes, each error
 * case of the order processing flow provoked and found again, and the whole way of one order by the
 * trace id that its buyer was told.
 */
import { describe, expect, test } from 'vitest';
import type { PageAnswer, TraceEventAnswer } from '../../src/app/api-client.ts';
import { demoPassword, demoUsers } from '../../src/modules/users/index.ts';
import { placeOrder, plainOrder } from './order-story.ts';
import { newKey, startShop } from './shop.ts';

const shop = await startShop();
const { customer } = demoUsers;

async function eventsOf(query: Record<string, string>): Promise<readonly TraceEventAnswer[]> {
  const path = `/api/v1/trace-events?${new URLSearchParams(query)}`;
  const { status, body } = await shop.get<PageAnswer<TraceEventAnswer>>(path);
  expect(status).toBe(200);
  return body.items;
}

/** The one event of this trace that fits. */
async function eventOf(traceId: string | null, query: Record<string, string> = {}) {
  const [event, ...more] = await eventsOf({ traceId: traceId ?? '', ...query });
  expect(more).toEqual([]);
  return event;
}

const newTraceId = () => crypto.randomUUID().replaceAll('-', '');
const traceOf = (answer: { headers: Headers }) => answer.headers.get('x-trace-id');

const logIn = (email: string, password: string) =>
  shop.post('/api/v1/users/login', { body: { email, password } });

describe('user_login', () => {
  test('success', async () => {
    const answer = await logIn(customer.email, demoPassword);
    expect(answer).toMatchObject({ status: 200, body: { tokenType: 'Bearer' } });
    expect(await eventOf(traceOf(answer))).toMatchObject({
      type: 'user_login',
      status: 'success',
      service: 'User Service',
      userId: customer.id,
      errorCode: null,
    });
  });

  test('an unknown user and a wrong password are answered alike, and told apart by staff', async () => {
    const unknown = await logIn('nobody@orderloom.example', demoPassword);
    const wrong = await logIn(customer.email, 'not the password');
    const [first, second] = [unknown, wrong].map(({ status, body }) => ({
      status,
      body: { ...body, traceId: '' },
    }));
    expect(first).toEqual(second);
    expect(first).toMatchObject({ status: 401, body: { code: 'INVALID_CREDENTIALS' } });
    const failed = { type: 'user_login', status: 'failed', errorCode: 'INVALID_CREDENTIALS' };
    expect(await eventOf(traceOf(unknown))).toMatchObject({
      ...failed,
      details: { cause: 'USER_UNKNOWN', email: 'nobody@orderloom.example' },
    });
    expect(await eventOf(traceOf(wrong))).toMatchObject({
      ...failed,
      details: { cause: 'WRONG_PASSWORD', email: customer.email },
    });
    const shown = JSON.stringify(await eventsOf({ type: 'user_login' }));
    expect(shown).not.toContain(demoPassword);
    expect(shown).not.toContain('not the password');
  });
});

describe('order_creation', () => {
  test('failed: what was wrong with the order is told', async () => {
    const items = [{ productId: 'prod-nowhere', quantity: 1 }];
    const unknown = await shop.post('/api/orders', { body: { items } });
    expect(await eventOf(traceOf(unknown), { type: 'order_creation' })).toMatchObject({
      status: 'failed',
      service: 'Order Service',
      errorCode: 'UNKNOWN_PRODUCT',
      userId: customer.id,
      details: { detail: expect.stringContaining('prod-nowhere') },
    });
    const invalid = await shop.post('/api/orders', { body: { items: [] } });
    expect(await eventOf(traceOf(invalid))).toMatchObject({
      status: 'failed',
      errorCode: 'INVALID_INPUT',
    });
  });
});

describe('data_lookup', () => {
  test('success and failed', async () => {
    const found = await shop.get('/api/v1/products/prod-100');
    expect(await eventOf(traceOf(found))).toMatchObject({
      type: 'data_lookup',
      status: 'success',
      service: 'Data Service',
      details: { lookup: 'product', productId: 'prod-100' },
    });
    const missing = await shop.get('/api/v1/products/prod-nowhere');
    expect(await eventOf(traceOf(missing))).toMatchObject({
      status: 'failed',
      errorCode: 'PRODUCT_NOT_FOUND',
    });
  });

  test('a look-up that takes too long is given up, and seen as such', async () => {
    const late = await shop.database.transaction(async (tx) => {
      await tx.query('lock table catalog.products in access exclusive mode');
      return await shop.get('/api/v1/products/prod-100');
    });
    expect(late).toMatchObject({ status: 504, body: { code: 'DATA_LOOKUP_TIMEOUT' } });
    expect(await eventOf(traceOf(late))).toMatchObject({
      type: 'data_lookup',
      status: 'failed',
      errorCode: 'DATA_LOOKUP_TIMEOUT',
    });
  });
});

describe('payment_processing', () => {
  const pay = (orderId: string, cardToken: string) =>
    shop.post('/api/v1/payments', {
      body: { orderId, amount: 100, paymentMethod: 'credit_card', cardToken },
      key: newKey(),
    });

  test.each([
    ['tok_insufficient_funds', 'PAYMENT_DECLINED', 'Insufficient funds'],
    ['tok_invalid', 'INVALID_PAYMENT_DETAILS', 'Invalid payment details'],
  ])('failed: %s', async (cardToken, errorCode, words) => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    const answer = await pay(story.id, cardToken);
    const events = await eventsOf({ orderId: story.id, type: 'payment_processing' });
    expect(events).toMatchObject([
      {
        status: 'failed',
        service: 'Payment Service',
        errorCode,
        traceId: traceOf(answer),
        details: { amount: 100, detail: expect.stringContaining(words) },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain(cardToken);
  });

  test('failed: the gateway does not answer in time, and nothing was charged', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    const answer = await pay(story.id, 'tok_timeout');
    // Eight seconds for the gateway, ten for the procedure: on a busy machine that may be over first.
    const code = expect.stringMatching(/^(GATEWAY|PROCEDURE)_TIMEOUT$/);
    expect(answer).toMatchObject({ status: 504, body: { code } });
    expect(await eventsOf({ orderId: story.id, type: 'payment_processing' })).toMatchObject([
      { status: 'failed', errorCode: answer.body.code },
    ]);
    expect(await story.charges()).toEqual([]);
  });
});

describe('order_fulfillment', () => {
  test('failed: not enough in stock', async () => {
    const items = [{ productId: 'prod-anniversary-cup', quantity: 11 }];
    const story = await placeOrder(shop, { items });
    await story.ended();
    expect(await eventsOf({ orderId: story.id, type: 'order_fulfillment' })).toMatchObject([
      { status: 'failed', errorCode: 'INSUFFICIENT_STOCK', procedure: 'inventory.reserve' },
    ]);
  });
});

describe('the whole way of one order', () => {
  test('is found by the trace id of the request that placed it', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    // The gateway's webhook brings a trace of its own.
    const webhook = await story.paymentWebhook('completed');
    expect(traceOf(webhook)).not.toBe(story.traceId);
    await story.standsAt('wait-delivery');
    const other = await placeOrder(shop);
    await other.standsAt('wait-payment');

    const way = await eventsOf({ traceId: story.traceId });
    const told = [...way].reverse().map(({ type, procedure, status }) => [type, procedure, status]);
    expect(told).toEqual(
      expect.arrayContaining([
        ['data_lookup', 'users.get', 'success'],
        ['order_creation', 'orders.create', 'success'],
        ['order_fulfillment', 'inventory.reserve', 'success'],
        ['payment_processing', 'payments.receive-webhook', 'success'],
        ['order_fulfillment', 'delivery.create-shipment', 'success'],
      ]),
    );
    const major = told.filter(([type]) => type !== 'data_lookup').map(([, procedure]) => procedure);
    expect(major).toEqual([
      'orders.create',
      'inventory.reserve',
      'payments.receive-webhook',
      'delivery.create-shipment',
    ]);
    const shipped = way.find(({ procedure }) => procedure === 'delivery.create-shipment');
    expect(shipped?.details).toMatchObject({ estimatedDeliveryAt: expect.any(String) });
    expect(way.some(({ orderId }) => orderId === other.id)).toBe(false);
    const moments = way.map(({ at }) => at);
    expect(moments).toEqual([...moments].sort().reverse());

    expect((await eventsOf({ traceId: story.traceId, type: 'payment_processing' })).length).toBe(1);
    expect((await eventsOf({ traceId: story.traceId, status: 'failed' })).length).toBe(0);
    expect((await story.process()).traceId).toBe(story.traceId);
  });
});

describe('trace context over HTTP', () => {
  test('traceparent goes in and comes out, and on to the process and its events', async () => {
    const traceId = newTraceId();
    const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
    const story = await placeOrder(shop, plainOrder, { headers });
    expect(story.traceId).toBe(traceId);
    expect((await story.process()).traceId).toBe(traceId);
    const { rows } = await shop.database.query<{ name: string }>(
      'select name from events.event where trace_id = $1',
      [traceId],
    );
    expect(rows.map(({ name }) => name)).toContain('order.created');
  });

  test('X-Trace-ID and X-Span-ID go in and come out', async () => {
    const traceId = newTraceId();
    const headers = { 'x-trace-id': traceId, 'x-span-id': 'b7ad6b7169203331' };
    const answer = await shop.get('/api/v1/products/prod-100', { headers });
    expect(answer.headers.get('x-trace-id')).toBe(traceId);
    const spanId = answer.headers.get('x-span-id');
    expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    expect(spanId).not.toBe('b7ad6b7169203331');
    expect(answer.headers.get('traceparent')).toBe(`00-${traceId}-${spanId}-01`);
    expect(await eventOf(traceId)).toMatchObject({ type: 'data_lookup', traceId });
  });

  test('a problem tells the same trace id as its headers', async () => {
    const answer = await shop.get('/api/v1/orders/not-an-id');
    expect(answer.body.traceId).toBe(traceOf(answer));
  });

  test.each(['', 'zz', '00-00000000000000000000000000000000-b7ad6b7169203331-01'])(
    'a broken traceparent (%j) begins a new trace',
    async (traceparent) => {
      const answer = await shop.get('/actuator/health', { headers: { traceparent } });
      expect(traceOf(answer)).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    },
  );
});

test('every filter of the list answers, and wrong ones are refused with what is expected', async () => {
  const from = new Date(Date.now() - 60_000).toISOString();
  for (const query of [
    { type: 'data_lookup' },
    { status: 'failed' },
    { service: 'Order Service' },
    { procedure: 'orders.create' },
    { userId: customer.id },
    { from },
  ]) {
    expect((await eventsOf(query)).length).toBeGreaterThan(0);
  }
  expect(await eventsOf({ to: from })).toEqual([]);
  for (const query of ['type=nonsense', 'traceId=XYZ', 'from=yesterday', 'limit=0', 'cursor=x']) {
    const answer = await shop.get(`/api/v1/trace-events?${query}`);
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT', errors: [{ pointer: `/${query.split('=')[0]}` }] },
    });
  }
});
