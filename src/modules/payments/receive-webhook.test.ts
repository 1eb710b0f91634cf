/** Webhooks and sessions: early, late, twice and contradictory news of a payment. */
import { describe, expect, test } from 'vitest';
import { people } from '../../../test/support/orders.ts';
import { paymentsOnDatabase } from '../../../test/support/payments.ts';
import { paymentWebhook } from './webhook.ts';

const names = ({ events }: { events: readonly { name: string }[] }) =>
  events.map(({ name }) => name);
const processed = ['payment.processed', 'payments.trigger.completed'];
const unknownId = '01900000-0000-7000-8000-0000000000ff';

describe('sessions', () => {
  test('an order has one session, also when it is asked for twice at once', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const input = { orderId: order.id, amount: 99.98, currency: 'USD', userId: people.buyer };
    const sessions = await Promise.all([
      payments.succeed('payments.create-session', input),
      payments.succeed('payments.create-session', input),
    ]);
    expect(sessions[0]).toEqual(sessions[1]);
    expect(sessions[0]).toMatchObject({ status: 'pending', url: expect.stringContaining('https') });
    expect(new Set(payments.gateway.keys()).size).toBe(1);
  });

  test('a request that is repeated after its payment failed gets that payment, not another one', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const open = (idempotencyKey: string) =>
      payments.succeed('payments.create-session', { orderId: order.id }, { idempotencyKey });
    const { paymentId } = await open('the-step');
    await payments.webhook({ orderId: order.id, status: 'failed' });
    expect(await open('the-step')).toMatchObject({ paymentId, status: 'failed' });
    expect(new Set(payments.gateway.keys()).size).toBe(1);
    const another = await open('another-request');
    expect(another).toMatchObject({ status: 'pending' });
    expect(another.paymentId).not.toBe(paymentId);
  });

  test.each([
    [{ amount: 1 }, 'PAYMENT_AMOUNT_MISMATCH'],
    [{ userId: people.manager }, 'PAYMENT_USER_MISMATCH'],
    [{ orderId: unknownId }, 'PAYMENT_ORDER_UNKNOWN'],
  ])('%j is refused', async (more, code) => {
    const payments = await paymentsOnDatabase();
    const input = { orderId: payments.order().id, ...more };
    expect(await payments.refused('payments.create-session', input)).toMatchObject({ code });
  });

  test('one that opens while its payment is settled is closed again', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    payments.gateway.meanwhile(async () => {
      await payments.webhook({ orderId: order.id, status: 'completed' });
    });
    const session = await payments.succeed('payments.create-session', { orderId: order.id });
    expect(session).toMatchObject({ status: 'processed', url: null });
    expect(payments.gateway.isOpen(session.sessionId as string)).toBe(false);
  });
});

