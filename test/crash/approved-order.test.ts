/** Killed at every commit of a risky order that a manager approves. */
import { expect, test } from 'vitest';
import { crashEverywhere, crashScene, crashTimeoutMs } from '../support/crash-everywhere.ts';
import { approvedOrder } from '../support/crash-stories.ts';

test('an approved order is carried to its end wherever the program is killed', {
  timeout: crashTimeoutMs,
}, async () => {
  const { endState } = await crashEverywhere(await crashScene(), approvedOrder, {
    until: 'step:reserve-inventory',
  });
  expect(endState).toMatchObject({
    order: [{ status: 'delivered', approval: 'approved', completed: true }],
    payments: [{ status: 'processed', amount: 50_000 }],
    reservations: [{ status: 'consumed', quantity: 1 }],
    tasks: [{ node: 'wait-approval', status: 'completed', times: 1 }],
    processes: [{ process: 'process-order', status: 'completed' }],
    openIncidents: [],
    gateway: { charges: [{ status: 'succeeded', amount: 50_000 }] },
    courier: [{ status: 'delivered' }],
  });
});
