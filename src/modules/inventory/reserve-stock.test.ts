/** Reserving: all or none, once per order, never more than there is, whoever races. */
import { expect, test } from 'vitest';
import {
  callProcedure,
  fixedClock,
  migrationsOf,
  mustRefuse,
  mustSucceed,
} from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { isRefusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { Database } from '../../postgres/index.ts';
import { inventoryModule } from './module.ts';
import {
  consumeProcedure,
  expireReservationsProcedure,
  releaseProcedure,
  reserveProcedure,
  setStockProcedure,
} from './procedures.ts';

const migrations = migrationsOf(inventoryModule());

async function warehouse(levels: Record<string, number>, maxConnections = 10): Promise<Database> {
  const { database } = await testDatabase({ migrations, maxConnections });
  for (const [productId, onHand] of Object.entries(levels)) {
    await mustSucceed(callProcedure(database, setStockProcedure, { productId, onHand }));
  }
  return database;
}

/** `product: [on hand, reserved]` of everything in stock. */
async function levels(database: Database): Promise<Record<string, readonly [number, number]>> {
  const { rows } = await database.query<{ product_id: string; on_hand: number; reserved: number }>(
    'select product_id, on_hand, reserved from inventory.stock order by product_id',
  );
  return Object.fromEntries(rows.map((row) => [row.product_id, [row.on_hand, row.reserved]]));
}

const reserve = (database: Database, orderId: string, quantities: Record<string, number>) =>
  callProcedure(database, reserveProcedure, {
    orderId,
    items: Object.entries(quantities).map(([productId, quantity]) => ({ productId, quantity })),
  });

test('holds all items for 48 hours and publishes it', async () => {
  const database = await warehouse({ a: 5, b: 3 });
  const orderId = newId();
  const clock = fixedClock('2026-03-01T12:00:00.000Z');
  const { result, events } = await callProcedure(
    database,
    reserveProcedure,
    {
      orderId,
      items: [
        { productId: 'b', quantity: 1 },
        { productId: 'a', quantity: 2 },
        { productId: 'b', quantity: 2, physical: true },
      ],
    },
    { clock },
  );
  const items = [
    { productId: 'a', quantity: 2 },
    { productId: 'b', quantity: 3 },
  ];
  const reservedAt = '2026-03-01T12:00:00.000Z';
  const expiresAt = '2026-03-03T12:00:00.000Z';
  expect(result).toEqual({ orderId, status: 'held', items, reservedAt, expiresAt, endedAt: null });
  expect(events).toEqual([
    { name: 'inventory.reserved', payload: { orderId, items, reservedAt, expiresAt } },
  ]);
  expect(await levels(database)).toEqual({ a: [5, 2], b: [3, 3] });
});

test('answers a repetition with the same reservation, without taking or publishing again', async () => {
  const database = await warehouse({ a: 5 });
  const orderId = newId();
  const first = await mustSucceed(reserve(database, orderId, { a: 2 }));
  const again = await reserve(database, orderId, { a: 2 });
  expect(again).toEqual({ result: first, events: [] });
  expect(await levels(database)).toEqual({ a: [5, 2] });
});

test('refuses other items for an order that has a reservation', async () => {
  const database = await warehouse({ a: 5, b: 5 });
  const orderId = newId();
  await mustSucceed(reserve(database, orderId, { a: 2 }));
  for (const other of [{ a: 3 }, { b: 2 }, { a: 2, b: 1 }, { a: 2, course: 1 }] as Record<
    string,
    number
  >[]) {
    const refusal = await mustRefuse(reserve(database, orderId, other));
    expect(refusal.code).toBe('RESERVATION_MISMATCH');
    expect(refusal.data).toEqual({ orderId, reserved: [{ productId: 'a', quantity: 2 }] });
  }
  expect(await levels(database)).toEqual({ a: [5, 2], b: [5, 0] });
});

test('takes nothing when one item does not fit, and says what was asked and what there is', async () => {
  const database = await warehouse({ a: 5, b: 1, c: 0 });
  const refusal = await mustRefuse(reserve(database, newId(), { a: 2, b: 3, c: 1 }));
  expect(refusal.code).toBe('INSUFFICIENT_STOCK');
  expect(refusal.definition.status).toBe(409);
  expect(refusal.data).toEqual({
    items: [
      { productId: 'b', requested: 3, available: 1 },
      { productId: 'c', requested: 1, available: 0 },
    ],
  });
  expect(await levels(database)).toEqual({ a: [5, 0], b: [1, 0], c: [0, 0] });
  const { rows } = await database.query('select 1 from inventory.reservations');
  expect(rows).toEqual([]);
});

test('needs stock for physical products alone', async () => {
  const database = await warehouse({ a: 5 });
  const items = [
    { productId: 'a', quantity: 1, physical: true },
    { productId: 'course', quantity: 1, physical: false },
    { productId: 'whatever', quantity: 1 },
  ];
  const orderId = newId();
  const made = await mustSucceed(callProcedure(database, reserveProcedure, { orderId, items }));
  expect(made.items).toEqual([{ productId: 'a', quantity: 1 }]);
  expect(await mustSucceed(callProcedure(database, reserveProcedure, { orderId, items }))).toEqual(
    made,
  );
  const refusal = await mustRefuse(
    callProcedure(database, reserveProcedure, {
      orderId: newId(),
      items: [...items, { productId: 'forgotten', quantity: 1, physical: true }],
    }),
  );
  expect(refusal.code).toBe('PRODUCT_NOT_STOCKED');
  expect(refusal.data).toEqual({ productIds: ['forgotten'] });
});

test('an order of digital products alone has a reservation without items', async () => {
  const database = await warehouse({});
  const orderId = newId();
  const made = await mustSucceed(reserve(database, orderId, { course: 1 }));
  expect(made.items).toEqual([]);
  const released = await callProcedure(database, releaseProcedure, { orderId });
  expect(released.events).toHaveLength(1);
});

test.each(['released', 'expired'] as const)(
  'refuses an order whose reservation was %s',
  async (end) => {
    const database = await warehouse({ a: 5 });
    const orderId = newId();
    await mustSucceed(reserve(database, orderId, { a: 2 }));
    if (end === 'released')
      await mustSucceed(callProcedure(database, releaseProcedure, { orderId }));
    else {
      const clock = fixedClock('2026-03-04T00:00:00.000Z');
      await mustSucceed(callProcedure(database, expireReservationsProcedure, {}, { clock }));
    }
    const refusal = await mustRefuse(reserve(database, orderId, { a: 2 }));
    expect(refusal.code).toBe('RESERVATION_ENDED');
    expect(refusal.data).toEqual({ orderId, status: end });
    expect(await levels(database)).toEqual({ a: [5, 0] });
  },
);

test('quantity 0 and wrong types never reach the use case', () => {
  const orderId = newId();
  const bad = [
    { orderId, items: [] },
    { orderId, items: [{ productId: 'a', quantity: 0 }] },
    { orderId, items: [{ productId: 'a', quantity: 1.5 }] },
    { orderId, items: [{ productId: 'a\0', quantity: 1 }] },
    { orderId: 'no-uuid', items: [{ productId: 'a', quantity: 1 }] },
  ];
  for (const input of bad) expect(reserveProcedure.input.safeParse(input).success).toBe(false);
});

test('50 orders racing for the last 10 units sell exactly 10', async () => {
  const database = await warehouse({ cup: 10, box: 100 }, 25);
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => reserve(database, newId(), { cup: 1, box: 1 })),
  );
  const refusals = outcomes.map(({ result }) => result).filter(isRefusal);
  expect(refusals).toHaveLength(40);
  expect(new Set(refusals.map((refusal) => refusal.code))).toEqual(new Set(['INSUFFICIENT_STOCK']));
  expect(await levels(database)).toEqual({ box: [100, 10], cup: [10, 10] });
});

