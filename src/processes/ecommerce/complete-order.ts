/** Completes the delivered order. Completing again changes nothing. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Completes the order; a completed one stays as it is. */
export const completeOrder = step({
  id: 'complete-order',
  input: z.object({ orderId: z.string() }),
  execute: ({ engine, inputData }) =>
    engine.run('orders.update-status', { ...inputData, status: 'completed' }),
  irreversible: 'a delivered order comes back as a return',
});
