/** Callbacks of the courier: in any order, twice, early, stale, and unknown. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deliveryOnDatabase } from '../../../test/support/delivery.ts';
import { reportedStatuses, shipmentStates } from './shipment-states.ts';
import { deliveryWebhook } from './webhook.ts';

const unknownId = '01900000-0000-7000-8000-0000000000ff';

test('each step wakes what waits, once', async () => {
  const delivery = await deliveryOnDatabase();
  const orderId = delivery.order();
  const { result } = await delivery.ship(orderId);
  const shipmentId = 'shipmentId' in result ? result.shipmentId : undefined;
  for (const status of ['in_transit', 'out_for_delivery', 'delivered'] as const) {
    const { events } = await delivery.webhook({ orderId, status, detail: `now ${status}` });
    expect(events).toEqual([
      {
        name: 'delivery.trigger.status-updated',
        payload: { orderId, shipmentId, status, detail: `now ${status}` },
      },
    ]);
    const again = await delivery.webhook({ orderId, status });
    expect(again).toMatchObject({ result: { status, applied: false }, events: [] });
  }
  expect(await delivery.succeed('delivery.get-status', { orderId })).toMatchObject({
    status: 'delivered',
    deliveredAt: '2026-03-01T12:00:00.000Z',
  });
});

test('in any order, a stale status never overwrites a later one, and final ones stay', async () => {
  const delivery = await deliveryOnDatabase();
  const walk = fc.array(fc.constantFrom(...reportedStatuses), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(walk, async (statuses) => {
      const orderId = delivery.order();
      await delivery.ship(orderId);
      let before: keyof typeof shipmentStates.transitions = 'created';
      for (const status of statuses) {
        const { result } = await delivery.webhook({ orderId, status });
        const allowed = (shipmentStates.transitions[before] as readonly string[]).includes(status);
        if (allowed) before = status;
        expect(result).toMatchObject({ status: before, applied: allowed });
      }
    }),
    { numRuns: 30 },
  );
});

test('a failed delivery may still succeed, and nothing but that follows it', async () => {
  const delivery = await deliveryOnDatabase();
  const orderId = delivery.order();
  await delivery.ship(orderId);
  await delivery.webhook({ orderId, status: 'failed', detail: 'Nobody at home' });
  expect((await delivery.webhook({ orderId, status: 'in_transit' })).events).toEqual([]);
  expect((await delivery.webhook({ orderId, status: 'delivered' })).events).toHaveLength(1);
  expect((await delivery.webhook({ orderId, status: 'failed' })).events).toEqual([]);
});

test('is found by any of its ids, which have to agree', async () => {
  const delivery = await deliveryOnDatabase();
  const orderId = delivery.order();
  const shipment = await delivery.succeed('delivery.create-shipment', {
    orderId,
    address: { line1: '1 A St', city: 'Rome', postalCode: '1', country: 'IT' },
  });
  const { shipmentId, trackingNumber } = shipment;
  const theirs = `c-shipment-${shipmentId}`;
  const found = [
    { trackingNumber, status: 'created' },
    { shipmentId: theirs, status: 'created' },
    { shipmentId, status: 'created' },
    { reference: shipmentId, shipmentId: theirs, trackingNumber, orderId, status: 'in_transit' },
  ];
  for (const body of found) {
    expect((await delivery.webhook(body)).result).toMatchObject({ shipmentId, orderId });
  }
  const other = delivery.order();
  const wrong = await delivery.webhook({ shipmentId, orderId: other, status: 'delivered' });
  expect(wrong.result).toMatchObject({ code: 'DELIVERY_WEBHOOK_CONTRADICTS' });
});

test('the courier cancelling by itself ends the delivery; confirming our wish is no news', async () => {
  const delivery = await deliveryOnDatabase();
  const orderId = delivery.order();
  await delivery.ship(orderId);
  expect((await delivery.webhook({ orderId, status: 'cancelled' })).events).toMatchObject([
    { payload: { status: 'failed', detail: 'The courier cancelled the shipment' } },
  ]);
});

describe('before the shipment is known', () => {
  test.each([
    ['confirmed', true],
    ['shipped', true],
    ['pending', true],
  ])('it is kept for a %s, paid order, and the shipment takes it over', async (status, paid) => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order(status, paid);
    const early = await delivery.webhook({ orderId, status: 'delivered' });
    const shipmentId = 'shipmentId' in early.result ? early.result.shipmentId : undefined;
    expect(early.events).toMatchObject([{ payload: { orderId, shipmentId, status: 'delivered' } }]);
    expect((await delivery.ship(orderId)).result).toMatchObject({
      shipmentId,
      status: 'delivered',
      trackingNumber: expect.any(String),
    });
  });

  test('one that is faster than the answer of the booking is kept', async () => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order();
    delivery.meanwhile(() => delivery.webhook({ orderId, status: 'in_transit' }));
    expect((await delivery.ship(orderId)).result).toMatchObject({ status: 'in_transit' });
  });

  test.each([
    ['DELIVERY_NOT_EXPECTED', 'pending'],
    ['DELIVERY_NOT_EXPECTED', 'cancelled'],
    ['DELIVERY_NOT_EXPECTED', 'refunded'],
  ])('%s for an order that is %s and not paid', async (code, status) => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order(status, false);
    const { result } = await delivery.webhook({ orderId, status: 'delivered' });
    expect(result).toMatchObject({
      code,
      definition: { status: 409 },
      data: { orderStatus: status },
    });
  });

  test.each([
    ['DELIVERY_ORDER_UNKNOWN', { orderId: unknownId, status: 'delivered' }],
    ['SHIPMENT_NOT_FOUND', { shipmentId: 'c-none', status: 'delivered' }],
    ['SHIPMENT_NOT_FOUND', { reference: unknownId, status: 'delivered' }],
    ['SHIPMENT_NOT_FOUND', { trackingNumber: 'T-none', status: 'delivered' }],
  ])('%s', async (code, body) => {
    const delivery = await deliveryOnDatabase();
    expect((await delivery.webhook(body)).result).toMatchObject({ code });
  });
});

test('wrong input is stopped by the schema, and repeats are known by their event id', async () => {
  const delivery = await deliveryOnDatabase();
  await expect(delivery.webhook({ status: 'delivered' })).rejects.toThrow();
  await expect(delivery.webhook({ orderId: unknownId, status: 'lost' })).rejects.toThrow();
  expect(deliveryWebhook.deliveryId({ eventId: 'evt_1' })).toBe('evt_1');
  expect(deliveryWebhook.deliveryId(null)).toBeNull();
});
