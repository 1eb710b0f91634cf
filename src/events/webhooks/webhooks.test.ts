/** Outgoing webhooks over real HTTP: signed, in order, retried, replayed, and nobody holds others up. */
import { expect, onTestFinished, test } from 'vitest';
import { silentLog, startLog, thing } from '../../../test/support/event-log.ts';
import { startEventServer } from '../../../test/support/event-server.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { checkDelivery, startReceiver } from '../../../test/support/webhook-receiver.ts';
import { systemClock } from '../../kernel/clock.ts';
import type { Database } from '../../postgres/index.ts';
import {
  createOutbox,
  deliverWebhooks,
  type EventLog,
  eventsModule,
  type WebhookOptions,
  webhooksModule,
} from '../index.ts';

const encryptionKey = new Uint8Array(32).fill(7);
const quickly: Partial<WebhookOptions> = {
  pollMs: 20,
  firstPauseMs: 10,
  longestPauseMs: 50,
  timeoutMs: 10_000,
  mostRejections: 3,
};

function startDelivery(database: Database, log: EventLog, options: Partial<WebhookOptions> = {}) {
  const delivery = deliverWebhooks({
    database,
    log,
    outbox: createOutbox({ subscribers: [log.subscriber] }),
    clock: systemClock,
    logger: silentLog,
    encryptionKey,
    version: '0.0.0',
    allowPrivate: true,
    ...quickly,
    ...options,
  });
  onTestFinished(() => delivery.stop());
  return delivery;
}

/** A server with webhooks, deliveries under way, and what the tests ask of both. */
async function webhooks(options: Partial<WebhookOptions> & { readonly start?: boolean } = {}) {
  const allowPrivate = options.allowPrivate ?? true;
  const server = await startEventServer({
    modules: ({ log }) => [
      eventsModule({ eventLog: () => log, events: () => [] }),
      webhooksModule({
        changed: () => log.groupsChanged(),
        horizon: () => log.horizon(),
        positionBefore: (moment) => log.positionBefore(moment),
        eventNames: () => new Set(['thing.happened', 'other.happened']),
        allowPrivate,
        encryptionKey,
      }),
    ],
  });
  const { database, log, request } = server;
  const start = () => startDelivery(database, log, options);
  const delivery = options.start === false ? undefined : start();

  async function subscribe(url: string, more: Record<string, unknown> = {}) {
    const { status, body } = await request<{ id: string; secret: string }>(
      'POST',
      '/webhook-subscriptions',
      { body: { url, ...more } },
    );
    expect(status).toBe(201);
    return body;
  }

  interface Delivery {
    readonly id: string;
    readonly status: string;
    readonly position: string;
    readonly attempts: number;
    readonly log: readonly Record<string, unknown>[];
  }
  const deliveries = async (id: string, query = '') => {
    const path = `/webhook-subscriptions/${id}/deliveries${query}`;
    const { body } = await request<{ items: Delivery[]; nextCursor: string | null }>('GET', path);
    return body.items;
  };
  const subscription = async (id: string) =>
    (await request('GET', `/webhook-subscriptions/${id}`)).body;
  return { ...server, delivery, start, subscribe, deliveries, subscription };
}

test('events are sent as CloudEvents, signed over the raw body, to those who want them', async () => {
  const { subscribe, record, deliveries } = await webhooks();
  const all = await startReceiver();
  const some = await startReceiver();
  const { secret, id } = await subscribe(all.url);
  await subscribe(some.url, { events: ['other.happened'], keys: ['k1'] });
  const event = { ...thing(1, 'k1'), traceId: 'a'.repeat(32) };
  await record(event, thing(2, 'k1', 'other.happened'), thing(3, 'k2', 'other.happened'));
  await waitUntil('all of them', () => all.received.length === 3 && some.received.length === 1);
  const first = all.received.find(({ body }) => body.data.n === 1)!;
  expect(checkDelivery(secret, first)).toBe('valid');
  expect(checkDelivery('another secret', first)).toBe('mismatch');
  expect(first.headers).toMatchObject({
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'orderloom-event': 'thing.happened',
    traceparent: expect.stringMatching(/^00-a{32}-[0-9a-f]{16}-01$/),
  });
  expect(first.body).toMatchObject({
    specversion: '1.0',
    id: event.id,
    type: 'thing.happened',
    subject: 'k1',
    data: { n: 1 },
  });
  expect(some.taken()).toEqual([2]);
  const logged = await waitUntil('the log', async () => {
    const items = await deliveries(id, '?status=delivered');
    return items.length === 3 ? items : null;
  });
  expect(logged[0]).toMatchObject({
    position: '3',
    attempts: 1,
    log: [{ status: 200, response: 'answered 200', error: null }],
  });
});

