/**
 * The order process by its meaning: every scenario and every failure, with answers of procedures given
 * by the test. That the same happens on the real engine, with crashes, is tested end to end.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answers, DrivenProcess } from '../../../test/support/driven-process.ts';
import { defineError, RetryableFault, refuse } from '../../kernel/errors.ts';
import { processOrder } from './process-order.ts';

const orderId = '01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b11';
const userId = '01900000-0000-7000-8000-000000000001';
const paymentId = '01939b1c-7c1e-7c3e-8a4f-3f0f6f3c2b12';
const address = {
  line1: '1 Example Street',
  city: 'Springfield',
  postalCode: '62701',
  country: 'US',
};
const order = {
  id: orderId,
  userId,
  status: 'pending',
  totalAmount: 100,
  currency: 'USD',
  items: [{ productId: 'prod-1', productName: 'Chair', quantity: 2, price: 50 }],
  shippingAddress: address,
  requiresShipping: true,
};

const invalidTransition = defineError({
  code: 'INVALID_STATUS_TRANSITION',
  status: 409,
  title: 'No',
});
const insufficientStock = defineError({ code: 'INSUFFICIENT_STOCK', status: 409, title: 'No' });

/** The other side of the procedures: one order, its stock, payment and shipment, as they would be. */
class World {
  status = 'pending';
  stock: 'free' | 'reserved' | 'consumed' = 'free';
  payment: 'none' | 'open' | 'paid' | 'closed' | 'refunded' = 'none';
  shipment: 'none' | 'booked' | 'cancelled' = 'none';
  mails: string[] = [];
  tickets = 0;
  reason: string | null = null;
  readonly score: number;
  readonly approval: string;

  constructor(score = 30, approval = 'unknown') {
    this.score = score;
    this.approval = approval;
  }

  readonly answers: Answers = {
    'orders.calculate-risk': () => ({
      score: this.score,
      level: 'low',
      factors: [],
      approval: this.approval,
    }),
    'orders.request-approval': () => null,
    'orders.cancel': ({ reason }: { reason: string }) => {
      this.reason ??= reason;
      this.status = 'cancelled';
    },
    'orders.update-status': ({ status }: { status: string }) => {
      if (this.status === 'cancelled') return refuse(invalidTransition, 'it is cancelled');
      this.status = status;
      return null;
    },
    'inventory.reserve': () => {
      this.stock = 'reserved';
      return { expiresAt: '2026-01-03T00:00:00.000Z' };
    },
    'inventory.release': () => {
      if (this.stock === 'reserved') this.stock = 'free';
    },
    'inventory.consume': () => {
      this.stock = 'consumed';
    },
    'payments.create-session': () => {
      if (this.payment === 'none') this.payment = 'open';
      return { paymentId, url: 'https://pay.example/1' };
    },
    'payments.settle-order': () => {
      if (this.payment === 'open') this.payment = 'closed';
      if (this.payment === 'paid') this.payment = 'refunded';
      return { orderId, outcome: 'nothing', refundedAmount: 0 };
    },
    'delivery.create-shipment': () => {
      this.shipment = 'booked';
      return { shipmentId: 's-1', trackingNumber: 'T-1' };
    },
    'delivery.cancel-shipment': () => {
      if (this.shipment === 'booked') this.shipment = 'cancelled';
    },
    'notifications.send': ({ type }: { type: string }) => {
      this.mails.push(type);
    },
    'support.open-ticket': () => {
      this.tickets += 1;
    },
  };
}

async function placed(world: World, more: { order?: object; answers?: Answers } = {}) {
  const run = new DrivenProcess(processOrder.model, { ...world.answers, ...more.answers });
  return await run.start({ ...order, ...more.order });
}

const paid = (run: DrivenProcess, world: World) => {
  world.payment = 'paid';
  return run.message('payments.trigger.completed', { orderId, paymentId, status: 'completed' });
};
const courier = (run: DrivenProcess, status: string) =>
  run.message('delivery.trigger.status-updated', { orderId, shipmentId: 's-1', status });
const cancelled = (run: DrivenProcess, world: World) => {
  world.status = 'cancelled';
  return run.message('order.cancelled', {
    orderId,
    userId,
    status: 'cancelled',
    reason: 'Changed my mind',
    cancelledBy: userId,
    cancelledAt: '2026-01-01T00:00:00.000Z',
  });
};

