/**
 * The search for instances: each filter finds what it says and nothing else, and none of them reads the
 * whole table when it is large.
 */
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../../test/support/database.ts';
import { processCaller } from '../../kernel/caller.ts';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import { newTrace } from '../../kernel/tracing.ts';
import type { Database } from '../../postgres/index.ts';
import { step, when, workflow } from '../code/index.ts';
import type { Engine } from '../engine.ts';
import { processProcedures } from '../procedures/process-procedures.ts';
import { tagProcedures } from '../procedures/tag-procedures.ts';
import {
  callActivity,
  catchEvent,
  drawProcess,
  endEvent,
  message,
  serviceTask,
  startEvent,
  subProcess,
  timer,
} from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { plainRunner } from '../testing/plain-runner.ts';
import { type InstanceFilter, instanceFilterSchema } from './instance-filter.ts';
import { searchInstances } from './instance-search.ts';

const migrations = [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }];
const start = startEvent(null, { result: 'order' });
const end = endEvent();

const wait = drawProcess('wait', {
  nodes: {
    start,
    work: serviceTask({
      job: ({ variables }) => {
        if (variables.order === 'fatal') throw new TerminalFault('BROKEN', 'no');
        if (variables.order === 'busy') throw new RetryableFault('BUSY', 'later');
        return Promise.resolve(null);
      },
    }),
    inner: subProcess(['from', 'paid', 'to']),
    from: startEvent(),
    paid: catchEvent(message('paid', 'order')),
    to: endEvent(),
    end,
  },
  flows: ['start -> work -> inner -> end', 'from -> paid -> to'],
  businessKey: (v) => String(v.order),
});
const caller = drawProcess('caller', {
  nodes: { start, call: callActivity('wait', { input: (v) => v.order }), end },
  flows: ['start -> call -> end'],
});
const pause = drawProcess('pause', {
  nodes: { start, pause: catchEvent(timer(1_000)), end },
  flows: ['start -> pause -> end'],
});

const orderSchema = z.object({ id: z.string(), customer: z.string(), amount: z.number() });
const found = workflow('found', {
  version: 1,
  input: orderSchema,
  tags: ['shop', 'web'],
  search: { customer: '{{ input.customer }}', score: '{{ score.points }}' },
})
  .step(
    step({
      id: 'score',
      input: z.unknown(),
      output: z.object({ points: z.number() }),
      execute: async () => ({ points: 70 }),
    }),
  )
  .step(when({ id: 'wait-decision', on: 'decided', filter: { id: '{{ input.id }}' } }))
  .commit();

async function world() {
  const { database, connectionString } = await testDatabase({ migrations });
  const processes = [wait, caller, pause, found.model];
  const w = new EngineWorld({ database, connectionString, processes });
  onTestFinished(() => w.end());
  const node = await w.start();
  const procedures = [...processProcedures(() => node.engine), ...tagProcedures()];
  const runner = plainRunner({ database, procedures, clock: w.clock });
  const call = async <Answer>(name: string, input: unknown) =>
    (await runner.run(name, input, { caller: processCaller, trace: newTrace() })) as Answer;
  const list = async (filter: object) => {
    type Listed = { items: { id: string }[]; nextCursor: string | null };
    return (await call<Listed>('processes.list', filter)).items.map(({ id }) => id);
  };
  return { w, node, call, list, database };
}

