/** Risk and approval: what is kept, who may decide, and that the first decision stands. */
import { expect, test } from 'vitest';
import { userCaller } from '../../../test/support/context.ts';
import {
  buyer,
  manager,
  operator,
  ordersOnDatabase,
  people,
} from '../../../test/support/orders.ts';
import { processCaller } from '../../kernel/caller.ts';

const orders = await ordersOnDatabase();
const process = { caller: processCaller };
const server = [{ productId: 'server', quantity: 1 }];

async function risky() {
  const order = await orders.place(server, { newCustomer: true });
  await orders.succeed('orders.calculate-risk', { orderId: order.id }, process);
  return order;
}

test('the risk is kept with the order; a low one needs no approval', async () => {
  const order = await orders.place();
  const risk = await orders.succeed('orders.calculate-risk', { orderId: order.id }, process);
  expect(risk).toMatchObject({
    orderId: order.id,
    score: 30,
    level: 'low',
    approval: 'not_required',
  });
  const kept = await orders.succeed('orders.get', { orderId: order.id });
  expect(kept).toMatchObject({ risk: { score: 30, level: 'low' }, approval: 'not_required' });
});

test('a high risk waits for a person once that was asked for', async () => {
  const order = await risky();
  const { result, events } = await orders.call(
    'orders.request-approval',
    { orderId: order.id },
    process,
  );
  expect(result).toMatchObject({ approval: 'pending', risk: { score: 80, level: 'high' } });
  expect(events).toEqual([
    {
      name: 'order.approval_requested',
      payload: {
        orderId: order.id,
        userId: people.buyer,
        score: 80,
        requestedAt: '2026-03-01T12:00:00.000Z',
      },
    },
  ]);
  const again = await orders.call('orders.request-approval', { orderId: order.id }, process);
  expect(again.events).toEqual([]);
});

test('many orders of one customer within a day raise the score, older ones do not', async () => {
  const fresh = await ordersOnDatabase();
  const clock = { now: () => new Date('2026-02-01T12:00:00Z'), schedule: () => () => undefined };
  const old = { caller: buyer, clock };
  for (let index = 0; index < 6; index += 1) {
    await fresh.succeed('orders.create', { items: [{ productId: 'ebook', quantity: 1 }] }, old);
  }
  const order = await fresh.place();
  const score = async () =>
    (
      await fresh.succeed<{ score: number }>(
        'orders.calculate-risk',
        { orderId: order.id },
        process,
      )
    ).score;
  expect(await score()).toBe(30);
  for (let index = 0; index < 7; index += 1) await fresh.place();
  expect(await score()).toBe(36);
});

test('a customer with a delivered order is new only when the order says so', async () => {
  const fresh = await ordersOnDatabase();
  const delivered = await fresh.place();
  await fresh.advance(delivered.id, 'confirmed', 'shipped', 'completed');
  const score = async (newCustomer: boolean) => {
    const order = await fresh.place(undefined, { newCustomer });
    const risk = await fresh.succeed<{ score: number }>(
      'orders.calculate-risk',
      { orderId: order.id },
      process,
    );
    return risk.score;
  };
  expect(await score(false)).toBe(10);
  expect(await score(true)).toBe(30);
});

test('a decision wakes what waits, once; the same one again changes nothing', async () => {
  const order = await risky();
  await orders.succeed('orders.request-approval', { orderId: order.id }, process);
  const decision = { orderId: order.id, approved: true, reason: 'Known customer' };
  const first = await orders.call('orders.approve', decision, { caller: manager });
  expect(first.result).toMatchObject({
    approval: 'approved',
    approvalReason: 'Known customer',
    decidedBy: people.manager,
  });
  expect(first.events).toEqual([
    { name: 'orders.trigger.approved', payload: { ...decision, decidedBy: people.manager } },
  ]);
  const second = await orders.call('orders.approve', decision, { caller: manager });
  expect(second.result).toMatchObject({ approval: 'approved' });
  expect(second.events).toEqual([]);
  const other = { ...decision, approved: false };
  const refusal = await orders.refused('orders.approve', other, { caller: manager });
  expect(refusal).toMatchObject({
    code: 'APPROVAL_ALREADY_DECIDED',
    definition: { status: 409 },
    data: { approval: 'approved', decidedBy: people.manager },
  });
});

test('a decision before the risk is known is kept, whatever the risk then is', async () => {
  const order = await orders.place();
  await orders.succeed(
    'orders.approve',
    { orderId: order.id, approved: false },
    { caller: manager },
  );
  const risk = await orders.succeed('orders.calculate-risk', { orderId: order.id }, process);
  expect(risk).toMatchObject({ approval: 'rejected' });
});

test('the buyer may not decide, not even as a manager', async () => {
  const order = await risky();
  const refusal = await orders.refused(
    'orders.approve',
    { orderId: order.id, approved: true },
    { caller: userCaller(people.buyer, 'manager') },
  );
  expect(refusal).toMatchObject({ code: 'APPROVER_IS_BUYER', definition: { status: 403 } });
});

test('there is nothing to decide on a low risk, or after the order has gone on', async () => {
  const low = await orders.place();
  await orders.succeed('orders.calculate-risk', { orderId: low.id }, process);
  const decide = (orderId: string) =>
    orders.refused('orders.approve', { orderId, approved: true }, { caller: manager });
  expect(await decide(low.id)).toMatchObject({
    code: 'APPROVAL_NOT_REQUIRED',
    data: { score: 30 },
  });
  const cancelled = await risky();
  await orders.succeed('orders.cancel', { orderId: cancelled.id }, process);
  expect(await decide(cancelled.id)).toMatchObject({ code: 'APPROVAL_TOO_LATE' });
  expect(await decide('01900000-0000-7000-8000-0000000000ff')).toMatchObject({
    code: 'ORDER_NOT_FOUND',
  });
});

test('a list row says what its reader may do and why not', async () => {
  const order = await risky();
  await orders.succeed('orders.request-approval', { orderId: order.id }, process);
  interface Row {
    id: string;
    can: { action: string; allowed: boolean; reason?: string }[];
  }
  const rowFor = async (caller: typeof buyer) => {
    const page = await orders.succeed<{ items: Row[] }>(
      'orders.list',
      { approval: 'pending' },
      { caller },
    );
    return page.items.find(({ id }) => id === order.id)?.can;
  };
  expect(await rowFor(manager)).toEqual([
    { action: 'orders.cancel', allowed: true },
    { action: 'orders.approve', allowed: true },
    { action: 'orders.update-status', allowed: true },
  ]);
  expect(await rowFor(operator)).toContainEqual({
    action: 'orders.approve',
    allowed: false,
    reason: 'Only a manager or an admin may decide.',
  });
  expect(await rowFor(buyer)).toContainEqual({
    action: 'orders.update-status',
    allowed: false,
    reason: 'Only staff may change the status.',
  });
});
