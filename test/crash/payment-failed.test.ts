/** Killed at every commit of an order whose payment fails. */
import { expect, test } from 'vitest';
import { crashEverywhere, crashScene, crashTimeoutMs } from '../support/crash-everywhere.ts';
import { paymentFailed } from '../support/crash-stories.ts';

test('a declined order is given up once wherever the program is killed', {
  timeout: crashTimeoutMs,
}, async () => {
  const { endState } = await crashEverywhere(await crashScene(), paymentFailed, {
    from: 'payments.receive-webhook',
  });
  expect(endState).toMatchObject({
    order: [{ status: 'cancelled', cancel_reason: 'The payment failed: Card declined' }],
    payments: [{ status: 'failed', refunded_amount: 0 }],
    refunds: [],
    reservations: [{ status: 'released', quantity: 1 }],
    shipments: [],
    processes: [{ process: 'process-order', status: 'completed' }],
    openIncidents: [],
    gateway: { sessions: [{ status: 'failed' }], charges: [{ status: 'failed' }], refunds: [] },
    mails: ['Your order ORDER is confirmed', 'Your order ORDER was cancelled'],
  });
});
