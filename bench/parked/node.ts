/**
 * The node of the `parked` benchmark, in a process of its own, whose memory is measured: the engine, and
 * the messages that come to it. Commands come from the parent.
 */
import { createEngine } from '../../src/engine/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { ProcedureRunner } from '../../src/kernel/procedure.ts';
import type { SendOptions } from '../../src/kernel/transaction.ts';
import { type Database, openDatabase } from '../../src/postgres/index.ts';
import type { Rounds } from '../closed-loop.ts';
import { quietLog } from '../scratch-server.ts';
import { quantile } from '../statistics.ts';
import { type Delays, MessageLoad } from './message-load.ts';
import { subscription } from './parked-process.ts';

/** What the parent says: messages at a rate, or so many on their way all the time. */
export interface NodeOrder {
  readonly load: { readonly perSecond: number } | { readonly inFlight: number };
  readonly rounds: Rounds;
}

/** Times of all rounds. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What was seen under one load. */
export interface Seen {
  readonly roundsPerSecond: readonly number[];
  /** From when it was handed over until it was durable and its wait known. */
  readonly matchedMs: Quantiles;
  /** From the durable message to the durable transition. */
  readonly movedMs: Quantiles;
  /** Of the durable transitions of each round. */
  readonly roundsP99Ms: readonly number[];
}

/** What the node answers. MiB are of resident memory; `mostMiB` is the most since its start. */
export type NodeAnswer =
  | { readonly is: 'ready'; readonly nowMiB: number; readonly startMs: number }
  | {
      readonly is: 'seen';
      readonly seen: Seen;
      readonly sent: number;
      readonly nowMiB: number;
      readonly mostMiB: number;
      /** Processor time of this process, in microseconds a message. */
      readonly cpuUs: number;
    }
  | { readonly is: 'failed'; readonly why: string };

/** The process calls no procedures. */
const noProcedures: ProcedureRunner = {
  find: () => undefined,
  list: () => [],
  run: async () => null,
};

const [connectionString = '', instances = '0'] = process.argv.slice(2);
const database = openDatabase({
  connectionString,
  // As the program has on two cores.
  maxConnections: 8,
  applicationName: `bench node ${process.pid}`,
});

/** The engine's way to PostgreSQL, on which is seen what was matched and what has become durable. */
const watched: Database = {
  ...database,
  async query<Row>(text: string, values: readonly unknown[] = []) {
    const answer = await database.query<Row>(text, values);
    if (text.includes('engine.commit_group(')) load.durable(uuidsOf(values[4] as Buffer));
    else if (text.includes('engine.match_messages(')) load.matched(instancesOf(answer.rows));
    return answer;
  },
  transaction: (work, options) =>
    database.transaction(
      (tx) =>
        work({
          query: (...call) => tx.query(...call),
          sendLast: (...call) => tx.sendLast(...call),
          afterCommit: (later) => tx.afterCommit(later),
          send<Row>(text: string, values: readonly unknown[], how: SendOptions<Row> = {}) {
            if (!text.includes('engine.keep_messages(')) {
              tx.send(text, values, how);
              return;
            }
            let met: readonly Row[] = [];
            const answered = (rows: readonly Row[]) => {
              met = rows;
              how.answered?.(rows);
            };
            tx.send<Row>(text, values, { ...how, answered });
            tx.afterCommit(() => load.matched(instancesOf(met)));
          },
        }),
      options,
    ),
};

function instancesOf(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => (row as { readonly instance_id: string }).instance_id);
}

const engine = createEngine({
  database: watched,
  runner: noProcedures,
  clock: systemClock,
  log: quietLog,
  processes: [subscription],
});
const load = new MessageLoad({ database: watched, engine, instances: Number(instances) });

/** The ids of a binary array: a head of 20 bytes, and before each id its length. */
function* uuidsOf(array: Buffer): Generator<string> {
  for (let at = 24; at < array.length; at += 20) {
    const hex = array.toString('hex', at, at + 16);
    const middle = `${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}`;
    yield `${hex.slice(0, 8)}-${middle}-${hex.slice(20)}`;
  }
}

const mebibytes = (bytes: number) => Math.round(bytes / 2 ** 20);
const memory = () => ({
  nowMiB: mebibytes(process.memoryUsage.rss()),
  mostMiB: mebibytes(process.resourceUsage().maxRSS * 1_024),
});
const say = (answer: NodeAnswer) => process.send?.(answer);

async function measure({ load: asked, rounds }: NodeOrder): Promise<void> {
  const sentBefore = load.sent;
  const running = 'perSecond' in asked ? load.steady(asked.perSecond) : load.most(asked.inFlight);
  await passed(rounds.warmUpMs);
  load.takeDelays();
  const cpu = process.cpuUsage();
  const takenBefore = load.taken;
  const perRound: { readonly perSecond: number; readonly delays: Delays }[] = [];
  for (let round = 0; round < rounds.rounds; round += 1) {
    const before = { at: performance.now(), taken: load.taken };
    await passed(rounds.roundMs);
    const seconds = (performance.now() - before.at) / 1_000;
    perRound.push({
      perSecond: (load.taken - before.taken) / seconds,
      delays: load.takeDelays(),
    });
  }
  const { user, system } = process.cpuUsage(cpu);
  const cpuUs = (user + system) / (load.taken - takenBefore);
  await running.stop();
  const at = (delays: readonly number[], share: number) =>
    Number(quantile(delays, share).toFixed(2));
  const of = (delays: readonly number[]): Quantiles => ({
    ...{ p50: at(delays, 0.5), p95: at(delays, 0.95), p99: at(delays, 0.99), max: at(delays, 1) },
  });
  const seen: Seen = {
    roundsPerSecond: perRound.map(({ perSecond }) => Math.round(perSecond)),
    matchedMs: of(perRound.flatMap(({ delays }) => delays.matchedMs)),
    movedMs: of(perRound.flatMap(({ delays }) => delays.movedMs)),
    roundsP99Ms: perRound.map(({ delays }) => at(delays.movedMs, 0.99)),
  };
  const sent = load.sent - sentBefore;
  say({ is: 'seen', seen, sent, ...memory(), cpuUs: Number(cpuUs.toFixed(1)) });
}

const passed = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

process.on('message', (order: NodeOrder) => {
  measure(order).catch((error: unknown) => say({ is: 'failed', why: String(error) }));
});
process.once('SIGTERM', async () => {
  await engine.stop();
  await database.close();
  process.exit(0);
});
process.once('disconnect', () => process.exit(1));
const begin = performance.now();
await engine.start();
say({ is: 'ready', nowMiB: memory().nowMiB, startMs: Math.round(performance.now() - begin) });
