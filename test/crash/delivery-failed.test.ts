/** Killed at every commit of an order that the courier cannot deliver. */
import { expect, test } from 'vitest';
import { crashEverywhere, crashScene, crashTimeoutMs } from '../support/crash-everywhere.ts';
import { deliveryFailed } from '../support/crash-stories.ts';

test('a failed delivery makes one ticket wherever the program is killed', {
  timeout: crashTimeoutMs,
}, async () => {
  const { endState } = await crashEverywhere(await crashScene(), deliveryFailed, {
    from: 'delivery.receive-webhook',
  });
  expect(endState).toMatchObject({
    order: [{ status: 'shipped', completed: false }],
    payments: [{ status: 'processed', refunded_amount: 0 }],
    reservations: [{ status: 'consumed', quantity: 1 }],
    shipments: [{ status: 'failed' }],
    tickets: [{ reason: 'delivery_failed', status: 'open' }],
    waits: [{ node: 'wait-late-delivery' }],
    openIncidents: [],
    courier: [{ status: 'failed' }],
  });
});
