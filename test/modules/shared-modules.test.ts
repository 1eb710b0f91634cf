/**
 * Users, catalog, inventory, support and trace events together, called as the program calls them:
 * through the runner, with events in the outbox and trace events in their table.
 */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createOutbox, eventMigrations } from '../../src/events/index.ts';
import { anonymousCaller, type Caller, processCaller } from '../../src/kernel/caller.ts';
import { isRefusal, Refusal } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/ids.ts';
import { newTrace } from '../../src/kernel/tracing.ts';
import { catalogModule, seedProducts } from '../../src/modules/catalog/index.ts';
import { inventoryModule, seedStock } from '../../src/modules/inventory/index.ts';
import { supportModule } from '../../src/modules/support/index.ts';
import { recordTraceEvents, traceEventsModule } from '../../src/modules/trace-events/index.ts';
import {
  createTokenService,
  demoPassword,
  demoUsers,
  seedUsers,
  usersModule,
} from '../../src/modules/users/index.ts';
import { createProcedureRunner } from '../../src/procedures/index.ts';
import { fixedClock, migrationsOf, userCaller } from '../support/context.ts';
import { testDatabase } from '../support/database.ts';

const silent = () => undefined;
const clock = fixedClock();
const tokens = createTokenService({
  secrets: [{ id: 'one', algorithm: 'HS256', secret: 'x'.repeat(32) }],
  issuer: 'orderloom-test',
  clock,
});
const modules = [
  usersModule({ tokens }),
  catalogModule(),
  inventoryModule(),
  supportModule(),
  traceEventsModule(),
];
const { database } = await testDatabase({
  migrations: [eventMigrations, ...modules.flatMap(migrationsOf)],
});
const runner = createProcedureRunner({
  modules,
  database,
  outbox: createOutbox({ subscribers: [] }),
  clock,
  log: { debug: silent, info: silent, warn: silent, error: silent },
  recordTraceEvents,
});
await database.transaction(async (tx) => {
  await seedUsers(tx);
  await seedProducts(tx);
  await seedStock(tx);
});

const manager = userCaller(demoUsers.manager.id, 'manager');

async function run(name: string, input: unknown, caller: Caller, trace = newTrace()) {
  const result = await runner.run(name, input, { caller, trace });
  await runner.settled();
  return result;
}

async function traceEvents(filter: Record<string, string>) {
  const result = await run('trace-events.list', filter, manager);
  if (isRefusal(result)) throw new Error(result.detail);
  const items = z.array(z.record(z.string(), z.unknown()));
  return z.object({ items }).parse(result).items;
}

test('a log-in leaves a trace event: success, unknown user and wrong password', async () => {
  const { email, id } = demoUsers.customer;
  const attempts = [
    { email, password: demoPassword },
    { email: 'nobody@example.com', password: demoPassword },
    { email, password: 'not the password' },
  ];
  for (const attempt of attempts) {
    const trace = newTrace();
    const result = await run('users.login', attempt, anonymousCaller, trace);
    const found = await traceEvents({ traceId: trace.traceId });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      type: 'user_login',
      service: 'User Service',
      procedure: 'users.login',
      status: isRefusal(result) ? 'failed' : 'success',
      errorCode: isRefusal(result) ? 'INVALID_CREDENTIALS' : null,
    });
    expect(JSON.stringify(found)).not.toContain(attempt.password);
  }
  const failed = await traceEvents({ type: 'user_login', status: 'failed' });
  expect(failed.map((event) => event.details)).toMatchObject([
    { cause: 'WRONG_PASSWORD', userId: id },
    { cause: 'USER_UNKNOWN', email: 'nobody@example.com' },
  ]);
  const result = await run('users.login', attempts[2], anonymousCaller);
  expect(result).toBeInstanceOf(Refusal);
  expect(JSON.stringify((result as Refusal).data)).toBe('{}');
});

test('look-ups are traced, found and not found', async () => {
  const trace = newTrace();
  await run('users.get', { userId: demoUsers.customer.id }, processCaller, trace);
  await run('catalog.get-product', { productId: 'prod-unknown' }, anonymousCaller, trace);
  const found = await traceEvents({ traceId: trace.traceId, type: 'data_lookup' });
  expect(found.map((event) => [event.procedure, event.status, event.errorCode])).toEqual([
    ['catalog.get-product', 'failed', 'PRODUCT_NOT_FOUND'],
    ['users.get', 'success', null],
  ]);
});

test('a refused reservation leaves nothing but its trace event; a held one its event too', async () => {
  const [few, many] = [newId(), newId()];
  const reserve = (orderId: string, quantity: number) =>
    run(
      'inventory.reserve',
      { orderId, items: [{ productId: 'prod-anniversary-cup', quantity, physical: true }] },
      processCaller,
    );
  expect(isRefusal(await reserve(many, 11))).toBe(true);
  expect(isRefusal(await reserve(few, 10))).toBe(false);
  const { rows } = await database.query<{ order_id: string }>(
    'select order_id from inventory.reservations',
  );
  expect(rows.map((row) => row.order_id)).toEqual([few]);
  const published = await database.query<{ key: string }>(
    `select key from events.event where name = 'inventory.reserved'`,
  );
  expect(published.rows).toEqual([{ key: few }]);
  const [failed] = await traceEvents({ orderId: many });
  expect(failed).toMatchObject({ type: 'order_fulfillment', errorCode: 'INSUFFICIENT_STOCK' });
  expect(await traceEvents({ orderId: few })).toMatchObject([{ status: 'success' }]);
});

test('customers may not move stock, read traces or change products', async () => {
  const customer = userCaller(demoUsers.customer.id);
  const attempts: [string, unknown][] = [
    ['inventory.set-stock', { productId: 'prod-123', onHand: 1 }],
    ['inventory.reserve', { orderId: newId(), items: [{ productId: 'prod-123', quantity: 1 }] }],
    ['trace-events.list', {}],
    ['catalog.update-product', { productId: 'prod-123', price: 1 }],
    ['support.list-tickets', {}],
    ['users.list', {}],
    ['users.set-roles', { userId: customer.userId, roles: ['admin'] }],
  ];
  for (const [name, input] of attempts) {
    const result = await run(name, input, customer);
    expect(isRefusal(result) ? result.definition.status : 'allowed', name).toBe(403);
  }
});

test('every schema has a JSON Schema, so that every operation can be described', () => {
  for (const module of modules) {
    for (const { input, output } of module.procedures) {
      expect(z.toJSONSchema(input, { io: 'input' }).type).toBe('object');
      expect(z.toJSONSchema(output, { io: 'output' }).type).toBe('object');
    }
    for (const { payload } of module.events) {
      expect(z.toJSONSchema(payload, { io: 'output' }).type).toBe('object');
    }
  }
});
