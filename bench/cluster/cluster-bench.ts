/**
 * `cluster`: how many durable steps per second one, two and three nodes make on one PostgreSQL, and how
 * soon others go on with the work of a node that is killed. Nodes are processes of their own; the load
 * is that of the `engine` benchmark, with the same number of instances in flight over all nodes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, migrate, openDatabase } from '../../src/postgres/index.ts';
import type { BenchResult, BenchSettings } from '../bench.ts';
import { engineSchema, proveComplete } from '../engine/orderloom.ts';
import { describeMachine } from '../machine.ts';
import { type ScratchServer, startScratchServer } from '../scratch-server.ts';
import { median, quantile } from '../statistics.ts';
import { startWorker, type Worker } from './workers.ts';

const inFlight = 300;
const sizes = [1, 2, 3];
/** Between two looks at the database while others take over. */
const lookMs = 2;
const patienceMs = 60_000;

/** Runs the benchmark; fails when an instance is lost, or a step is missing in its history. */
export async function clusterBench({ rounds, report }: BenchSettings): Promise<BenchResult> {
  const machine = await describeMachine();
  const server = await startScratchServer();
  try {
    const throughput: Record<string, { stepsPerSecond: number; rounds: readonly number[] }> = {};
    for (const size of sizes) {
      const rates = await measureThroughput(server, size, rounds);
      const stepsPerSecond = Math.round(median(rates));
      throughput[size] = { stepsPerSecond, rounds: rates.map(Math.round) };
      report(`${size} ${size === 1 ? 'node' : 'nodes'}: ${stepsPerSecond} steps/s`);
    }
    const kills = await measureTakeOvers(server, rounds.rounds * 2, report);
    const summary = (values: readonly number[]) => ({
      p50: Math.round(median(values)),
      max: Math.round(quantile(values, 1)),
    });
    const takeOverMs = {
      shards: summary(kills.map(({ shardsMs }) => shardsMs)),
      instances: summary(kills.map(({ instancesMs }) => instancesMs)),
    };
    report(
      `take-over after ${kills.length} kills: shards p50 ${takeOverMs.shards.p50} ms, max ` +
        `${takeOverMs.shards.max} ms; every instance goes on p50 ${takeOverMs.instances.p50} ms, ` +
        `max ${takeOverMs.instances.max} ms`,
    );
    const one = throughput[1]?.stepsPerSecond ?? Number.NaN;
    const toOne = (size: number) =>
      Number(((throughput[size]?.stepsPerSecond ?? Number.NaN) / one).toFixed(2));
    return {
      machine,
      figures: { inFlight, throughput, takeOverMs, kills },
      ratios: { twoNodesToOne: toOne(2), threeNodesToOne: toOne(3) },
    };
  } finally {
    await server.stop();
  }
}

async function measureThroughput(
  server: ScratchServer,
  size: number,
  { warmUpMs, roundMs, rounds }: BenchSettings['rounds'],
): Promise<readonly number[]> {
  return await withCluster(server, `nodes_${size}`, size, async (database, workers) => {
    const counted = async () =>
      (await Promise.all(workers.map((worker) => worker.count()))).reduce(
        (sum, { steps }) => sum + steps,
        0,
      );
    for (const worker of workers) worker.tell({ do: 'start', inFlight: inFlight / size });
    await delay(warmUpMs);
    const rates: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const before = await counted();
      const begin = performance.now();
      await delay(roundMs);
      const steps = (await counted()) - before;
      rates.push(steps / ((performance.now() - begin) / 1_000));
    }
    await finish(database, workers);
    await proveComplete(database);
    return rates;
  });
}

interface TakeOver {
  /** From the kill until others own all shards of the dead node. */
  readonly shardsMs: number;
  /** From the kill until every instance that it moved has been moved again. */
  readonly instancesMs: number;
}

/** Kills one of three nodes under load, again and again; a new one takes its place each time. */
async function measureTakeOvers(
  server: ScratchServer,
  kills: number,
  report: BenchSettings['report'],
): Promise<readonly TakeOver[]> {
  return await withCluster(server, 'kills', 3, async (database, workers) => {
    for (const worker of workers) worker.tell({ do: 'start', inFlight: inFlight / 3 });
    const seen: TakeOver[] = [];
    for (let n = 0; n < kills; n += 1) {
      const [victim] = workers.splice(0, 1);
      if (!victim) break;
      seen.push(await killed(database, victim));
      const latest = seen.at(-1);
      if (latest) {
        report(
          `kill ${n + 1}: shards after ${Math.round(latest.shardsMs)} ms, ` +
            `instances after ${Math.round(latest.instancesMs)} ms`,
        );
      }
      workers.push(await startWorker(connectionOf(server, 'kills')));
      await evenly(workers);
    }
    await finish(database, workers);
    await proveComplete(database);
    return seen;
  });
}

async function killed(database: Database, victim: Worker): Promise<TakeOver> {
  const { rows: owned } = await database.query<{ shard: number }>(
    'select shard from engine.shard where owner = $1',
    [victim.node],
  );
  const at = performance.now();
  await victim.kill();
  const { rows } = await database.query<{ id: string; revision: string }>(
    `select id, revision::text from engine.instance
      where status = 'running' and shard = any($1::smallint[])`,
    [owned.map(({ shard }) => shard)],
  );
  await until('the shards to be taken', async () => {
    const left = await database.query('select 1 from engine.shard where owner = $1 limit 1', [
      victim.node,
    ]);
    return left.rowCount === 0;
  });
  const shardsMs = performance.now() - at;
  await until('every instance to go on', async () => {
    const still = await database.query(
      `select 1 from engine.instance i
         join unnest($1::uuid[], $2::bigint[]) as b (id, revision)
           on i.id = b.id and i.revision = b.revision
        limit 1`,
      [rows.map(({ id }) => id), rows.map(({ revision }) => revision)],
    );
    return still.rowCount === 0;
  });
  return { shardsMs, instancesMs: performance.now() - at };
}

/** Lets everything that is in flight come to its end. */
async function finish(database: Database, workers: readonly Worker[]): Promise<void> {
  for (const worker of workers) worker.tell({ do: 'finish' });
  await until('the end of all instances', async () => {
    const open = await database.query(
      `select 1 from engine.instance where status = 'running' limit 1`,
    );
    return open.rowCount === 0;
  });
}

async function evenly(workers: readonly Worker[]): Promise<void> {
  const least = Math.floor(256 / workers.length);
  await until('even shares', async () => {
    const counted = await Promise.all(workers.map((worker) => worker.count()));
    return counted.every(({ shards }) => shards === least || shards === least + 1);
  });
}

async function withCluster<T>(
  server: ScratchServer,
  name: string,
  size: number,
  work: (database: Database, workers: Worker[]) => Promise<T>,
): Promise<T> {
  const connectionString = await server.createDatabase(name);
  const database = openDatabase({ connectionString, maxConnections: 2, applicationName: 'bench' });
  const workers: Worker[] = [];
  try {
    await migrate(database, [engineSchema]);
    for (let n = 0; n < size; n += 1) workers.push(await startWorker(connectionString));
    await evenly(workers);
    return await work(database, workers);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await database.close();
  }
}

function connectionOf(server: ScratchServer, name: string): string {
  const url = new URL(server.connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`expected ${what} within ${patienceMs} ms, it did not come to pass`);
    }
    await delay(lookMs);
  }
}