test('a dead receiver is retried later and later, delays nobody, and then gets all in order', async () => {
  const { subscribe, record, subscription, deliveries } = await webhooks();
  const dead = await startReceiver(() => 503);
  const alive = await startReceiver();
  const { id } = await subscribe(dead.url);
  await subscribe(alive.url);
  for (let n = 1; n <= 30; n += 1) await record(thing(n, `k${n % 3}`));
  await waitUntil('the living one', () => alive.received.length === 30);
  await waitUntil('some failures', async () => ((await subscription(id)).failures as number) > 2);
  expect(await subscription(id)).toMatchObject({
    status: 'failing',
    lastError: 'expected a status from 200 to 299, found 503',
  });
  // Tried one at a time, not once for each of what waits.
  expect(dead.received.length).toBeLessThan(30);
  dead.behave(() => 200);
  await waitUntil('the other one', () => dead.taken().length >= 30);
  for (const receiver of [dead, alive]) {
    for (const key of ['k0', 'k1', 'k2']) {
      const taken = receiver.taken().filter((n) => `k${n % 3}` === key);
      expect(taken).toEqual(taken.toSorted((a, b) => a - b));
      expect(new Set(taken).size).toBe(10);
    }
  }
  await waitUntil('an active one', async () => (await subscription(id)).status === 'active');
  const [oldest] = (await deliveries(id, '?limit=200')).toReversed();
  expect(oldest!.log[0]).toMatchObject({ status: 200 });
  expect(oldest!.log.at(-1)).toMatchObject({ status: 503 });
});

test('what a receiver refuses holds up its own key only, fails in the end, and can be sent again', async () => {
  const { subscribe, record, deliveries, request } = await webhooks();
  const receiver = await startReceiver(({ body }) => (body.data.n === 1 ? 422 : 200));
  const { id } = await subscribe(receiver.url);
  await record(thing(1, 'a'), thing(2, 'a'), thing(3, 'b'));
  await waitUntil('the others', () => receiver.taken().length === 2);
  expect(receiver.taken()).toEqual([3, 2]);
  const [failed] = await deliveries(id, '?status=failed');
  expect(failed).toMatchObject({ position: '1', attempts: 3 });
  expect(failed!.log).toHaveLength(3);
  receiver.behave(() => 200);
  const path = `/webhook-subscriptions/${id}/deliveries/${failed!.id}/replay`;
  expect((await request('POST', path, { body: {} })).status).toBe(202);
  await waitUntil('the first', () => receiver.taken().includes(1));
  const nothing = `/webhook-subscriptions/${id}/deliveries/${id}/replay`;
  expect((await request('POST', nothing, { body: {} })).body).toMatchObject({
    code: 'WEBHOOK_DELIVERY_NOT_FOUND',
  });
});

test('a range is sent again, or for the first time', async () => {
  const { subscribe, record, request, log } = await webhooks();
  const receiver = await startReceiver();
  await record(thing(1), thing(2));
  await log.waitBeyond(1n);
  const { id } = await subscribe(receiver.url);
  await record(thing(3), thing(4));
  await waitUntil('the new ones', () => receiver.taken().length === 2);
  expect(receiver.taken()).toEqual([3, 4]);
  await waitUntil('nothing open', async () => {
    const { body } = await request<{ items: unknown[] }>(
      'GET',
      `/webhook-subscriptions/${id}/deliveries?status=pending`,
    );
    return body.items.length === 0;
  });
  const range = { body: { after: '1', upTo: '3' } };
  const { body, status } = await request('POST', `/webhook-subscriptions/${id}/replay`, range);
  expect([status, body]).toEqual([202, { queued: 2, next: null }]);
  await waitUntil('the range', () => receiver.taken().length === 4);
  expect(receiver.taken()).toEqual([3, 4, 2, 3]);
  const failed = { body: { after: '0', onlyFailed: true } };
  expect((await request('POST', `/webhook-subscriptions/${id}/replay`, failed)).body).toEqual({
    queued: 0,
    next: null,
  });
});

