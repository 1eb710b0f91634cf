/** An idempotency key makes a request act once, whatever the network and the crash do to it. */
import { expect, test } from 'vitest';
import { startShop } from '../../test/support/shop-server.ts';
import { RetryableFault } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { purgeIdempotencyKeys } from './idempotency/purge.ts';

const lamp = { name: 'lamp', price: 9.5 };

test('same key and input: the same answer, one effect', async () => {
  const { post, column } = await startShop();
  const first = await post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  const reordered = { price: 9.5, name: 'lamp' };
  const again = await post('/api/v1/items', { as: 'anna', key: 'k1', body: reordered });
  expect(first.status).toBe(201);
  expect([again.status, again.text]).toEqual([201, first.text]);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  expect(await column('select name from shop.item')).toEqual(['lamp']);
  expect(await column('select name from events.event')).toEqual(['item.created']);
});

test('same key, other input: 422; the alias path is the same route', async () => {
  const { post } = await startShop();
  await post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  const other = await post('/api/v1/items', { as: 'anna', key: 'k1', body: { ...lamp, price: 1 } });
  expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
  const alias = await post('/api/items', { as: 'anna', key: 'k1', body: lamp });
  expect(alias.headers.get('idempotency-replayed')).toBe('true');
});

test('keys of other callers and other routes are other keys', async () => {
  const { post } = await startShop();
  const one = await post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  const two = await post('/api/v1/items', { as: 'bert', key: 'k1', body: { ...lamp, name: 'b' } });
  const three = await post('/api/v1/items/two', {
    as: 'anna',
    key: 'k1',
    body: { names: ['c', 'd'] },
  });
  expect([one.status, two.status, three.status]).toEqual([201, 201, 200]);
});

test('a refusal is kept and nothing of it stays; wrong input may be mended under the same key', async () => {
  const { post, column } = await startShop();
  await post('/api/v1/items', { as: 'anna', body: lamp });
  const refused = await post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  const again = await post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  expect([refused.status, again.status, again.text]).toEqual([409, 409, refused.text]);
  expect(again.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(again.text).not.toContain('staff');
  expect(await column('select count(*)::int from events.event')).toEqual([1]);
  const wrong = await post('/api/v1/items', { as: 'anna', key: 'k2', body: { name: 'desk' } });
  const mended = await post('/api/v1/items', {
    as: 'anna',
    key: 'k2',
    body: { ...lamp, name: 'desk' },
  });
  expect([wrong.status, mended.status]).toEqual([400, 201]);
});

test('twenty at once under one key: one effect, the others are in flight or get its answer', async () => {
  const { post, column } = await startShop();
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp })),
  );
  const made = answers.filter(({ status }) => status === 201);
  expect(made.length).toBeGreaterThan(0);
  expect(new Set(made.map(({ text }) => text)).size).toBe(1);
  for (const { status, body, headers } of answers) {
    if (status === 201) continue;
    expect([status, body.code]).toEqual([409, 'IDEMPOTENCY_IN_FLIGHT']);
    expect(headers.get('retry-after')).toBe('1');
  }
  expect(await column('select name from shop.item')).toEqual(['lamp']);
});

