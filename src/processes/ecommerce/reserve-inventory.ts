/** Reserves the goods. An order is reserved once; releasing again, or nothing, changes nothing. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Longer than the customer has to pay, so that paid goods are still there. */
const holdHours = 48;

/** Reserves all items or none. */
export const reserveInventory = step({
  id: 'reserve-inventory',
  input: z.object({
    orderId: z.string(),
    items: z.array(z.object({ productId: z.string(), quantity: z.number() })),
  }),
  output: z.object({ expiresAt: z.iso.datetime() }),
  execute: ({ engine, inputData }) => engine.run('inventory.reserve', { ...inputData, holdHours }),
  compensate: ({ engine, inputData }) =>
    engine.run('inventory.release', { orderId: inputData.orderId }),
});