test('a replay does not wait for the pause of a receiver that failed', async () => {
  const { subscribe, record, subscription, deliveries, request } = await webhooks({
    firstPauseMs: 3_600_000,
    longestPauseMs: 3_600_000,
  });
  const receiver = await startReceiver(() => 503);
  const { id } = await subscribe(receiver.url);
  // One alone: another one whose failure is told after the replay would begin a pause of its own.
  await record(thing(1, 'a'));
  await waitUntil('its pause', async () => (await subscription(id)).retryAt);
  receiver.behave(() => 200);
  const [delivery] = await deliveries(id);
  const path = `/webhook-subscriptions/${id}/deliveries/${delivery!.id}/replay`;
  expect((await request('POST', path)).status).toBe(202);
  await waitUntil('the delivery', () => receiver.taken().includes(1));
});

test('a rotated secret: both sign for a while, and then the new one alone', async () => {
  const { subscribe, record, request, subscription } = await webhooks();
  const receiver = await startReceiver();
  const { id, secret } = await subscribe(receiver.url, { secret: 'a secret of my own making' });
  expect(secret).toBe('a secret of my own making');
  const rotate = async (overlapHours: number) =>
    (
      await request<{ secret: string }>('POST', `/webhook-subscriptions/${id}/rotate-secret`, {
        body: { overlapHours },
      })
    ).body.secret;
  const second = await rotate(1);
  await record(thing(1));
  await waitUntil('a delivery', () => receiver.received.length === 1);
  const [both] = receiver.received;
  expect([checkDelivery(secret, both!), checkDelivery(second, both!)]).toEqual(['valid', 'valid']);
  expect((await subscription(id)).secretsValidUntil).toHaveLength(2);
  const third = await rotate(0);
  await record(thing(2));
  await waitUntil('another', () => receiver.received.length === 2);
  const [, alone] = receiver.received;
  expect([checkDelivery(second, alone!), checkDelivery(third, alone!)]).toEqual([
    'mismatch',
    'valid',
  ]);
  expect(JSON.stringify(await subscription(id))).not.toContain(third);
});

test('a subscription is changed, switched off and on, and deleted', async () => {
  const { subscribe, record, request, log } = await webhooks();
  const receiver = await startReceiver();
  const { id } = await subscribe(receiver.url, { events: ['thing.happened'] });
  const patch = (body: unknown) => request('PATCH', `/webhook-subscriptions/${id}`, { body });
  expect((await patch({ events: null, keys: ['k'] })).body).toMatchObject({
    events: null,
    keys: ['k'],
    enabled: true,
  });
  await record(thing(1), thing(2, 'elsewhere'));
  await waitUntil('the first', () => receiver.taken().length === 1);
  expect((await patch({ enabled: false })).body).toMatchObject({
    status: 'disabled',
    disabledReason: 'switched off by a person',
  });
  await record(thing(3));
  await log.waitBeyond(2n);
  expect((await patch({ enabled: true })).body).toMatchObject({ status: 'active' });
  await record(thing(4));
  await waitUntil('the fourth', () => receiver.taken().includes(4));
  const { body: listed } = await request<{ items: { id: string }[] }>(
    'GET',
    '/webhook-subscriptions?status=active',
  );
  expect(listed.items.map((item) => item.id)).toEqual([id]);
  expect((await request('DELETE', `/webhook-subscriptions/${id}`)).status).toBe(200);
  for (const [method, path] of [
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/deliveries'],
  ] as const) {
    const { body } = await request(method, `/webhook-subscriptions/${id}${path}`);
    expect(body).toMatchObject({ code: 'WEBHOOK_SUBSCRIPTION_NOT_FOUND' });
  }
});

