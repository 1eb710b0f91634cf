/** What becomes of orders that do not reach their customer: each ends whole, with nothing left over. */
import { describe, expect, test } from 'vitest';
import { jumpingClock } from '../support/jumping-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type OrderStory, placeOrder, riskyOrder } from './order-story.ts';
import { startShop } from './shop.ts';

const clock = jumpingClock();
const shop = await startShop({ clock });
const dayMs = 24 * 60 * 60 * 1000;

/** Paid by a real charge at the gateway, whose webhook then comes by itself. */
async function pay(story: OrderStory): Promise<void> {
  await story.standsAt('wait-payment');
  expect((await story.payOnPage('tok_visa')).status).toBe(200);
}

/** Holds the courier's booking for as long as `during` takes to resolve. */
async function whileBooking(story: OrderStory, during: () => Promise<void>): Promise<void> {
  const body = { operations: ['createShipment'], latencyMs: 60_000 };
  await shop.courier.call('PUT', '/sandbox/faults', { body });
  await pay(story);
  await waitUntil('the shipment to be asked for', async () => {
    const { elements } = await story.process();
    return elements.some(({ element }) => element === 'create-shipment');
  });
  await during();
  await shop.courier.call('DELETE', '/sandbox/faults');
}

async function expectGivenUp(story: OrderStory, reason: string, status = 'cancelled') {
  expect(await story.ended()).toMatchObject({ status: 'completed', openIncidents: 0 });
  await story.becomes(status);
  expect((await story.order()).cancelReason).toContain(reason);
  expect((await story.mails()).at(-1)?.text).toContain(reason);
  const subjects = await story.subjects();
  expect(subjects.filter((subject) => subject === 'Your order ID was cancelled')).toHaveLength(1);
}

describe('the payment fails', () => {
  test('on the gateway’s page: stock is released, the order cancelled, the customer told why', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    await story.payOnPage('tok_insufficient_funds');
    await expectGivenUp(story, 'Insufficient funds');
    expect(await story.reservation()).toBe('released');
    expect(await story.charges()).toMatchObject([{ status: 'failed' }]);
    expect(await story.payments()).toMatchObject([
      { status: 'failed', failureReason: 'Insufficient funds', failureCode: 'INSUFFICIENT_FUNDS' },
    ]);
    expect(await story.undone()).toEqual(['create-payment-session', 'reserve-inventory']);
  });

  test('by word of a webhook: the page that was still open is closed', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    await story.paymentWebhook('failed');
    await expectGivenUp(story, 'The payment failed');
    expect(await story.sessions()).toMatchObject([{ status: 'expired' }]);
  });
});

describe('nobody approves', () => {
  test('a rejected order is cancelled with the manager’s reason, and nothing was reserved', async () => {
    const story = await placeOrder(shop, riskyOrder);
    await story.standsAt('wait-approval');
    const body = { orderId: story.id, approved: false, reason: 'Address looks made up' };
    expect((await shop.post('/api/orders/approve', { body })).status).toBe(200);
    await expectGivenUp(story, 'Address looks made up');
    expect(await story.undone()).toEqual([]);
    expect(await story.reservation()).toBeUndefined();
  });

  test('after 24 hours the order is cancelled, and its task is gone', async () => {
    const story = await placeOrder(shop, riskyOrder);
    await story.standsAt('wait-approval');
    clock.jump(dayMs - 60_000);
    expect((await story.order()).status).toBe('pending');
    clock.jump(120_000);
    await expectGivenUp(story, 'not approved in time');
    const tasks = await shop.get<{ items: unknown[] }>(`/api/v1/tasks?businessKey=${story.id}`);
    expect(tasks.body.items).toEqual([]);
    const late = { orderId: story.id, approved: true };
    expect(await shop.post('/api/orders/approve', { body: late })).toMatchObject({
      status: 409,
      body: { code: 'APPROVAL_TOO_LATE' },
    });
  });
});

