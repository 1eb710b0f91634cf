/**
 * Races over real HTTP: many want the last of something, people and timers decide at the same moment,
 * and outside systems say a thing too early, twice, or all at once. Each has exactly one outcome.
 */
import { describe, expect, test } from 'vitest';
import { jumpingClock } from '../support/jumping-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type OrderStory, placeOrder, riskyOrder } from './order-story.ts';
import { startShop } from './shop.ts';

const clock = jumpingClock();
const shop = await startShop({ clock });
const dayMs = 24 * 60 * 60 * 1000;
const timeout = 120_000;

/** How often each event of an order was recorded. */
async function eventsOf({ id }: OrderStory): Promise<Readonly<Record<string, number>>> {
  const { rows } = await shop.database.query<{ name: string; times: number }>(
    `select name, count(*)::int as times from events.event
      where payload->>'orderId' = $1 group by name`,
    [id],
  );
  return Object.fromEntries(rows.map(({ name, times }) => [name, times]));
}

async function stockOf(productId: string) {
  const { rows } = await shop.database.query<{ on_hand: number; reserved: number }>(
    'select on_hand, reserved from inventory.stock where product_id = $1',
    [productId],
  );
  return rows[0];
}

test('fifty orders for the last ten units sell ten; the others are cancelled and told so', {
  timeout,
}, async () => {
  const cup = { items: [{ productId: 'prod-anniversary-cup', quantity: 1 }] };
  const stories = await Promise.all(Array.from({ length: 50 }, () => placeOrder(shop, cup)));
  const sold: OrderStory[] = [];
  const unsold: OrderStory[] = [];
  for (const story of stories) {
    const ended = await waitUntil(
      'the order to be reserved or given up',
      async () => {
        const process = await story.process();
        const waits = process.elements.some(({ element }) => element === 'wait-payment');
        return waits ? 'reserved' : process.endedAt === null ? null : 'given up';
      },
      { explain: () => story.tell() },
    );
    (ended === 'reserved' ? sold : unsold).push(story);
  }
  expect([sold.length, unsold.length]).toEqual([10, 40]);
  expect(await stockOf('prod-anniversary-cup')).toEqual({ on_hand: 10, reserved: 10 });
  for (const story of unsold) {
    expect(await story.order()).toMatchObject({
      status: 'cancelled',
      cancelReason: 'Not all of the ordered items are in stock',
    });
    expect(await story.subjects()).toEqual(['Your order ID was cancelled']);
    expect(await story.reservation()).toBeUndefined();
    expect(await story.sessions()).toEqual([]);
  }

  const paid = await Promise.all(sold.map((story) => story.paymentWebhook('completed')));
  expect(paid.map(({ status }) => status)).toEqual(sold.map(() => 200));
  for (const story of sold) await story.becomes('shipped');
  await waitUntil('the cups to leave the house', async () => {
    const stock = await stockOf('prod-anniversary-cup');
    return stock?.on_hand === 0 && stock.reserved === 0;
  });
});

test('approvals and the time limit at the same moment: each order goes on or is cancelled', {
  timeout,
}, async () => {
  const stories = await Promise.all(Array.from({ length: 16 }, () => placeOrder(shop, riskyOrder)));
  for (const story of stories) await story.standsAt('wait-approval');
  let answered = 0;
  const answers = stories.map(async ({ id: orderId }) => {
    const body = { orderId, approved: true };
    const answer = await shop.post('/api/orders/approve', { body });
    answered += 1;
    // In the middle of the approvals a day has passed, for all orders at once.
    if (answered === 3) clock.jump(dayMs + 1_000);
    return answer;
  });
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  let approved = 0;
  for (const [at, story] of stories.entries()) {
    const outcome = await waitUntil(
      'the order to go on or to be given up',
      async () => {
        const process = await story.process();
        if (process.endedAt !== null) return 'given up';
        return process.elements.some(({ element }) => element === 'wait-payment') ? 'on' : null;
      },
      { explain: () => story.tell() },
    );
    const { timeline, openIncidents } = await story.process();
    expect(openIncidents).toBe(0);
    const decided = timeline.filter(
      ({ kind, element }) =>
        (kind === 'message.received' && element === 'wait-approval') || kind === 'error.thrown',
    );
    expect(decided, await story.tell()).toHaveLength(1);
    const tasks = await shop.database.query(
      `select status from engine.task where business_key = $1`,
      [story.id],
    );
    if (outcome === 'on') {
      approved += 1;
      expect(statuses[at]).toBe(200);
      expect(await story.order()).toMatchObject({ status: 'pending', approval: 'approved' });
      expect(await story.reservation()).toBe('held');
      expect(tasks.rows).toEqual([{ status: 'completed' }]);
    } else {
      expect([200, 409]).toContain(statuses[at]);
      expect((await story.order()).status).toBe('cancelled');
      expect(await story.reservation()).toBeUndefined();
      expect(await story.sessions()).toEqual([]);
      expect(await story.subjects()).toEqual(['Your order ID was cancelled']);
      expect(tasks.rows).toEqual([{ status: 'cancelled' }]);
    }
  }
  console.info(`${approved} of ${stories.length} approvals were in time`);
});

