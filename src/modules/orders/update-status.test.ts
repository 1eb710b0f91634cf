/** Changes of status: the state machine, its events, and who may do what to whose order. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buyer,
  manager,
  operator,
  ordersOnDatabase,
  people,
  stranger,
} from '../../../test/support/orders.ts';
import { processCaller } from '../../kernel/caller.ts';
import { Refusal } from '../../kernel/errors.ts';
import type { OrderView } from './order.ts';
import { type OrderStatus, orderStates, orderStatuses } from './order-states.ts';
import { requestableStatuses } from './update-status.ts';

const orders = await ordersOnDatabase();
const process = { caller: processCaller };
const paymentId = '01900000-0000-7000-8000-0000000000aa';
const at = '2026-03-01T12:00:00.000Z';

async function update(orderId: string, input: Record<string, unknown>, caller = processCaller) {
  return await orders.call('orders.update-status', { orderId, ...input }, { caller });
}

describe('events', () => {
  test('of a life to completion have exactly these payloads', async () => {
    const { id: orderId, userId } = await orders.place();
    const emitted = [
      ...(await update(orderId, { status: 'payment_failed', reason: 'Insufficient funds' })).events,
      ...(await update(orderId, { status: 'pending' })).events,
      ...(await update(orderId, { status: 'confirmed', paymentId })).events,
      ...(await update(orderId, { status: 'shipped', trackingNumber: 'T-1' })).events,
      ...(await update(orderId, { status: 'completed' })).events,
    ];
    const subject = { orderId, userId };
    expect(emitted).toEqual([
      {
        name: 'order.payment_failed',
        payload: {
          ...subject,
          status: 'payment_failed',
          reason: 'Insufficient funds',
          failedAt: at,
        },
      },
      { name: 'order.payment_retried', payload: { ...subject, status: 'pending', retriedAt: at } },
      {
        name: 'order.confirmed',
        payload: { ...subject, status: 'confirmed', paymentId, confirmedAt: at },
      },
      {
        name: 'order.shipped',
        payload: { ...subject, status: 'shipped', trackingNumber: 'T-1', shippedAt: at },
      },
      { name: 'order.delivered', payload: { ...subject, status: 'delivered', deliveredAt: at } },
    ]);
    expect(await orders.succeed('orders.get', { orderId })).toMatchObject({
      status: 'delivered',
      completedAt: at,
      paymentId,
      trackingNumber: 'T-1',
    });
  });

  test('of a cancellation, a return and their refunds', async () => {
    const cancelled = await orders.place();
    const { events } = await orders.call('orders.cancel', {
      orderId: cancelled.id,
      reason: 'Changed my mind',
    });
    expect(events).toEqual([
      {
        name: 'order.cancelled',
        payload: {
          orderId: cancelled.id,
          userId: people.buyer,
          status: 'cancelled',
          reason: 'Changed my mind',
          cancelledBy: people.buyer,
          cancelledAt: at,
        },
      },
    ]);
    const returned = await orders.place();
    await orders.advance(returned.id, 'confirmed', 'shipped');
    const subject = { orderId: returned.id, userId: people.buyer };
    expect((await update(returned.id, { status: 'returned' })).events).toEqual([
      {
        name: 'order.returned',
        payload: { ...subject, status: 'returned', reason: null, returnedAt: at },
      },
    ]);
    expect((await update(returned.id, { status: 'refunded' })).events).toEqual([
      { name: 'order.refunded', payload: { ...subject, status: 'refunded', refundedAt: at } },
    ]);
  });
});

test('an unknown change is refused with where it could go', async () => {
  const order = await orders.place();
  const { result } = await update(order.id, { status: 'shipped' });
  expect(result).toMatchObject({
    code: 'INVALID_STATUS_TRANSITION',
    definition: { status: 409 },
    data: {
      from: 'pending',
      to: 'shipped',
      allowed: ['confirmed', 'payment_failed', 'cancelled'],
    },
  });
});

test('a confirmed order names its payment', async () => {
  const order = await orders.place();
  const { result } = await update(order.id, { status: 'confirmed' });
  expect(result).toMatchObject({
    code: 'STATUS_FIELD_REQUIRED',
    issues: [{ pointer: '/paymentId' }],
  });
});

test('asking again changes and announces nothing', async () => {
  const order = await orders.place();
  await orders.advance(order.id, 'confirmed', 'shipped', 'delivered');
  expect((await update(order.id, { status: 'delivered' })).events).toEqual([]);
  expect((await update(order.id, { status: 'completed' })).result).toMatchObject({
    completedAt: at,
  });
  expect((await update(order.id, { status: 'completed' })).events).toEqual([]);
});

test('a walk of any requests never leaves the declared states, and each change is a declared one', async () => {
  const requests = fc.array(fc.constantFrom(...requestableStatuses), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(requests, async (walk) => {
      const order = await orders.place();
      let status: OrderStatus = 'pending';
      for (const wanted of walk) {
        const { result, events } = await update(order.id, { status: wanted, paymentId });
        const now = (await orders.succeed<OrderView>('orders.get', { orderId: order.id })).status;
        expect(orderStatuses).toContain(now);
        if (now !== status) expect(orderStates.transitions[status]).toContain(now);
        if (result instanceof Refusal) expect(now).toBe(status);
        expect(events.length).toBe(now === status ? 0 : 1);
        status = now;
      }
    }),
    { numRuns: 30 },
  );
});

describe('who may', () => {
  test('a stranger sees, lists and changes nothing of another user', async () => {
    const order = await orders.place();
    const by = { caller: stranger };
    const orderId = order.id;
    for (const [name, input] of [
      ['orders.get', { orderId }],
      ['orders.list-items', { orderId }],
      ['orders.cancel', { orderId }],
      ['orders.update-status', { orderId, status: 'cancelled' }],
      ['orders.list', { userId: people.buyer }],
    ] as const) {
      expect(await orders.refused(name, input, by)).toMatchObject({
        code: 'ORDER_FORBIDDEN',
        definition: { status: 403 },
      });
    }
    expect(await orders.succeed('orders.list', {}, by)).toMatchObject({ items: [] });
  });

  test('a buyer may cancel by a change of status, and nothing else', async () => {
    const order = await orders.place();
    const refused = await update(order.id, { status: 'confirmed', paymentId }, buyer);
    expect(refused.result).toMatchObject({ code: 'ORDER_FORBIDDEN' });
    const cancelled = await update(order.id, { status: 'cancelled' }, buyer);
    expect(cancelled.result).toMatchObject({
      status: 'cancelled',
      cancelledAt: at,
      cancelReason: 'No reason was given',
    });
  });

  test('cancelling is possible until shipping, and twice is once', async () => {
    const order = await orders.place();
    await orders.advance(order.id, 'confirmed');
    const cancel = () => orders.call('orders.cancel', { orderId: order.id }, { caller: operator });
    expect((await cancel()).events).toHaveLength(1);
    const again = await cancel();
    expect(again.result).toMatchObject({ status: 'cancelled' });
    expect(again.events).toEqual([]);
    // A payment that came late may be given back before the order's process gets to cancelling.
    await update(order.id, { status: 'refunded' });
    const afterwards = await cancel();
    expect(afterwards.result).toMatchObject({ status: 'refunded', cancelledAt: at });
    expect(afterwards.events).toEqual([]);
    const shipped = await orders.place();
    await orders.advance(shipped.id, 'confirmed', 'shipped');
    expect(await orders.refused('orders.cancel', { orderId: shipped.id })).toMatchObject({
      code: 'ORDER_ALREADY_SHIPPED',
      definition: { status: 409 },
      data: { status: 'shipped' },
    });
    for (const status of ['returned', 'refunded']) await update(shipped.id, { status });
    expect(await orders.refused('orders.cancel', { orderId: shipped.id })).toMatchObject({
      code: 'INVALID_STATUS_TRANSITION',
      data: { from: 'refunded', to: 'cancelled' },
    });
  });

  test('of two cancellations and a shipping at once, one outcome remains', async () => {
    const order = await orders.place();
    await orders.advance(order.id, 'confirmed');
    const results = await Promise.all([
      orders.call('orders.cancel', { orderId: order.id }),
      orders.call('orders.cancel', { orderId: order.id }, { caller: manager }),
      update(order.id, { status: 'shipped' }),
    ]);
    expect(results.flatMap(({ events }) => events)).toHaveLength(1);
  });
});

test('lists are paged by keyset, newest first, with a count', async () => {
  const fresh = await ordersOnDatabase();
  const placed: string[] = [];
  for (let index = 0; index < 5; index += 1) placed.unshift((await fresh.place()).id);
  interface Page {
    items: { id: string }[];
    nextCursor: string | null;
    count: unknown;
  }
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const input = { limit: 2, ...(cursor === null ? {} : { cursor }) };
    const page: Page = await fresh.succeed<Page>('orders.list', input);
    expect(page.count).toEqual({ value: 5, capped: false });
    seen.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(placed);
  await fresh.advance(placed[0]!, 'confirmed');
  const confirmed = await fresh.succeed<Page>(
    'orders.list',
    { status: 'confirmed', userId: people.buyer },
    process,
  );
  expect(confirmed.items.map(({ id }) => id)).toEqual([placed[0]]);
  await expect(fresh.call('orders.list', { cursor: 'x' })).rejects.toThrow();
});