test('failing for too long, or a receiver that is gone, switches off and is told as an event', async () => {
  const { subscribe, record, subscription, log } = await webhooks({ disableAfterMs: 100 });
  const broken = await startReceiver(() => 500);
  const gone = await startReceiver(() => 410);
  const first = await subscribe(broken.url, { events: ['thing.happened'] });
  const second = await subscribe(gone.url, { events: ['thing.happened'] });
  await record(thing(1));
  for (const [id, reason] of [
    [first.id, /^no delivery has succeeded since /],
    [second.id, /410/],
  ] as const) {
    await waitUntil('both off', async () => (await subscription(id)).status === 'disabled');
    expect((await subscription(id)).disabledReason).toMatch(reason);
  }
  const told = await waitUntil('both events', async () => {
    const names = ['webhook-subscription.disabled'];
    const { events } = await log.read({ after: 0n, limit: 10, names });
    return events.length === 2 ? events : null;
  });
  expect(new Set(told.map(({ key }) => key))).toEqual(new Set([first.id, second.id]));
});

test('a receiver that never answers is given up on', async () => {
  const { subscribe, record, deliveries } = await webhooks({ timeoutMs: 100 });
  const hanging = await startReceiver(() => 'hang');
  const { id } = await subscribe(hanging.url);
  await record(thing(1));
  await waitUntil('a timeout', async () => {
    const [delivery] = await deliveries(id);
    return delivery?.log[0]?.error === 'no answer within 100 ms';
  });
  await waitUntil('a third try', () => hanging.received.length > 2);
});

test('a Retry-After is kept to, whatever others are tried meanwhile', async () => {
  const { subscribe, record, deliveries, subscription } = await webhooks();
  const busy = await startReceiver(() => ({ status: 429, headers: { 'retry-after': '3600' } }));
  const broken = await startReceiver(() => 503);
  const { id } = await subscribe(busy.url);
  await subscribe(broken.url);
  const begunMs = Date.now();
  await record(thing(1));
  const retryAt = await waitUntil('its pause', async () => (await subscription(id)).retryAt);
  expect(Date.parse(retryAt as string)).toBeGreaterThan(begunMs + 3_500_000);
  const triedBefore = broken.received.length;
  await waitUntil('more tries of the other', () => broken.received.length > triedBefore + 2);
  expect(busy.received).toHaveLength(1);
  const [waiting] = await deliveries(id);
  expect(waiting).toMatchObject({ status: 'pending', attempts: 1 });
});

test('nothing is lost or reordered when a node stops in the middle and another goes on', async () => {
  const { subscribe, record, database, delivery, log } = await webhooks();
  const receiver = await startReceiver();
  await subscribe(receiver.url);
  const other = await startLog(database);
  for (let n = 1; n <= 20; n += 1) await record(thing(n, `k${n % 2}`));
  await waitUntil('the first ones', () => receiver.taken().length > 3);
  const stopping = delivery!.stop();
  startDelivery(database, other);
  await stopping;
  log.groupsChanged();
  for (let n = 21; n <= 40; n += 1) await record(thing(n, `k${n % 2}`));
  await waitUntil('all of them', () => new Set(receiver.taken()).size === 40);
  for (const even of [0, 1]) {
    const firstSeen = [...new Set(receiver.taken().filter((n) => n % 2 === even))];
    expect(firstSeen).toEqual(firstSeen.toSorted((a, b) => a - b));
  }
});

