/**
 * The outside systems misbehave, and the order goes on: they are away for a while, answer nothing
 * after they have acted, lose, repeat and reorder what they tell. Money moves once, parcels are booked
 * once, and what nobody can mend becomes an incident that a person resolves.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { IncidentAnswer } from '../../src/app/api-client.ts';
import { jumpingClock } from '../support/jumping-clock.ts';
import { waitUntil } from '../support/wait-until.ts';
import { type OrderStory, placeOrder } from './order-story.ts';
import { type HttpClient, newKey, startShop } from './shop.ts';

const clock = jumpingClock();
const shop = await startShop({ clock });

const faults = (system: HttpClient, body: object) =>
  system.call('PUT', '/sandbox/faults', { body });

beforeEach(async () => {
  await shop.gateway.call('DELETE', '/sandbox/faults');
  await shop.courier.call('DELETE', '/sandbox/faults');
});

async function payByCard(story: OrderStory, cardToken: string, key = newKey(), more: object = {}) {
  const body = { orderId: story.id, amount: 100, paymentMethod: 'credit_card', cardToken, ...more };
  return await shop.post('/api/v1/payments', { body, key });
}

async function awaitsDelivery(): Promise<OrderStory> {
  const story = await placeOrder(shop);
  await story.standsAt('wait-payment');
  await story.payOnPage('tok_visa');
  await story.standsAt('wait-delivery');
  return story;
}

async function moveParcel(story: OrderStory, ...statuses: readonly string[]): Promise<void> {
  const [shipment] = await story.shipments();
  for (const status of statuses) {
    const path = `/sandbox/shipments/${shipment?.id}/advance`;
    expect((await shop.courier.post(path, { body: { status } })).status).toBe(200);
  }
}

/** The attempts that a step failed, as the timeline has them. */
async function failedAttempts(story: OrderStory, step: string): Promise<number> {
  const { timeline } = await story.process();
  return timeline.filter(({ kind, element }) => kind === 'job.failed' && element === step).length;
}

describe('away for a while', () => {
  test('the gateway: the order tries again, and goes on by itself when it is back', async () => {
    await faults(shop.gateway, { errorRate: 1, status: 503 });
    const story = await placeOrder(shop);
    await waitUntil('two failed attempts', async () => {
      clock.jump(2_000);
      return (await failedAttempts(story, 'create-payment-session')) >= 2;
    });
    expect((await story.order()).status).toBe('pending');
    await shop.gateway.call('DELETE', '/sandbox/faults');
    await waitUntil('the order to go on', async () => {
      clock.jump(2_000);
      return (await story.process()).elements.some(({ element }) => element === 'wait-payment');
    });
    expect(await story.sessions()).toMatchObject([{ status: 'open' }]);
    expect(await story.subjects()).toEqual(['Your order ID is confirmed']);
  });

  test('the courier answers nothing after it has booked: it is asked, and books once', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    await faults(shop.courier, { operations: ['createShipment'], timeoutAfterCommitNext: 1 });
    await story.payOnPage('tok_visa');
    await story.standsAt('wait-delivery');
    expect(await story.shipments()).toHaveLength(1);
  });
});

