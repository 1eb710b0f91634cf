/**
 * The projection of counts: exact while instances run, fail, retry, are suspended and end, after a
 * crash, and whether folded or not; one row for a group, whatever its size. Causes and retries.
 */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { RetryableFault, TerminalFault } from '../../kernel/errors.ts';
import {
  catchEvent,
  drawProcess,
  endEvent,
  loopOver,
  serviceTask,
  startEvent,
  timer,
} from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { waitFor } from '../testing/wait-for.ts';
import { foldCounts, mendCounts, readCountDifferences, readCounts } from './count-store.ts';
import { normalised } from './incident-cause.ts';

const start = startEvent(null, { result: 'order' });
const end = endEvent();

async function world(processes: ConstructorParameters<typeof EngineWorld>[0]['processes']) {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('./migrations/', import.meta.url) }],
  });
  const made = new EngineWorld({ database, connectionString, processes });
  onTestFinished(() => made.end());
  const counts = async () => {
    const rows = await readCounts(database, {});
    return Object.fromEntries(rows.map(({ kind, node, n }) => [`${kind} ${node}`.trim(), n]));
  };
  const exact = async () => expect(await readCountDifferences(database, 10)).toEqual([]);
  return { world: made, database, counts, exact };
}

const broken = drawProcess('broken', {
  nodes: {
    start,
    each: serviceTask({
      job: ({ variables }) => {
        const { kind, id } = variables.item as { kind: string; id: number };
        if (kind === 'fatal') throw new TerminalFault('NO_SUCH_CARD', `card ${id} is not known`);
        if (kind === 'retry') throw new RetryableFault('BUSY', `try "${id}" later`);
        return Promise.resolve(id);
      },
      retry: { maxAttempts: 3, initialDelayMs: 60_000, factor: 1, maxDelayMs: 60_000, jitter: 0 },
      loop: loopOver('order'),
    }),
    pause: catchEvent(timer(1_000)),
    end,
  },
  flows: ['start -> each -> pause -> end'],
});

test('counts are exact at every moment, and one cause is one group', async () => {
  const { world: w, database, counts, exact } = await world([broken]);
  const engine = await w.start();
  const fatal = [1, 2].map((id) => ({ kind: 'fatal', id }));
  const failing = await w.begin(engine, 'broken', [...fatal, { kind: 'retry', id: 3 }]);
  const passing = await w.begin(engine, 'broken', [{ kind: 'fine', id: 4 }]);
  await w.until(failing, 'waiting');
  await w.until(passing, 'waiting');
  expect(await counts()).toEqual({
    waiting: 2,
    'tokens each': 3,
    'incidents each': 2,
    'retrying each': 1,
    'tokens pause': 1,
  });
  await exact();
  await foldCounts(database);
  expect((await database.query('select 1 from engine.count_change')).rowCount).toBe(0);
  await exact();
  const { rows: causes } = await database.query<{ node: string; n: number; message: string }>(
    `select k.node, k.n::int as n, c.message from engine.count k
       join engine.incident_cause c on c.cause = k.node where kind = 'cause'`,
  );
  expect(causes).toMatchObject([{ n: 2, message: 'card <n> is not known' }]);
  const { rows: retries } = await database.query('select * from engine.retry');
  const nextAt = new Date(w.clock.now().getTime() + 60_000);
  expect(retries).toMatchObject([{ node: 'each', attempt: 2, code: 'BUSY', next_at: nextAt }]);

  await engine.kill();
  const second = await w.start();
  await second.engine.request(failing, { type: 'suspend', reason: 'looking', by: 'ada' });
  expect(await counts()).toMatchObject({ suspended: 1, 'retrying each': 1 });
  await second.engine.request(failing, { type: 'cancel', reason: 'enough', by: 'ada' });
  await w.until(failing, 'cancelled');
  w.clock.advanceBy(2_000);
  await w.until(passing, 'completed');
  expect(await counts()).toEqual({ cancelled: 1, completed: 1 });
  const done = await readCounts(database, { process: 'broken', withDone: true });
  expect(done.filter(({ kind }) => kind === 'done').map(({ node, n }) => [node, n])).toEqual([
    ['each', 1],
    ['end', 1],
    ['pause', 1],
    ['start', 2],
  ]);
  expect((await database.query('select 1 from engine.retry')).rowCount).toBe(0);
  await exact();
  await engine.bury();
});

test('what differs is found and put right, also while instances move', async () => {
  const model = drawProcess('p', {
    nodes: { start, pause: catchEvent(timer(60_000)), end },
    flows: ['start -> pause -> end'],
  });
  const { world: w, database, counts, exact } = await world([model]);
  const engine = await w.start();
  const first = await w.begin(engine, 'p', 1);
  await waitFor('the counts to be folded', async () => {
    const { rowCount } = await database.query('select 1 from engine.count where n > 0');
    return rowCount > 0;
  });
  await database.query("update engine.count set n = 7 where kind = 'waiting'");
  expect(await readCountDifferences(database, 10)).toEqual([
    { process: 'p', version: 1, kind: 'waiting', node: '', counted: 1, known: 7 },
  ]);
  await Promise.all([
    mendCounts(database, w.clock.now()),
    ...Array.from({ length: 50 }, () => w.begin(engine, 'p', 2)),
  ]);
  expect(await counts()).toEqual({ waiting: 51, 'tokens pause': 51 });
  await exact();
  expect((await w.stored(first)).status).toBe('waiting');
});

test('a group of transitions adds one row at most', async () => {
  const { world: w, database } = await world([
    drawProcess('p', {
      nodes: { start, pause: catchEvent(timer(60_000)), end },
      flows: ['start -> pause -> end'],
    }),
  ]);
  const engine = await w.start();
  const before = engine.engine.counts.commitGroups;
  await database.query("select pg_advisory_lock(hashtext('engine.fold_counts'))");
  await Promise.all(Array.from({ length: 300 }, () => w.begin(engine, 'p', 1)));
  const groups = engine.engine.counts.commitGroups - before;
  const { rows } = await database.query<{ n: number }>(
    `select count(*)::int as n from engine.count_change`,
  );
  expect(groups).toBeLessThan(100);
  expect(rows[0]?.n ?? 0).toBeLessThanOrEqual(groups);
});

test.each([
  ['order 0197fa1e-5b1e-7c4e-8b5e-0123456789ab is gone', 'order <id> is gone'],
  ['expected 3 of "blue chairs", found 12.50', 'expected <n> of "…", found <n>'],
  [
    'mail to ada@example.com bounced at 2026-03-01T12:00:00.000Z',
    'mail to <mail> bounced at <time>',
  ],
  ['token tok_9f8a7b6c5d4e was refused', 'token <id> was refused'],
  ['no answer within 10000 ms', 'no answer within <n> ms'],
])('the cause of "%s" names no instance', (given, expected) => {
  expect(normalised(given)).toBe(expected);
});
