/**
 * `engine`: durable steps per second of a ten-step process at 1, 100 and 500 in flight; beside it, in
 * the same run, the bare group-commit loop and other durable-execution engines on the same work.
 *
 * All contenders are measured at one number in flight before the next number, each on an empty
 * database, so that whatever else the machine does meanwhile meets those that are compared alike.
 */
import type { BenchResult, BenchSettings } from '../bench.ts';
import { describeMachine } from '../machine.ts';
import type { PeerTask } from '../peers/measure-peer.ts';
import { installPeers, type PeerResult, runPeer } from '../run-peer.ts';
import { type ScratchServer, startScratchServer } from '../scratch-server.ts';
import { measureBareLoop } from './bare-loop.ts';
import type { Figure, Figures } from './figures.ts';
import { measureOrderloom } from './orderloom.ts';

const inFlight = [1, 100, 500];

interface Contender {
  readonly name: string;
  readonly title: string;
  readonly measure: (task: PeerTask) => Promise<PeerResult>;
}

/** Figures of one contender, or why there are none. */
interface Outcome {
  version?: string;
  figures: Figures;
  unavailable?: string;
}

const peers = [
  { name: 'dbos', title: 'DBOS Transact', packageName: '@dbos-inc/dbos-sdk' },
  { name: 'restate', title: 'Restate', packageName: '@restatedev/restate-server' },
] as const;

async function listContenders(): Promise<readonly Contender[]> {
  const problem = await installPeers();
  const own = async (figures: Promise<Figures>) => ({ figures: await figures, version: 'own' });
  return [
    { name: 'orderloom', title: 'Orderloom', measure: (task) => own(measureOrderloom(task)) },
    { name: 'bareLoop', title: 'bare group commit', measure: (task) => own(measureBareLoop(task)) },
    ...peers.map(({ name, title, packageName }) => ({
      name,
      title,
      measure: async (task: PeerTask) =>
        problem === null ? await runPeer(name, packageName, task) : { unavailable: problem },
    })),
  ];
}

/** Runs the benchmark; peers that cannot run are named with the reason. */
export async function engineBench({ rounds, report }: BenchSettings): Promise<BenchResult> {
  const machine = await describeMachine();
  const contenders = await listContenders();
  const outcomes: Record<string, Outcome> = {};
  const server = await startScratchServer();
  try {
    report(`durable steps of a ten-step process, ${rounds.rounds} rounds of ${rounds.roundMs} ms`);
    for (const n of inFlight) {
      report(`\n${n} in flight`);
      for (const contender of contenders) {
        const outcome = outcomes[contender.name] ?? { figures: {} };
        outcomes[contender.name] = outcome;
        await measureOne({ contender, outcome, n, server, rounds });
        report(lineOf(contender.title, n, outcome));
      }
    }
  } finally {
    await server.stop();
  }
  return { machine, figures: outcomes, ratios: allRatios(outcomes) };
}

async function measureOne(options: {
  readonly contender: Contender;
  readonly outcome: Outcome;
  readonly n: number;
  readonly server: ScratchServer;
  readonly rounds: BenchSettings['rounds'];
}): Promise<void> {
  const { contender, outcome, n, server, rounds } = options;
  if (outcome.unavailable !== undefined) return;
  const name = `bench_${contender.name.toLowerCase()}_${n}`;
  const result = await contender.measure({
    connectionString: await server.createDatabase(name),
    folder: `${server.folder}/${name}`,
    inFlight: [n],
    rounds,
  });
  if ('unavailable' in result) outcome.unavailable = result.unavailable;
  else {
    if (result.version !== 'own') outcome.version = result.version;
    Object.assign(outcome.figures, result.figures);
  }
}

function lineOf(title: string, n: number, { figures, version, unavailable }: Outcome): string {
  const name = (version === undefined ? title : `${title} ${version}`).padEnd(22);
  if (unavailable !== undefined) return `  ${name} NOT MEASURED: ${unavailable}`;
  const { stepsPerSecond, instancesPerSecond, stepMs } = figures[n] as Figure;
  const alone = stepMs ? `   a step p50 ${stepMs.p50} ms, p95 ${stepMs.p95} ms` : '';
  return (
    `  ${name}${String(stepsPerSecond).padStart(8)} steps/s` +
    `${String(instancesPerSecond).padStart(7)} instances/s${alone}`
  );
}

/** How many times as many steps per second as each other contender, by number in flight. */
function allRatios(outcomes: Readonly<Record<string, Outcome>>): BenchResult['ratios'] {
  const { orderloom, ...others } = outcomes;
  return Object.fromEntries(
    Object.entries(others)
      .filter(([, { unavailable }]) => unavailable === undefined)
      .map(([name, { figures }]) => [
        `orderloomTo${name[0]?.toUpperCase()}${name.slice(1)}`,
        ratiosOf(orderloom?.figures ?? {}, figures),
      ]),
  );
}

function ratiosOf(ours: Figures, theirs: Figures): Record<number, number> {
  return Object.fromEntries(
    inFlight.map((n) => {
      const ratio = (ours[n]?.stepsPerSecond ?? Number.NaN) / (theirs[n]?.stepsPerSecond ?? 1);
      return [n, Number(ratio.toFixed(2))];
    }),
  );
}
