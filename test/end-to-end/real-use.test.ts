/**
 * Real use, without anything that demo mode lends: people register and log in, the first admin is made
 * on the server, everybody sees what is theirs, webhooks are signed, floods are stopped, and each
 * procedure is open to exactly those whom its manifest names.
 */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { grant } from '../../src/app/commands/grant.ts';
import type { Role } from '../../src/kernel/caller.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { signWebhook } from '../../src/kernel/webhook-signature.ts';
import { createTokenService } from '../../src/modules/users/index.ts';
import { signedHeaders, testSecrets } from '../support/real-use.ts';
import { waitUntil } from '../support/wait-until.ts';
import { OrderStory } from './order-story.ts';
import { pathOf, routesOf } from './routes.ts';
import { newKey, startShop } from './shop.ts';

/** A program that is no person, known by its key. */
const warehouseKey = 'the-key-of-the-warehouse';
const warehouse = `warehouse:operator:${createHash('sha256').update(warehouseKey).digest('hex')}`;

const shop = await startShop({ demo: false, env: { ORDERLOOM_API_KEYS: warehouse } });
const routes = await routesOf(shop);

const password = 'correct horse battery staple';
const people = ['customer', 'other', 'support', 'manager', 'operator', 'admin'] as const;
type Person = (typeof people)[number];
/** Tokens as people get them: by logging in. */
const tokens = {} as Record<Person, string>;
const ids = {} as Record<Person, string>;

const emailOf = (person: Person) => `${person}@shop.example`;
async function logIn(person: Person): Promise<void> {
  const { body } = await shop.post<{ accessToken: string; user: { id: string } }>(
    '/api/v1/users/login',
    { body: { email: emailOf(person), password } },
  );
  tokens[person] = body.accessToken;
  ids[person] = body.user.id;
}

const address = {
  name: 'Ada',
  line1: '1 Real Street',
  city: 'Zurich',
  postalCode: '8001',
  country: 'CH',
};
const order = { items: [{ productId: 'lamp', quantity: 2 }], total: 50, shippingAddress: address };
const place = (body: object = order, key = newKey()) =>
  shop.post<{ id: string }>('/api/v1/orders', { body, key, as: tokens.customer });

beforeAll(async () => {
  for (const person of people) {
    const body = { email: emailOf(person), name: person, password };
    expect((await shop.post('/api/v1/users', { body })).status).toBe(201);
  }
  await grant(shop.env, emailOf('admin'), ['admin']);
  for (const person of people) await logIn(person);
  for (const role of ['support', 'manager', 'operator'] as const) {
    const path = `/api/v1/users/${ids[role]}/roles`;
    const changed = await shop.call('PUT', path, { body: { roles: [role] }, as: tokens.admin });
    expect(changed).toMatchObject({ status: 200, body: { roles: [role] } });
    await logIn(role);
  }
  const lamp = { id: 'lamp', name: 'Lamp', price: 25, currency: 'USD', physical: true };
  const made = await shop.post('/api/v1/products', { body: lamp, as: tokens.manager });
  expect(made.status).toBe(201);
  const stock = { body: { onHand: 100 }, as: tokens.operator };
  expect((await shop.call('PUT', '/api/v1/inventory/stock/lamp', stock)).status).toBe(200);
});

describe('keys of other programs', () => {
  const ask = (key: string, path: string) =>
    fetch(`${shop.url}${path}`, { headers: { 'x-api-key': key } });

  test('a key has the roles that it was given, and no others', async () => {
    expect((await ask(warehouseKey, '/api/v1/inventory/stock')).status).toBe(200);
    expect((await ask(warehouseKey, '/api/v1/users')).status).toBe(403);
  });

  test('another key is nobody', async () => {
    const answer = await ask('another-key', '/api/v1/inventory/stock');
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      401,
      'API_KEY_INVALID',
    ]);
  });
});