test('a delivery whose node died is claimed again when its claim has run out', async () => {
  const { subscribe, record, database, start, log } = await webhooks({ start: false });
  const receiver = await startReceiver();
  const { id } = await subscribe(receiver.url);
  const before = start();
  await record(thing(1));
  await waitUntil('the delivery', () => receiver.received.length === 1);
  await before.stop();
  // As a node leaves it that died after sending and before writing the outcome down.
  await database.query(
    `update events.webhook_delivery set status = 'pending', settled_at = null,
       claimed_until = clock_timestamp() + interval '1 hour' where subscription_id = $1`,
    [id],
  );
  start();
  await record(thing(2, 'another key'));
  await waitUntil('what nobody has claimed', () => receiver.received.length === 2);
  await database.query(
    `update events.webhook_delivery set claimed_until = clock_timestamp() where position = 1`,
  );
  await waitUntil('the repeat', () => receiver.received.length === 3);
  const ids = receiver.received.map(({ body }) => body.id);
  expect(ids[2]).toBe(ids[0]);
  await log.stop();
});

test('what a node says that slept past its claim is not kept, of the delivery nor of the receiver', async () => {
  const { subscribe, record, database, delivery } = await webhooks();
  const receiver = await startReceiver(() => 'hang');
  await subscribe(receiver.url);
  await record(thing(1));
  await waitUntil('the first attempt', () => receiver.received.length === 1);
  receiver.behave(() => 200);
  // The claim of the first attempt is over, and the next one is taken with success meanwhile.
  await database.query(
    `update events.webhook_delivery set claimed_until = clock_timestamp() - interval '1 second'`,
  );
  const kept = async () => {
    const { rows } = await database.query(
      `select d.status, d.attempts, jsonb_array_length(d.log) as told, s.failures, s.last_error
         from events.webhook_delivery d join events.webhook_subscription s on s.id = subscription_id`,
    );
    return rows[0];
  };
  const delivered = { status: 'delivered', attempts: 2, told: 1, failures: 0, last_error: null };
  await waitUntil('the second attempt', async () => (await kept())?.status === 'delivered');
  receiver.hangUp();
  // Resolves when the first attempt has been given up, too.
  await delivery!.stop();
  expect(await kept()).toEqual(delivered);
});

test('targets inside are refused, when they are named and when they are connected to', async () => {
  const { request, subscribe, record, database, deliveries } = await webhooks({
    allowPrivate: false,
  });
  const inside = await startReceiver();
  for (const url of [
    inside.url,
    'https://localhost/hook',
    'https://10.0.0.1/hook',
    'https://[::1]/hook',
    'https://[::ffff:127.0.0.1]/hook',
    'https://169.254.169.254/latest/meta-data',
    'http://shop.example/hook',
    'https://user:password@shop.example/hook',
    'https://2130706433/hook',
  ]) {
    const { body, status } = await request('POST', '/webhook-subscriptions', { body: { url } });
    expect([url, status, body.code]).toEqual([url, 422, 'WEBHOOK_TARGET_REFUSED']);
  }
  // A name that resolved to the outside when it was named, and to the inside now.
  const { id } = await subscribe('https://shop.example/hook');
  await database.query(`update events.webhook_subscription set url = $1`, [
    inside.url.replace('http:', 'https:').replace('127.0.0.1', 'ip6-localhost'),
  ]);
  await record(thing(1));
  const [refused] = await waitUntil('an attempt', async () => {
    const items = await deliveries(id);
    return items[0]?.log[0] === undefined ? null : items;
  });
  expect(refused!.log[0]!.error).toMatch(/of this machine or its network|ENOTFOUND|EAI_AGAIN/);
  expect(inside.received).toEqual([]);
});

test('what cannot be subscribed to', async () => {
  const { request } = await webhooks({ start: false });
  const url = 'http://127.0.0.1:1/hook';
  const refused = async (body: unknown) =>
    (await request('POST', '/webhook-subscriptions', { body })).body.code;
  expect(await refused({ url, events: ['no.event'] })).toBe('EVENT_UNKNOWN');
  expect(await refused({ url: 'ftp://shop.example' })).toBe('INVALID_INPUT');
  expect(await refused({ url, events: [] })).toBe('INVALID_INPUT');
  expect(await refused({ url, secret: 'short' })).toBe('INVALID_INPUT');
  const customer = { as: ['customer'] as const, body: { url } };
  expect((await request('POST', '/webhook-subscriptions', customer)).status).toBe(403);
});
