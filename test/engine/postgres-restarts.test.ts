/**
 * PostgreSQL is stopped and started under the nodes. Each says that it is not ready meanwhile, finds its
 * place again by itself, and what was under way is done, once.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { EngineWorld, nothingOpen } from '../../src/engine/testing/in-process-engine.ts';
import { newId } from '../../src/kernel/ids.ts';
import { migrate, openDatabase, startEmbedded } from '../../src/postgres/index.ts';
import { note, storyProcesses } from '../support/engine-story.ts';
import { throwAwayBase } from '../support/throw-away-folder.ts';
import { waitUntil } from '../support/wait-until.ts';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** A server of its own, since the others of the test run must not lose theirs. */
async function ownServer() {
  const dataFolder = await mkdtemp(join(throwAwayBase, `orderloom-test-${process.pid}-`));
  const server = await startEmbedded({ dataFolder, log });
  onTestFinished(async () => {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });
  const { connectionString } = server;
  const database = openDatabase({ connectionString, applicationName: 'test', maxConnections: 4 });
  onTestFinished(() => database.close());
  await migrate(database, [
    { schema: 'engine', folder: new URL('../../src/engine/store/migrations/', import.meta.url) },
  ]);
  await database.query(
    'create table public.note (item text not null, step text not null, pid integer not null)',
  );
  return { server, database, connectionString };
}

test('a server that dies under the nodes and comes back finds them at work again', async () => {
  const { server, database, connectionString } = await ownServer();
  const world = new EngineWorld({
    ...{ database, connectionString, processes: storyProcesses, procedures: [note] },
  });
  onTestFinished(() => world.end());
  const nodes = [await world.start({ leaseMs: 10_000 }), await world.start({ leaseMs: 10_000 })];
  await waitUntil('an even share', () => nodes.every(({ engine }) => engine.counts.shards === 128));
  const owners = async () =>
    (await database.query('select shard, owner, epoch from engine.shard order by shard')).rows;
  const before = await owners();
  const orders = Array.from({ length: 40 }, (_, i) => `o-${i}`);
  const ids = await Promise.all(
    orders.map((order, i) => world.begin(nodes[i % 2]!, 'story', order)),
  );

  // As `pg_ctl stop -m immediate`: no goodbye to anybody. Its owner starts it again.
  process.kill(server.pid, 'SIGQUIT');
  await waitUntil('both nodes to start instances again', async () => {
    const asked = nodes.map(({ engine }, i) =>
      engine.startProcess({
        process: 'story',
        input: `late-${i}`,
        trace: { traceId: newId(), spanId: '' },
      }),
    );
    const answers = await Promise.allSettled(asked);
    return answers.every(({ status }) => status === 'fulfilled');
  });
  for (const [i, order] of orders.entries()) {
    const go = { id: newId(), name: 'go', payload: { order } };
    await waitUntil('the message to be kept', () =>
      world.publish(nodes[(i + 1) % 2]!, go).then(
        () => true,
        () => false,
      ),
    );
  }
  for (const id of ids) await world.until(id, 'completed');
  const { rows } = await database.query<{ item: string; step: string }>(
    `select item, step from public.note where item like 'o-%' order by item, step`,
  );
  const expected = [...orders]
    .sort()
    .flatMap((item) => ['a', 'b', 'c'].map((step) => ({ item, step })));
  expect(rows).toEqual(expected);
  for (const id of ids) await world.lines(id);
  expect(nodes.map(({ engine }) => engine.isReady)).toEqual([true, true]);
  expect(await owners()).toEqual(before);
  expect({ ...(await world.open()), messageWaits: 0 }).toEqual(nothingOpen);
}, 60_000);

test('while there is no server nodes are not ready, and lay their work down when the lease is over', async () => {
  const { server, database, connectionString } = await ownServer();
  const world = new EngineWorld({
    ...{ database, connectionString, processes: storyProcesses, procedures: [note] },
  });
  onTestFinished(() => world.end());
  const { engine } = await world.start({ leaseMs: 1_000 });
  expect([engine.isReady, engine.counts.shards]).toEqual([true, 256]);
  // Asleep, it takes connections and answers nothing, like a host behind a broken network.
  process.kill(server.pid, 'SIGSTOP');
  const { rows } = await database.query<{ pid: number }>('select pid from pg_stat_activity');
  const backends = rows.map(({ pid }) => pid).filter((pid) => pid !== null);
  for (const pid of backends) process.kill(pid, 'SIGSTOP');
  try {
    await waitUntil('the node to see it', () => !engine.isReady && engine.counts.shards === 0);
  } finally {
    for (const pid of [...backends, server.pid]) process.kill(pid, 'SIGCONT');
  }
  await waitUntil('the node to be back', () => engine.isReady && engine.counts.shards === 256);
  const id = await world.begin(world.engines[0]!, 'long', 'again');
  await world.until(id, 'completed');
}, 60_000);