describe('paying with a card', () => {
  test('a success is answered, and moves the waiting process on', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    const key = newKey();
    const paid = await payByCard(story, 'tok_visa', key);
    expect(paid).toMatchObject({ status: 200, body: { status: 'processed', amount: 100 } });
    await story.standsAt('wait-delivery');
    expect(await story.order()).toMatchObject({ status: 'shipped', paymentId: paid.body.id });
    expect(await payByCard(story, 'tok_visa', key)).toMatchObject({ body: paid.body });
    expect(await payByCard(story, 'tok_visa')).toMatchObject({
      status: 409,
      body: { code: 'PAYMENT_ALREADY_PROCESSED' },
    });
    expect(await story.charges()).toMatchObject([{ status: 'succeeded', amount: 100 }]);
    expect(await story.sessions()).toMatchObject([{ status: 'expired' }]);
  });

  test('insufficient funds are told in the gateway’s words, and the order is given up', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    expect(await payByCard(story, 'tok_insufficient_funds')).toMatchObject({
      status: 402,
      body: {
        code: 'PAYMENT_DECLINED',
        failureReason: 'Insufficient funds',
        failureCode: 'INSUFFICIENT_FUNDS',
      },
    });
    await story.ended();
    expect(await story.order()).toMatchObject({
      status: 'cancelled',
      cancelReason: expect.stringContaining('Insufficient funds'),
    });
    expect(await story.reservation()).toBe('released');
  });

  test('invalid details change nothing: another card pays', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    expect(await payByCard(story, 'tok_invalid')).toMatchObject({
      status: 422,
      body: { code: 'INVALID_PAYMENT_DETAILS' },
    });
    expect((await story.order()).status).toBe('pending');
    expect((await payByCard(story, 'tok_mastercard')).status).toBe(200);
    await story.standsAt('wait-delivery');
    expect(await story.charges()).toHaveLength(1);
  });

  test('charged and never answered: asked under the same key, and charged once', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    const key = newKey();
    const unknown = await payByCard(story, 'tok_timeout_after_charge', key);
    // Eight seconds for the gateway, ten for the procedure: on a busy machine that may be over first.
    const code = expect.stringMatching(/^(GATEWAY|PROCEDURE)_TIMEOUT$/);
    expect(unknown).toMatchObject({ status: 504, body: { code } });
    expect(unknown.headers.get('retry-after')).not.toBeNull();
    expect(await story.charges()).toMatchObject([{ status: 'succeeded' }]);
    expect(await payByCard(story, 'tok_visa')).toMatchObject({
      status: 409,
      body: { code: 'PAYMENT_IN_PROGRESS' },
    });
    const known = await payByCard(story, 'tok_timeout_after_charge', key);
    expect(known).toMatchObject({ status: 200, body: { status: 'processed' } });
    await story.standsAt('wait-delivery');
    expect(await story.charges()).toHaveLength(1);

    const seen = await shop.get<{ items: unknown[] }>(
      `/api/v1/trace-events?orderId=${story.id}&type=payment_processing&status=failed`,
    );
    expect(seen.body.items).toMatchObject([
      { errorCode: 'PAYMENT_IN_PROGRESS' },
      { errorCode: unknown.body.code, service: 'Payment Service' },
    ]);
  });

  test('the amount has to be the total, and the order the own one', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    expect(await payByCard(story, 'tok_visa', newKey(), { amount: 99.99 })).toMatchObject({
      status: 422,
      body: { code: 'PAYMENT_AMOUNT_MISMATCH', errors: [{ pointer: '/amount' }] },
    });
    expect(await payByCard(story, 'tok_visa', newKey(), { currency: 'EUR' })).toMatchObject({
      status: 422,
      body: { code: 'PAYMENT_AMOUNT_MISMATCH', errors: [{ pointer: '/currency' }] },
    });
    expect(await story.charges()).toEqual([]);
  });
});

describe('callbacks of the courier', () => {
  test('that are lost on the way are not missed when a later one comes', async () => {
    const story = await awaitsDelivery();
    await faults(shop.courier, { callbacks: { lose: 2 } });
    await moveParcel(story, 'in_transit', 'out_for_delivery', 'delivered');
    await story.ended();
    expect((await story.order()).status).toBe('delivered');
  });

  test('that come twice act once', async () => {
    const story = await awaitsDelivery();
    await faults(shop.courier, { callbacks: { duplicate: 3 } });
    await moveParcel(story, 'in_transit', 'out_for_delivery', 'delivered');
    await story.ended();
    expect(await story.subjects()).toEqual([
      'Your order ID is confirmed',
      'Your order ID has arrived',
    ]);
  });

  test('that come in another order do not take the parcel back', async () => {
    const story = await awaitsDelivery();
    await faults(shop.courier, { callbacks: { reorder: 2 } });
    await moveParcel(story, 'in_transit', 'out_for_delivery', 'delivered');
    await story.ended();
    await waitUntil('all callbacks to be delivered', async () => {
      const { body } = await shop.courier.get<{ items: { status: string; body: object }[] }>(
        '/sandbox/callbacks',
      );
      return body.items.every(({ status }) => status !== 'held' && status !== 'pending');
    });
    const shipment = await shop.get(`/api/v1/delivery/orders/${story.id}`);
    expect(shipment.body).toMatchObject({ status: 'delivered' });
    expect((await story.order()).status).toBe('delivered');
  });

  test('that come before the wait are kept', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    await faults(shop.courier, { operations: ['createShipment'], latencyMs: 60_000 });
    await story.payOnPage('tok_visa');
    await story.becomes('confirmed');
    expect((await story.deliveryWebhook('delivered')).status).toBe(200);
    await shop.courier.call('DELETE', '/sandbox/faults');
    await story.ended();
    expect((await story.order()).status).toBe('delivered');
  });
});

