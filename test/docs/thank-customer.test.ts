/** Runs the example of the guide "Write a process". */
import { expect, test } from 'vitest';
import { DrivenProcess } from '../support/driven-process.ts';
import { thankCustomer } from './thank-customer.ts';

const delivered = {
  orderId: '01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11',
  userId: '01900000-0000-7000-8000-000000000001',
  status: 'delivered',
  deliveredAt: '2026-01-01T00:00:00.000Z',
};

const start = () =>
  new DrivenProcess(thankCustomer.model, { 'notifications.send': () => null }).start(delivered);

test('a week after the delivery the customer is thanked', async () => {
  const run = await start();
  expect(run.waitingAt).toEqual(['a-week', 'on-returned']);
  await run.timer('a-week');
  expect(run.calledProcedures).toEqual(['notifications.send']);
  expect(run.ended?.status).toBe('completed');
});

test('nobody is thanked for what came back', async () => {
  const run = await start();
  const { orderId, userId } = delivered;
  const returned = { orderId, userId, status: 'returned', reason: null };
  await run.message('order.returned', { ...returned, returnedAt: '2026-01-02T00:00:00.000Z' });
  expect(run.calledProcedures).toEqual([]);
  expect(run.ended?.status).toBe('completed');
});