describe('nobody pays', () => {
  test('after 24 hours the order is cancelled, the stock released, the page closed', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    clock.jump(dayMs - 60_000);
    expect(await story.reservation()).toBe('held');
    clock.jump(120_000);
    await expectGivenUp(story, 'not paid in time');
    expect(await story.reservation()).toBe('released');
    expect(await story.sessions()).toMatchObject([{ status: 'expired' }]);
    expect(await story.undone()).toEqual(['create-payment-session', 'reserve-inventory']);
    expect((await story.payOnPage('tok_visa')).status).toBe(409);
  });

  test('a payment whose webhook was lost is found when time is up, and goes back', async () => {
    await shop.gateway.call('PUT', '/sandbox/faults', { body: { callbacks: { lose: 1 } } });
    const story = await placeOrder(shop);
    await pay(story);
    clock.jump(dayMs + 1_000);
    await expectGivenUp(story, 'not paid in time', 'refunded');
    expect(await story.charges()).toMatchObject([{ amount: 100, amountRefunded: 100 }]);
    await shop.gateway.call('DELETE', '/sandbox/faults');
  });
});

describe('the customer cancels', () => {
  test('before anybody approved', async () => {
    const story = await placeOrder(shop, riskyOrder);
    await story.standsAt('wait-approval');
    expect((await story.cancel('Too expensive')).body).toMatchObject({ status: 'cancelled' });
    await expectGivenUp(story, 'Too expensive');
    expect(await story.undone()).toEqual([]);
  });

  test('while the payment is awaited: page closed, stock back, in this order', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    expect((await story.cancel()).status).toBe(200);
    await expectGivenUp(story, 'Changed my mind');
    expect(await story.undone()).toEqual(['create-payment-session', 'reserve-inventory']);
    expect(await story.sessions()).toMatchObject([{ status: 'expired' }]);
    expect(await story.charges()).toEqual([]);
  });

  test('after it was paid, while no courier answers: the money goes back once', async () => {
    await shop.courier.call('PUT', '/sandbox/faults', { body: { errorRate: 1 } });
    const story = await placeOrder(shop);
    await pay(story);
    await story.becomes('confirmed');
    expect((await story.cancel()).status).toBe(200);
    await shop.courier.call('DELETE', '/sandbox/faults');
    await expectGivenUp(story, 'Changed my mind', 'refunded');
    expect(await story.charges()).toMatchObject([{ amount: 100, amountRefunded: 100 }]);
    expect(await story.payments()).toMatchObject([{ status: 'refunded', refundedAmount: 100 }]);
    expect(await story.reservation()).toBe('released');
    for (const { status } of await story.shipments()) expect(status).toBe('cancelled');
  });

  test('while the courier is booking: the shipment is taken back as well', async () => {
    const story = await placeOrder(shop);
    await whileBooking(story, async () => {
      expect((await story.cancel()).status).toBe(200);
    });
    await expectGivenUp(story, 'Changed my mind', 'refunded');
    expect(await story.charges()).toMatchObject([{ amount: 100, amountRefunded: 100 }]);
    for (const { status } of await story.shipments()) expect(status).toBe('cancelled');
    expect((await story.undone()).slice(-2)).toEqual([
      'create-payment-session',
      'reserve-inventory',
    ]);
  });

  test('too late once it has left, and says so', async () => {
    const story = await placeOrder(shop);
    await pay(story);
    await story.standsAt('wait-delivery');
    expect(await story.cancel()).toMatchObject({
      status: 409,
      body: { code: 'ORDER_ALREADY_SHIPPED', status: 409 },
    });
    expect(await story.order()).toMatchObject({ status: 'shipped' });
    expect(await story.charges()).toMatchObject([{ amountRefunded: 0 }]);
  });

  test('twice: it is cancelled once', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    const answers = await Promise.all([
      story.cancel('first of all'),
      story.cancel('second of all'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    await expectGivenUp(story, 'of all');
  });

  test('at the very moment of paying: paid money goes back, whoever was first', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    const [paid, cancelled] = await Promise.all([story.payOnPage('tok_visa'), story.cancel()]);
    expect(cancelled.status).toBe(200);
    await story.ended();
    if (paid.status === 200) {
      await story.becomes('refunded');
      expect(await story.charges()).toMatchObject([{ amount: 100, amountRefunded: 100 }]);
    } else {
      expect(paid.status).toBe(409);
      expect(await story.charges()).toEqual([]);
    }
  });
});