describe('an ordinary order', () => {
  it('is reserved, paid, shipped, delivered and completed', async () => {
    const world = new World();
    const run = await placed(world);
    expect(run.waitingAt).toContain('wait-payment');
    await paid(run, world);
    expect(run.waitingAt).toContain('wait-delivery');
    expect(await courier(run, 'in_transit')).toBe(false);
    await courier(run, 'delivered');

    expect(run.calledProcedures).toEqual([
      'orders.calculate-risk',
      'inventory.reserve',
      'notifications.send',
      'payments.create-session',
      'orders.update-status',
      'delivery.create-shipment',
      'orders.update-status',
      'inventory.consume',
      'orders.update-status',
      'notifications.send',
    ]);
    expect(run.ended).toMatchObject({ status: 'completed' });
    expect(world).toMatchObject({ status: 'completed', stock: 'consumed', payment: 'paid' });
    expect(world.mails).toEqual(['order-confirmed', 'order-completed']);
  });

  it('is known by the order', async () => {
    const run = await placed(new World());
    expect(processOrder.model.businessKey?.evaluate(run.variables)).toBe(orderId);
  });

  it('of digital goods alone needs no courier', async () => {
    const world = new World();
    const run = await placed(world, { order: { requiresShipping: false, shippingAddress: null } });
    await paid(run, world);
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({ status: 'completed', shipment: 'none' });
  });

  it('ships again after a failed delivery, with a ticket', async () => {
    const world = new World();
    const run = await placed(world);
    await paid(run, world);
    await courier(run, 'failed');
    expect(world.tickets).toBe(1);
    expect(run.waitingAt).toContain('wait-late-delivery');
    await courier(run, 'delivered');
    expect(world.status).toBe('completed');
    expect(run.ended?.status).toBe('completed');
  });

  it('is left to support when it never arrives', async () => {
    const world = new World();
    const run = await placed(world);
    await paid(run, world);
    await run.timer('wait-delivery.timeout');
    expect(world.tickets).toBe(1);
    await run.timer('wait-late-delivery.timeout');
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({ status: 'shipped', mails: ['order-confirmed'] });
  });
});

describe('a risky order', () => {
  it.each([70, 71])('of score %d waits for a person only above 70', async (score) => {
    const run = await placed(new World(score));
    expect(run.waitingAt.includes('wait-approval')).toBe(score > 70);
  });

  it('goes on when it is approved', async () => {
    const world = new World(90);
    const run = await placed(world);
    const waiting = run.waits.find(({ wait }) => wait.kind === 'task')?.wait;
    expect(waiting).toMatchObject({
      roles: ['manager', 'admin'],
      title: `Approve order ${orderId} (100 USD, risk 90)?`,
      subject: { orderId, totalAmount: 100 },
    });
    await run.message('orders.trigger.approved', { orderId, approved: true, decidedBy: 'm' });
    expect(run.waitingAt).toContain('wait-payment');
    expect(world.stock).toBe('reserved');
  });

  it('is cancelled when it is rejected', async () => {
    const world = new World(90);
    const run = await placed(world);
    await run.message('orders.trigger.approved', {
      orderId,
      approved: false,
      reason: 'Stolen card',
      decidedBy: 'm',
    });
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({ status: 'cancelled', reason: 'Stolen card', stock: 'free' });
    expect(world.mails).toEqual(['order-cancelled']);
  });

  it('is cancelled when it was rejected before its risk was known, however low that is', async () => {
    const world = new World(30, 'rejected');
    const run = await placed(world);
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({ status: 'cancelled', stock: 'free', payment: 'none' });
    expect(world.mails).toEqual(['order-cancelled']);
  });

  it('is cancelled when nobody decides within 24 hours', async () => {
    const world = new World(90);
    const run = await placed(world);
    await run.timer('wait-approval.timeout');
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({
      status: 'cancelled',
      reason: 'The order was not approved in time',
      mails: ['order-cancelled'],
    });
  });
});

