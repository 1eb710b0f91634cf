/**
 * Nodes as processes of their own on one database: killed, put to sleep and woken up after they were
 * replaced, told to stop. Whatever happens to one of them, each step is done once.
 */
import { expect, test } from 'vitest';
import type { HistoryEntry } from '../../src/engine/model/events.ts';
import { testDatabase } from '../support/database.ts';
import { type NodeProcess, startNode } from '../support/engine-nodes.ts';
import { waitUntil } from '../support/wait-until.ts';

const migrations = [
  { schema: 'engine', folder: new URL('../../src/engine/store/migrations/', import.meta.url) },
];
/** A lease that is never over within a test: only a free lock explains a take-over. */
const longLeaseMs = 600_000;

async function cluster() {
  const { database, connectionString } = await testDatabase({ migrations });
  await database.query(
    'create table public.note (item text not null, step text not null, pid integer not null)',
  );
  const start = (leaseMs: number, role: 'serve' | 'api' = 'serve') =>
    startNode({ databaseUrl: connectionString, leaseMs, role });
  const shardsOf = async ({ node }: NodeProcess) => {
    const { rows } = await database.query<{ n: number }>(
      'select count(*)::int as n from engine.shard where owner = $1',
      [node],
    );
    return rows[0]?.n ?? 0;
  };
  const share = (node: NodeProcess, shards: number) =>
    waitUntil(`${shards} shards`, async () => (await shardsOf(node)) === shards);
  const notes = async () => {
    const { rows } = await database.query<{ item: string; step: string; pid: number }>(
      'select item, step, pid from public.note order by item, step',
    );
    return rows;
  };
  const completed = (count: number) =>
    waitUntil(`${count} to be completed`, async () => {
      const { rows } = await database.query(
        `select 1 from engine.instance where status = 'completed'`,
      );
      return rows.length === count;
    });
  /** Fails when a history has a gap, or tells of a step that was completed twice. */
  const checkHistories = async () => {
    const { rows } = await database.query<{ instance_id: string; entries: string }>(
      'select instance_id, entries from engine.history order by instance_id, from_seq',
    );
    const byInstance = Map.groupBy(rows, ({ instance_id }) => instance_id);
    for (const parts of byInstance.values()) {
      const entries = parts.flatMap((part) => JSON.parse(part.entries) as HistoryEntry[]);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      const done = entries.filter(({ kind }) => kind === 'element.completed').map(({ n }) => n);
      expect(new Set(done).size).toBe(done.length);
    }
  };
  return { database, start, shardsOf, share, notes, completed, checkHistories };
}

const orders = Array.from({ length: 60 }, (_, i) => `o-${i}`);
const allSteps = orders.flatMap((item) => ['a', 'b', 'c'].map((step) => `${item} ${step}`)).sort();

test('a node that is killed is replaced at once, and nothing is lost or done twice', async () => {
  const c = await cluster();
  const [one, two, three] = await Promise.all([1, 2, 3].map(() => c.start(longLeaseMs)));
  await Promise.all(
    [one, two, three].map((n) =>
      waitUntil('a share', async () => [85, 86].includes(await c.shardsOf(n!))),
    ),
  );
  const begun = orders.map((order, i) => [one, two, three][i % 3]!.begin('story', order));
  await Promise.all(begun);
  const going = orders.map((order, i) => [two, three][i % 2]!.go(order));
  one!.signal('SIGKILL');
  await one!.ended;
  await Promise.all([c.share(two!, 128), c.share(three!, 128)]);
  await Promise.all(going);
  await c.completed(orders.length);
  expect((await c.notes()).map(({ item, step }) => `${item} ${step}`).sort()).toEqual(allSteps);
  await c.checkHistories();
}, 60_000);

test('a node that slept past its lease writes nothing when it wakes up', async () => {
  const c = await cluster();
  const sleeper = await c.start(1_000);
  const beganLong = await sleeper.begin('long', 'held');
  await Promise.all(orders.map((order) => sleeper.begin('story', order)));
  await waitUntil('the long step to have written', async () => {
    const { rows } = await c.database.query(
      `select 1 from pg_stat_activity where state = 'idle in transaction'
          and application_name like 'engine process ${sleeper.pid} %'`,
    );
    return rows.length > 0;
  });
  const going = Promise.allSettled(orders.slice(0, 30).map((order) => sleeper.go(order)));
  // In the middle of it all: a transaction is open, groups are on their way.
  sleeper.signal('SIGSTOP');
  const successor = await c.start(1_000);
  await c.share(successor, 256);
  await Promise.all(orders.map((order) => successor.go(order)));
  await c.completed(orders.length + 1);
  const before = await c.notes();
  const history = async () =>
    (await c.database.query('select count(*)::int as n from engine.history')).rows;
  const entries = await history();
  sleeper.signal('SIGCONT');
  await going;
  // It goes on with what it was doing, is refused, hears that it was replaced, and takes a share again.
  await c.share(sleeper, 128);
  await waitUntil('the refusal of its step', () => /settling step a failed/.test(sleeper.output()));
  expect(await c.notes()).toEqual(before);
  expect(await history()).toEqual(entries);
  expect(before.filter(({ item }) => item === 'held').map(({ step }) => step)).toEqual(['a', 'b']);
  expect(before.find(({ item, step }) => item === 'held' && step === 'a')?.pid).toBe(successor.pid);
  const steps = before.filter(({ item }) => item !== 'held');
  expect(steps.map(({ item, step }) => `${item} ${step}`).sort()).toEqual(allSteps);
  await c.checkHistories();
  expect(beganLong).toBeTruthy();
}, 60_000);

test('a node that is told to stop finishes its step, and others have its shards at once', async () => {
  const c = await cluster();
  const leaver = await c.start(longLeaseMs);
  await leaver.begin('long', 'held');
  const stayer = await c.start(longLeaseMs);
  await Promise.all([c.share(leaver, 128), c.share(stayer, 128)]);
  leaver.signal('SIGTERM');
  expect(await leaver.ended).toBe(0);
  await c.share(stayer, 256);
  await c.completed(1);
  const { rows } = await c.database.query('select id from engine.node');
  expect(rows).toEqual([{ id: stayer.node }]);
  const [a] = await c.notes();
  expect(a?.pid).toBe(leaver.pid);
  await c.checkHistories();
}, 60_000);
