/** Takes the reserved goods out of the stock for good. Consuming again changes nothing. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Consumes the reservation of the order. */
export const consumeStock = step({
  id: 'consume-stock',
  input: z.object({ orderId: z.string() }),
  execute: ({ engine, inputData }) => engine.run('inventory.consume', inputData),
  irreversible: 'the goods have left the house',
});