describe('an order is given up', () => {
  const sent = ['order-confirmed', 'order-cancelled'];

  it('when the stock does not suffice', async () => {
    const world = new World();
    const soldOut = { 'inventory.reserve': () => refuse(insufficientStock, 'Expected 2, found 1') };
    const run = await placed(world, { answers: soldOut });
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({
      status: 'cancelled',
      reason: 'Not all of the ordered items are in stock',
      mails: ['order-cancelled'],
    });
  });

  it('when the payment fails: the stock is released', async () => {
    const world = new World();
    const run = await placed(world);
    await run.message('payments.trigger.completed', {
      orderId,
      paymentId,
      status: 'failed',
      failureReason: 'Insufficient funds',
    });
    expect(run.calls.find(({ procedure }) => procedure === 'orders.update-status')?.input).toEqual({
      orderId,
      status: 'payment_failed',
      reason: 'Insufficient funds',
    });
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({
      status: 'cancelled',
      reason: 'The payment failed: Insufficient funds',
      stock: 'free',
      payment: 'closed',
      mails: sent,
    });
  });

  it('when it was paid before its stock was looked at: the money goes back', async () => {
    const world = new World();
    world.payment = 'paid';
    const soldOut = { 'inventory.reserve': () => refuse(insufficientStock, 'sold out') };
    await placed(world, { answers: soldOut });
    expect(world).toMatchObject({ status: 'cancelled', payment: 'refunded' });
  });

  it('when it is not paid within 24 hours', async () => {
    const world = new World();
    const run = await placed(world);
    await run.timer('wait-payment.timeout');
    expect(world).toMatchObject({
      status: 'cancelled',
      stock: 'free',
      payment: 'closed',
      mails: sent,
    });
  });

  it('when the customer cancels before paying', async () => {
    const world = new World();
    const run = await placed(world);
    await cancelled(run, world);
    expect(run.ended?.status).toBe('completed');
    expect(world).toMatchObject({ stock: 'free', payment: 'closed', mails: sent });
    expect(run.calledProcedures.slice(-5)).toEqual([
      'orders.cancel',
      'payments.settle-order',
      'inventory.release',
      'payments.settle-order',
      'notifications.send',
    ]);
    expect(run.calls.at(-1)?.input).toEqual({
      type: 'order-cancelled',
      orderId,
      userId,
      data: { reason: 'Changed my mind' },
    });
  });

  it('when the cancellation is faster than the shipping: everything is undone, last first', async () => {
    const world = new World();
    const run = await placed(world, {
      answers: {
        'delivery.create-shipment': () => {
          world.status = 'cancelled';
          world.shipment = 'booked';
          return { shipmentId: 's-1', trackingNumber: 'T-1' };
        },
      },
    });
    await paid(run, world);
    expect(run.ended?.status).toBe('completed');
    expect(run.calledProcedures.slice(-6)).toEqual([
      'orders.cancel',
      'delivery.cancel-shipment',
      'payments.settle-order',
      'inventory.release',
      'payments.settle-order',
      'notifications.send',
    ]);
    expect(world).toMatchObject({ shipment: 'cancelled', payment: 'refunded', stock: 'free' });
    expect(world.mails).toEqual(sent);
  });

  it('no more once it is shipped', async () => {
    const world = new World();
    const run = await placed(world);
    await paid(run, world);
    expect(run.waitingAt).not.toContain('on-cancelled');
  });
});

describe('whatever happens in whatever order', () => {
  it('no money, stock or parcel is left over, and each mail is sent once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom('job', 'pay', 'fail', 'cancel', 'approve', 'reject', 'late', 'deliver'),
          {
            maxLength: 40,
          },
        ),
        fc.constantFrom(10, 90),
        fc.infiniteStream(fc.nat(20)),
        async (events, score, chance) => {
          const world = new World(score);
          const run = new DrivenProcess(processOrder.model, world.answers);
          const all = run.runJobs.bind(run);
          // Jobs are run one by one, so that events come between them.
          run.runJobs = async () => run;
          await run.start(order);
          for (const event of [...events, 'deliver', 'pay', 'deliver']) {
            if (run.ended) break;
            if (event === 'deliver' && events.length > 0) await all();
            await happen(run, world, event, chance.next().value ?? 0);
          }
          while (!run.ended) {
            await all();
            if (run.ended) break;
            await run.timer(run.waits.find(({ wait }) => wait.kind === 'timer')!.wait.on);
          }
          expect(run.incidents).toEqual([]);
          expect(new Set(world.mails).size).toBe(world.mails.length);
          if (world.status === 'cancelled') {
            expect(world.stock).toBe('free');
            expect(['none', 'closed', 'refunded']).toContain(world.payment);
            expect(world.shipment).not.toBe('booked');
            expect(world.mails).toContain('order-cancelled');
          } else {
            expect(world).toMatchObject({ stock: 'consumed', payment: 'paid', shipment: 'booked' });
            expect(world.mails).not.toContain('order-cancelled');
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  async function happen(run: DrivenProcess, world: World, event: string, chance: number) {
    switch (event) {
      case 'job':
        if (run.dueJobs.length > 0) await run.runJob(chance % run.dueJobs.length);
        return;
      case 'pay':
        if (world.payment === 'open') await paid(run, world);
        return;
      case 'fail':
        if (world.payment === 'open') {
          world.payment = 'closed';
          await run.message('payments.trigger.completed', { orderId, paymentId, status: 'failed' });
        }
        return;
      case 'cancel':
        if (['pending', 'payment_failed', 'confirmed'].includes(world.status)) {
          await cancelled(run, world);
        }
        return;
      case 'approve':
      case 'reject':
        await run.message('orders.trigger.approved', {
          orderId,
          approved: event === 'approve',
          decidedBy: 'm',
        });
        return;
      case 'late': {
        const timers = run.waits.filter(({ wait }) => wait.kind === 'timer');
        if (timers.length > 0) await run.timer(timers[chance % timers.length]!.wait.on);
        return;
      }
      default:
        await courier(run, 'delivered');
    }
  }

  it('an outage is ridden out', async () => {
    const world = new World();
    let down = 3;
    const run = await placed(world, {
      answers: {
        'payments.create-session': () => {
          down -= 1;
          if (down >= 0) throw new RetryableFault('GATEWAY_DOWN', 'no answer');
          return { paymentId, url: null };
        },
      },
    });
    for (let attempt = 0; attempt < 3; attempt += 1) await run.timer('create-payment-session');
    expect(run.waitingAt).toContain('wait-payment');
  });
});
