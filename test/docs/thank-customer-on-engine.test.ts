/** The example of the guide "Test a process": the example of "Write a process" on the real engine. */
import { expect, test } from 'vitest';
import {
  answers,
  atEveryCrashPoint,
  fails,
  fake,
  testProcess,
} from '../../src/engine/testing/index.ts';
import { orderDelivered, orderReturned } from '../../src/modules/orders/index.ts';
import { thankCustomer } from './thank-customer.ts';

const delivered = {
  orderId: '01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11',
  userId: '01900000-0000-7000-8000-000000000001',
  status: 'delivered' as const,
  deliveredAt: '2026-03-01T12:00:00.000Z',
};

test('a week after the delivery the customer is thanked, once', async () => {
  const mails = fake('notifications.send', answers(null));
  const t = await testProcess({ processes: [thankCustomer], fakes: [mails] });
  await t.publish(orderDelivered, delivered);
  const run = await t.only('thank-customer');

  await t.passes('6d');
  expect(mails.calls).toEqual([]);
  await t.passes('1d');
  await run.ends('completed');
  await run.didInOrder('timer a-week', 'completed send-thanks');
  expect(mails.calls).toMatchObject([{ type: 'order-completed', orderId: delivered.orderId }]);
});

test('nobody is thanked for what came back', async () => {
  const mails = fake('notifications.send', answers(null));
  const t = await testProcess({ processes: [thankCustomer], fakes: [mails] });
  await t.publish(orderDelivered, delivered);
  await t.passes('3d');
  const { orderId, userId } = delivered;
  const returnedAt = '2026-03-04T12:00:00.000Z';
  await t.publish(orderReturned, { orderId, userId, status: 'returned', reason: null, returnedAt });
  await t.passes('30d');
  const run = await t.only('thank-customer');
  await run.ends('completed');
  await run.didNot('entered send-thanks');
  expect(mails.calls).toEqual([]);
});

test('a mail server that is away for a while', async () => {
  const mails = fake('notifications.send', fails('MAIL_SERVER_AWAY'), answers(null));
  const t = await testProcess({ processes: [thankCustomer], fakes: [mails] });
  await t.publish(orderDelivered, delivered);
  await t.passes('8d');
  const run = await t.only('thank-customer');
  await run.didInOrder('job failed send-thanks: MAIL_SERVER_AWAY', 'completed send-thanks');
  expect(new Set(mails.idempotencyKeys).size).toBe(1);
});

test('whenever its node dies, the end is the same', { timeout: 60_000 }, async () => {
  const { deaths } = await atEveryCrashPoint(
    () => {
      const mails = fake('notifications.send', answers(null));
      return { processes: [thankCustomer], fakes: [mails], mails };
    },
    async (t, { mails }) => {
      await t.publish(orderDelivered, delivered);
      await t.passes('7d');
      const run = await t.only('thank-customer');
      await run.ends('completed');
      return { history: await run.history(), keys: new Set(mails.idempotencyKeys).size };
    },
  );
  expect(deaths).toBeGreaterThan(4);
});
