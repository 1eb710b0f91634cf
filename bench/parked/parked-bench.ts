/**
 * `parked`: a million instances that wait for messages, and how fast messages find them. First as many as
 * are taken, then at a steady rate, with the times of each message until it is durable and its wait known, and
 * from then until the transition of its instance is durable. One node, in a process of its own, whose memory is
 * measured. Before and after it the disk is measured alone, for each time holds what the disk makes wait.
 */
import { type Database, migrate, openDatabase } from '../../src/postgres/index.ts';
import type { BenchResult, BenchSettings } from '../bench.ts';
import { type DiskWaits, diskWaits } from '../disk.ts';
import { engineSchema } from '../engine/orderloom.ts';
import { describeMachine } from '../machine.ts';
import { startScratchServer } from '../scratch-server.ts';
import { median } from '../statistics.ts';
import { fill } from './fill.ts';
import type { Quantiles, Seen } from './node.ts';
import { type NodeProcess, startNode } from './node-process.ts';

/** What the project holds itself to. */
const target = { instances: 1_000_000, messagesPerSecond: 10_000, p99Ms: 50, memoryMiB: 500 };

const quickInstances = 100_000;
/** A little more than the target, so that it is reached in every round and not on the average. */
const steadyPerSecond = target.messagesPerSecond * 1.01;
/** Where fewer are taken at most, the steady rate is this share of them: the times then mean something. */
const steadyShare = 0.85;
/**
 * On their way all the time, to see how many are taken at most: as few as take nothing from the rate. With 500 it was
 * the same, and each of them waited longer.
 */
const inFlight = 300;

/** Runs the benchmark; fails when a message was not taken exactly once, or an instance waits no more. */
export async function parkedBench(settings: BenchSettings): Promise<BenchResult> {
  const machine = await describeMachine();
  const server = await startScratchServer();
  const connectionString = await server.createDatabase('parked');
  const database = openDatabase({ connectionString, maxConnections: 2, applicationName: 'bench' });
  const instances = settings.quick ? quickInstances : target.instances;
  try {
    await migrate(database, [engineSchema]);
    await park(database, instances, settings.report);
    const sizeBefore = await sizeOf(database);
    const diskBefore = await measureDisk(server.folder, settings);
    const node = await startNode(connectionString, instances);
    try {
      const seen = await measureNode(node, settings);
      const disk = { before: diskBefore, after: await measureDisk(server.folder, settings) };
      await proveTaken(database, instances, seen.sent);
      const sizeAfter = await sizeOf(database);
      settings.report(`database: ${sizeBefore} MiB before, ${sizeAfter} MiB after`);
      const databaseMiB = { before: sizeBefore, after: sizeAfter };
      const { figures, ratios } = summary(instances, seen, databaseMiB);
      return { machine, figures: { ...figures, disk }, ratios };
    } finally {
      await node.stop();
    }
  } finally {
    await database.close();
    await server.stop();
  }
}

async function park(
  database: Database,
  count: number,
  report: BenchSettings['report'],
): Promise<void> {
  const begin = performance.now();
  let told = 0;
  const progress = (done: number) => {
    if (done < told + count / 5) return;
    told = done;
    report(`parked ${done} instances`);
  };
  await fill({ database, count, progress });
  const seconds = (performance.now() - begin) / 1_000;
  report(`${count} instances parked in ${seconds.toFixed(0)} s`);
}

async function measureDisk(folder: string, { quick, report }: BenchSettings): Promise<DiskWaits> {
  const waits = await diskWaits(folder, quick ? 2_000 : 8_000);
  report(`disk alone: durable after p50 ${waits.p50}, p99 ${waits.p99}, at most ${waits.max} ms`);
  return waits;
}

type NodeFigures = Awaited<ReturnType<typeof measureNode>>;

async function measureNode(node: NodeProcess, { rounds, report }: BenchSettings) {
  const { startMs, nowMiB: beforeMiB } = node.ready;
  report(`node: started in ${startMs} ms, ${beforeMiB} MiB`);
  const most = await node.measure({ load: { inFlight }, rounds });
  const mostRate = Math.round(median(most.seen.roundsPerSecond));
  report(`${inFlight} on their way: ${mostRate} messages/s, ${told(most.seen)}`);
  const perSecond = Math.min(steadyPerSecond, Math.round(mostRate * steadyShare));
  const steady = await node.measure({ load: { perSecond }, rounds });
  const rate = Math.round(median(steady.seen.roundsPerSecond));
  report(`steady: ${rate} messages/s, ${told(steady.seen)}`);
  const memoryMiB = { before: beforeMiB, after: steady.nowMiB, most: steady.mostMiB };
  report(`node: ${memoryMiB.after} MiB afterwards, ${memoryMiB.most} MiB at most`);
  return { startMs, steady, most, rate, mostRate, memoryMiB, sent: steady.sent + most.sent };
}

function told({ matchedMs, movedMs }: Seen): string {
  const of = ({ p50, p95, p99 }: Quantiles) => `p50 ${p50}, p95 ${p95}, p99 ${p99} ms`;
  return `matched after ${of(matchedMs)}, moved after ${of(movedMs)}`;
}

function summary(
  instances: number,
  { startMs, steady, most, rate, mostRate, memoryMiB }: NodeFigures,
  databaseMiB: object,
): Pick<BenchResult, 'figures' | 'ratios'> {
  const ratio = (value: number) => Number(value.toFixed(2));
  return {
    figures: {
      ...{ instances, startMs, memoryMiB, databaseMiB },
      steady: { messagesPerSecond: rate, nodeCpuUs: steady.cpuUs, ...steady.seen },
      most: { messagesPerSecond: mostRate, inFlight, nodeCpuUs: most.cpuUs, ...most.seen },
    },
    ratios: {
      messagesPerSecondToTarget: ratio(rate / target.messagesPerSecond),
      mostMessagesPerSecondToTarget: ratio(mostRate / target.messagesPerSecond),
      matchedP99ToTarget: ratio(steady.seen.matchedMs.p99 / target.p99Ms),
      movedP99ToTarget: ratio(steady.seen.movedMs.p99 / target.p99Ms),
      memoryToTarget: ratio(memoryMiB.most / target.memoryMiB),
    },
  };
}

async function sizeOf(database: Database): Promise<number> {
  const { rows } = await database.query<{ size: number }>(
    'select (pg_database_size(current_database()) / 1048576)::int as size',
  );
  return rows[0]?.size ?? 0;
}

/** Fails unless every message moved its instance once and every instance waits: the figures would be void. */
async function proveTaken(database: Database, instances: number, sent: number): Promise<void> {
  const { rows } = await database.query<Record<string, number>>(
    `select (select count(*)::int from engine.instance where status = 'waiting') as waiting,
            (select sum(revision - 1)::int from engine.instance) as transitions,
            (select count(*)::int from engine.history where from_seq > 1) as "historyRows",
            (select count(*)::int from engine.message_wait) as waits,
            (select count(*)::int from engine.message where taken_at is not null) as taken,
            (select count(*)::int from engine.message) as messages`,
  );
  const found = JSON.stringify(rows[0]);
  const expected = JSON.stringify({
    waiting: instances,
    transitions: sent,
    historyRows: sent,
    waits: instances,
    taken: sent,
    messages: sent,
  });
  if (found !== expected) throw new Error(`expected ${expected}, found ${found}`);
}
