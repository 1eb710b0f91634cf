/** Charging: the rules, exactly one charge whatever goes wrong, and what is told of each outcome. */
import { describe, expect, test } from 'vitest';
import { callProcedure, fixedClock } from '../../../test/support/context.ts';
import { buyer, manager, people, stranger } from '../../../test/support/orders.ts';
import { paymentsOnDatabase } from '../../../test/support/payments.ts';
import { RetryableFault } from '../../kernel/errors.ts';
import { money } from '../../kernel/money.ts';

const at = '2026-03-01T12:00:00.000Z';
const unknownId = '01900000-0000-7000-8000-0000000000ff';

test('a charge that succeeds is answered, announced to the letter, and wakes the process', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  const { result, events } = await payments.pay(order);
  const paymentId = 'id' in result ? result.id : undefined;
  const transactionId = 'transactionId' in result ? result.transactionId : undefined;
  expect(result).toMatchObject({
    orderId: order.id,
    userId: people.buyer,
    amount: 99.98,
    currency: 'USD',
    paymentMethod: 'credit_card',
    status: 'processed',
    processedAt: at,
    failureReason: null,
    refundedAmount: 0,
    method: { brand: 'visa', last4: '4242', holder: null },
    masked: false,
  });
  expect(events).toEqual([
    {
      name: 'payment.processed',
      payload: {
        paymentId,
        orderId: order.id,
        userId: people.buyer,
        amount: 99.98,
        currency: 'USD',
        paymentMethod: 'credit_card',
        transactionId,
        processedAt: at,
      },
    },
    {
      name: 'payments.trigger.completed',
      payload: { orderId: order.id, paymentId, status: 'completed' },
    },
  ]);
});

test('a declined charge is stored, announced to the letter, and refused with 402', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  payments.gateway.plays('decline');
  const { result, events } = await payments.pay(order, { idempotencyKey: 'k' });
  expect(result).toMatchObject({
    code: 'PAYMENT_DECLINED',
    definition: { status: 402 },
    data: { failureReason: 'Insufficient funds', failureCode: 'INSUFFICIENT_FUNDS' },
  });
  const page = await payments.succeed('payments.list-for-order', { orderId: order.id });
  const [stored] = page.items as { id: string; status: string }[];
  expect(stored).toMatchObject({ status: 'failed', failureReason: 'Insufficient funds' });
  const subject = { paymentId: stored!.id, orderId: order.id };
  const failure = { failureReason: 'Insufficient funds', failureCode: 'INSUFFICIENT_FUNDS' };
  expect(events).toEqual([
    {
      name: 'payment.failed',
      payload: {
        ...subject,
        userId: people.buyer,
        amount: 99.98,
        currency: 'USD',
        ...failure,
        failedAt: at,
      },
    },
    { name: 'payments.trigger.completed', payload: { ...subject, status: 'failed', ...failure } },
  ]);
  const again = await payments.pay(order, { idempotencyKey: 'k' });
  expect(again).toMatchObject({ result: { code: 'PAYMENT_DECLINED' }, events: [] });
});

describe('rules', async () => {
  const payments = await paymentsOnDatabase({ activeMethods: ['credit_card'] });
  const cases = [
    { code: 'PAYMENT_ORDER_UNKNOWN', input: { orderId: unknownId } },
    { code: 'ORDER_NOT_PAYABLE', order: { status: 'shipped' } },
    { code: 'PAYMENT_AMOUNT_MISMATCH', input: { amount: 99.97 }, pointer: '/amount' },
    { code: 'PAYMENT_AMOUNT_MISMATCH', input: { amount: 99.981 }, pointer: '/amount' },
    { code: 'PAYMENT_AMOUNT_MISMATCH', input: { currency: 'EUR' }, pointer: '/currency' },
    { code: 'PAYMENT_USER_MISMATCH', input: { userId: people.manager }, pointer: '/userId' },
    { code: 'PAYMENT_METHOD_INACTIVE', input: { paymentMethod: 'paypal' } },
    { code: 'PAYMENT_FORBIDDEN', caller: stranger },
    { code: 'PAYMENT_FORBIDDEN', caller: manager },
  ];
  test.each(cases)('$code $input', async ({ code, input = {}, order = {}, caller, pointer }) => {
    const { result, events } = await payments.pay(payments.order(order), {
      input,
      caller: caller ?? buyer,
    });
    expect(result).toMatchObject({ code });
    if (pointer) expect(result).toMatchObject({ issues: [{ pointer }] });
    expect(events).toEqual([]);
    expect(payments.gateway.keys()).toEqual([]);
    const { rows } = await payments.database.query('select 1 from payments.payments');
    expect(rows).toEqual([]);
  });

  test('a payment_failed order may be paid', async () => {
    const order = payments.order({ status: 'payment_failed' });
    expect((await payments.pay(order)).result).toMatchObject({ status: 'processed' });
  });
});

