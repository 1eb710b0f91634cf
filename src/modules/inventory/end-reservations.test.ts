/** The three ends of a reservation: given back, shipped, expired. Each acts once. */
import { expect, test } from 'vitest';
import {
  callProcedure,
  fixedClock,
  migrationsOf,
  mustRefuse,
  mustSucceed,
} from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
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

const { database } = await testDatabase({ migrations: migrationsOf(inventoryModule()) });

const start = '2026-03-01T12:00:00.000Z';
const later = '2026-03-02T12:00:00.000Z';

/** An order that holds 3 of the 10 units of a product of its own. */
async function heldOrder(holdHours = 48): Promise<{ orderId: string; productId: string }> {
  const orderId = newId();
  const productId = `prod-${newId()}`;
  await mustSucceed(callProcedure(database, setStockProcedure, { productId, onHand: 10 }));
  const items = [{ productId, quantity: 3 }];
  await mustSucceed(
    callProcedure(
      database,
      reserveProcedure,
      { orderId, items, holdHours },
      { clock: fixedClock(start) },
    ),
  );
  return { orderId, productId };
}

async function level(from: Database, productId: string) {
  const { rows } = await from.query(
    'select on_hand, reserved from inventory.stock where product_id = $1',
    [productId],
  );
  return rows[0];
}

test('releasing frees the units and publishes it; again it changes nothing', async () => {
  const { orderId, productId } = await heldOrder();
  const clock = fixedClock(later);
  const first = await callProcedure(database, releaseProcedure, { orderId }, { clock });
  const items = [{ productId, quantity: 3 }];
  expect(first.result).toMatchObject({
    orderId,
    reservation: { status: 'released', items, endedAt: later },
  });
  expect(first.events).toEqual([
    {
      name: 'inventory.released',
      payload: { orderId, items, reason: 'released', releasedAt: later },
    },
  ]);
  const again = await callProcedure(database, releaseProcedure, { orderId });
  expect(again).toEqual({ result: first.result, events: [] });
  expect(await level(database, productId)).toEqual({ on_hand: 10, reserved: 0 });
});

test('releasing an order that never reserved anything is no error', async () => {
  const orderId = newId();
  const released = await callProcedure(database, releaseProcedure, { orderId });
  expect(released).toEqual({ result: { orderId, reservation: null }, events: [] });
});

test('consuming takes the units out of the stock once; they cannot be released any more', async () => {
  const { orderId, productId } = await heldOrder();
  const clock = fixedClock(later);
  const first = await callProcedure(database, consumeProcedure, { orderId }, { clock });
  expect(first.result).toMatchObject({ status: 'consumed', endedAt: later });
  expect(first.events).toEqual([
    {
      name: 'inventory.consumed',
      payload: { orderId, items: [{ productId, quantity: 3 }], consumedAt: later },
    },
  ]);
  const again = await callProcedure(database, consumeProcedure, { orderId });
  expect(again).toEqual({ result: first.result, events: [] });
  const refusal = await mustRefuse(callProcedure(database, releaseProcedure, { orderId }));
  expect(refusal.code).toBe('RESERVATION_CONSUMED');
  expect(await level(database, productId)).toEqual({ on_hand: 7, reserved: 0 });
});

test('consuming refuses an order without a reservation, and one that was released', async () => {
  const unknown = await mustRefuse(callProcedure(database, consumeProcedure, { orderId: newId() }));
  expect(unknown.code).toBe('RESERVATION_NOT_FOUND');
  const { orderId } = await heldOrder();
  await mustSucceed(callProcedure(database, releaseProcedure, { orderId }));
  const ended = await mustRefuse(callProcedure(database, consumeProcedure, { orderId }));
  expect(ended.code).toBe('RESERVATION_ENDED');
  expect(ended.data).toEqual({ orderId, status: 'released' });
});

test('expiring frees what is due, oldest first and at most the limit, and nothing else', async () => {
  const { database: own } = await testDatabase({ migrations: migrationsOf(inventoryModule()) });
  const productId = 'prod-1';
  await mustSucceed(callProcedure(own, setStockProcedure, { productId, onHand: 10 }));
  const orderIds: string[] = [];
  for (const holdHours of [1, 2, 3, 72]) {
    const orderId = newId();
    orderIds.push(orderId);
    const items = [{ productId, quantity: 1 }];
    await mustSucceed(
      callProcedure(
        own,
        reserveProcedure,
        { orderId, items, holdHours },
        { clock: fixedClock(start) },
      ),
    );
  }
  const clock = fixedClock(later);
  const expire = () => callProcedure(own, expireReservationsProcedure, { limit: 2 }, { clock });
  const first = await expire();
  expect(first.result).toEqual({ orderIds: orderIds.slice(0, 2), more: true });
  expect(first.events).toEqual(
    orderIds.slice(0, 2).map((orderId) => ({
      name: 'inventory.released',
      payload: {
        orderId,
        items: [{ productId, quantity: 1 }],
        reason: 'expired',
        releasedAt: later,
      },
    })),
  );
  expect((await expire()).result).toEqual({ orderIds: [orderIds[2]], more: false });
  expect((await expire()).result).toEqual({ orderIds: [], more: false });
  expect(await level(own, productId)).toEqual({ on_hand: 10, reserved: 1 });
});

test('one reservation released, shipped and expired at once ends once', async () => {
  const { database: own } = await testDatabase({ migrations: migrationsOf(inventoryModule()) });
  const productId = 'prod-1';
  await mustSucceed(callProcedure(own, setStockProcedure, { productId, onHand: 10 }));
  const orderId = newId();
  const items = [{ productId, quantity: 4 }];
  await mustSucceed(
    callProcedure(own, reserveProcedure, { orderId, items }, { clock: fixedClock(start) }),
  );
  const clock = fixedClock('2026-04-01T00:00:00.000Z');
  const outcomes = await Promise.all([
    callProcedure(own, releaseProcedure, { orderId }),
    callProcedure(own, consumeProcedure, { orderId }),
    callProcedure(own, expireReservationsProcedure, {}, { clock }),
    callProcedure(own, releaseProcedure, { orderId }),
  ]);
  const published = outcomes.flatMap(({ events }) => events);
  expect(published).toHaveLength(1);
  const shipped = published[0]?.name === 'inventory.consumed';
  expect(await level(own, productId)).toEqual({ on_hand: shipped ? 6 : 10, reserved: 0 });
});