test('one order reserved 20 times at once takes its units once', async () => {
  const database = await warehouse({ a: 100 }, 20);
  const orderId = newId();
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, () => reserve(database, orderId, { a: 3 })),
  );
  expect(outcomes.filter(({ events }) => events.length > 0)).toHaveLength(1);
  for (const { result } of outcomes) expect(result).toEqual(outcomes[0]!.result);
  expect(await levels(database)).toEqual({ a: [100, 3] });
});

test('orders that take, give back, ship and expire at once neither deadlock nor lose a unit', async () => {
  const names = ['a', 'b', 'c', 'd'];
  const database = await warehouse(Object.fromEntries(names.map((name) => [name, 1_000])), 20);
  const late = fixedClock('2026-03-04T00:00:00.000Z');
  const lives = Array.from({ length: 120 }, async (_, index) => {
    const orderId = newId();
    const first = names[index % 4]!;
    const second = names[(index * 3 + 1) % 4]!;
    await mustSucceed(reserve(database, orderId, { [second]: 2, [first]: 1 }));
    if (index % 3 === 0) await mustSucceed(callProcedure(database, releaseProcedure, { orderId }));
    if (index % 3 === 1) {
      const { result } = await callProcedure(database, consumeProcedure, { orderId });
      if (isRefusal(result)) expect(result.code).toBe('RESERVATION_ENDED');
    }
    if (index % 10 === 0) {
      await mustSucceed(
        callProcedure(database, expireReservationsProcedure, { limit: 3 }, { clock: late }),
      );
    }
  });
  await Promise.all(lives);
  const { rows } = await database.query(`
    select stock.product_id from inventory.stock
    left join (
      select line.product_id,
             sum(quantity) filter (where status = 'held') as held,
             sum(quantity) filter (where status = 'consumed') as consumed
      from inventory.reservation_lines as line join inventory.reservations using (order_id)
      group by line.product_id
    ) as sums using (product_id)
    where reserved <> coalesce(held, 0) or on_hand <> 1000 - coalesce(consumed, 0)`);
  expect(rows).toEqual([]);
});