describe('an order that was paid before its time', () => {
  const payEarly = async (story: OrderStory, amount: number) => {
    const body = {
      orderId: story.id,
      amount,
      paymentMethod: 'credit_card',
      cardToken: 'tok_visa',
    };
    expect((await shop.post('/api/v1/payments', { body })).status).toBe(200);
  };

  test('goes on without waiting when it is approved', async () => {
    const story = await placeOrder(shop, riskyOrder);
    await story.standsAt('wait-approval');
    await payEarly(story, 50_000);
    const approved = { orderId: story.id, approved: true };
    await shop.post('/api/orders/approve', { body: approved });
    await story.standsAt('wait-delivery');
    expect(await story.charges()).toHaveLength(1);
    expect(await story.sessions()).toEqual([]);
  });

  test.each(['rejected', 'cancelled', 'timed out'])('is paid back when it is %s', async (how) => {
    const story = await placeOrder(shop, riskyOrder);
    await story.standsAt('wait-approval');
    await payEarly(story, 50_000);
    const rejected = { orderId: story.id, approved: false };
    if (how === 'rejected') await shop.post('/api/orders/approve', { body: rejected });
    if (how === 'cancelled') await story.cancel();
    if (how === 'timed out') clock.jump(dayMs + 1_000);
    await story.ended();
    await story.becomes('refunded');
    expect(await story.charges()).toMatchObject([{ amount: 50_000, amountRefunded: 50_000 }]);
  });
});

test('what is not in stock is not sold, and nothing is asked of the customer', async () => {
  const items = [
    { productId: 'prod-anniversary-cup', quantity: 11 },
    { productId: 'prod-100', quantity: 1 },
  ];
  const story = await placeOrder(shop, { items, total: 485 });
  await expectGivenUp(story, 'Not all of the ordered items are in stock');
  expect(await story.sessions()).toEqual([]);
  expect(await story.reservation()).toBeUndefined();
  const stock = await shop.get<{ items: { productId: string; reserved: number }[] }>(
    '/api/v1/inventory/stock',
  );
  const cup = stock.body.items.find(({ productId }) => productId === 'prod-anniversary-cup');
  expect(cup).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
});

describe('the courier fails', () => {
  test('a ticket is opened for a person; a later delivery completes the order', async () => {
    const story = await placeOrder(shop);
    await pay(story);
    await story.standsAt('wait-delivery');
    await story.deliveryWebhook('failed', { detail: 'Nobody at home' });
    await story.standsAt('wait-late-delivery');
    const tickets = await shop.get<{ items: unknown[] }>(`/api/v1/tickets?orderId=${story.id}`);
    expect(tickets.body.items).toMatchObject([
      {
        status: 'open',
        reason: 'delivery_failed',
        subject: expect.stringContaining('Nobody at home'),
      },
    ]);
    expect((await story.order()).status).toBe('shipped');
    await story.deliveryWebhook('delivered');
    await story.ended();
    expect(await story.order()).toMatchObject({
      status: 'delivered',
      completedAt: expect.any(String),
    });
  });

  test('no news for 30 days opens a ticket as well', async () => {
    const story = await placeOrder(shop);
    await pay(story);
    await story.standsAt('wait-delivery');
    clock.jump(30 * dayMs + 1_000);
    await story.standsAt('wait-late-delivery');
    const tickets = await shop.get<{ items: unknown[] }>(`/api/v1/tickets?orderId=${story.id}`);
    expect(tickets.body.items).toMatchObject([{ subject: expect.stringContaining('30 days') }]);
  });
});

test('what needs no parcel is complete when it is paid', async () => {
  const items = [{ productId: 'prod-brewing-course', quantity: 1 }];
  const story = await placeOrder(shop, { items, total: 29 });
  await pay(story);
  await story.ended();
  expect(await story.order()).toMatchObject({ status: 'delivered' });
  expect(await story.shipments()).toEqual([]);
});