test('who pays an order that was just cancelled gets it back, though its process has yet to hear', {
  timeout,
}, async () => {
  const story = await placeOrder(shop);
  await story.standsAt('wait-payment');
  const { id: instanceId } = await story.process();
  const control = async (verb: 'suspend' | 'resume') => {
    const body = verb === 'suspend' ? { reason: 'a node that is late' } : {};
    return (await shop.post(`/api/v1/processes/${instanceId}/${verb}`, { body })).status;
  };
  expect(await control('suspend')).toBe(202);
  await waitUntil('the process to stand still', async () => {
    return (await story.process()).status === 'suspended';
  });
  expect((await story.cancel()).status).toBe(200);
  await story.payOnPage('tok_visa');
  await story.becomes('refunded');
  expect(await control('resume')).toBe(202);
  expect(await story.ended()).toMatchObject({ status: 'completed', openIncidents: 0 });
  expect(await story.order()).toMatchObject({
    ...{ status: 'refunded', cancelReason: 'Changed my mind' },
  });
  expect(await story.charges()).toMatchObject([{ amount: 100, amountRefunded: 100 }]);
  expect(await story.reservation()).toBe('released');
  expect(await story.subjects()).toEqual([
    'Your order ID is confirmed',
    'Your order ID was cancelled',
  ]);
});

describe('webhooks', () => {
  test('ten times at once, with ids and without, they act once', { timeout }, async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    const transactionId = 'ch-once';
    const payments = Array.from({ length: 10 }, (_, at) =>
      story.paymentWebhook('completed', {
        transactionId,
        ...(at % 2 === 0 ? {} : { eventId: `payment-${at % 4}-${story.id}` }),
      }),
    );
    for (const { status } of await Promise.all(payments)) expect(status).toBe(200);
    await story.becomes('shipped');
    const deliveries = Array.from({ length: 10 }, (_, at) =>
      story.deliveryWebhook('delivered', at % 2 === 0 ? {} : { eventId: `gone-${at}-${story.id}` }),
    );
    for (const { status } of await Promise.all(deliveries)) expect(status).toBe(200);
    await story.ended();
    expect(await eventsOf(story)).toMatchObject({
      'payment.processed': 1,
      'payments.trigger.completed': 1,
      'order.confirmed': 1,
      'order.shipped': 1,
      'delivery.trigger.status-updated': 1,
      'order.delivered': 1,
    });
    expect(await story.payments()).toHaveLength(1);
    expect(await story.shipments()).toHaveLength(1);
    expect(await story.subjects()).toEqual([
      'Your order ID is confirmed',
      'Your order ID has arrived',
    ]);
  });

  test('sent in the moment that the order is placed and paid, they are kept for their wait', {
    timeout,
  }, async () => {
    const stories = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const story = await placeOrder(shop);
        expect((await story.paymentWebhook('completed')).status).toBe(200);
        // Without waiting for the shipment: the order is paid, so one is to be expected.
        expect((await story.deliveryWebhook('delivered')).status).toBe(200);
        return story;
      }),
    );
    for (const story of stories) {
      expect(await story.ended()).toMatchObject({ status: 'completed', openIncidents: 0 });
      expect(await story.order()).toMatchObject({ status: 'delivered' });
      expect((await story.order()).completedAt).not.toBeNull();
      expect(await eventsOf(story)).toMatchObject({
        'payment.processed': 1,
        'order.shipped': 1,
        'order.delivered': 1,
      });
    }
  });

  test('completed and failed at the same moment: one of them holds', { timeout }, async () => {
    for (let round = 0; round < 5; round += 1) {
      const story = await placeOrder(shop);
      await story.standsAt('wait-payment');
      const answers = await Promise.all([
        story.paymentWebhook('completed'),
        story.paymentWebhook('failed'),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const [payment] = await story.payments();
      expect(await story.payments()).toHaveLength(1);
      if (payment?.status === 'processed') await story.becomes('shipped');
      else expect(await story.ended()).toMatchObject({ status: 'completed' });
      const events = await eventsOf(story);
      expect((events['payment.processed'] ?? 0) + (events['payment.failed'] ?? 0)).toBe(1);
      expect(events['payments.trigger.completed']).toBe(1);
    }
  });
});
