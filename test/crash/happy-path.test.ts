/** Killed at every commit of an order that is placed, paid and delivered. */
import { expect, test } from 'vitest';
import { crashEverywhere, crashScene, crashTimeoutMs } from '../support/crash-everywhere.ts';
import { happyPath } from '../support/crash-stories.ts';

test('an order is carried to its end wherever the program is killed', {
  timeout: crashTimeoutMs,
}, async () => {
  const { endState } = await crashEverywhere(await crashScene(), happyPath);
  expect(endState).toMatchObject({
    order: [{ status: 'delivered', completed: true }],
    payments: [{ status: 'processed', refunded_amount: 0 }],
    reservations: [{ status: 'consumed', quantity: 1 }],
    shipments: [{ status: 'delivered' }],
    processes: [{ process: 'process-order', status: 'completed' }],
    openIncidents: [],
    gateway: {
      sessions: [{ status: 'completed' }],
      charges: [{ status: 'succeeded' }],
      refunds: [],
    },
    courier: [{ status: 'delivered' }],
    mails: ['Your order ORDER has arrived', 'Your order ORDER is confirmed'],
  });
});
