/** The example of the guide "Write a process": thanks a customer a week after the delivery. */
import { z } from 'zod';
import { end, sleep, step, when, workflow } from '../../src/engine/index.ts';
import { orderDelivered, orderReturned } from '../../src/modules/orders/index.ts';

const sendThanks = step({
  id: 'send-thanks',
  input: z.object({ orderId: z.string(), userId: z.string() }),
  execute: ({ engine, inputData }) =>
    engine.run('notifications.send', { type: 'order-completed', ...inputData }),
  irreversible: 'a mail cannot be called back',
});

/** Thanks the customer, unless the order comes back first. */
export const thankCustomer = workflow('thank-customer', {
  version: 1,
  name: 'Thank the customer',
  businessKey: '{{ on-delivered.orderId }}',
})
  .step(when({ id: 'on-delivered', on: orderDelivered }))
  .on(
    when({
      id: 'on-returned',
      on: orderReturned,
      filter: { orderId: '{{ on-delivered.orderId }}' },
    }),
    (flow) => flow.step(end({ id: 'not-happy' })),
  )
  .step(sleep({ id: 'a-week', for: '7d' }))
  .step(sendThanks, ({ input }) => ({ orderId: input.orderId, userId: input.userId }))
  .commit();