test('the same request again is answered alike; another one is refused as paid', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  const first = await payments.pay(order, { idempotencyKey: 'a' });
  expect(await payments.pay(order, { idempotencyKey: 'a' })).toEqual({ ...first, events: [] });
  expect((await payments.pay(order, { idempotencyKey: 'b' })).result).toMatchObject({
    code: 'PAYMENT_ALREADY_PROCESSED',
  });
  expect(payments.gateway.charges()).toBe(1);
});

test('ten requests at once charge once', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  const results = await Promise.all(Array.from({ length: 10 }, () => payments.pay(order)));
  expect(payments.gateway.charges()).toBe(1);
  expect(results.filter(({ result }) => 'status' in result)).toHaveLength(1);
  expect(results.flatMap(({ events }) => events)).toHaveLength(2);
});

test('unusable details leave the payment open for a better try, under another key', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  payments.gateway.plays('invalid');
  expect((await payments.pay(order)).result).toMatchObject({
    code: 'INVALID_PAYMENT_DETAILS',
    definition: { status: 422 },
  });
  payments.gateway.plays('succeed');
  expect((await payments.pay(order)).result).toMatchObject({ status: 'processed' });
  expect(new Set(payments.gateway.keys()).size).toBe(2);
});

describe('no answer', () => {
  test('after a charge: the fault says so, and the same request finds the charge', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    payments.gateway.plays('time-out-after');
    const request = { idempotencyKey: 'k' };
    await expect(payments.pay(order, request)).rejects.toMatchObject({ outcomeUnknown: true });
    const other = await payments.pay(order, { idempotencyKey: 'other' });
    expect(other.result).toMatchObject({ code: 'PAYMENT_IN_PROGRESS' });
    payments.gateway.plays('succeed');
    const { result, events } = await payments.pay(order, request);
    expect(result).toMatchObject({ status: 'processed' });
    expect(events).toHaveLength(2);
    expect(payments.gateway.charges()).toBe(1);
  });

  test('reconciling finds the charge, or that there was none', async () => {
    const payments = await paymentsOnDatabase();
    const procedure = payments.find('payments.process');
    const reconcile = async (orderId: string, idempotencyKey: string) => {
      const asking = {
        ...procedure,
        execute: 'reconcile' in procedure ? procedure.reconcile! : undefined,
      };
      const input = { orderId, amount: 99.98, paymentMethod: 'credit_card', cardToken: 'tok' };
      const output = { parse: (value: unknown) => value };
      return await callProcedure(
        payments.database,
        { ...asking, output } as never,
        input as never,
        {
          caller: buyer,
          idempotencyKey,
        },
      );
    };
    const charged = payments.order();
    payments.gateway.plays('time-out-after');
    await expect(payments.pay(charged, { idempotencyKey: 'a' })).rejects.toThrow(RetryableFault);
    expect((await reconcile(charged.id, 'a')).result).toMatchObject({ status: 'processed' });
    const lost = payments.order();
    payments.gateway.plays('time-out-before');
    await expect(payments.pay(lost, { idempotencyKey: 'b' })).rejects.toThrow(RetryableFault);
    expect((await reconcile(lost.id, 'b')).result).toBeNull();
    expect((await reconcile(lost.id, 'never sent')).result).toBeNull();
    expect(payments.gateway.charges()).toBe(1);
  });

  test('an abandoned charge is asked about before another request charges', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const clock = fixedClock(at);
    payments.gateway.plays('time-out-after');
    await expect(payments.pay(order, { clock })).rejects.toThrow(RetryableFault);
    clock.set('2026-03-01T12:02:00.000Z');
    payments.gateway.plays('succeed');
    expect((await payments.pay(order, { clock })).result).toMatchObject({
      code: 'PAYMENT_ALREADY_PROCESSED',
    });
    expect(payments.gateway.charges()).toBe(1);
  });

  test('when certainly nothing was sent, the next request may charge at once', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    payments.gateway.plays('unreachable');
    await expect(payments.pay(order)).rejects.toMatchObject({ outcomeUnknown: false });
    payments.gateway.plays('succeed');
    expect((await payments.pay(order)).result).toMatchObject({ status: 'processed' });
  });

  test('a webhook that is faster than the answer settles once', async () => {
    const payments = await paymentsOnDatabase();
    const order = payments.order();
    const told: unknown[] = [];
    payments.gateway.meanwhile(async () => {
      const body = { orderId: order.id, status: 'completed', transactionId: 'ch-0' };
      told.push(...(await payments.webhook(body)).events);
    });
    const { result, events } = await payments.pay(order);
    expect(result).toMatchObject({ status: 'processed', method: { last4: '4242' } });
    expect([...told, ...events]).toHaveLength(2);
  });
});