describe('money that comes too late', () => {
  test('while its order was cancelled: paid on the page, the news held back', async () => {
    await faults(shop.gateway, { callbacks: { reorder: 1 } });
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    expect((await story.payOnPage('tok_visa')).status).toBe(200);
    expect((await story.cancel()).status).toBe(200);
    await story.becomes('refunded');
    await shop.gateway.call('DELETE', '/sandbox/faults');
    await waitUntil('the late news to arrive', async () => {
      const { body } = await shop.gateway.get<{ items: { status: string }[] }>(
        '/sandbox/callbacks',
      );
      return body.items.every(({ status }) => status === 'delivered');
    });
    expect(await story.charges()).toMatchObject([{ amount: 100, amountRefunded: 100 }]);
    expect((await story.order()).status).toBe('refunded');
  });

  test('reported after all was over: it goes back by a process of its own', async () => {
    const story = await placeOrder(shop);
    await story.standsAt('wait-payment');
    await story.cancel();
    await story.ended();
    expect((await story.paymentWebhook('completed')).status).toBe(200);
    await story.becomes('refunded');
    expect(await story.payments()).toMatchObject([{ status: 'refunded', refundedAmount: 100 }]);
    const processes = await shop.get<{ items: { process: string; status: string }[] }>(
      `/api/v1/processes?process=refund-late-payment&businessKey=${story.id}`,
    );
    expect(processes.body.items).toHaveLength(1);
    expect((await story.paymentWebhook('completed')).status).toBe(200);
    expect((await story.payments())[0]).toMatchObject({ refundedAmount: 100 });
  });
});

describe('what nobody can mend', () => {
  async function incidentOf(story: OrderStory): Promise<IncidentAnswer> {
    return await waitUntil(
      `an incident of order ${story.id}`,
      async () => {
        const { body } = await shop.get<{ items: IncidentAnswer[] }>('/api/v1/incidents');
        const found = body.items.find(({ businessKey }) => businessKey === story.id);
        if (!found) clock.jump(60_000);
        return found;
      },
      { everyMs: 50, explain: () => story.tell() },
    );
  }
  const path = ({ instanceId, n }: IncidentAnswer, what: string) =>
    `/api/v1/processes/${instanceId}/incidents/${n}/${what}`;

  /** Until a call is let through again; further failures would only use up attempts. */
  async function breakerLetsThrough(): Promise<void> {
    await waitUntil('the circuit breaker to try again', async () => {
      const { text } = await shop.get('/actuator/prometheus');
      return !/orderloom_circuit_breaker_open\{system="courier"\} 1\b/.test(text);
    });
  }

  test('retries run out: an operator tries again, goes on without the step, or lets it be cancelled', async () => {
    const stories = await Promise.all([placeOrder(shop), placeOrder(shop), placeOrder(shop)]);
    const [retried, skipped, cancelled] = stories as [OrderStory, OrderStory, OrderStory];
    for (const story of stories) await story.standsAt('wait-payment');
    await faults(shop.courier, { errorRate: 1, status: 500 });
    for (const story of stories) await story.payOnPage('tok_visa');
    for (const story of stories) {
      expect(await incidentOf(story)).toMatchObject({
        element: 'create-shipment',
        process: 'process-order',
        can: [{ action: 'incidents.retry' }, { action: 'incidents.skip' }],
      });
      expect((await story.process()).openIncidents).toBe(1);
    }
    expect(await failedAttempts(retried, 'create-shipment')).toBe(10);

    const unsent = await incidentOf(skipped);
    expect(await shop.post(path(unsent, 'skip'), { body: {} })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT', errors: [{ pointer: '/reason' }] },
    });
    const reason = 'Goes with our own van';
    const output = { shipmentId: unsent.id, trackingNumber: 'VAN-1' };
    expect((await shop.post(path(unsent, 'skip'), { body: { reason, output } })).status).toBe(202);
    expect(await skipped.becomes('shipped')).toMatchObject({ trackingNumber: 'VAN-1' });
    const { timeline } = await skipped.process();
    expect(timeline.find(({ kind }) => kind === 'incident.skipped')?.text).toContain(reason);

    await shop.courier.call('DELETE', '/sandbox/faults');
    await breakerLetsThrough();
    const incident = await incidentOf(retried);
    expect((await shop.post(path(incident, 'retry'), { body: {} })).status).toBe(202);
    await retried.becomes('shipped');
    expect(await retried.shipments()).toHaveLength(1);
    expect((await retried.process()).openIncidents).toBe(0);
    expect(await shop.post(path(incident, 'retry'), { body: {} })).toMatchObject({
      status: 404,
      body: { code: 'INCIDENT_NOT_FOUND' },
    });

    expect((await cancelled.cancel()).status).toBe(200);
    await cancelled.becomes('refunded');
    expect(await cancelled.charges()).toMatchObject([{ amountRefunded: 100 }]);
    expect((await cancelled.ended()).openIncidents).toBe(0);
  });
});

test('an address that no courier goes to: the order is given up, and paid back', async () => {
  const story = await placeOrder(shop, {
    items: [{ productId: 'prod-100', quantity: 1 }],
    shippingAddress: { line1: 'Hut 1', city: 'Base', postalCode: '1', country: 'AQ' },
  });
  await story.standsAt('wait-payment');
  await story.payOnPage('tok_visa');
  await story.becomes('refunded');
  expect(await story.charges()).toMatchObject([{ amountRefunded: 100 }]);
});
