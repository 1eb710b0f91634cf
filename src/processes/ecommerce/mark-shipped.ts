/**
 * The point of no return: from here on the order can no longer be cancelled. Where a cancellation was
 * faster, the change is refused with INVALID_STATUS_TRANSITION, and the order is given up.
 */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Marks the order as shipped, unless it was cancelled. */
export const markShipped = step({
  id: 'mark-shipped',
  input: z.object({ orderId: z.string(), trackingNumber: z.string().optional() }),
  execute: ({ engine, inputData }) =>
    engine.run('orders.update-status', { ...inputData, status: 'shipped' }),
  irreversible: 'what has left the house comes back as a return, not as a cancellation',
});
