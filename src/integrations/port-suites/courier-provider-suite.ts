/**
 * The contract suite of the courier port: what every provider must do, whoever the vendor is. A
 * provider's test calls it with a way to reach a courier that carries nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../kernel/ids.ts';
import type {
  CourierCall,
  CourierProvider,
  CourierShipmentRequest,
} from '../../modules/delivery/provider.ts';

/** What the suite needs of a vendor's test system. */
export interface CourierProviderHarness {
  readonly provider: CourierProvider;
  /** A country that the courier does not serve. */
  readonly countryNotServed: string;
  /** Lets the courier pick the parcel up. */
  pickUp(courierShipmentId: string): Promise<void>;
  stop(): Promise<void>;
}

/** A call as the delivery module makes it. */
export function courierCall(idempotencyKey: string = newId()): CourierCall {
  return { idempotencyKey, signal: AbortSignal.timeout(60_000) };
}

/** A parcel of one item to Berlin. */
export function shipmentRequest(country = 'DE'): CourierShipmentRequest {
  return {
    shipmentId: newId(),
    orderId: newId(),
    address: {
      name: 'Ada Example',
      line1: 'Example Street 1',
      line2: null,
      city: 'Berlin',
      postalCode: '10115',
      state: null,
      country,
      phone: null,
    },
    items: [{ productId: newId(), productName: 'Keyboard', quantity: 1 }],
  };
}

/** Declares the tests of the port for one provider. */
export function describeCourierProvider(
  name: string,
  start: () => Promise<CourierProviderHarness>,
): void {
  describe(`courier provider contract: ${name}`, () => {
    let harness: CourierProviderHarness;
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(() => harness.stop());

    async function book(): Promise<string> {
      const booking = await harness.provider.createShipment(shipmentRequest(), courierCall());
      if (booking.status !== 'booked') throw new Error('expected a booking');
      return booking.shipment.courierShipmentId;
    }
    const cancel = (courierShipmentId: string) =>
      harness.provider.cancelShipment({ courierShipmentId }, courierCall());

    test('books once under one key, with a number and a day', async () => {
      const request = shipmentRequest();
      const call = courierCall();
      const booking = await harness.provider.createShipment(request, call);
      expect(booking).toMatchObject({
        status: 'booked',
        shipment: {
          trackingNumber: expect.stringMatching(/\S/),
          estimatedDeliveryAt: expect.any(Date),
        },
      });
      expect(await harness.provider.createShipment(request, call)).toEqual(booking);
      const found = await harness.provider.findByIdempotencyKey(call);
      expect({ status: 'booked', shipment: found }).toEqual(booking);
    });

    test('finds nothing under a key that was never used', async () => {
      expect(await harness.provider.findByIdempotencyKey(courierCall())).toBeNull();
    });

    test('returns that an address is not served', async () => {
      const request = shipmentRequest(harness.countryNotServed);
      const booking = await harness.provider.createShipment(request, courierCall());
      expect(booking).toEqual({ status: 'refused', reason: expect.any(String) });
    });

    test('cancels before pick-up, also twice', async () => {
      const id = await book();
      expect(await cancel(id)).toEqual({ status: 'cancelled' });
      expect(await cancel(id)).toEqual({ status: 'cancelled' });
    });

    test('says that it is too late to cancel', async () => {
      const id = await book();
      await harness.pickUp(id);
      expect(await cancel(id)).toEqual({ status: 'picked-up' });
    });

    test('tells where a shipment is, and nothing of one that it does not know', async () => {
      const id = await book();
      const ask = (courierShipmentId: string) =>
        harness.provider.lookUpShipment({ courierShipmentId }, courierCall());
      expect(await ask(id)).toMatchObject({ status: 'created' });
      await harness.pickUp(id);
      expect(await ask(id)).toMatchObject({ status: 'in_transit' });
      expect(await ask('shp_none')).toBeNull();
    });

    test('says that it does not know a shipment', async () => {
      expect(await cancel('shp_none')).toEqual({ status: 'unknown' });
    });

    test('refuses a key that was used for another request, as a fault', async () => {
      const key = newId();
      await harness.provider.createShipment(shipmentRequest(), courierCall(key));
      const other = harness.provider.createShipment(shipmentRequest(), courierCall(key));
      await expect(other).rejects.toMatchObject({ name: 'TerminalFault' });
    });
  });
}