test('each filter finds what it says', async () => {
  const { w, node, call, list } = await world();
  const paid = await w.begin(node, 'wait', 'one');
  const broken = await w.begin(node, 'wait', 'fatal');
  const busy = await w.begin(node, 'wait', 'busy');
  await w.untilAt(paid, 'paid');
  await w.untilAt(broken, 'work', (e) => e.incident !== undefined);
  await w.untilAt(busy, 'work', (e) => e.job?.phase === 'backoff');
  w.clock.advanceBy(500);
  const later = w.clock.now().toISOString();
  const calling = await w.begin(node, 'caller', 'two');
  const [child = ''] = await list({ businessKey: 'two' });
  await w.untilAt(child, 'paid');
  const ended = await w.begin(node, 'pause', 'three');
  await w.until(ended, 'waiting');
  w.clock.advanceBy(2_000);
  await w.until(ended, 'completed');
  await node.engine.request(child, { type: 'suspend', reason: 'looking', by: 'ada' });
  await w.until(child, 'suspended');

  expect(await list({})).toEqual([ended, child, calling, busy, broken, paid]);
  expect(await list({ process: 'wait' })).toEqual([child, busy, broken, paid]);
  expect(await list({ process: 'wait', version: 2 })).toEqual([]);
  expect(await list({ status: 'completed' })).toEqual([ended]);
  expect(await list({ status: 'suspended' })).toEqual([child]);
  expect(await list({ parent: calling })).toEqual([child]);
  expect(await list({ incident: 'true' })).toEqual([broken]);
  expect(await list({ incident: false, process: 'wait' })).toEqual([child, busy, paid]);
  expect(await list({ retrying: true })).toEqual([busy]);
  expect(await list({ process: 'wait', element: 'paid' })).toEqual([child, paid]);
  expect(await list({ process: 'wait', element: 'inner' })).toEqual([child, paid]);
  expect(await list({ process: 'wait', element: 'work' })).toEqual([busy, broken]);
  expect(await list({ process: 'caller', element: 'call' })).toEqual([calling]);
  expect(await list({ startedAfter: later })).toEqual([ended, child, calling]);
  expect(await list({ startedBefore: later })).toEqual([busy, broken, paid]);
  expect(await list({ waitingSince: later })).toEqual([broken, paid]);
  expect(await list({ endedAfter: later })).toEqual([ended]);
  await expect(call('processes.list', { element: 'paid' })).rejects.toThrow(/beside/);
  const shown = await call<{ items: unknown[] }>('processes.list', { retrying: true });
  expect(shown.items).toMatchObject([
    {
      retrying: [{ element: 'work', attempt: expect.any(Number), code: 'BUSY', message: 'later' }],
    },
  ]);
});

test('tags and declared variables are found, changed ones by their new value', async () => {
  const { w, node, call, list } = await world();
  const one = await w.begin(node, 'found', { id: '1', customer: 'ada', amount: 1 });
  const two = await w.begin(node, 'found', { id: '2', customer: 'bob', amount: 2 });
  await w.untilAt(one, 'wait-decision');
  await w.untilAt(two, 'wait-decision');
  expect(await list({ tag: 'web' })).toEqual([two, one]);
  expect(await list({ variable: 'customer=ada' })).toEqual([one]);
  expect(await list({ variable: 'score=70' })).toEqual([two, one]);
  const tagged = await call('processes.tag', { instanceId: one, add: ['vip'], remove: ['web'] });
  expect(tagged).toEqual({ instanceId: one, tags: ['shop', 'vip'] });
  expect(await list({ tag: 'vip', variable: 'customer=ada' })).toEqual([one]);
  expect(await list({ tag: 'web' })).toEqual([two]);
});

