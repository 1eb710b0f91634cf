/**
 * `engine`: durable steps per second of a ten-step process at 1, 100 and 500 in flight; beside it, in
 * the same run, the bare group-commit loop and other durable-execution engines on the same work.
 */
import type { BenchResult, BenchSettings } from '../bench.ts';
import { describeMachine } from '../machine.ts';
import { installPeers, type PeerResult, runPeer } from '../run-peer.ts';
import { startScratchServer } from '../scratch-server.ts';
import { measureBareLoop } from './bare-loop.ts';
import type { Figures } from './figures.ts';
import { measureOrderloom } from './orderloom.ts';

const inFlight = [1, 100, 500];

const peers = [
  { name: 'dbos', title: 'DBOS Transact', packageName: '@dbos-inc/dbos-sdk' },
  { name: 'restate', title: 'Restate', packageName: '@restatedev/restate-server' },
] as const;

/** Runs the benchmark; peers that cannot run are named with the reason. */
export async function engineBench({ rounds, report }: BenchSettings): Promise<BenchResult> {
  const machine = await describeMachine();
  const server = await startScratchServer();
  try {
    const measure = async (title: string, name: string, how: typeof measureOrderloom) => {
      const connectionString = await server.createDatabase(name);
      const figures = await how({ connectionString, inFlight, rounds });
      reportFigures(report, title, figures);
      return figures;
    };
    report(`durable steps of a ten-step process, ${rounds.rounds} rounds of ${rounds.roundMs} ms`);
    report(header);
    const orderloom = await measure('Orderloom', 'bench_orderloom', measureOrderloom);
    const bareLoop = await measure('bare group commit', 'bench_bare_loop', measureBareLoop);
    const problem = await installPeers();
    const results: Record<string, PeerResult> = {};
    for (const { name, title, packageName } of peers) {
      const connectionString = await server.createDatabase(`bench_${name}`);
      const task = { connectionString, folder: server.folder, inFlight, rounds };
      const result = problem ? { unavailable: problem } : await runPeer(name, packageName, task);
      results[name] = result;
      if ('figures' in result) reportFigures(report, `${title} ${result.version}`, result.figures);
      else report(`${title}: NOT MEASURED, ${result.unavailable}`);
    }
    return {
      machine,
      figures: { orderloom, bareLoop, ...results },
      ratios: {
        orderloomToBareLoop: ratiosOf(orderloom, bareLoop),
        ...Object.fromEntries(
          peers.flatMap(({ name }) => {
            const result = results[name];
            if (!result || !('figures' in result)) return [];
            return [
              [
                `orderloomTo${name[0]?.toUpperCase()}${name.slice(1)}`,
                ratiosOf(orderloom, result.figures),
              ],
            ];
          }),
        ),
      },
    };
  } finally {
    await server.stop();
  }
}

const header = `${''.padEnd(22)}${inFlight.map((n) => `${n} in flight`.padStart(24)).join('')}   alone, ms a step`;

function reportFigures(report: BenchSettings['report'], title: string, figures: Figures): void {
  const columns = inFlight.map((n) => {
    const { stepsPerSecond = 0, instancesPerSecond = 0 } = figures[n] ?? {};
    return `${stepsPerSecond} steps/s (${instancesPerSecond}/s)`.padStart(24);
  });
  const { p50, p95 } = figures[1]?.stepMs ?? {};
  report(`${title.padEnd(22)}${columns.join('')}   p50 ${p50}  p95 ${p95}`);
}

function ratiosOf(ours: Figures, theirs: Figures): Record<number, number> {
  return Object.fromEntries(
    inFlight.map((n) => {
      const ratio = (ours[n]?.stepsPerSecond ?? Number.NaN) / (theirs[n]?.stepsPerSecond ?? 1);
      return [n, Number(ratio.toFixed(2))];
    }),
  );
}
