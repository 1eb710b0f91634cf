/** What other payment services publish of our orders: taken in once, and not told to the world again. */
import { expect, test } from 'vitest';
import { paymentsOnDatabase } from '../../../test/support/payments.ts';
import { cloudEventSource } from '../../events/index.ts';
import type { TopicMessage } from '../../kernel/topic-trigger.ts';
import { paymentTriggers } from './triggers.ts';

const [processed, failed] = paymentTriggers;

const message = (headers: Record<string, string> = {}): TopicMessage => ({
  cluster: 'main',
  topic: 'payment.processed',
  partition: 0,
  offset: '0',
  key: null,
  headers,
  producedAt: new Date(),
});

/** The message of the reference's contract, for this order. */
const taken = (orderId: string) => ({
  paymentId: 'pay-1',
  orderId,
  userId: 'somebody',
  amount: 99.98,
  currency: 'USD',
  paymentMethod: 'credit_card',
  transactionId: 'ext-12345',
  processedAt: '2024-01-31T10:05:00Z',
});

function inputOf(trigger: (typeof paymentTriggers)[number], value: unknown): unknown {
  const { does } = trigger;
  if (!('procedure' in does) || !does.input) throw new Error('expected a procedure with its input');
  return does.input(trigger.value.parse(value), message());
}

test('money that another service took settles the payment and moves the order, and no more', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  const { paymentId } = await payments.succeed('payments.create-session', { orderId: order.id });
  const input = inputOf(processed!, taken(order.id));
  const first = await payments.call('payments.receive-announcement', input);
  expect(first.result).toMatchObject({ paymentId, status: 'processed', applied: true });
  expect(first.events.map(({ name }) => name)).toEqual(['payments.trigger.completed']);
  const again = await payments.call('payments.receive-announcement', input);
  expect(again).toMatchObject({ result: { applied: false }, events: [] });
  const kept = await payments.succeed('payments.get', { paymentId });
  expect(kept).toMatchObject({ transactionId: 'ext-12345', paymentMethod: 'credit_card' });
});

test('money for an order that was given up goes back, and a wrong amount is refused', async () => {
  const payments = await paymentsOnDatabase();
  const givenUp = payments.order({ status: 'cancelled' });
  const late = inputOf(processed!, taken(givenUp.id));
  expect((await payments.call('payments.receive-announcement', late)).events).toMatchObject([
    { name: 'payments.trigger.paid-after-cancel' },
  ]);
  const wrong = inputOf(processed!, { ...taken(payments.order().id), amount: 1 });
  expect(await payments.refused('payments.receive-announcement', wrong)).toMatchObject({
    code: 'PAYMENT_AMOUNT_MISMATCH',
  });
});

test('a payment that failed elsewhere says why; a method that is not known here is left out', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  const { paymentId, orderId, userId, amount, currency } = taken(order.id);
  const value = {
    ...{ paymentId, orderId, userId, amount, currency },
    failureReason: 'Insufficient funds',
    failureCode: 'INSUFFICIENT_FUNDS',
    failedAt: '2024-01-31T10:05:00Z',
  };
  const input = inputOf(failed!, value);
  expect((await payments.call('payments.receive-announcement', input)).events).toMatchObject([
    { name: 'payments.trigger.completed', payload: { status: 'failed', ...{ orderId } } },
  ]);
  const unusual = { ...taken(orderId), paymentMethod: 'seashells' };
  const paid = await payments.succeed(
    'payments.receive-announcement',
    inputOf(processed!, unusual),
  );
  expect(paid).toMatchObject({ status: 'processed', applied: true });
});

test('what this program has published itself is passed over', () => {
  expect(processed!.wants!({}, message({ ce_source: cloudEventSource }))).toBe(false);
  expect(failed!.wants!({}, message({ ce_source: '/elsewhere' }))).toBe(true);
  expect(failed!.wants!({}, message())).toBe(true);
});
