/**
 * Retention: what ended long ago is gone with all that belonged to it, what is kept keeps its whole
 * history, the counts stay exact, and a batch costs the same in a large table as in a small one.
 */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { TerminalFault } from '../../kernel/errors.ts';
import { readHistory } from '../procedures/instance-queries.ts';
import {
  catchEvent,
  drawProcess,
  endEvent,
  message,
  serviceTask,
  startEvent,
  timer,
} from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { readCountDifferences, readCounts } from './count-store.ts';
import { ensureHistoryPartitions } from './definition-store.ts';
import { byIndexOnly, purgeEndedStatement, sweepHistory } from './retention.ts';

const migrations = [{ schema: 'engine', folder: new URL('./migrations/', import.meta.url) }];
const start = startEvent(null, { result: 'order' });
const end = endEvent();

async function partitions(database: Awaited<ReturnType<typeof testDatabase>>['database']) {
  const { rows } = await database.query<{ name: string }>(
    `select inhrelid::regclass::text as name from pg_inherits
      where inhparent = 'engine.history'::regclass order by 1`,
  );
  return rows.map(({ name }) => name.replace('engine.history_', ''));
}

test('old months are dropped; what is open, or ended later, keeps its whole history', async () => {
  const { database, connectionString } = await testDatabase({ migrations });
  const quick = drawProcess('quick', {
    nodes: { start, pause: catchEvent(timer(1_000)), end },
    flows: ['start -> pause -> end'],
  });
  const long = drawProcess('long', {
    nodes: { start, paid: catchEvent(message('paid', 'order')), end },
    flows: ['start -> paid -> end'],
  });
  const failing = drawProcess('failing', {
    nodes: {
      start,
      work: serviceTask({ job: () => Promise.reject(new TerminalFault('BROKEN', 'no')) }),
      end,
    },
    flows: ['start -> work -> end'],
  });
  const clock = virtualClock('2026-01-10T00:00:00Z');
  const processes = [quick, long, failing];
  const w = new EngineWorld({ database, connectionString, processes, clock });
  onTestFinished(() => w.end());
  const node = await w.start();
  const old = await w.begin(node, 'quick', 1);
  const open = await w.begin(node, 'long', 2);
  const later = await w.begin(node, 'long', 3);
  const broken = await w.begin(node, 'failing', 4);
  await w.untilAt(broken, 'work', (e) => e.incident !== undefined);
  await node.engine.request(broken, { type: 'cancel', reason: 'enough', by: 'ada' });
  await w.until(broken, 'cancelled');
  await w.until(old, 'waiting');
  clock.advanceBy(2_000);
  await w.until(old, 'completed');
  await w.until(open, 'waiting');

  clock.advanceTo(new Date('2026-02-10T00:00:00Z'));
  await ensureHistoryPartitions(database, clock.now());
  clock.advanceTo(new Date('2026-03-10T00:00:00Z'));
  await ensureHistoryPartitions(database, clock.now());
  await w.publish(node, { id: later, name: 'paid', payload: { order: 3 } });
  await w.until(later, 'completed');
  const before = new Date('2026-02-15T00:00:00Z');
  const first = await sweepHistory(database, { before, now: clock.now() });
  expect(first).toEqual({ instances: 2, partitions: ['history_2026_01'], finished: true });
  expect(await partitions(database)).toEqual(['2026_02', '2026_03', '2026_04', 'default']);
  await expect(w.stored(old)).rejects.toThrow('found none');
  for (const table of ['incident', 'task', 'retry']) {
    expect((await database.query(`select 1 from engine.${table}`)).rowCount).toBe(0);
  }
  const seqs = async (id: string) => {
    const entries = await database.transaction((tx) =>
      readHistory(tx, id, { from: 1, to: 1_000 }, 1_000),
    );
    return entries.map(({ entry }) => entry.seq);
  };
  expect(await seqs(open)).toEqual([1, 2, 3]);
  expect(await seqs(later)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(await readCountDifferences(database, 10)).toEqual([]);
  expect(await readCounts(database, { process: 'quick' })).toEqual([]);

  // What was carried over goes with its instance.
  const after = new Date('2026-03-11T00:00:00Z');
  const second = await sweepHistory(database, { before: after, now: clock.now() });
  expect(second).toEqual({ instances: 1, partitions: ['history_2026_02'], finished: true });
  const { rows } = await database.query<{ instance_id: string }>(
    'select distinct instance_id from engine.history_carried',
  );
  expect(rows).toEqual([{ instance_id: open }]);
  expect((await w.stored(open)).status).toBe('waiting');
});

test('a batch reads as many blocks with 30,000 instances as with 3,000', async () => {
  const { database } = await testDatabase({ migrations });
  const add = (from: number, to: number) =>
    database.query(
      `insert into engine.instance (id, shard, process, version, status, revision, state, trace_id,
                                    started_at, moved_at, ended_at)
       select gen_random_uuid(), 1, 'p', 1, 'completed', 1, '{}', '', at, at, at
         from (select timestamptz '2026-01-01' + n * interval '1 minute' as at
                 from generate_series($1::int, $2::int) n) t`,
      [from, to],
    );
  const blocks = () =>
    database.transaction(async (tx) => {
      await tx.query(byIndexOnly);
      const { rows } = await tx.query<{ 'QUERY PLAN': string }>(
        `explain (analyze, buffers, timing off) ${purgeEndedStatement}`,
        [new Date('2026-01-02T00:00:00Z'), 100, new Date()],
      );
      const [plan = ''] = rows
        .map((row) => row['QUERY PLAN'])
        .join('\n')
        .split('Planning:');
      expect(plan).not.toMatch(/Seq Scan on/);
      const read = plan.matchAll(/Buffers: shared(?: hit=(\d+))?(?: read=(\d+))?/g);
      return [...read].reduce((sum, [, hit = 0, more = 0]) => sum + Number(hit) + Number(more), 0);
    });
  await add(1, 3_000);
  await database.query('vacuum analyze engine.instance');
  const few = await blocks();
  await add(3_001, 30_000);
  await database.query('vacuum analyze engine.instance');
  const many = await blocks();
  expect(few).toBeGreaterThan(0);
  expect(many).toBeLessThan(few * 1.5);
});
