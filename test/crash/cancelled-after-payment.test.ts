/** Killed at every commit of an order that is cancelled after it was paid. */
import { expect, test } from 'vitest';
import { crashEverywhere, crashScene, crashTimeoutMs } from '../support/crash-everywhere.ts';
import { cancelledAfterPayment } from '../support/crash-stories.ts';

test('a cancelled order is refunded once wherever the program is killed', {
  timeout: crashTimeoutMs,
}, async () => {
  const { endState } = await crashEverywhere(await crashScene(), cancelledAfterPayment, {
    from: 'step:confirm-order',
  });
  expect(endState).toMatchObject({
    order: [{ status: 'refunded', cancel_reason: 'Changed my mind' }],
    payments: [{ status: 'refunded', amount: 100, refunded_amount: 100 }],
    refunds: [{ status: 'refunded', amount: 100 }],
    reservations: [{ status: 'released', quantity: 1 }],
    shipments: [{ status: 'cancelled' }],
    openIncidents: [],
    gateway: { charges: [{ amount: 100, amountRefunded: 100 }], refunds: [{ amount: 100 }] },
    courier: [],
    mails: ['Your order ORDER is confirmed', 'Your order ORDER was cancelled'],
  });
});
