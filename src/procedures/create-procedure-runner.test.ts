/** The runner keeps its promises on a real database: what commits, what rolls back, what is told. */
import { expect, test } from 'vitest';
import { fixedClock } from '../../test/support/context.ts';
import { testDatabase } from '../../test/support/database.ts';
import { type Outside, shopMigrations, shopModule } from '../../test/support/shop-module.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { createOutbox, type EventSubscriber, eventMigrations } from '../events/index.ts';
import { anonymousCaller, type Caller, processCaller } from '../kernel/caller.ts';
import { Bug, isRefusal, type Refusal, RetryableFault } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { Limits } from '../kernel/limits.ts';
import type { Log } from '../kernel/procedure.ts';
import type { TraceEventRecord } from '../kernel/trace.ts';
import { newTrace } from '../kernel/tracing.ts';
import { createProcedureRunner } from './create-procedure-runner.ts';
import type { Runner, RunnerOptions } from './runner-options.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

const customer: Caller = {
  kind: 'user',
  userId: '01900000-0000-7000-8000-000000000001',
  roles: ['customer'],
  demo: false,
};
const admin: Caller = { ...customer, roles: ['admin'] };

async function shop(
  options: Partial<RunnerOptions> & { outside?: Outside; subscriber?: EventSubscriber } = {},
) {
  const { database } = await testDatabase({ migrations: [eventMigrations, shopMigrations] });
  const traces: TraceEventRecord[] = [];
  const outcomes: string[] = [];
  const holder: { runner?: Runner } = {};
  const runner = createProcedureRunner({
    modules: [
      shopModule({
        runner: () => holder.runner!,
        ...(options.outside ? { outside: options.outside } : {}),
      }),
    ],
    database,
    outbox: createOutbox({ subscribers: options.subscriber ? [options.subscriber] : [] }),
    clock: fixedClock('2026-01-31T12:00:00Z'),
    log: silent,
    metrics: {
      procedureCalled: ({ procedure, outcome }) => outcomes.push(`${procedure} ${outcome}`),
    },
    // Kept as a row, so that a trace event that must vanish with its transaction does.
    recordTraceEvents(tx, events) {
      for (const event of events) {
        tx.send('insert into shop.heard (what) values ($1)', [
          `${event.type} ${event.status} ${event.errorCode ?? ''}`.trim(),
        ]);
        traces.push(event);
      }
    },
    ...options,
  });
  holder.runner = runner;
  const run = (name: string, input: unknown, caller: Caller = customer) =>
    runner.run(name, input, { caller, trace: newTrace() });
  const column = async (sql: string) =>
    (await database.query<{ value: unknown }>(sql)).rows.map(({ value }) => value);
  return {
    database,
    runner,
    run,
    traces,
    outcomes,
    items: () => column('select name as value from shop.item order by name'),
    events: () => column(`select payload ->> 'name' as value from events.event order by position`),
    heard: () => column('select what as value from shop.heard order by place'),
    charges: () => column('select idempotency_key as value from shop.charge'),
  };
}

test('a success commits its rows, events and trace event together', async () => {
  const { run, items, events, heard, traces, outcomes, database } = await shop();
  const output = await run('shop.create-item', { name: 'lamp', price: 9.5 });
  expect(output).toMatchObject({ name: 'lamp', price: 9.5 });
  expect([await items(), await events(), await heard()]).toEqual([
    ['lamp'],
    ['lamp'],
    ['order_creation success'],
  ]);
  expect(traces[0]).toMatchObject({
    procedure: 'shop.create-item',
    service: 'Order Service',
    orderId: (output as { itemId: string }).itemId,
    userId: customer.userId,
    details: { name: 'lamp' },
  });
  expect(outcomes).toEqual(['shop.create-item success']);
  const { rows } = await database.query('select * from events.event');
  expect(rows[0]).toMatchObject({ version: 1, trace_id: traces[0]!.traceId });
});

test('a refusal rolls back, and its trace event tells staff more than the caller', async () => {
  const { run, items, events, heard, traces } = await shop();
  await run('shop.create-item', { name: 'lamp', price: 1 });
  const refused = (await run('shop.create-item', { name: 'lamp', price: 2 })) as Refusal;
  expect(isRefusal(refused) && refused.code).toBe('NAME_TAKEN');
  expect([await items(), await events()]).toEqual([['lamp'], ['lamp']]);
  expect(await heard()).toEqual(['order_creation success', 'order_creation failed NAME_TAKEN']);
  expect(traces[1]).toMatchObject({
    status: 'failed',
    errorCode: 'NAME_TAKEN',
    details: { name: 'lamp', staffOnly: 'seen by staff', detail: refused.detail },
  });
});

test('wrong input names every field and shows no secret', async () => {
  const { run, heard } = await shop();
  const refused = await run('shop.create-item', { name: '', price: '5', cardToken: 'abc' });
  expect(refused).toMatchObject({
    code: 'INVALID_INPUT',
    issues: [
      { pointer: '/name', expected: 'at least 1 character', found: '""' },
      { pointer: '/price', expected: 'number', found: '"5"' },
      {
        pointer: '/cardToken',
        expected: 'at least 4 characters',
        found: 'a value that is not shown',
      },
    ],
  });
  expect(await heard()).toEqual(['order_creation failed INVALID_INPUT']);
});

