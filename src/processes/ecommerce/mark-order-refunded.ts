/**
 * Marks an order as refunded when all of its money has gone back, whoever gave it back. An order that
 * was neither cancelled nor returned keeps its status: the customer keeps the goods.
 */
import { z } from 'zod';
import { condition, end, step, when, workflow } from '../../engine/index.ts';
import { paymentRefunded } from '../../modules/payments/index.ts';

const markRefunded = step({
  id: 'mark-refunded',
  input: z.object({ orderId: z.string() }),
  execute: ({ engine, inputData }) =>
    engine.run('orders.update-status', { ...inputData, status: 'refunded' }),
  irreversible: 'money that was given back is paid anew',
});

/** Marks orders as refunded. */
export const markOrderRefunded = workflow('mark-order-refunded', {
  version: 1,
  name: 'Mark an order as refunded',
  businessKey: '{{ on-refund.orderId }}',
})
  .step(when({ id: 'on-refund', name: 'Money went back', on: paymentRefunded }))
  .step(
    condition({
      id: 'check-refund',
      name: 'All of it?',
      predicate: ({ input }) => input.fullyRefunded,
      whenFalse: end({ id: 'partly-refunded', name: 'Only a part' }),
    }),
  )
  .step(markRefunded, ({ input }) => ({ orderId: input.orderId }))
  .catch({ id: 'not-cancelled', code: 'INVALID_STATUS_TRANSITION' }, end({ id: 'status-kept' }))
  .commit();
