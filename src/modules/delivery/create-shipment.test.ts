/** Shipments: one of each order whatever goes wrong, taken back before pick-up, seen by few. */
import { describe, expect, test } from 'vitest';
import { deliveryOnDatabase } from '../../../test/support/delivery.ts';
import { buyer, operator, people, stranger } from '../../../test/support/orders.ts';
import { RetryableFault } from '../../kernel/errors.ts';

const unknownId = '01900000-0000-7000-8000-0000000000ff';

describe('booking', () => {
  test('gives the tracking number and the expected day, the same each time', async () => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order();
    const { result, events } = await delivery.ship(orderId);
    expect(result).toMatchObject({
      orderId,
      userId: people.buyer,
      status: 'created',
      trackingNumber: expect.stringMatching(/^T-/),
      estimatedDeliveryAt: '2026-03-04T12:00:00.000Z',
    });
    expect(events).toEqual([]);
    expect((await delivery.ship(orderId)).result).toEqual(result);
    expect(delivery.carried()).toBe(1);
  });

  test('twice at once books one parcel', async () => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order();
    const [one, two] = await Promise.all([delivery.ship(orderId), delivery.ship(orderId)]);
    expect(one.result).toMatchObject({
      shipmentId: 'shipmentId' in two.result ? two.result.shipmentId : '',
    });
    expect(delivery.carried()).toBe(1);
  });

  test('goes on after a lost answer', async () => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order();
    delivery.plays('time-out-after');
    await expect(delivery.ship(orderId)).rejects.toThrow(RetryableFault);
    delivery.plays('book');
    expect((await delivery.ship(orderId)).result).toMatchObject({ status: 'created' });
    expect(delivery.carried()).toBe(1);
  });

  test('of an unknown order or to a place that is not served is refused', async () => {
    const delivery = await deliveryOnDatabase();
    expect((await delivery.ship(unknownId)).result).toMatchObject({
      code: 'DELIVERY_ORDER_UNKNOWN',
    });
    const orderId = delivery.order();
    delivery.plays('refuse');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect((await delivery.ship(orderId)).result).toMatchObject({
        code: 'SHIPMENT_REFUSED',
        data: { reason: 'No service to this place' },
      });
    }
    expect(await delivery.succeed('delivery.get-status', { orderId })).toMatchObject({
      status: 'requested',
      detail: 'No service to this place',
    });
    delivery.plays('book');
    expect((await delivery.ship(orderId)).result).toMatchObject({
      status: 'created',
      detail: null,
    });
  });
});

describe('cancelling', () => {
  const cancel = 'delivery.cancel-shipment';

  test('takes the shipment back, once; where there is none, nothing happens', async () => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order();
    expect(await delivery.succeed(cancel, { orderId })).toEqual({
      orderId,
      shipmentId: null,
      status: null,
    });
    await delivery.ship(orderId);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      expect(await delivery.succeed(cancel, { orderId })).toMatchObject({ status: 'cancelled' });
    }
    expect(delivery.carried()).toBe(0);
    expect((await delivery.ship(orderId)).result).toMatchObject({ status: 'cancelled' });
  });

  test('after pick-up is refused, whoever noticed it first', async () => {
    const delivery = await deliveryOnDatabase();
    const told = delivery.order();
    await delivery.ship(told);
    await delivery.webhook({ orderId: told, status: 'in_transit' });
    const refusal = { code: 'SHIPMENT_ALREADY_PICKED_UP', definition: { status: 409 } };
    expect(await delivery.refused(cancel, { orderId: told })).toMatchObject(refusal);
    const asked = delivery.order();
    await delivery.ship(asked);
    delivery.plays('picked-up');
    expect(await delivery.refused(cancel, { orderId: asked })).toMatchObject(refusal);
    const { events } = await delivery.webhook({ orderId: asked, status: 'cancelled' });
    expect(events).toHaveLength(1);
  });

  test('while it is being booked cancels the booking', async () => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order();
    delivery.meanwhile(() => delivery.succeed(cancel, { orderId }));
    expect((await delivery.ship(orderId)).result).toMatchObject({ code: 'SHIPMENT_CANCELLED' });
    expect(delivery.carried()).toBe(0);
  });

  test('finds a booking that a crash kept from being written down', async () => {
    const delivery = await deliveryOnDatabase();
    const orderId = delivery.order();
    delivery.plays('time-out-after');
    await expect(delivery.ship(orderId)).rejects.toThrow(RetryableFault);
    expect(await delivery.succeed(cancel, { orderId })).toMatchObject({ status: 'cancelled' });
    expect(delivery.carried()).toBe(0);
  });
});

test('the buyer and staff see a shipment, others do not; rows say what may be done', async () => {
  const delivery = await deliveryOnDatabase();
  const orderId = delivery.order();
  const status = 'delivery.get-status';
  expect(await delivery.refused(status, { orderId })).toMatchObject({ code: 'SHIPMENT_NOT_FOUND' });
  await delivery.ship(orderId);
  expect(await delivery.succeed(status, { orderId }, { caller: buyer })).toMatchObject({
    status: 'created',
    can: [{ action: 'delivery.cancel-shipment', allowed: false }],
  });
  expect(await delivery.refused(status, { orderId }, { caller: stranger })).toMatchObject({
    code: 'SHIPMENT_FORBIDDEN',
  });
  const page = await delivery.succeed(
    'delivery.list',
    { status: 'created', userId: people.buyer },
    { caller: operator },
  );
  expect(page).toMatchObject({
    items: [{ orderId, can: [{ action: 'delivery.cancel-shipment', allowed: true }] }],
    nextCursor: null,
    count: { value: 1, capped: false },
  });
});