describe('accounts', () => {
  test('one email is one account, and its password is nowhere in an answer', async () => {
    const body = { email: emailOf('customer').toUpperCase(), name: 'Again', password };
    expect(await shop.post('/api/v1/users', { body })).toMatchObject({
      status: 409,
      body: { code: 'EMAIL_TAKEN' },
    });
    const me = await shop.get('/api/v1/users/me', { as: tokens.customer });
    expect(me.body).toMatchObject({ id: ids.customer, roles: ['customer'] });
    expect(me.text).not.toContain('argon2');
    const { rows } = await shop.database.query<{ row: string }>(
      'select accounts::text as row from users.accounts',
    );
    for (const { row } of rows) {
      expect(row).toContain('$argon2id$');
      expect(row).not.toContain(password);
    }
  });

  test('nobody makes himself an admin', async () => {
    const body = { email: 'eve@shop.example', name: 'Eve', password, roles: ['admin'] };
    const registered = await shop.post('/api/v1/users', { body });
    expect(registered.text).not.toContain('"admin"');
    const path = `/api/v1/users/${ids.customer}/roles`;
    const promoted = await shop.call('PUT', path, {
      body: { roles: ['admin'] },
      as: tokens.customer,
    });
    expect(promoted).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  test.each([
    ['expired', 'TOKEN_EXPIRED', -3_700_000, testSecrets.token],
    ['signed by somebody else', 'TOKEN_INVALID', 0, 'another-secret-of-more-than-32-characters'],
  ])('a token that is %s is refused', async (_what, code, agoMs, secret) => {
    const forged = createTokenService({
      secrets: [{ id: 'k1', algorithm: 'HS256', secret }],
      issuer: 'orderloom',
      clock: { ...systemClock, now: () => new Date(Date.now() + agoMs) },
    });
    const { token } = await forged.issue({ id: ids.admin, roles: ['admin'] });
    const answer = await shop.get('/api/v1/users', { as: token });
    expect(answer).toMatchObject({ status: 401, body: { code } });
  });

  test('a token without a signature is refused', async () => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const claims = { sub: ids.admin, roles: ['admin'], iss: 'orderloom', aud: 'orderloom' };
    const token = `${encode({ alg: 'none', kid: 'k1' })}.${encode({ ...claims, exp: 9e9 })}.`;
    const answer = await shop.get('/api/v1/users', { as: token });
    expect(answer).toMatchObject({ status: 401, body: { code: 'TOKEN_INVALID' } });
  });
});

describe('permissions', () => {
  const callers = ['nobody', ...people.filter((person) => person !== 'other')] as const;

  test.each(routes)('$name is open to those whom it names', async (route) => {
    for (const caller of callers) {
      const answer = await shop.call(route.method, pathOf(route), {
        ...(route.body === undefined ? {} : { body: {} }),
        ...(caller === 'nobody' ? {} : { as: tokens[caller] }),
      });
      const named = Array.isArray(route.access) ? route.access.includes(caller) : true;
      const found = `${caller}: ${answer.status} ${answer.body.code ?? ''}`;
      if (caller === 'nobody' && route.access !== 'public') {
        expect(found).toBe('nobody: 401 UNAUTHENTICATED');
      } else if (!named) {
        expect(found).toBe(`${caller}: 403 FORBIDDEN`);
      } else {
        expect(found).not.toMatch(/401 UNAUTH|403 FORBIDDEN/);
      }
    }
  });

  test('what only programs may do is open to no person', () => {
    const closed = routes.filter(
      ({ access }) => Array.isArray(access) && !access.some((role) => role !== 'service'),
    );
    expect(closed).toEqual([]);
  });
});

describe('an order, its payment and its courier', () => {
  let orderId: string;
  let paymentId: string;

  test('is placed with an address, and not without', async () => {
    const { shippingAddress: _, ...nowhere } = order;
    expect(await place(nowhere)).toMatchObject({
      status: 422,
      body: { code: 'SHIPPING_ADDRESS_REQUIRED', errors: [{ pointer: '/shippingAddress' }] },
    });
    const placed = await place();
    expect(placed.status).toBe(201);
    orderId = placed.body.id;
  });

  test('is seen by its buyer and staff alone', async () => {
    const seen: Record<string, number> = {};
    for (const person of people) {
      const answer = await shop.get(`/api/v1/orders/${orderId}`, { as: tokens[person] });
      seen[person] = answer.status;
    }
    expect(seen).toEqual({
      customer: 200,
      other: 403,
      support: 200,
      manager: 200,
      operator: 200,
      admin: 200,
    });
    const lists = await Promise.all(
      (['customer', 'other', 'manager'] as const).map(async (person) => {
        const page = await shop.get<{ items: { id: string }[] }>('/api/v1/orders', {
          as: tokens[person],
        });
        return page.body.items.map(({ id }) => id);
      }),
    );
    expect(lists).toEqual([[orderId], [], [orderId]]);
  });

  test('is paid by its buyer; each reader sees as much of the card as is due', async () => {
    const body = { orderId, amount: 50, paymentMethod: 'credit_card', cardToken: 'tok_visa' };
    for (const person of ['other', 'support', 'manager'] as const) {
      const tried = await shop.post('/api/v1/payments', { body, as: tokens[person] });
      expect(tried, person).toMatchObject({ status: 403, body: { code: 'PAYMENT_FORBIDDEN' } });
    }
    const paid = await shop.post<{ id: string }>('/api/v1/payments', {
      body,
      as: tokens.customer,
      key: newKey(),
    });
    expect(paid).toMatchObject({ status: 200, body: { status: 'processed' } });
    paymentId = paid.body.id;
    const view = async (person: Person) =>
      (await shop.get(`/api/v1/payments/${paymentId}`, { as: tokens[person] })).body;
    expect(await view('customer')).toMatchObject({
      masked: false,
      method: { brand: 'visa', last4: '4242', holder: null },
    });
    expect(await view('support')).toMatchObject({
      masked: true,
      method: { brand: null, last4: '****', holder: null },
      transactionId: expect.stringMatching(/^\*{4}/),
    });
    expect(await view('manager')).toMatchObject({ masked: false, method: { last4: '4242' } });
    expect(await view('other')).toMatchObject({ status: 403, code: 'PAYMENT_FORBIDDEN' });
    const { rows } = await shop.database.query<{ row: string }>(
      'select payments::text as row from payments.payments',
    );
    for (const { row } of rows) expect(row).not.toMatch(/4242|tok_visa/);
  });

  test('an unsigned webhook is refused, a signed one taken, a replay acts once', async () => {
    await waitUntil('the order to be shipped', async () => {
      const { body } = await shop.get(`/api/v1/orders/${orderId}`, { as: tokens.customer });
      return body.status === 'shipped';
    });
    const raw = JSON.stringify({ orderId, status: 'delivered', eventId: 'event-1' });
    expect(await shop.post('/webhooks/delivery', { raw })).toMatchObject({
      status: 401,
      body: { code: 'WEBHOOK_SIGNATURE_MISSING' },
    });
    const foreign = signedHeaders('payment', raw);
    expect(await shop.post('/webhooks/delivery', { raw, headers: foreign })).toMatchObject({
      status: 401,
      body: { code: 'WEBHOOK_SIGNATURE_INVALID' },
    });
    const headers = signedHeaders('delivery', raw);
    const first = await shop.post('/webhooks/delivery', { raw, headers });
    expect(first).toMatchObject({ status: 200, body: { received: true, duplicate: false } });
    const replayed = await shop.post('/webhooks/delivery', { raw, headers });
    expect(replayed).toMatchObject({ status: 200, body: { received: true, duplicate: true } });
    const old = signWebhook(testSecrets.deliveryWebhook, raw, new Date(Date.now() - 310_000));
    expect(
      await shop.post('/webhooks/delivery', { raw, headers: { 'orderloom-signature': old } }),
    ).toMatchObject({ status: 401, body: { code: 'WEBHOOK_SIGNATURE_EXPIRED' } });
    await waitUntil('the order to be complete', async () => {
      const { body } = await shop.get(`/api/v1/orders/${orderId}`, { as: tokens.customer });
      return body.status === 'delivered' && body.completedAt !== null;
    });
    const { rows } = await shop.database.query(
      `select 1 from http.webhook_receipt where delivery_id = 'event-1' and state = 'accepted'`,
    );
    expect(rows).toHaveLength(1);
  });

  test('a secret that is being rotated is taken beside the old one', async () => {
    const raw = JSON.stringify({ orderId, status: 'delivered', eventId: 'event-2' });
    const both = signWebhook(['yet-unknown-secret', testSecrets.deliveryWebhook], raw, new Date());
    const headers = { 'orderloom-signature': both };
    expect((await shop.post('/webhooks/delivery', { raw, headers })).status).toBe(200);
  });
});

test('the outside systems’ own signed webhooks carry an order to its end', async () => {
  const placed = await place();
  const story = new OrderStory(shop, placed.body.id, '', tokens.admin);
  await story.standsAt('wait-payment');
  expect((await story.payOnPage('tok_visa')).status).toBe(200);
  await story.standsAt('wait-delivery');
  const [shipment] = await story.shipments();
  const advance = `/sandbox/shipments/${shipment?.id}/advance`;
  await shop.courier.post(advance, { body: { status: 'delivered' } });
  expect(await story.ended()).toMatchObject({ status: 'completed' });
  expect(await story.order()).toMatchObject({ status: 'delivered' });
});

describe('Idempotency-Key', () => {
  const posts = routes.filter(({ method }) => method === 'POST');
  const unknownOrder = '01900000-0000-7000-8000-0000000000f1';
  /** Something that each route takes, if only to say that there is no such thing; and another. */
  const bodies: Record<string, readonly [object, object]> = {
    'users.register': [
      { email: 'x@shop.example', name: 'X', password },
      { email: 'y@shop.example', name: 'Y', password },
    ],
    'users.login': [
      { email: 'admin@shop.example', password },
      { email: 'admin@shop.example', password: 'another one' },
    ],
    'catalog.create-product': [
      { id: 'vase', name: 'Vase', price: 10, currency: 'USD', physical: true },
      { id: 'vase', name: 'Vase', price: 11, currency: 'USD', physical: true },
    ],
    'orders.create': [order, { ...order, newCustomer: true }],
    'orders.approve': [
      { orderId: unknownOrder, approved: true },
      { orderId: unknownOrder, approved: false },
    ],
    'orders.cancel': [{ reason: 'one' }, { reason: 'two' }],
    'payments.create-session': [{ orderId: unknownOrder }, { orderId: unknownOrder, amount: 1 }],
    'payments.process': [
      { orderId: unknownOrder, amount: 1, paymentMethod: 'credit_card', cardToken: 'tok_visa' },
      { orderId: unknownOrder, amount: 2, paymentMethod: 'credit_card', cardToken: 'tok_visa' },
    ],
    'payments.refund': [{ reason: 'one' }, { reason: 'two' }],
    'payments.settle-order': [{ reason: 'one' }, { reason: 'two' }],
    'inventory.reserve': [
      { orderId: unknownOrder, items: [{ productId: 'lamp', quantity: 1_000 }] },
      { orderId: unknownOrder, items: [{ productId: 'lamp', quantity: 2_000 }] },
    ],
    'inventory.expire-reservations': [{ limit: 1 }, { limit: 2 }],
    'delivery.create-shipment': [
      { orderId: unknownOrder, address },
      { orderId: unknownOrder, address: { ...address, city: 'Bern' } },
    ],
    'notifications.send': [
      { type: 'order-completed', orderId: unknownOrder, to: 'a@shop.example' },
      { type: 'order-completed', orderId: unknownOrder, to: 'b@shop.example' },
    ],
    'support.open-ticket': [
      { orderId: unknownOrder, subject: 'one', reason: 'test' },
      { orderId: unknownOrder, subject: 'two', reason: 'test' },
    ],
    'support.close-ticket': [{ resolution: 'one' }, { resolution: 'two' }],
    'processes.start': [{ process: 'nowhere' }, { process: 'elsewhere' }],
    'processes.modify': [
      { instructions: [{ type: 'cancel', element: 'one' }], reason: 'one' },
      { instructions: [{ type: 'cancel', element: 'two' }], reason: 'two' },
    ],
    'timers.move': [{ dueAt: '2031-01-01T00:00:00Z' }, { dueAt: '2032-01-01T00:00:00Z' }],
    'processes.start-activity': [{ element: 'one' }, { element: 'two' }],
    'processes.cancel': [{ reason: 'one' }, { reason: 'two' }],
    'tasks.complete': [{ output: {} }, { output: { approved: true } }],
    'tasks.approve': [{ reason: 'one' }, { reason: 'two' }],
    'tasks.reject': [{ reason: 'one' }, { reason: 'two' }],
    'tasks.claim': [{ userId: 'one@shop.example' }, { userId: 'two@shop.example' }],
    'tasks.assign': [{ assignee: 'one@shop.example' }, { assignee: null }],
    'tasks.delegate': [{ to: 'one@shop.example' }, { to: 'two@shop.example' }],
    'tasks.comment': [{ text: 'one' }, { text: 'two' }],
    'tasks.attach': [
      { name: 'one', url: 'https://files.example/1' },
      { name: 'two', url: 'https://files.example/2' },
    ],
    'external-tasks.fetch': [
      { workerId: 'one', topics: [{ topic: 'nobody offers it', lockMs: 1_000 }] },
      { workerId: 'two', topics: [{ topic: 'nobody offers it', lockMs: 1_000 }] },
    ],
    'external-tasks.complete': [{ workerId: 'one' }, { workerId: 'two' }],
    'external-tasks.fail': [{ workerId: 'one' }, { workerId: 'two' }],
    'external-tasks.raise-error': [
      { workerId: 'one', errorCode: 'NO' },
      { workerId: 'two', errorCode: 'NO' },
    ],
    'external-tasks.extend-lock': [
      { workerId: 'one', lockMs: 1_000 },
      { workerId: 'two', lockMs: 1_000 },
    ],
    'external-tasks.lock': [
      { workerId: 'one', lockMs: 1_000 },
      { workerId: 'two', lockMs: 1_000 },
    ],
    'external-tasks.unlock': [{ workerId: 'one' }, { workerId: 'two' }],
    'incidents.skip': [{ reason: 'one' }, { reason: 'two' }],
    'payments.check-sessions': [{ limit: 1 }, { limit: 2 }],
    'delivery.check-shipments': [{ limit: 1 }, { limit: 2 }],
    'consumer-groups.replay': [{ after: '1' }, { after: '2' }],
    'dead-letters.replay': [{ group: 'none' }, { group: 'another' }],
    'dead-letters.discard': [
      { group: 'none', position: '1', reason: 'one' },
      { group: 'none', position: '2', reason: 'two' },
    ],
    'webhook-subscriptions.create': [
      { url: 'https://shop.example/hooks', events: ['order.created'] },
      { url: 'https://shop.example/other', events: ['order.created'] },
    ],
    'webhook-subscriptions.rotate-secret': [{ overlapHours: 1 }, { overlapHours: 2 }],
    'webhook-deliveries.replay-range': [{ after: '1' }, { after: '2' }],
    'kafka-dead-letters.replay': [{ topic: 'one.dlq' }, { topic: 'two.dlq' }],
    'bulk-operations.start': [
      { action: 'cancel', filter: { process: 'nowhere' }, reason: 'nobody waits', dryRun: true },
      { action: 'cancel', filter: { process: 'elsewhere' }, reason: 'nobody waits', dryRun: true },
    ],
    'processes.tag': [{ add: ['one'] }, { add: ['two'] }],
    'engine.pause': [{ reason: 'trying it out' }, { reason: 'trying again' }],
    'processes.suspend': [{ reason: 'one' }, { reason: 'two' }],
    'processes.migrate': [{ dryRun: true }, { dryRun: false }],
    'processes.migrate-version': [
      { process: 'nowhere', from: 1, to: 2, dryRun: true },
      { process: 'elsewhere', from: 1, to: 2, dryRun: true },
    ],
    'processes.update': [{ data: 1 }, { data: 2 }],
    'messages.publish': [{ name: 'one' }, { name: 'two' }],
    'messages.correlate': [{ name: 'nobody waits' }, { name: 'nobody waits for it' }],
    'processes.set-variables': [{ variables: { a: 1 } }, { variables: { a: 2 } }],
    'processes.evaluate-conditions': [{ input: 1 }, { input: 2 }],
    'processes.broadcast-signal': [{ signal: 'one' }, { signal: 'two' }],
    'billing-orders.start-workflow': [
      { mboOrderId: 'ORD-none', accountId: 'ACC-none' },
      { mboOrderId: 'ORD-none-either', accountId: 'ACC-none' },
    ],
    'decisions.evaluate': [{ variables: { n: 1 } }, { variables: { n: 2 } }],
    'deployments.create': [
      { xml: '<one/>', dryRun: true },
      { xml: '<two/>', dryRun: true },
    ],
  };

  test.each(posts)(
    '$name: the same again is answered alike, another request refused',
    async (route) => {
      const [body, other] = bodies[route.name] ?? [];
      if (route.body !== undefined && body === undefined) {
        throw new Error(
          `expected two bodies for the new route ${route.name}; add them to this test`,
        );
      }
      const key = newKey();
      const send = (path: string, sent: object | undefined) =>
        shop.post(path, { key, as: tokens.admin, ...(sent ? { body: sent } : {}) });
      const first = await send(pathOf(route), body);
      // What was never executed is not kept, so that it can be mended and sent again.
      const unexecuted = ['INVALID_INPUT', 'UNAUTHENTICATED', 'FORBIDDEN'];
      expect(unexecuted, first.text).not.toContain(first.body.code);
      const again = await send(pathOf(route), body);
      expect(again.status).toBe(first.status);
      expect(again.text).toBe(first.text);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expect(first.headers.get('idempotency-replayed')).toBeNull();
      // A route that takes nothing at all knows only one request.
      if (other === undefined && route.parameters.length === 0) return;
      const elsewhere = Object.fromEntries(
        route.parameters.map(({ name }) => [name, name === 'n' ? '8' : unknownOrder]),
      );
      const changed = other
        ? await send(pathOf(route), other)
        : await send(pathOf(route, elsewhere), body);
      expect(changed).toMatchObject({ status: 422, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    },
  );

  test('of a request that is being worked on: 409, and its answer once it is there', async () => {
    const key = newKey();
    let waiting: ReturnType<typeof place> | undefined;
    await shop.database.transaction(async (tx) => {
      await tx.query('lock table orders.orders in share row exclusive mode');
      waiting = place(order, key);
      await waitUntil('the first request to be at work', async () => {
        const { rows } = await tx.query(
          `select 1 from pg_locks where not granted and relation = 'orders.orders'::regclass`,
        );
        return rows.length > 0;
      });
      const meanwhile = await place(order, key);
      expect(meanwhile).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_IN_FLIGHT' } });
      expect(meanwhile.headers.get('retry-after')).not.toBeNull();
    });
    const first = await waiting;
    expect(first?.status).toBe(201);
    expect((await place(order, key)).body.id).toBe(first?.body.id);
  });

  test('of a charge that the gateway is working on: 409, and charged once', async () => {
    const placed = await place();
    const latency = { operations: ['createCharge'], latencyMs: 60_000 };
    await shop.gateway.call('PUT', '/sandbox/faults', { body: latency });
    const key = newKey();
    const pay = () =>
      shop.post<{ id: string }>('/api/v1/payments', {
        body: {
          orderId: placed.body.id,
          amount: 50,
          paymentMethod: 'credit_card',
          cardToken: 'tok_visa',
        },
        key,
        as: tokens.customer,
      });
    const asked = [pay(), pay()];
    // The one that is refused is answered first; only then does the gateway answer the other.
    await Promise.race(asked);
    await shop.gateway.call('DELETE', '/sandbox/faults');
    const both = await Promise.all(asked);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    const paid = both.find(({ status }) => status === 200);
    const again = await pay();
    expect(again.body).toEqual(paid?.body);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const { body } = await shop.gateway.get<{ charges: { orderId: string }[] }>('/sandbox/charges');
    const charges = body.charges.filter(({ orderId }) => orderId === placed.body.id);
    expect(charges).toHaveLength(1);
  });

  test('ten at once place one order', async () => {
    const key = newKey();
    const answers = await Promise.all(Array.from({ length: 10 }, () => place(order, key)));
    const placed = new Set(
      answers.filter(({ status }) => status === 201).map(({ body }) => body.id),
    );
    expect(placed.size).toBe(1);
    for (const { status } of answers) expect([201, 409]).toContain(status);
  });

  test('keys of different people have nothing to do with each other', async () => {
    const key = newKey();
    const first = await place(order, key);
    const second = await shop.post('/api/v1/orders', { body: order, key, as: tokens.other });
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.body.id);
  });
});

test('floods are stopped, probes are not', async () => {
  const limited = await startShop({ demo: false, env: { RATE_LIMIT: '5' } });
  const statuses: number[] = [];
  for (let request = 0; request < 7; request += 1) {
    statuses.push((await limited.get('/api/v1/products')).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
  const refused = await limited.get('/api/v1/products');
  expect(refused).toMatchObject({ status: 429, body: { code: 'RATE_LIMITED' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await limited.get('/actuator/health')).status).toBe(200);
});

test('roles are those of the manifests', () => {
  const known: readonly Role[] = ['customer', 'support', 'manager', 'operator', 'admin', 'service'];
  for (const { name, access } of routes) {
    if (Array.isArray(access))
      expect(known, name).toEqual(expect.arrayContaining(access as Role[]));
  }
});
