/**
 * Bulk operations: a dry run changes nothing; each instance is treated once, at the rate, also when the
 * node dies in the middle; outcomes say what came to pass; stopping stops. Migrations, too.
 */
import { describe, expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { processCaller } from '../../kernel/caller.ts';
import { TerminalFault } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { newTrace } from '../../kernel/tracing.ts';
import { bulkProcedures } from '../procedures/bulk-procedures.ts';
import {
  catchEvent,
  drawProcess,
  endEvent,
  message,
  serviceTask,
  startEvent,
} from '../testing/draw-process.ts';
import { type EngineInTest, EngineWorld } from '../testing/in-process-engine.ts';
import { plainRunner } from '../testing/plain-runner.ts';
import { waitFor } from '../testing/wait-for.ts';

const start = startEvent(null, { result: 'order' });
const end = endEvent();
const reason = 'the gateway was down';

interface Operation {
  id: string;
  status: string;
  total: number;
  done: number;
  failed: number;
  skipped: number;
  remaining: number;
}

async function world() {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  let mended = false;
  const wait = drawProcess('wait', {
    nodes: { start, paid: catchEvent(message('paid', 'order')), end },
    flows: ['start -> paid -> end'],
  });
  const charge = drawProcess('charge', {
    nodes: {
      start,
      charge: serviceTask({
        job: ({ variables: { order } }) => {
          if (!mended || order === 'lost') throw new TerminalFault('NO_CARD', `${order} is gone`);
          return Promise.resolve(null);
        },
      }),
      end,
    },
    flows: ['start -> charge -> end'],
  });
  const w = new EngineWorld({ database, connectionString, processes: [wait, charge] });
  onTestFinished(() => w.end());
  let node = await w.start();
  const runner = plainRunner({
    database,
    procedures: bulkProcedures(() => node.engine),
    clock: w.clock,
  });
  const call = async <Answer>(name: string, input: unknown) =>
    (await runner.run(`bulk-operations.${name}`, input, {
      caller: processCaller,
      trace: newTrace(),
    })) as Answer;
  const begin = async (input: object) => {
    const { operation } = await call<{ operation: Operation }>('start', { reason, ...input });
    return operation.id;
  };
  const ended = (id: string) =>
    waitFor(
      'the bulk operation to end',
      async () => {
        const operation = await call<Operation>('get', { operationId: id });
        return ['completed', 'stopped'].includes(operation.status) && operation;
      },
      { timeoutMs: 20_000 },
    );
  const items = async (id: string, status: string) =>
    (
      await call<{ items: { instanceId: string; message: string }[] }>('items', {
        operationId: id,
        status,
      })
    ).items;
  return {
    ...{ w, database, call, begin, ended, items },
    first: node,
    mend: () => {
      mended = true;
    },
    use: (next: EngineInTest) => {
      node = next;
    },
  };
}

test('a dry run counts and shows samples, and leaves everything as it was', async () => {
  const { w, first, call, database } = await world();
  const ids = await Promise.all([1, 2, 3].map((order) => w.begin(first, 'wait', order)));
  for (const id of ids) await w.until(id, 'waiting');
  const tried = await call<{ operation: null; count: object; samples: { id: string }[] }>('start', {
    action: 'cancel',
    filter: { process: 'wait' },
    reason,
    dryRun: true,
  });
  expect(tried).toMatchObject({ operation: null, count: { value: 3, capped: false } });
  expect(tried.samples.map(({ id }) => id).sort()).toEqual([...ids].sort());
  expect((await database.query('select 1 from engine.bulk_operation')).rowCount).toBe(0);
  await expect(call('start', { action: 'cancel', filter: {}, reason })).rejects.toThrow(
    /at least one condition/,
  );
});

test('retrying says done only where the step got through', async () => {
  const { w, first, begin, ended, items, mend } = await world();
  const orders = ['a', 'b', 'lost'];
  const ids = await Promise.all(orders.map((order) => w.begin(first, 'charge', order)));
  for (const id of ids) await w.untilAt(id, 'charge', (e) => e.incident !== undefined);
  mend();
  const id = await begin({ action: 'retry', filter: { process: 'charge' }, perSecond: 1_000 });
  expect(await ended(id)).toMatchObject({ status: 'completed', total: 3, done: 2, failed: 1 });
  expect(await items(id, 'failed')).toMatchObject([{ message: 'NO_CARD: lost is gone' }]);
  const [one = ''] = ids;
  await w.until(one, 'completed');
});

test('a node dies in the middle: another goes on, and each instance is treated once', async () => {
  const { w, first, begin, ended, call, use } = await world();
  const ids = await Promise.all(
    Array.from({ length: 60 }, (_, order) => w.begin(first, 'wait', order)),
  );
  for (const id of ids) await w.until(id, 'waiting');
  const id = await begin({ action: 'suspend', filter: { process: 'wait' }, perSecond: 40 });
  await waitFor('some to be treated', async () => {
    const { done } = await call<Operation>('get', { operationId: id });
    return done > 0 && done < 60;
  });
  await first.kill();
  const second = await w.start();
  use(second);
  expect(await ended(id)).toMatchObject({ total: 60, done: 60, failed: 0, skipped: 0 });
  for (const instance of ids) {
    const lines = await w.lines(instance);
    expect(lines.filter((line) => line === 'suspended')).toHaveLength(1);
  }
  const back = await begin({ action: 'resume', filter: { process: 'wait' }, perSecond: 1_000 });
  expect(await ended(back)).toMatchObject({ total: 60, done: 60 });
  await w.until(ids[0] ?? '', 'waiting');
  await first.bury();
}, 40_000);

test('stopping leaves the rest as it is', async () => {
  const { w, first, begin, ended, call, items } = await world();
  const ids = await Promise.all([1, 2, 3, 4, 5].map((order) => w.begin(first, 'wait', order)));
  for (const id of ids) await w.until(id, 'waiting');
  const id = await begin({ action: 'cancel', filter: { process: 'wait' }, perSecond: 1 });
  await waitFor('one to be treated', async () => {
    const { done } = await call<Operation>('get', { operationId: id });
    return done > 0;
  });
  await call('stop', { operationId: id });
  const { status, done, remaining } = await ended(id);
  expect(status).toBe('stopped');
  expect(done + remaining).toBe(5);
  expect(await items(id, 'pending')).toHaveLength(remaining);
  const open = await Promise.all(ids.map((one) => w.stored(one)));
  expect(open.filter((one) => one.status === 'waiting')).toHaveLength(remaining);
});

describe('moving instances to another version', () => {
  const asked = catchEvent(message('paid', 'order'));
  /** Two waits, of which the next version knows the first one, under another name. */
  const old = drawProcess('ticket', {
    nodes: { start, wait: asked, second: catchEvent(message('checked', 'order')), end },
    flows: ['start -> wait -> second -> end'],
  });
  const next = drawProcess('ticket', {
    version: 2,
    nodes: { start, pay: catchEvent(message('settled', 'order')), end },
    flows: ['start -> pay -> end'],
  });
  const migrate = { action: 'migrate', filter: { process: 'ticket' }, elements: { wait: 'pay' } };

  /** So many instances of the old version on a node that knows both; the last one is at `second`. */
  async function tickets(count: number) {
    const made = await world();
    const { w, database } = made;
    // It does not know this process, and would hold some of its instances.
    await made.first.stop();
    const before = await w.start({ processes: [old] });
    const orders = Array.from({ length: count }, (_, n) => `o${n}`);
    const ids = await Promise.all(orders.map((order) => w.begin(before, 'ticket', order)));
    for (const id of ids) await w.untilAt(id, 'wait');
    const last = { id: newId(), name: 'paid', payload: { order: orders.at(-1) } };
    await w.publish(before, last);
    await w.untilAt(ids.at(-1) ?? '', 'second');
    await before.stop();
    const on = await w.start({ processes: [old, next] });
    made.use(on);
    const versions = async () => {
      const { rows } = await database.query<{ version: number }>(
        'select version from engine.instance where id = any($1) order by array_position($1, id)',
        [ids],
      );
      return rows.map(({ version }) => version);
    };
    return { ...made, ids, on, versions };
  }

  test('is tried first, then done, and what does not fit says why', async () => {
    const { w, call, begin, ended, items, ids, on, versions } = await tickets(4);
    const dry = await call<{ count: { value: number }; samples: { id: string }[] }>('start', {
      ...{ ...migrate, reason, dryRun: true },
    });
    expect(dry).toMatchObject({ operation: null, count: { value: 4, capped: false } });
    expect(dry.samples.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(await versions()).toEqual([1, 1, 1, 1]);

    const id = await begin({ ...migrate, perSecond: 1_000 });
    expect(await ended(id)).toMatchObject({ status: 'completed', total: 4, done: 3, failed: 1 });
    expect(await versions()).toEqual([2, 2, 2, 1]);
    expect(await items(id, 'failed')).toMatchObject([
      { instanceId: ids.at(-1), message: expect.stringContaining('second') },
    ]);
    expect(await items(id, 'done')).toHaveLength(3);
    const [one = ''] = ids;
    await w.publish(on, { id: newId(), name: 'settled', payload: { order: 'o0' } });
    await w.until(one, 'completed');
    expect(await w.lines(one)).toContain('migrated to 2');
  });

  test('stops when it is told to, and the rest stays what it was', async () => {
    const { call, begin, ended, items, versions } = await tickets(4);
    const id = await begin({ ...migrate, perSecond: 1 });
    await waitFor('one to be moved', async () => (await versions()).includes(2));
    await call('stop', { operationId: id });
    const { status, remaining } = await ended(id);
    expect(status).toBe('stopped');
    expect(remaining).toBeGreaterThan(0);
    expect(await items(id, 'pending')).toHaveLength(remaining);
    expect((await versions()).filter((version) => version === 2)).toHaveLength(4 - remaining);
  });

  test('says which process it is about', async () => {
    const { call } = await world();
    const everything = call('start', { action: 'migrate', filter: { status: 'waiting' }, reason });
    await expect(everything).rejects.toThrow(/whose instances are to be migrated/);
  });
});
