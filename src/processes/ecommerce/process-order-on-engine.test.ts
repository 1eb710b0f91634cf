/**
 * The order process on the real engine, with time, deaths and an outside that does not answer. What it
 * means is tested in `process-order.test.ts`; here is what durability adds to it.
 */
import { describe, expect, test } from 'vitest';
import {
  answers,
  fails,
  fake,
  type ProcessTest,
  refuses,
  succeedsUnheard,
  testProcess,
} from '../../engine/testing/index.ts';
import { processOrder } from './process-order.ts';

const orderId = '01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11';
const userId = '01900000-0000-7000-8000-000000000001';
const paymentId = '01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b12';
const order = {
  id: orderId,
  userId,
  status: 'pending',
  totalAmount: 100,
  currency: 'USD',
  items: [{ productId: 'prod-1', productName: 'Chair', quantity: 2, price: 50 }],
  shippingAddress: {
    line1: '1 Example Street',
    city: 'Springfield',
    postalCode: '1',
    country: 'US',
  },
  requiresShipping: true,
};
const risk = { score: 30, level: 'low', factors: [], approval: 'unknown' };
const session = { paymentId, url: 'https://pay.example/1' };
const settled = { orderId, outcome: 'nothing', refundedAmount: 0 };
const shipment = { shipmentId: 's-1', trackingNumber: 'T-1' };

/** All that an order calls, answered as on a good day. */
function goodDay() {
  return {
    risk: fake('orders.calculate-risk', answers(risk)),
    reserve: fake('inventory.reserve', answers({ expiresAt: '2027-01-03T00:00:00.000Z' })),
    release: fake('inventory.release', answers(null)),
    consume: fake('inventory.consume', answers(null)),
    pay: fake('payments.create-session', answers(session)),
    settle: fake('payments.settle-order', answers(settled)),
    ship: fake('delivery.create-shipment', answers(shipment)),
    unship: fake('delivery.cancel-shipment', answers(null)),
    status: fake('orders.update-status', answers(null)),
    cancel: fake('orders.cancel', answers(null)),
    mail: fake('notifications.send', answers(null)),
    ticket: fake('support.open-ticket', answers(null)),
  };
}

async function placed(changed: Partial<ReturnType<typeof goodDay>> = {}) {
  const fakes = { ...goodDay(), ...changed };
  const t = await testProcess({ processes: [processOrder], fakes: Object.values(fakes) });
  return { t, fakes };
}

const paid = (t: ProcessTest) =>
  t.publish('payments.trigger.completed', { orderId, paymentId, status: 'completed' });
const courier = (t: ProcessTest, status: string) =>
  t.publish('delivery.trigger.status-updated', { orderId, shipmentId: 's-1', status });

describe('time', () => {
  test('a courier who takes a month, and a customer who has to wait for no longer', async () => {
    const { t, fakes } = await placed();
    await t.succeeded('orders.create', order);
    const run = await t.only('process-order');
    await t.passes('23h');
    await paid(t);
    await t.passes('29d');
    expect(await run.waitingAt()).toContain('wait-delivery');
    expect(fakes.ticket.calls).toEqual([]);
    await t.passes('1d');
    expect(fakes.ticket.calls).toHaveLength(1);
    await courier(t, 'delivered');
    await run.ends('completed');
    expect(fakes.mail.calls.at(-1)).toMatchObject({ type: 'order-completed' });
  });

  test('an order that nobody pays for a day gives its stock back', async () => {
    const { t, fakes } = await placed();
    await t.succeeded('orders.create', order);
    await t.passes('24h');
    const run = await t.only('process-order');
    await run.ends('completed');
    await run.didInOrder(
      'timer wait-payment.timeout',
      'completed undo',
      'completed order-cancelled',
    );
    expect(fakes.release.calls).toEqual([{ orderId }]);
    await run.didNot('entered create-shipment');
  });
});

describe('an outside that fails', () => {
  test('a payment page that was made although nobody heard of it is not made twice', async () => {
    const pay = fake('payments.create-session', succeedsUnheard(session));
    const { t } = await placed({ pay });
    await t.succeeded('orders.create', order);
    await t.passes('1m');
    expect([pay.calls.length, pay.asked]).toEqual([1, 1]);
    expect(await (await t.only('process-order')).waitingAt()).toContain('wait-payment');
  });

  test('a courier who is not there for a while is asked again, under the same key', async () => {
    const ship = fake('delivery.create-shipment', fails(), fails(), fails(), answers(shipment));
    const { t } = await placed({ ship });
    await t.succeeded('orders.create', order);
    await paid(t);
    await t.passes('10m');
    expect([ship.calls.length, new Set(ship.idempotencyKeys).size]).toEqual([4, 1]);
    expect(await (await t.only('process-order')).waitingAt()).toContain('wait-delivery');
  });

  test('stock that does not suffice cancels the order', async () => {
    const reserve = fake('inventory.reserve', refuses('INSUFFICIENT_STOCK'));
    const { t, fakes } = await placed({ reserve });
    await t.succeeded('orders.create', order);
    await (await t.only('process-order')).ends('completed');
    expect(fakes.mail.calls).toMatchObject([{ type: 'order-cancelled' }]);
  });
});

describe('a node that dies', () => {
  // Before and after commits at the beginning, beside each other, and near the end.
  test.each([3, 8, 13, 20])(
    'at commit point %i: the order goes on, each call once',
    async (point) => {
      const { t, fakes } = await placed();
      t.killAtCommit(point);
      await t.succeeded('orders.create', order);
      await paid(t);
      await courier(t, 'delivered');
      const run = await t.only('process-order');
      await run.ends('completed');
      expect(t.deaths).toBe(1);
      for (const { name, idempotencyKeys } of Object.values(fakes)) {
        // Two mails and three changes of status are steps of their own.
        const steps = { 'notifications.send': 2, 'orders.update-status': 3 }[name] ?? 1;
        expect(new Set(idempotencyKeys).size, name).toBeLessThanOrEqual(steps);
      }
    },
  );
});
