/**
 * `drawn`: what it costs that a process is drawn. The same ten steps as a drawing and in code, round by
 * round beside each other; then on Flowable and Operaton, which are put under load for a minute first;
 * deploying a drawing of 500 elements; a parallel multi-instance activity over up to 10,000 items.
 */
import type { BenchResult, BenchSettings } from '../bench.ts';
import { measureOrderloom } from '../engine/orderloom.ts';
import { describeMachine } from '../machine.ts';
import { type ScratchServer, startScratchServer } from '../scratch-server.ts';
import { median } from '../statistics.ts';
import { type JavaPeerResult, javaPeers, measureJavaPeer } from './java-peers.ts';
import { measureLargeModel } from './large-model.ts';
import { measureManyItems } from './many-items.ts';
import { codedSubject, drawnSubject } from './ten-steps.ts';

/** What the project holds itself to. */
const target = { drawnToCoded: 0.8, deployMs: 200 };
const inFlight = 100;
const lengths = [1_000, 2_000, 5_000, 10_000];
const deployments = 20;
/** A Java program is slow for long after its start, which must not count against it. */
const javaWarmUpMs = 60_000;

/** Runs the benchmark. */
export async function drawnBench({ rounds, report }: BenchSettings): Promise<BenchResult> {
  const machine = await describeMachine();
  const server = await startScratchServer();
  try {
    const steps = await compareSteps(server, rounds);
    report(
      `ten steps at ${inFlight} in flight: drawn ${steps.drawn} steps/s, in code ${steps.coded} steps/s`,
    );
    const peers: Record<string, JavaPeerResult> = {};
    for (const peer of javaPeers) {
      const result = await measureJavaPeer(peer, {
        connectionString: await server.createDatabase(`bench_${peer.name}`),
        inFlight,
        ...{ ...rounds, warmUpMs: javaWarmUpMs },
      });
      peers[peer.name] = result;
      report(
        'unavailable' in result
          ? `${peer.title} NOT MEASURED: ${result.unavailable}`
          : `${peer.title} ${result.version}: ${result.stepsPerSecond} steps/s, warm`,
      );
    }
    const largeModel = await measureLargeModel({
      connectionString: await server.createDatabase('bench_large'),
      times: deployments,
    });
    const { parseMs, deployMs } = largeModel;
    report(
      `a drawing of ${largeModel.nodes} nodes (${largeModel.kilobytes} KiB): read and checked in ` +
        `${parseMs.median} ms (the first ${parseMs.first}), deployed in ${deployMs.median} ms (the first ${deployMs.first})`,
    );
    const manyItems = await measureManyItems({
      connectionString: await server.createDatabase('bench_items'),
      lengths,
    });
    for (const { items, seconds, itemsPerSecond } of manyItems) {
      report(`a parallel list of ${items}: ${seconds} s, ${itemsPerSecond} items/s`);
    }
    const [shortest, longest] = [manyItems[0], manyItems.at(-1)];
    return {
      machine,
      figures: { steps, peers, largeModel, manyItems },
      ratios: {
        drawnToCoded: ratio(steps.drawn, steps.coded),
        drawnToCodedToTarget: ratio(steps.drawn / steps.coded, target.drawnToCoded),
        ...Object.fromEntries(
          Object.entries(peers).flatMap(([name, peer]) =>
            'unavailable' in peer
              ? []
              : [
                  [
                    `drawnTo${name[0]?.toUpperCase()}${name.slice(1)}`,
                    ratio(steps.drawn, peer.stepsPerSecond),
                  ],
                ],
          ),
        ),
        deployMsToLimit: ratio(deployMs.median, target.deployMs),
        // 1 where time is in proportion to the length of the list.
        longestToShortest: ratio(longest?.itemsPerSecond ?? 0, shortest?.itemsPerSecond ?? 1),
      },
    };
  } finally {
    await server.stop();
  }
}

interface Steps {
  readonly drawn: number;
  readonly coded: number;
  readonly rounds: readonly { readonly drawn: number; readonly coded: number }[];
}

/** One round of the one, one of the other: whatever else the machine does meets both alike. */
async function compareSteps(
  server: ScratchServer,
  { warmUpMs, roundMs, rounds }: BenchSettings['rounds'],
): Promise<Steps> {
  const seen: { drawn: number; coded: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const of = async (name: 'drawn' | 'coded') => {
      const figures = await measureOrderloom({
        connectionString: await server.createDatabase(`bench_${name}_${round}`),
        inFlight: [inFlight],
        rounds: { warmUpMs, roundMs, rounds: 1 },
        subject: name === 'drawn' ? drawnSubject : codedSubject,
      });
      return figures[inFlight]?.stepsPerSecond ?? 0;
    };
    const drawn = await of('drawn');
    seen.push({ drawn, coded: await of('coded') });
  }
  return {
    drawn: Math.round(median(seen.map(({ drawn }) => drawn))),
    coded: Math.round(median(seen.map(({ coded }) => coded))),
    rounds: seen,
  };
}

function ratio(of: number, to: number): number {
  return Number((of / to).toFixed(2));
}
