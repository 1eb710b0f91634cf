/** Setting, asking and listing stock; and the database's own last word on it. */
import { beforeAll, expect, test } from 'vitest';
import {
  callProcedure,
  fixedClock,
  migrationsOf,
  mustRefuse,
  mustSucceed,
  userCaller,
} from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import { inventoryModule } from './module.ts';
import {
  checkAvailabilityProcedure,
  listReservationsProcedure,
  listStockProcedure,
  reserveProcedure,
  setStockProcedure,
} from './procedures.ts';
import { demoStock, seedStock } from './seed-stock.ts';

const { database } = await testDatabase({ migrations: migrationsOf(inventoryModule()) });
const operator = userCaller(newId(), 'operator');
const orderIds = [newId(), newId(), newId()];

beforeAll(async () => {
  for (const [productId, onHand] of Object.entries({ a: 10, b: 2, c: 0 })) {
    await mustSucceed(callProcedure(database, setStockProcedure, { productId, onHand }));
  }
  for (const [index, orderId] of orderIds.entries()) {
    const clock = fixedClock(new Date(Date.UTC(2026, 2, 1, index)));
    const items = [{ productId: 'a', quantity: index + 1 }];
    await mustSucceed(callProcedure(database, reserveProcedure, { orderId, items }, { clock }));
  }
});

test('availability counts what is free, from a list of items or from a query string', async () => {
  const expected = {
    available: false,
    items: [
      { productId: 'a', requested: 4, available: 4, sufficient: true },
      { productId: 'b', requested: 3, available: 2, sufficient: false },
      { productId: 'course', requested: 1, available: null, sufficient: true },
    ],
  };
  const ask = (items: string | { productId: string; quantity: number; physical?: boolean }[]) =>
    mustSucceed(callProcedure(database, checkAvailabilityProcedure, { items }));
  expect(await ask('a:4,b:3,course')).toEqual(expected);
  const parsed = [
    { productId: 'a', quantity: 4 },
    { productId: 'b', quantity: 3 },
    { productId: 'course', quantity: 1 },
  ];
  expect(await ask(parsed)).toEqual(expected);
  const physical = await ask([{ productId: 'course', quantity: 1, physical: true }]);
  expect(physical).toMatchObject({ available: false, items: [{ sufficient: false }] });
  expect((await ask('a,b:2')).available).toBe(true);
  for (const items of ['', 'a:0', 'a:x', 'a,,b', 'a:-1']) {
    expect(checkAvailabilityProcedure.input.safeParse({ items }).success).toBe(false);
  }
});

test('stock can be set down to what is reserved, and not below', async () => {
  const refusal = await mustRefuse(
    callProcedure(database, setStockProcedure, { productId: 'a', onHand: 5 }),
  );
  expect(refusal.code).toBe('STOCK_BELOW_RESERVED');
  expect(refusal.data).toEqual({ productId: 'a', onHand: 5, reserved: 6 });
  const level = await mustSucceed(
    callProcedure(database, setStockProcedure, { productId: 'a', onHand: 6 }),
  );
  expect(level).toMatchObject({ onHand: 6, reserved: 6, available: 0 });
  await mustSucceed(callProcedure(database, setStockProcedure, { productId: 'a', onHand: 10 }));
});

test('the database itself refuses to oversell or to go below zero', async () => {
  const wrong = [
    `update inventory.stock set reserved = on_hand + 1 where product_id = 'a'`,
    `update inventory.stock set reserved = -1 where product_id = 'a'`,
    `update inventory.stock set on_hand = -1 where product_id = 'c'`,
    `update inventory.reservation_lines set quantity = 0`,
  ];
  for (const statement of wrong) {
    await expect(database.query(statement)).rejects.toThrow(/violates check constraint/);
  }
});

test('lists stock by product, page by page, with what the reader may do', async () => {
  const list = (
    input: { limit?: number; cursor?: string; availableBelow?: number },
    caller = operator,
  ) => mustSucceed(callProcedure(database, listStockProcedure, input, { caller }));
  const first = await list({ limit: 2 });
  expect(first.items.map((row) => row.productId)).toEqual(['a', 'b']);
  expect(first.count).toEqual({ value: 3, capped: false });
  expect(first.items[0]?.can).toEqual([{ action: 'inventory.set-stock', allowed: true }]);
  const second = await list({ limit: 2, cursor: first.nextCursor! });
  expect(second.items.map((row) => row.productId)).toEqual(['c']);
  expect(second.nextCursor).toBeNull();
  const scarce = await list({ availableBelow: 3 }, userCaller(newId(), 'support'));
  expect(scarce.items.map((row) => row.productId)).toEqual(['b', 'c']);
  expect(scarce.items[0]?.can[0]?.allowed).toBe(false);
});

test('lists reservations, newest first, with their items and what the reader may do', async () => {
  const list = (input: { limit?: number; cursor?: string; orderId?: string; productId?: string }) =>
    mustSucceed(callProcedure(database, listReservationsProcedure, input, { caller: operator }));
  const first = await list({ limit: 2 });
  expect(first.items.map((row) => row.orderId)).toEqual([orderIds[2], orderIds[1]]);
  expect(first.items[0]).toMatchObject({
    status: 'held',
    items: [{ productId: 'a', quantity: 3 }],
  });
  expect(first.items[0]?.can.every((action) => action.allowed)).toBe(true);
  const second = await list({ limit: 2, cursor: first.nextCursor! });
  expect(second.items.map((row) => row.orderId)).toEqual([orderIds[0]]);
  expect((await list({ productId: 'b' })).items).toEqual([]);
  expect((await list({ orderId: orderIds[1]! })).count.value).toBe(1);
  for (const cursor of ['nonsense', Buffer.from('["x","y"]').toString('base64url')]) {
    expect(listReservationsProcedure.input.safeParse({ cursor }).success).toBe(false);
  }
});

test('the seed adds what is missing and refills nothing', async () => {
  await database.transaction(seedStock);
  await mustSucceed(
    callProcedure(database, setStockProcedure, { productId: 'prod-anniversary-cup', onHand: 4 }),
  );
  await database.transaction(seedStock);
  const { rows } = await database.query<{ product_id: string; on_hand: number }>(
    `select product_id, on_hand from inventory.stock where product_id like 'prod-%'`,
  );
  expect(rows).toHaveLength(demoStock.length);
  expect(rows.find((row) => row.product_id === 'prod-anniversary-cup')?.on_hand).toBe(4);
});