test('an order that is cancelled during the charge gets its money back', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  payments.gateway.meanwhile(async () => payments.setStatus(order.id, 'cancelled'));
  const { events } = await payments.pay(order);
  expect(events.map(({ name }) => name)).toEqual([
    'payment.processed',
    'payments.trigger.paid-after-cancel',
  ]);
});

test('paying by card closes the open session first; a paid session is found', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  const session = await payments.succeed('payments.create-session', { orderId: order.id });
  const { result } = await payments.pay(order);
  expect(result).toMatchObject({ id: session.paymentId, status: 'processed' });
  expect(payments.gateway.isOpen(session.sessionId as string)).toBe(false);

  const other = payments.order({ total: money(500, 'USD') });
  const paid = await payments.succeed('payments.create-session', { orderId: other.id });
  payments.gateway.paySession(paid.sessionId as string, 'ch-session');
  const late = await payments.pay(other);
  expect(late.result).toMatchObject({ code: 'PAYMENT_ALREADY_PROCESSED' });
  expect(late.events.map(({ name }) => name)).toEqual([
    'payment.processed',
    'payments.trigger.completed',
  ]);
  expect(payments.gateway.charges()).toBe(1);
});

test('nothing of the card but sealed details is stored, and the audit cannot be changed', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  await payments.pay(order);
  const { rows } = await payments.database.query<{ row: string }>(
    `select to_jsonb(p)::text || encode(sealed_method, 'escape') as row from payments.payments p
     union all select to_jsonb(a)::text from payments.audit a`,
  );
  const stored = rows.map(({ row }) => row).join('\n');
  for (const secret of ['tok_secret', '4242', 'visa', 'Ada Lovelace']) {
    expect(stored).not.toContain(secret);
  }
  const actions = await payments.database.query<{ action: string; trace_id: string }>(
    'select action, trace_id from payments.audit order by id',
  );
  expect(actions.rows.map(({ action }) => action)).toEqual([
    'payment.opened',
    'charge.started',
    'payment.processed',
  ]);
  for (const change of ['delete from payments.audit', "update payments.audit set actor = 'x'"]) {
    await expect(payments.database.query(change)).rejects.toThrow(/append-only/);
  }
});

test('readers see what they may: the buyer, those who handle money, staff, and nobody else', async () => {
  const payments = await paymentsOnDatabase();
  const order = payments.order();
  const { result } = await payments.pay(order);
  const paymentId = 'id' in result ? result.id : undefined;
  const seen = async (caller: typeof buyer) =>
    await payments.succeed('payments.get', { paymentId }, { caller });
  expect(await seen(buyer)).toMatchObject({
    masked: false,
    method: { brand: 'visa', last4: '4242', holder: null },
    can: [{ action: 'payments.refund', allowed: false }],
  });
  expect(await seen(manager)).toMatchObject({
    masked: false,
    method: { last4: '4242', holder: 'Ada Lovelace' },
    can: [{ action: 'payments.refund', allowed: true }],
  });
  expect(await seen({ ...stranger, roles: ['support'] })).toMatchObject({
    masked: true,
    transactionId: '****',
    method: { brand: null, last4: '****', holder: null },
  });
  const by = { caller: stranger };
  const forbidden = { code: 'PAYMENT_FORBIDDEN', definition: { status: 403 } };
  expect(await payments.refused('payments.get', { paymentId }, by)).toMatchObject(forbidden);
  expect(
    await payments.refused('payments.list-for-order', { orderId: order.id }, by),
  ).toMatchObject(forbidden);
  expect(await payments.refused('payments.get', { paymentId: unknownId })).toMatchObject({
    code: 'PAYMENT_NOT_FOUND',
  });
});
