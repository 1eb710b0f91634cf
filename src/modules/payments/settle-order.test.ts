/** Money going back: refunds, and the settling of orders that were given up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fixedClock } from '../../../test/support/context.ts';
import { people } from '../../../test/support/orders.ts';
import { paymentsOnDatabase } from '../../../test/support/payments.ts';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import { money } from '../../kernel/money.ts';

type Payments = Awaited<ReturnType<typeof paymentsOnDatabase>>;
const at = '2026-03-01T12:00:00.000Z';

async function paid(payments: Payments, minor = 9998) {
  const order = payments.order({ total: money(minor, 'USD') });
  const { result } = await payments.pay(order);
  return { order, paymentId: 'id' in result ? (result.id as string) : '' };
}

describe('refunds', () => {
  test('in parts are announced, and end with the whole', async () => {
    const payments = await paymentsOnDatabase();
    const { order, paymentId } = await paid(payments);
    const reason = 'Damaged';
    const part = await payments.call('payments.refund', { paymentId, amount: 40, reason });
    expect(part.result).toMatchObject({ status: 'processed', refundedAmount: 40 });
    const subject = { paymentId, orderId: order.id, userId: people.buyer };
    expect(part.events).toEqual([
      {
        name: 'payment.refunded',
        payload: {
          ...subject,
          amount: 40,
          currency: 'USD',
          refundedAmount: 40,
          fullyRefunded: false,
          reason,
          refundedAt: at,
        },
      },
    ]);
    const rest = await payments.call('payments.refund', { paymentId, reason });
    expect(rest.result).toMatchObject({ status: 'refunded', refundedAmount: 99.98 });
    expect(rest.events[0]!.payload).toMatchObject({ amount: 59.98, fullyRefunded: true });
    expect(await payments.refused('payments.refund', { paymentId, reason })).toMatchObject({
      code: 'PAYMENT_NOT_REFUNDABLE',
    });
  });

  test('never add up to more than was paid, in any order, at once, and with repeats', async () => {
    const payments = await paymentsOnDatabase();
    const amounts = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(amounts, async (cents) => {
        const { paymentId } = await paid(payments);
        const keys = cents.flatMap((amount, index) => [
          { amount, key: `r${index}` },
          { amount, key: `r${index}` },
        ]);
        const results = await Promise.all(
          keys.map(({ amount, key }) =>
            payments.call(
              'payments.refund',
              { paymentId, amount: amount / 100, reason: 'x' },
              { idempotencyKey: key },
            ),
          ),
        );
        const events = results.flatMap((one) => one.events);
        const sum = events.reduce(
          (total, { payload }) => total + Math.round((payload as { amount: number }).amount * 100),
          0,
        );
        const after = await payments.succeed('payments.get', { paymentId });
        expect(Math.round((after.refundedAmount as number) * 100)).toBe(sum);
        expect(sum).toBeLessThanOrEqual(9998);
        expect(after.status).toBe(sum === 9998 ? 'refunded' : 'processed');
      }),
      { numRuns: 15 },
    );
  });

  test.each([0, -1, 100, 1.001])('of %s is refused with what is left', async (amount) => {
    const payments = await paymentsOnDatabase();
    const { paymentId } = await paid(payments);
    const refusal = await payments.refused('payments.refund', { paymentId, amount, reason: 'x' });
    expect(refusal).toMatchObject({ code: 'REFUND_EXCEEDS_PAYMENT', data: { refundable: 99.98 } });
  });

  test('whose answer is lost go on under the same key', async () => {
    const payments = await paymentsOnDatabase();
    const { paymentId } = await paid(payments);
    const refund = () =>
      payments.call('payments.refund', { paymentId, reason: 'x' }, { idempotencyKey: 'k' });
    payments.gateway.plays('time-out-after');
    await expect(refund()).rejects.toThrow(RetryableFault);
    payments.gateway.plays('succeed');
    expect((await refund()).result).toMatchObject({ status: 'refunded' });
    expect((await refund()).events).toEqual([]);
    const keys = payments.gateway.keys().filter((key) => key.startsWith('refund-'));
    expect(new Set(keys).size).toBe(1);
  });

  test('that the gateway refuses are refused', async () => {
    const payments = await paymentsOnDatabase();
    const { paymentId } = await paid(payments);
    payments.gateway.plays('decline');
    expect(await payments.refused('payments.refund', { paymentId, reason: 'x' })).toMatchObject({
      code: 'REFUND_REFUSED',
      data: { failureReason: 'Too old' },
    });
  });
});

describe('settling an order that was given up', () => {
  const settle = (payments: Payments, orderId: string, clock = fixedClock(at)) =>
    payments.call('payments.settle-order', { orderId }, { clock });

  test('does nothing where nothing was paid', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order({ status: 'cancelled' });
    expect((await settle(payments, order.id)).result).toEqual({
      orderId: order.id,
      outcome: 'nothing',
      paymentId: null,
      refundedAmount: 0,
    });
  });

  test('closes an open session; late money is noticed and goes back', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const { sessionId, paymentId } = await payments.succeed('payments.create-session', {
      orderId: order.id,
    });
    payments.setStatus(order.id, 'cancelled');
    const closed = await settle(payments, order.id);
    expect(closed).toMatchObject({ result: { outcome: 'session-closed', paymentId }, events: [] });
    expect(payments.gateway.isOpen(sessionId as string)).toBe(false);
    expect((await settle(payments, order.id)).result).toMatchObject({ outcome: 'session-closed' });

    const late = await payments.webhook({ orderId: order.id, sessionId, status: 'completed' });
    expect(late.events.map(({ name }) => name)).toEqual([
      'payment.processed',
      'payments.trigger.paid-after-cancel',
    ]);
    expect(late.events[1]!.payload).toEqual({ orderId: order.id, paymentId });
    const refunded = await settle(payments, order.id);
    expect(refunded).toMatchObject({ result: { outcome: 'refunded', refundedAmount: 99.98 } });
    expect(refunded.events.map(({ name }) => name)).toEqual(['payment.refunded']);
  });

  test('finds a session that a crash kept from being written down', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    payments.gateway.plays('time-out-after');
    const open = payments.call('payments.create-session', { orderId: order.id });
    await expect(open).rejects.toThrow(RetryableFault);
    expect((await settle(payments, order.id)).result).toMatchObject({ outcome: 'session-closed' });
    const [key] = payments.gateway.keys();
    expect(payments.gateway.isOpen(`cs-${key}`)).toBe(false);
  });

  test('refunds what was taken, once, however often it is called', async () => {
    const payments = await paymentsOnDatabase();
    const { order } = await paid(payments);
    const all = await Promise.all([1, 2, 3].map(() => settle(payments, order.id)));
    expect(all.flatMap(({ events }) => events)).toHaveLength(1);
    for (const { result } of all) expect(result).toMatchObject({ refundedAmount: 99.98 });
  });

  test('refunds a session that was paid before it could be closed', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const { sessionId } = await payments.succeed('payments.create-session', { orderId: order.id });
    payments.gateway.paySession(sessionId as string, 'ch-late');
    payments.setStatus(order.id, 'cancelled');
    const { result, events } = await settle(payments, order.id);
    expect(result).toMatchObject({ outcome: 'refunded', refundedAmount: 99.98 });
    expect(events.map(({ name }) => name)).toEqual(['payment.processed', 'payment.refunded']);
  });

  test('waits for a charge under way, and refunds it or counts it as lost', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const clock = fixedClock(at);
    payments.gateway.plays('time-out-before');
    await expect(payments.pay(order, { clock })).rejects.toThrow(RetryableFault);
    await expect(settle(payments, order.id, clock)).rejects.toMatchObject({
      code: 'PAYMENT_IN_FLIGHT',
    });
    clock.set('2026-03-01T12:02:00.000Z');
    expect((await settle(payments, order.id, clock)).result).toMatchObject({
      outcome: 'session-closed',
    });
    const again = await payments.pay(order, { clock });
    expect(again.result).toMatchObject({ code: 'ORDER_NOT_PAYABLE' });

    const charged = payments.order();
    payments.gateway.plays('time-out-after');
    await expect(payments.pay(charged, { clock })).rejects.toThrow(RetryableFault);
    payments.gateway.plays('succeed');
    expect((await settle(payments, charged.id, clock)).result).toMatchObject({
      outcome: 'refunded',
    });
  });

  test('leaves a refund that the gateway refuses to a person, who may try again', async () => {
    const payments = await paymentsOnDatabase();
    const { order } = await paid(payments);
    payments.gateway.plays('decline');
    await expect(settle(payments, order.id)).rejects.toThrow(TerminalFault);
    payments.gateway.plays('succeed');
    expect((await settle(payments, order.id)).result).toMatchObject({ outcome: 'refunded' });
  });
});
