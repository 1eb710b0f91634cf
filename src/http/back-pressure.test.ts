/**
 * A server that is asked for more than it can do, over real HTTP on a real database: what it takes it
 * keeps, what it does not take it says, nothing piles up, and afterwards all is as before.
 */
import { expect, test } from 'vitest';
import { startShop } from '../../test/support/shop-server.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { Door } from './door.ts';

const mostWaiting = 30;

test('an overrun is answered by 201 or 503; nothing taken is lost, reading works, and it recovers', async () => {
  let longest = 0;
  const shop = await startShop({
    watching: ({ pool }) => ({
      startsWork: ({ name }) => name === 'shop.create-item',
      door: new Door({
        figures: [
          {
            name: 'database_waiters',
            what: 'callers that wait for a connection',
            read: () => pool.waitingCount,
            closesAbove: mostWaiting,
            opensBelow: 5,
          },
        ],
      }),
    }),
  });
  const { pool } = shop.database;
  // All connections are busy for a while, as when the database is slow.
  const busy = await Promise.all(
    Array.from({ length: pool.options.max }, () => shop.database.connect()),
  );
  const answers: {
    readonly name: string;
    readonly status: number;
    readonly retry: string | null;
  }[] = [];
  let sent = 0;
  const under = new Set<Promise<void>>();
  const send = () => {
    const name = `item ${sent}`;
    sent += 1;
    const answered = shop
      .post('/api/items', { body: { name, price: 1 }, as: 'anna' })
      .then(({ status, headers }) => {
        answers.push({ name, status, retry: headers.get('retry-after') });
      });
    const done = answered.finally(() => under.delete(done));
    under.add(done);
    longest = Math.max(longest, pool.waitingCount);
  };
  // Two hundred callers who come again and again until a hundred were turned away.
  await waitUntil('a hundred to be turned away', () => {
    while (under.size < 200 && sent < 2_000) send();
    longest = Math.max(longest, pool.waitingCount);
    return answers.filter(({ status }) => status === 503).length >= 100;
  });
  // The bound, and those of one look more.
  expect(longest).toBeLessThanOrEqual(mostWaiting + 25);
  const health = await shop.get('/actuator/health/liveness');
  expect(health.status).toBe(200);
  const turnedAway = answers.find(({ status }) => status === 503);
  expect(Number(turnedAway?.retry)).toBeGreaterThanOrEqual(1);
  for (const connection of busy) connection.release();
  await Promise.all(under);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 503]));
  const taken = answers.filter(({ status }) => status === 201).map(({ name }) => name);
  const kept = await shop.column('select name from shop.item');
  expect(new Set(kept)).toEqual(new Set(taken));
  const afterwards = await waitUntil('the door to open', async () => {
    const answer = await shop.post('/api/items', { body: { name: 'late', price: 1 }, as: 'anna' });
    return answer.status === 201 && answer;
  });
  expect(afterwards.body).toMatchObject({ name: 'late' });
});

test('it is turned away before its body is read; reading passes, and so does what is under way', async () => {
  let value = 15;
  const figure = {
    name: 'f',
    what: 'a long queue',
    read: () => value,
    closesAbove: 10,
    opensBelow: 5,
  };
  let now = 0;
  const nowMs = () => {
    now += 1_000;
    return now;
  };
  const shop = await startShop({
    more: {
      door: new Door({ figures: [figure], nowMs }),
      startsWork: ({ name }) => name === 'shop.create-item',
    },
  });
  const { status, body, headers } = await shop.post('/api/items', { raw: '{', as: 'anna' });
  expect(status).toBe(503);
  expect(headers.get('content-type')).toMatch(/problem\+json/);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(body).toMatchObject({ code: 'OVERLOADED', status: 503 });
  expect(body.detail).toMatch(/a long queue/);
  const itemId = '01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11';
  expect((await shop.get(`/api/items/${itemId}`, { as: 'anna' })).status).toBe(404);
  const webhook = () => shop.post('/webhooks/shop', { raw: '{}' });
  expect((await webhook()).status).toBe(401);
  value = 21;
  expect((await webhook()).status).toBe(503);
  expect((await shop.get(`/api/items/${itemId}`, { as: 'anna' })).status).toBe(404);
  const steering = await shop.request('DELETE', `/api/items/${itemId}`, { as: 'anna+admin' });
  expect(steering.status).toBe(204);
  const metrics = await shop.get('/actuator/prometheus');
  expect(metrics.text).toMatch(/orderloom_turned_away_total\{figure="f"\} 2/);
  expect(metrics.text).toMatch(/orderloom_door_closed\{figure="f"\} 2/);
});
