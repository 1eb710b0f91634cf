/** Cancels the order with a reason for the customer. Cancelling again changes nothing. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Cancels the order; a cancelled one stays as it is. */
export const cancelOrder = step({
  id: 'cancel-order',
  input: z.object({ orderId: z.string(), reason: z.string() }),
  execute: ({ engine, inputData }) => engine.run('orders.cancel', inputData),
  irreversible: 'a cancelled order is placed anew',
});
