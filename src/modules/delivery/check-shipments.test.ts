/** Asking about parcels whose callback never came. */
import { expect, test } from 'vitest';
import { fixedClock } from '../../../test/support/context.ts';
import { deliveryOnDatabase } from '../../../test/support/delivery.ts';
import { homeAddress } from '../../../test/support/orders.ts';

const start = '2026-03-01T12:00:00.000Z';
const later = (hours: number) => new Date(Date.parse(start) + hours * 3_600_000);

async function deliveryWithParcel() {
  const delivery = await deliveryOnDatabase();
  const clock = fixedClock(start);
  const orderId = delivery.order();
  const shipment = await delivery.succeed(
    'delivery.create-shipment',
    { orderId, address: homeAddress },
    { clock },
  );
  const courierShipmentId = `c-shipment-${shipment.shipmentId}`;
  const check = () => delivery.call('delivery.check-shipments', {}, { clock });
  const status = async () => (await delivery.succeed('delivery.get-status', { orderId })).status;
  return { delivery, clock, courierShipmentId, check, status };
}

test('a parcel that arrived and was never reported is delivered, once, after six hours', async () => {
  const { delivery, clock, courierShipmentId, check, status } = await deliveryWithParcel();
  delivery.isAt(courierShipmentId, { status: 'delivered', detail: null });
  clock.set(later(5));
  expect((await check()).result).toEqual({ asked: 0, moved: 0, more: false });
  clock.set(later(6));
  const checked = await check();
  expect(checked.result).toEqual({ asked: 1, moved: 1, more: false });
  expect(checked.events).toMatchObject([
    { name: 'delivery.trigger.status-updated', payload: { status: 'delivered' } },
  ]);
  expect(await status()).toBe('delivered');
  clock.set(later(48));
  expect((await check()).result).toMatchObject({ asked: 0 });
});

test('a parcel that has not moved changes nothing and is asked about again later', async () => {
  const { delivery, clock, courierShipmentId, check, status } = await deliveryWithParcel();
  delivery.isAt(courierShipmentId, { status: 'created', detail: null });
  clock.set(later(6));
  expect(await check()).toMatchObject({ result: { asked: 1, moved: 0 }, events: [] });
  expect((await check()).result).toMatchObject({ asked: 0 });
  delivery.isAt(courierShipmentId, { status: 'failed', detail: 'Nobody was there' });
  clock.set(later(12));
  const failed = await check();
  expect(failed.events).toMatchObject([
    { payload: { status: 'failed', detail: 'Nobody was there' } },
  ]);
  expect(await status()).toBe('failed');
  // A later attempt of the courier succeeds.
  delivery.isAt(courierShipmentId, { status: 'delivered', detail: null });
  clock.set(later(18));
  expect((await check()).result).toMatchObject({ moved: 1 });
  expect(await status()).toBe('delivered');
});

test('after 30 days a parcel is left to people', async () => {
  const { clock, check } = await deliveryWithParcel();
  clock.set(later(31 * 24));
  expect((await check()).result).toMatchObject({ asked: 0 });
});