test('in flight while the first is being worked on', async () => {
  const { post, database, column } = await startShop();
  const locked = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holder = database
    .transaction(async (tx) => {
      await tx.query(`lock table shop.item in access exclusive mode`);
      locked.resolve();
      await release.promise;
      throw new Error('gives up');
    })
    .catch(() => undefined);
  await locked.promise;
  const first = post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  const waiting = `select count(*)::int from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  await expect.poll(() => column(waiting)).toEqual([1]);
  const second = await post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  expect(second.body.code).toBe('IDEMPOTENCY_IN_FLIGHT');
  release.resolve();
  await holder;
  expect((await first).status).toBe(201);
});

test('a fault keeps nothing: the same key may try again', async () => {
  const { post, column } = await startShop();
  const body = { how: 'retryable' };
  expect((await post('/api/v1/break-down', { key: 'k1', body })).status).toBe(503);
  expect((await post('/api/v1/break-down', { key: 'k1', body })).status).toBe(503);
  expect(await column('select key from http.idempotency_key')).toEqual([]);
});

test('after 24 hours a key is forgotten, and purged', async () => {
  const { post, clock, database, column } = await startShop();
  await post('/api/v1/items', { as: 'anna', key: 'k1', body: lamp });
  clock.set('2026-02-01T12:00:00Z');
  const later = await post('/api/v1/items', {
    as: 'anna',
    key: 'k1',
    body: { ...lamp, name: 'x' },
  });
  expect(later.status).toBe(201);
  expect(await purgeIdempotencyKeys(database, clock.now())).toBe(0);
  clock.set('2026-02-03T00:00:00Z');
  expect(await purgeIdempotencyKeys(database, clock.now())).toBe(1);
  expect(await column('select key from http.idempotency_key')).toEqual([]);
});

test.each([
  ['empty', ''],
  ['two words', 'with space'],
  ['not ASCII', 'ü'],
  ['too long', 'x'.repeat(256)],
])('a key that is %s is refused', async (_name, key) => {
  const { post } = await startShop();
  const headers = { 'idempotency-key': Buffer.from(key).toString('latin1') };
  const answer = await post('/api/v1/items', { as: 'anna', body: lamp, headers });
  expect([answer.status, answer.body.code]).toEqual([400, 'INVALID_INPUT']);
});

test('external: one charge for any number of repeats', async () => {
  const keys: string[] = [];
  const { post } = await startShop({
    outside: {
      charge: (key) => {
        keys.push(key);
        return Promise.resolve('charged');
      },
    },
  });
  const send = () =>
    post(`/api/v1/items/${itemId}/charge`, { as: 'anna', key: 'k1', body: { cardToken: 'c-1' } });
  const itemId = newId();
  const first = await send();
  const again = await send();
  expect([again.status, again.text]).toEqual([first.status, first.text]);
  expect(keys).toEqual([first.body.key]);
  const other = await post(`/api/v1/items/${itemId}/charge`, {
    as: 'anna',
    key: 'k1',
    body: { cardToken: 'c-2' },
  });
  expect(other.body.code).toBe('IDEMPOTENCY_KEY_REUSED');
});

test('external: after a timeout the outside is asked under the same key before it is repeated', async () => {
  const charged: string[] = [];
  const asked: string[] = [];
  let fail = true;
  const { post } = await startShop({
    outside: {
      charge(key) {
        charged.push(key);
        if (!fail) return Promise.resolve('charged');
        fail = false;
        throw new RetryableFault('GATEWAY_TIMEOUT', 'no answer', { outcomeUnknown: true });
      },
      find(key) {
        asked.push(key);
        return Promise.resolve('charged');
      },
    },
  });
  const path = `/api/v1/items/${newId()}/charge`;
  const send = () => post(path, { as: 'anna', key: 'k1', body: { cardToken: 'c-1' } });
  expect((await send()).status).toBe(504);
  const second = await send();
  expect(second.body).toMatchObject({ found: true });
  expect(charged).toHaveLength(1);
  expect(asked).toEqual(charged);
  expect((await send()).text).toBe(second.text);
});

test('external: in flight while it runs; a crashed attempt is taken over when its lease or its program ends', async () => {
  const begun = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<'charged'>();
  const asked: string[] = [];
  const { post, database, clock } = await startShop({
    outside: {
      charge() {
        begun.resolve();
        return answer.promise;
      },
      find(key) {
        asked.push(key);
        return Promise.resolve(null);
      },
    },
  });
  const path = `/api/v1/items/${newId()}/charge`;
  const send = () => post(path, { as: 'anna', key: 'k1', body: { cardToken: 'c-1' } });
  const first = send();
  await begun.promise;
  expect((await send()).body.code).toBe('IDEMPOTENCY_IN_FLIGHT');
  answer.resolve('charged');
  const { key } = (await first).body;
  // As a crash would leave it: claimed, never answered.
  await database.query(
    `update http.idempotency_key set state = 'running', status = null, body = null, lease_until = $1`,
    [new Date(clock.now().getTime() + 60_000)],
  );
  expect((await send()).body.code).toBe('IDEMPOTENCY_IN_FLIGHT');
  clock.set(new Date(clock.now().getTime() + 61_000));
  expect((await send()).body).toEqual({ key, found: false });
  expect(asked).toEqual([key]);
  // The program that claimed it has no session any more: nobody waits for the lease of the dead.
  await database.query(
    `update http.idempotency_key set state = 'running', status = null, body = null, lease_until = $1,
       owner = 'a program that was killed'`,
    [new Date(clock.now().getTime() + 60_000)],
  );
  expect((await send()).body).toEqual({ key, found: false });
  expect(asked).toEqual([key, key]);
});

test('an answer that holds a secret is sealed at rest, and no request can be guessed from it', async () => {
  const { createSealing } = await import('./idempotency/sealing.ts');
  const sealing = createSealing('one');
  const body = JSON.stringify({ token: 'jwt-of-anna', user: { id: 1 } });
  const kept = sealing.seal(body);
  expect(kept.sealed).toBe(true);
  expect(Buffer.from(kept.body, 'base64').toString('latin1')).not.toContain('jwt-of-anna');
  expect(sealing.open(kept.body, true)).toBe(body);
  expect(() => createSealing('two').open(kept.body, true)).toThrow();
  expect(sealing.seal('{"orderId":"1"}')).toEqual({ body: '{"orderId":"1"}', sealed: false });
  const login = { email: 'a@b', password: 'x' };
  expect(createSealing('two').digest(login)).not.toEqual(sealing.digest(login));
});