test('access: strangers need credentials, users a role, processes neither', async () => {
  const { run } = await shop();
  const input = { itemId: newId() };
  expect(await run('shop.remove-item', input, anonymousCaller)).toMatchObject({
    definition: { code: 'UNAUTHENTICATED', status: 401 },
  });
  expect(await run('shop.remove-item', input)).toMatchObject({
    definition: { code: 'FORBIDDEN', status: 403 },
  });
  expect(await run('shop.remove-item', input, admin)).toBeUndefined();
  expect(await run('shop.remove-item', input, processCaller)).toBeUndefined();
});

test('an unknown name is a bug that says what was probably meant', async () => {
  const { run } = await shop();
  await expect(run('shop.creat-item', {})).rejects.toThrow(
    'found "shop.creat-item"; did you mean shop.create-item',
  );
});

test.each(['bug', 'output', 'event', 'undeclared', 'retryable'])(
  'breaking by %s throws and leaves nothing behind',
  async (how) => {
    const { run, heard, events } = await shop();
    await expect(run('shop.break-down', { how })).rejects.toThrow();
    expect([await heard(), await events()]).toEqual([[], []]);
  },
);

test('a read cannot write, and one that takes too long ends with a fault of its own', async () => {
  const { run, heard } = await shop();
  await expect(run('shop.write-in-read', {})).rejects.toThrow(/read-only transaction/);
  const late = run('shop.look-up', { seconds: 20 });
  await expect(late).rejects.toMatchObject({ name: 'RetryableFault', code: 'DATA_LOOKUP_TIMEOUT' });
  // Even this can be too late on a busy machine, and is then told in the same way.
  const inTime = () => run('shop.look-up', { seconds: 0 }).catch(() => null);
  expect(await waitUntil('one that is in time', inTime)).toEqual({});
  const told = await heard();
  expect(told[0]).toBe('data_lookup failed DATA_LOOKUP_TIMEOUT');
  expect(told.at(-1)).toBe('data_lookup success');
});

test('calls within a call share its transaction: both items or none', async () => {
  const { run, items, events, heard } = await shop();
  expect(await run('shop.create-two', { names: ['a', 'b'] })).toEqual({ made: 2 });
  expect(await run('shop.create-two', { names: ['c', 'b'] })).toMatchObject({ code: 'NAME_TAKEN' });
  expect([await items(), await events()]).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
  expect(await heard()).toEqual([
    'order_creation success',
    'order_creation success',
    'order_creation failed NAME_TAKEN',
  ]);
});

test('a refused write inside cannot slip into a commit', async () => {
  const { run, items } = await shop();
  const swallowed = run('shop.create-two', { names: ['a', 'a'], swallow: true });
  await expect(swallowed).rejects.toThrow(/expected a roll back, found a commit.*NAME_TAKEN/);
  expect(await items()).toEqual([]);
});

test('a given transaction is its giver to commit; events are in it when the call returns', async () => {
  const { runner, database, items, events, heard } = await shop();
  const options = { caller: customer, trace: newTrace() };
  await database.transaction(async (tx) => {
    await runner.run('shop.create-item', { name: 'kept', price: 1 }, { ...options, tx });
    const { rows } = await tx.query('select name from events.event');
    expect(rows).toHaveLength(1);
  });
  const givenUp = database.transaction(async (tx) => {
    await runner.run('shop.create-item', { name: 'lost', price: 1 }, { ...options, tx });
    const refused = await runner.run(
      'shop.create-item',
      { name: 'lost', price: 1 },
      { ...options, tx },
    );
    expect(refused).toMatchObject({ code: 'NAME_TAKEN' });
    throw new Error('the giver rolls back');
  });
  await expect(givenUp).rejects.toThrow('the giver rolls back');
  await runner.settled();
  expect([await items(), await events()]).toEqual([['kept'], ['kept']]);
  expect(await heard()).toEqual(['order_creation success', 'order_creation failed NAME_TAKEN']);
});

test('more refused calls in given transactions than the pool has connections do not lock up', async () => {
  const { runner, heard } = await shop();
  await runner.run(
    'shop.create-item',
    { name: 'x', price: 1 },
    { caller: customer, trace: newTrace() },
  );
  const refused = Array.from({ length: 30 }, () =>
    runner.transaction('test', (tx) =>
      runner.run(
        'shop.create-item',
        { name: 'x', price: 1 },
        { caller: customer, trace: newTrace(), tx },
      ),
    ),
  );
  expect((await Promise.all(refused)).every((one) => isRefusal(one))).toBe(true);
  expect(await heard()).toHaveLength(31);
});