describe('a webhook', () => {
  test('with only the order and its status settles the payment, once', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const session = await payments.succeed('payments.create-session', { orderId: order.id });
    const body = { orderId: order.id, status: 'completed' };
    const first = await payments.webhook(body);
    expect(first.result).toEqual({
      orderId: order.id,
      paymentId: session.paymentId,
      status: 'processed',
      applied: true,
    });
    expect(names(first)).toEqual(processed);
    expect(first.events[0]!.payload).toMatchObject({ transactionId: session.sessionId });
    const second = await payments.webhook(body);
    expect(second).toMatchObject({ result: { applied: false }, events: [] });
  });

  test('twice at once acts once', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const body = { orderId: order.id, status: 'completed' };
    const results = await Promise.all([payments.webhook(body), payments.webhook(body)]);
    expect(results.flatMap(names)).toEqual(processed);
  });

  test('before the session is kept, and the session finds the order paid', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const early = await payments.webhook({ orderId: order.id, status: 'completed' });
    expect(names(early)).toEqual(processed);
    const session = await payments.succeed('payments.create-session', { orderId: order.id });
    expect(session).toMatchObject({ status: 'processed', sessionId: null, url: null });
    expect(payments.gateway.keys()).toEqual([]);
  });

  test('of a failure says why, by default and as given', async () => {
    const payments = await paymentsOnDatabase();
    const plain = payments.order();
    const first = await payments.webhook({ orderId: plain.id, status: 'failed' });
    expect(first.events.map(({ payload }) => payload)).toMatchObject([
      { failureReason: 'The payment was declined', failureCode: 'PAYMENT_DECLINED' },
      { status: 'failed', failureCode: 'PAYMENT_DECLINED' },
    ]);
    const order = payments.order();
    const failureReason = 'Insufficient funds';
    const failureCode = 'INSUFFICIENT_FUNDS';
    const body = { orderId: order.id, status: 'failed', failureReason, failureCode };
    expect((await payments.webhook(body)).events[0]).toMatchObject({
      name: 'payment.failed',
      payload: { failureReason, failureCode },
    });
    expect(await payments.webhook(body)).toMatchObject({ result: { applied: false }, events: [] });
  });

  test('by session or payment finds the payment, and may bring the charge later', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const { sessionId, paymentId } = await payments.succeed('payments.create-session', {
      orderId: order.id,
    });
    expect((await payments.webhook({ sessionId, status: 'completed' })).result).toMatchObject({
      paymentId,
    });
    const named = { reference: paymentId, sessionId, status: 'completed', transactionId: 'ch-9' };
    expect((await payments.webhook(named)).result).toMatchObject({ applied: false });
    expect(await payments.succeed('payments.get', { paymentId })).toMatchObject({
      transactionId: 'ch-9',
    });
  });

  test.each([
    ['PAYMENT_ORDER_UNKNOWN', { orderId: unknownId, status: 'completed' }],
    ['PAYMENT_NOT_FOUND', { paymentId: unknownId, status: 'completed' }],
    ['PAYMENT_NOT_FOUND', { sessionId: 'cs-none', status: 'failed' }],
  ])('%s', async (code, body) => {
    const payments = await paymentsOnDatabase();
    expect((await payments.webhook(body)).result).toMatchObject({ code });
  });

  test('that contradicts what is known is refused and changes nothing', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const orderId = order.id;
    await payments.webhook({ orderId, status: 'completed', transactionId: 'ch-1' });
    const contradicts = { code: 'PAYMENT_WEBHOOK_CONTRADICTS', definition: { status: 409 } };
    const refusedBy = async (body: object) => (await payments.webhook(body)).result;
    expect(await refusedBy({ orderId, status: 'failed' })).toMatchObject(contradicts);
    expect(await refusedBy({ orderId, status: 'completed', transactionId: 'ch-2' })).toMatchObject(
      contradicts,
    );
    expect(await refusedBy({ orderId, status: 'completed', amount: 1 })).toMatchObject({
      code: 'PAYMENT_AMOUNT_MISMATCH',
    });
    const failed = payments.order();
    await payments.webhook({ orderId: failed.id, status: 'failed' });
    expect(await refusedBy({ orderId: failed.id, status: 'completed' })).toMatchObject(contradicts);
    expect(
      await refusedBy({ orderId: payments.order({ status: 'shipped' }).id, status: 'completed' }),
    ).toMatchObject({ code: 'ORDER_NOT_PAYABLE' });
  });

  test('of a charge after a failure is believed: money that was taken must be known', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    await payments.webhook({ orderId: order.id, status: 'failed' });
    payments.setStatus(order.id, 'cancelled');
    const late = await payments.webhook({
      orderId: order.id,
      status: 'completed',
      transactionId: 'ch-1',
    });
    expect(names(late)).toEqual(['payment.processed', 'payments.trigger.paid-after-cancel']);
  });

  test('without anything to find a payment by is wrong input', async () => {
    const payments = await paymentsOnDatabase();
    await expect(payments.webhook({ status: 'completed' })).rejects.toMatchObject({
      name: 'ZodError',
    });
  });

  test('is recognised by its event id', () => {
    expect(paymentWebhook.deliveryId({ eventId: 'evt_1' })).toBe('evt_1');
    expect(paymentWebhook.deliveryId({ orderId: 'x' })).toBeNull();
  });
});
