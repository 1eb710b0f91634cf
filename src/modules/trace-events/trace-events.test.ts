/** Trace events: kept whatever they carry, and found by every filter. */
import { expect, test } from 'vitest';
import {
  callProcedure,
  migrationsOf,
  mustSucceed,
  userCaller,
} from '../../../test/support/context.ts';
import { testDatabase } from '../../../test/support/database.ts';
import { processCaller } from '../../kernel/caller.ts';
import { newId } from '../../kernel/ids.ts';
import type { TraceEventRecord } from '../../kernel/trace.ts';
import { traceEventsModule } from './module.ts';
import { listTraceEventsProcedure, purgeTraceEventsProcedure } from './procedures.ts';
import { recordTraceEvents } from './record-trace-events.ts';

const { database } = await testDatabase({ migrations: migrationsOf(traceEventsModule()) });
const caller = userCaller(newId(), 'support');

const success: TraceEventRecord = {
  type: 'order_creation',
  service: 'Order Service',
  procedure: 'orders.create',
  status: 'success',
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  details: {},
  at: new Date('2026-03-01T12:00:00.000Z'),
  durationMs: 12.5,
};

const record = (...events: readonly TraceEventRecord[]) =>
  database.transaction(async (tx) => recordTraceEvents(tx, events));

const list = (input: Record<string, unknown>) =>
  mustSucceed(callProcedure(database, listTraceEventsProcedure, input, { caller }));

test('the whole way of one order is found by its trace id, newest first', async () => {
  const traceId = '11111111111111111111111111111111';
  const orderId = newId();
  const userId = newId();
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 12, minute));
  await record(
    { ...success, traceId, orderId, userId, details: { total: 100 }, at: at(0) },
    {
      ...success,
      traceId,
      orderId,
      type: 'payment_processing',
      service: 'Payment Service',
      procedure: 'payments.process',
      status: 'failed',
      errorCode: 'INSUFFICIENT_FUNDS',
      at: at(1),
    },
    { ...success, traceId, orderId, type: 'order_fulfillment', at: at(2) },
    { ...success, traceId: '2'.repeat(32), at: at(3) },
  );
  const page = await list({ traceId });
  expect(page.items.map((event) => [event.type, event.status, event.errorCode])).toEqual([
    ['order_fulfillment', 'success', null],
    ['payment_processing', 'failed', 'INSUFFICIENT_FUNDS'],
    ['order_creation', 'success', null],
  ]);
  expect(page.items[2]).toEqual({
    id: expect.any(String),
    type: 'order_creation',
    service: 'Order Service',
    procedure: 'orders.create',
    status: 'success',
    traceId,
    spanId: success.spanId,
    orderId,
    userId,
    details: { total: 100 },
    errorCode: null,
    at: at(0).toISOString(),
    durationMs: 12.5,
  });
});

test('what came in for an order under another trace belongs to its way', async () => {
  const [placed, webhook] = ['a'.repeat(32), 'b'.repeat(32)];
  const orderId = newId();
  await record(
    { ...success, traceId: placed, orderId },
    { ...success, traceId: placed, type: 'data_lookup', procedure: 'users.get' },
    { ...success, traceId: webhook, orderId, procedure: 'payments.receive-webhook' },
    { ...success, traceId: webhook, procedure: 'catalog.get-product' },
    { ...success, traceId: 'c'.repeat(32), orderId: newId(), procedure: 'inventory.reserve' },
  );
  const proceduresOf = async (filter: Record<string, unknown>) =>
    (await list(filter)).items.map(({ procedure }) => procedure).sort();
  expect(await proceduresOf({ traceId: placed })).toEqual([
    'orders.create',
    'payments.receive-webhook',
    'users.get',
  ]);
  expect(await proceduresOf({ traceId: webhook })).toEqual([
    'catalog.get-product',
    'orders.create',
    'payments.receive-webhook',
  ]);
  expect(await proceduresOf({ traceId: placed, type: 'data_lookup' })).toEqual(['users.get']);
  expect(await list({ traceId: 'd'.repeat(32) })).toMatchObject({ items: [] });
});

