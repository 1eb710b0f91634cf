/** Retention takes what is old and what nobody needs, and nothing else. */
import { expect, test } from 'vitest';
import { eventLog, thing } from '../../test/support/event-log.ts';
import type { Database } from '../postgres/index.ts';
import { purgeDeliveries, purgeEvents } from './purge-events.ts';

const day = (n: number) => new Date(Date.UTC(2026, 0, n));

async function left(database: Database): Promise<readonly number[]> {
  const { rows } = await database.query<{ n: number }>(
    `select (payload ->> 'n')::int as n from events.event order by position`,
  );
  return rows.map(({ n }) => n);
}

async function tenDays() {
  const log = await eventLog();
  for (let n = 1; n <= 10; n += 1) await log.record({ ...thing(n, `k${n}`), occurredAt: day(n) });
  return log;
}

test('without anybody who reads, age alone decides', async () => {
  const { database } = await tenDays();
  expect(await purgeEvents(database, day(1))).toBe(0);
  expect(await purgeEvents(database, day(4))).toBe(3);
  expect(await left(database)).toEqual([4, 5, 6, 7, 8, 9, 10]);
  expect(await purgeEvents(database, day(20))).toBe(7);
  expect(await purgeEvents(database, day(20))).toBe(0);
});

test('the slowest group, dead letters and open deliveries keep what they need', async () => {
  const { database } = await tenDays();
  await database.query(
    `insert into events.consumer_group (name, position) values ('fast', 9), ('slow', 5)`,
  );
  await database.query(
    `insert into events.dead_letter
       (consumer_group, position, event_id, event_name, key, attempts, error, parked_at)
     select 'fast', position, id, name, key, 1, 'no', now() from events.event where position = 2`,
  );
  expect(await purgeEvents(database, day(20))).toBe(4);
  expect(await left(database)).toEqual([2, 6, 7, 8, 9, 10]);
  await database.query(`delete from events.consumer_group where name = 'slow'`);
  await database.query(
    `insert into events.webhook_subscription
       (id, url, secrets, start_position, created_by, created_at, updated_at)
     values ('01900000-0000-7000-8000-000000000001', 'https://a.example', '[]', 0, 'x', now(), now())`,
  );
  await database.query(
    `insert into events.webhook_delivery (id, subscription_id, position, event_id, event_name, key,
       status, next_attempt_at, created_at, settled_at)
     select id, '01900000-0000-7000-8000-000000000001', position, id, name, key,
            case when position = 8 then 'pending' else 'delivered' end, now(), now(),
            case when position <> 8 then occurred_at end
       from events.event where position between 6 and 8`,
  );
  expect(await purgeEvents(database, day(20))).toBe(2);
  expect(await left(database)).toEqual([2, 8, 9, 10]);
  expect(await purgeDeliveries(database, day(7))).toBe(1);
  expect(await purgeDeliveries(database, day(20))).toBe(1);
});

test('more than one batch, also behind events that stay', async () => {
  const { database } = await eventLog();
  await database.query(
    `insert into events.event (id, name, version, key, payload, occurred_at)
     select gen_random_uuid(), 'thing.happened', 1, 'k', jsonb_build_object('n', n),
            case when n = 1 or n > 12000 then now() else now() - interval '2 days' end
       from generate_series(1, 12010) as n`,
  );
  expect(await purgeEvents(database, new Date(Date.now() - 86_400_000))).toBe(11_999);
  expect(await left(database)).toEqual([1, ...Array.from({ length: 10 }, (_, n) => 12_001 + n)]);
});
