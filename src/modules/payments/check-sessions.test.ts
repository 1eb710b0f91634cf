/** Asking about sessions whose webhook never came. */
import { expect, test } from 'vitest';
import { fixedClock } from '../../../test/support/context.ts';
import { paymentsOnDatabase } from '../../../test/support/payments.ts';

const start = '2026-03-01T12:00:00.000Z';
const later = (minutes: number) => new Date(Date.parse(start) + minutes * 60_000);

async function paymentsWithSession() {
  const payments = await paymentsOnDatabase();
  const clock = fixedClock(start);
  const open = async () => {
    const order = payments.order();
    const session = await payments.succeed(
      'payments.create-session',
      { orderId: order.id },
      { clock },
    );
    return {
      order,
      sessionId: session.sessionId as string,
      paymentId: session.paymentId as string,
    };
  };
  const check = (input: object = {}) => payments.call('payments.check-sessions', input, { clock });
  const statusOf = async (paymentId: string) =>
    (await payments.succeed('payments.get', { paymentId })).status;
  return { payments, clock, open, check, statusOf };
}

const names = ({ events }: { events: readonly { name: string }[] }) =>
  events.map(({ name }) => name);

test('a page that was paid and never reported is settled once, after a quarter of an hour', async () => {
  const { payments, clock, open, check, statusOf } = await paymentsWithSession();
  const { sessionId, paymentId } = await open();
  payments.gateway.paySession(sessionId, 'ch-1');
  clock.set(later(14));
  expect((await check()).result).toEqual({ asked: 0, settled: 0, more: false });
  expect(await statusOf(paymentId)).toBe('pending');
  clock.set(later(15));
  const checked = await check();
  expect(checked.result).toEqual({ asked: 1, settled: 1, more: false });
  expect(names(checked)).toEqual(['payment.processed', 'payments.trigger.completed']);
  expect(await statusOf(paymentId)).toBe('processed');
  clock.set(later(60));
  expect((await check()).result).toEqual({ asked: 0, settled: 0, more: false });
  // The webhook comes after all.
  const late = await payments.webhook({ paymentId, status: 'completed', transactionId: 'ch-1' });
  expect(late).toMatchObject({ result: { applied: false }, events: [] });
});

test('a page on which the bank said no fails the payment, with its reason', async () => {
  const { payments, clock, open, check } = await paymentsWithSession();
  const { sessionId, paymentId } = await open();
  payments.gateway.failSession(sessionId, {
    status: 'failed',
    failureCode: 'INSUFFICIENT_FUNDS',
    failureReason: 'Insufficient funds',
    transactionId: 'ch-2',
  });
  clock.set(later(15));
  const checked = await check();
  expect(checked.result).toEqual({ asked: 1, settled: 1, more: false });
  expect(names(checked)).toEqual(['payment.failed', 'payments.trigger.completed']);
  expect(await payments.succeed('payments.get', { paymentId })).toMatchObject({
    status: 'failed',
    failureReason: 'Insufficient funds',
  });
});

test('an open page is asked about again only after the same time, longest silent first', async () => {
  const { clock, open, check } = await paymentsWithSession();
  await open();
  clock.set(later(1));
  await open();
  clock.set(later(20));
  expect((await check({ limit: 1 })).result).toEqual({ asked: 1, settled: 0, more: true });
  expect((await check({ limit: 5 })).result).toEqual({ asked: 1, settled: 0, more: false });
  clock.set(later(34));
  expect((await check()).result).toMatchObject({ asked: 0 });
  clock.set(later(35));
  expect((await check()).result).toMatchObject({ asked: 2 });
});

test('two that ask at the same time never ask about the same page', async () => {
  const { payments, clock, open, check } = await paymentsWithSession();
  const sessions = await Promise.all([open(), open(), open(), open()]);
  for (const { sessionId } of sessions) payments.gateway.paySession(sessionId, `ch-${sessionId}`);
  clock.set(later(15));
  const checks = await Promise.all([check({ limit: 3 }), check({ limit: 3 })]);
  const sum = (of: 'asked' | 'settled') =>
    checks.reduce((total, { result }) => total + ((result as Record<string, number>)[of] ?? 0), 0);
  expect({ asked: sum('asked'), settled: sum('settled') }).toEqual({ asked: 4, settled: 4 });
});

test('a gateway that cannot be reached ends the call; the page is asked about later', async () => {
  const { payments, clock, open, check, statusOf } = await paymentsWithSession();
  const { sessionId, paymentId } = await open();
  payments.gateway.paySession(sessionId, 'ch-1');
  payments.gateway.plays('unreachable');
  clock.set(later(15));
  await expect(check()).rejects.toThrow('did not answer');
  payments.gateway.plays('succeed');
  clock.set(later(30));
  expect((await check()).result).toMatchObject({ settled: 1 });
  expect(await statusOf(paymentId)).toBe('processed');
});