test('every filter finds what fits and nothing else', async () => {
  const orderId = newId();
  const userId = newId();
  const at = new Date('2025-01-01T00:00:00.000Z');
  const failed: TraceEventRecord = {
    ...success,
    type: 'user_login',
    service: 'User Service',
    procedure: 'users.login',
    status: 'failed',
    errorCode: 'INVALID_CREDENTIALS',
    userId,
    at,
  };
  await record(failed, { ...success, orderId, at: new Date('2025-01-02T00:00:00.000Z') });
  const period = { from: '2025-01-01T01:00:00+01:00', to: '2025-01-03T00:00:00Z' };
  const filters: [Record<string, unknown>, string[]][] = [
    [period, ['orders.create', 'users.login']],
    [{ ...period, type: 'user_login' }, ['users.login']],
    [{ ...period, status: 'success' }, ['orders.create']],
    [{ ...period, service: 'User Service' }, ['users.login']],
    [{ ...period, procedure: 'orders.create' }, ['orders.create']],
    [{ ...period, to: '2025-01-02T00:00:00Z' }, ['users.login']],
    [{ orderId }, ['orders.create']],
    [{ userId }, ['users.login']],
    [{ orderId, status: 'failed' }, []],
  ];
  for (const [filter, expected] of filters) {
    const page = await list(filter);
    expect(
      page.items.map((event) => event.procedure),
      JSON.stringify(filter),
    ).toEqual(expected);
    expect(page.count).toEqual({ value: expected.length, capped: false });
  }
  for (const bad of [
    { type: 'nonsense' },
    { traceId: 'XYZ' },
    { from: 'yesterday' },
    { cursor: 'x' },
  ]) {
    expect(listTraceEventsProcedure.input.safeParse(bad).success).toBe(false);
  }
});

test('pages neither skip nor repeat events of the same moment', async () => {
  const traceId = '3'.repeat(32);
  await record(...Array.from({ length: 7 }, () => ({ ...success, traceId })));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof list>> = await list({
      traceId,
      limit: 3,
      ...(cursor ? { cursor } : {}),
    });
    seen.push(...page.items.map((event) => event.id));
    cursor = page.nextCursor;
  } while (cursor);
  expect(new Set(seen).size).toBe(7);
  expect(seen).toHaveLength(7);
});

test('whatever a failed call brought along is stored', async () => {
  const traceId = '4'.repeat(32);
  await record({
    ...success,
    traceId,
    orderId: 'no uuid at all',
    userId: "1'; drop table",
    details: {
      nul: 'a\0b',
      half: '\ud800',
      minor: 9999n,
      'key\0': [{ deep: '\0' }],
      long: 'x'.repeat(5_000),
      nothing: undefined,
      when: new Date(0),
    },
  });
  const [event] = (await list({ traceId })).items;
  expect(event).toMatchObject({ orderId: null, userId: null });
  expect(event?.details).toEqual({
    nul: 'a\uFFFDb',
    half: '\uFFFD',
    minor: '9999',
    'key\uFFFD': [{ deep: '\uFFFD' }],
    long: 'x'.repeat(2_000),
    when: '1970-01-01T00:00:00.000Z',
    orderId: 'no uuid at all',
    userId: "1'; drop table",
  });
});

test('counting stops at a thousand', async () => {
  const traceId = '5'.repeat(32);
  await record(...Array.from({ length: 1_002 }, () => ({ ...success, traceId })));
  const page = await list({ traceId, limit: 1 });
  expect(page.count).toEqual({ value: 1_000, capped: true });
});

test('events from before a moment are purged, oldest first, in batches', async () => {
  const traceId = '7'.repeat(32);
  const at = (day: number) => new Date(Date.UTC(2020, 0, day));
  await record(...[1, 2, 3, 4].map((day) => ({ ...success, traceId, at: at(day) })));
  const purge = (limit: number) =>
    mustSucceed(
      callProcedure(
        database,
        purgeTraceEventsProcedure,
        { before: at(4).toISOString(), limit },
        { caller: processCaller },
      ),
    );
  expect(await purge(2)).toEqual({ purged: 2, more: true });
  expect(await purge(2)).toEqual({ purged: 1, more: false });
  const left = await list({ traceId });
  expect(left.items.map((event) => event.at)).toEqual([at(4).toISOString()]);
});