describe('with many rows', () => {
  const many = 40_000;
  let database: Database;
  const engine = { models: () => [wait] } as unknown as Engine;

  beforeAll(async () => {
    ({ database } = await testDatabase({ migrations }));
    await database.query(
      `insert into engine.definition (process, version, name, digest, graph)
       values ('wait', 1, 'wait', '', '{}'), ('wait', 2, 'wait', '', '{}'), ('other', 1, 'o', '', '{}')`,
    );
    await database.query(
      `insert into engine.instance (id, shard, process, version, business_key, status, revision, state,
                                    trace_id, started_at, moved_at, ended_at)
       select ('01980000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, n % 256,
              case when n % 3 = 0 then 'other' else 'wait' end,
              case when n % 3 <> 0 and n % 10000 = 1 then 2 else 1 end, 'order-' || n,
              case when n % 1000 = 7 then 'failed' when n % 2 = 0 then 'completed' else 'waiting' end,
              1, '{"status":"active","next":3,"seq":4,"elements":{"1":{"n":1,"node":"","parent":0},'
                 || '"2":{"n":2,"node":"' || case when n % 5000 = 1 then 'rare' else 'paid' end
                 || '","parent":1}}}', '', timestamptz '2026-01-01' + n * interval '1 minute',
              timestamptz '2026-01-01' + n * interval '1 minute',
              case when n % 2 = 0 or n % 1000 = 7 then timestamptz '2026-01-02' + n * interval '1 minute' end
         from generate_series(1, ${many}) n`,
    );
    await database.query(
      `insert into engine.message_wait (instance_id, n, node, process, message, key, shard)
       select id, 2, case when state like '%rare%' then 'rare' else 'paid' end, process, 'paid', '', shard
         from engine.instance where ended_at is null`,
    );
    await database.query(
      `insert into engine.search_value (instance_id, name, value)
       select id, 'customer', 'c' || (row_number() over () % 5000) from engine.instance`,
    );
    await database.query('select engine.recount()');
    await database.query(
      `insert into engine.count (process, version, kind, node, n)
       select process, version, kind, node, n from engine.recount()`,
    );
    await database.query('vacuum analyze');
  }, 60_000);

  const filters: readonly [string, InstanceFilter][] = [
    ['none', {}],
    ['process', { process: 'wait' }],
    ['an old version', { process: 'wait', version: 2 }],
    ['waiting', { status: 'waiting' }],
    ['waiting of a process', { process: 'wait', status: 'waiting' }],
    ['completed', { status: 'completed' }],
    ['failed', { status: 'failed' }],
    ['suspended, of which there are none', { status: 'suspended' }],
    ['running, of which there are none', { status: 'running' }],
    ['business key', { businessKey: 'order-4711' }],
    ['a common element', { process: 'wait', element: 'paid' }],
    ['a rare element', { process: 'wait', element: 'rare' }],
    ['variable', { variable: 'customer=c42' }],
    ['tag that nothing has', { tag: 'vip' }],
    ['incident', { incident: true }],
    ['retrying', { retrying: true }],
    ['parent', { parent: '01980000-0000-7000-8000-000000000001' }],
    ['ended long ago', { endedBefore: '2026-01-02T02:00:00Z' }],
  ];

  test.each(filters)(
    '%s: a page and its count read a small part of the table',
    async (_, filter) => {
      await database.transaction(async (tx) => {
        const search = await searchInstances(tx, engine, instanceFilterSchema.parse(filter));
        const page = search.page({
          columns: 'i.id',
          after: undefined,
          order: 'newest first',
          limit: 51,
        });
        for (const { text, values } of [page, search.count(1_001)]) {
          const plan = await tx.query<{ 'QUERY PLAN': string }>(
            `explain (analyze, buffers, timing off) ${text}`,
            values,
          );
          const lines = plan.rows.map((row) => row['QUERY PLAN']);
          expect(lines.join('\n')).not.toMatch(/Seq Scan on (message_wait|search_value)/);
          const blocks = /Buffers: shared( hit=(\d+))?( read=(\d+))?/.exec(lines.join('\n'));
          const read = Number(blocks?.[2] ?? 0) + Number(blocks?.[4] ?? 0);
          expect(read, lines.join('\n')).toBeLessThan(1_500);
        }
      });
    },
  );

  test('the cursor leads through all pages, each instance once', async () => {
    await database.transaction(async (tx) => {
      const search = await searchInstances(tx, engine, { process: 'wait', status: 'failed' });
      const seen: string[] = [];
      for (let after: string | undefined; ; after = seen.at(-1)) {
        const page = search.page({ columns: 'i.id', after, order: 'newest first', limit: 15 });
        const { rows } = await tx.query<{ id: string }>(page.text, page.values);
        seen.push(...rows.map(({ id }) => id));
        if (rows.length < 15) break;
      }
      expect(seen).toEqual([...new Set(seen)].sort().reverse());
      const count = search.count(1_001);
      const { rows } = await tx.query<{ n: number }>(count.text, count.values);
      expect(rows[0]?.n).toBe(seen.length);
      expect(seen.length).toBe(27);
    });
  });
});
