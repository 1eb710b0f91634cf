/**
 * Books the courier. The engine's idempotency key goes to the courier, so that one order is one parcel.
 * Undone by cancelling the shipment, which the courier does until it has the parcel.
 */
import { z } from 'zod';
import { step } from '../../engine/index.ts';
import { orderSnapshot } from './order-snapshot.ts';

/** Books one shipment of the order, or finds the one that is booked. */
export const createShipment = step({
  id: 'create-shipment',
  input: z.object({
    orderId: z.string(),
    address: orderSnapshot.shape.shippingAddress,
    items: orderSnapshot.shape.items,
  }),
  output: z.object({ shipmentId: z.string(), trackingNumber: z.string() }),
  execute: ({ engine, inputData }) => engine.run('delivery.create-shipment', inputData),
  compensate: ({ engine, inputData }) =>
    engine.run('delivery.cancel-shipment', {
      orderId: inputData.orderId,
    }),
});