test('subscribers and onSuccess act in the same transaction, events first; a failing one undoes all', async () => {
  const order: string[] = [];
  let fail = false;
  const { run, items, heard } = await shop({
    async subscriber(tx, events) {
      order.push(...events.map(({ name }) => name));
      await tx.query(`insert into shop.heard (what) values ('subscriber')`);
    },
    async onSuccess({ tx, procedure, output }) {
      order.push(`${procedure.name} ${(output as { name: string }).name}`);
      await tx.query(`insert into shop.heard (what) values ('announced')`);
      if (fail) throw new Bug('the engine is not well');
    },
  });
  await run('shop.create-item', { name: 'lamp', price: 1 });
  expect(order).toEqual(['item.created', 'shop.create-item lamp']);
  fail = true;
  await expect(run('shop.create-item', { name: 'desk', price: 1 })).rejects.toThrow('not well');
  expect(await items()).toEqual(['lamp']);
  expect((await heard()).filter((what) => what === 'announced')).toHaveLength(1);
});

test('external: one key outward, own transactions, the outside asked first when in doubt', async () => {
  const charged = new Set<string>();
  const { runner, charges, events, traces } = await shop({
    outside: {
      charge: (key) => Promise.resolve(charged.add(key) && 'charged'),
      find: (key) => Promise.resolve(charged.has(key) ? 'charged' : null),
    },
  });
  const options = { caller: customer, trace: newTrace(), idempotencyKey: 'key-1' };
  const input = { itemId: newId(), cardToken: 'card' };
  expect(await runner.run('shop.charge', input, options)).toEqual({ key: 'key-1', found: false });
  const again = await runner.run('shop.charge', input, { ...options, reconcileFirst: true });
  expect(again).toEqual({ key: 'key-1', found: true });
  const other = { ...options, idempotencyKey: 'key-2', reconcileFirst: true };
  expect(await runner.run('shop.charge', input, other)).toEqual({ key: 'key-2', found: false });
  expect([await charges(), await events()]).toEqual([
    ['key-1', 'key-2'],
    ['charged', 'charged'],
  ]);
  expect(JSON.stringify(traces)).not.toContain('card"');
});

test('a limit that is reached: who was not let in before is told when to come again, others pass', async () => {
  const release = Promise.withResolvers<'charged'>();
  const clock = fixedClock('2026-01-31T12:00:00Z');
  const limits = new Limits({ clock, concurrency: { 'shop.charge': 1 } });
  const { run, runner, charges } = await shop({
    limits,
    outside: { charge: () => release.promise },
  });
  const input = { itemId: newId(), cardToken: 'tok_1234' };
  const first = run('shop.charge', input);
  await expect(run('shop.charge', input)).rejects.toMatchObject({
    code: 'PROCEDURE_BUSY',
    retryAfterMs: 1_000,
    outcomeUnknown: false,
  });
  const admitted = runner.run('shop.charge', input, {
    caller: customer,
    trace: newTrace(),
    admitted: true,
  });
  release.resolve('charged');
  await Promise.all([first, admitted]);
  await run('shop.charge', input);
  expect(await charges()).toHaveLength(3);
});

test('external: an outside that never answers is given up, and its outcome is unknown', async () => {
  let aborted: unknown;
  const { run, charges, heard } = await shop({
    outside: {
      charge: (_key, signal) =>
        new Promise(() => signal.addEventListener('abort', () => (aborted = signal.reason))),
    },
  });
  const late = run('shop.charge', { itemId: newId(), cardToken: 'card' });
  await expect(late).rejects.toMatchObject({ code: 'PROCEDURE_TIMEOUT', outcomeUnknown: true });
  expect(aborted).toBeInstanceOf(RetryableFault);
  expect(await charges()).toEqual([]);
  expect(await heard()).toEqual(['payment_processing failed PROCEDURE_TIMEOUT']);
});

test('external: a call that is given up while it writes here ends after that was written', async () => {
  const { runner, database, charges } = await shop({
    outside: { charge: () => Promise.resolve('charged') },
  });
  const abort = new AbortController();
  const ended: string[] = [];
  const call = await database.transaction(async (tx) => {
    await tx.query('lock table shop.charge');
    const input = { itemId: newId(), cardToken: 'card' };
    const options = { caller: customer, trace: newTrace(), idempotencyKey: 'key-1' };
    const running = runner
      .run('shop.charge', input, { ...options, signal: abort.signal })
      .catch((error: RetryableFault) => error.code)
      .finally(() => ended.push('call'));
    await waitUntil('the call to wait for the table', async () => {
      const { rows } = await tx.query(
        `select 1 from pg_locks where not granted and relation = 'shop.charge'::regclass`,
      );
      return rows.length === 1;
    });
    abort.abort();
    await tx.query('select 1');
    ended.push('lock');
    return { running };
  });
  expect(await call.running).toBe('CALL_ABORTED');
  expect(ended).toEqual(['lock', 'call']);
  expect(await charges()).toEqual(['key-1']);
});

test('external: a given transaction is refused as a bug', async () => {
  const { runner, database } = await shop();
  const held = database.transaction((tx) =>
    runner.run(
      'shop.charge',
      { itemId: newId(), cardToken: 'c' },
      { caller: customer, trace: newTrace(), tx },
    ),
  );
  await expect(held).rejects.toThrow('call it without `tx`');
});
