/**
 * `npm run bench -- [NAME] [--json] [--quick]`: runs one benchmark, or all of them. With `--json` the
 * last line of standard output is one JSON object: the machine, the figures, the ratios. With
 * `--quick` the rounds are short: good for trying it out, not for quoting.
 */
import { parseArgs } from 'node:util';
import type { BenchResult, BenchSettings } from './bench.ts';
import { clusterBench } from './cluster/cluster-bench.ts';
import { drawnBench } from './drawn/drawn-bench.ts';
import { engineBench } from './engine/engine-bench.ts';
import { ordersBench } from './orders/orders-bench.ts';
import { parkedBench } from './parked/parked-bench.ts';
import { relayBench } from './relay/relay-bench.ts';

const benches: Readonly<Record<string, (settings: BenchSettings) => Promise<BenchResult>>> = {
  engine: engineBench,
  drawn: drawnBench,
  orders: ordersBench,
  relay: relayBench,
  cluster: clusterBench,
  parked: parkedBench,
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, quick: { type: 'boolean' } },
});
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`expected one of ${Object.keys(benches).join(', ')}; found "${unknown.join(' ')}"`);
  process.exit(2);
}

const rounds = values.quick
  ? { warmUpMs: 1_000, roundMs: 1_000, rounds: 3 }
  : { warmUpMs: 3_000, roundMs: 3_000, rounds: 5 };
const { quick = false } = values;
const results: Record<string, BenchResult> = {};
for (const name of names) {
  console.log(`\n== ${name}`);
  const result = await benches[name]?.({ rounds, quick, report: (line) => console.log(line) });
  if (!result) continue;
  const { cpu, cores, memoryGiB, node, postgres, loadBefore } = result.machine;
  console.log(
    `\n${cores} cores of ${cpu}, ${memoryGiB} GiB, Node ${node}, PostgreSQL ${postgres}, ` +
      `load before ${loadBefore}`,
  );
  console.log(`ratios: ${JSON.stringify(result.ratios)}`);
  results[name] = result;
}
if (values.json) {
  const [only] = names;
  console.log(JSON.stringify(names.length === 1 && only ? results[only] : results));
}
