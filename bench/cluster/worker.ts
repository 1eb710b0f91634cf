/**
 * One node of the `cluster` benchmark, in a process of its own. It keeps instances in flight: whenever
 * one ends here, wherever it was started, another one is started, so that their number over all nodes
 * stays the same. Commands come from the parent, one word each.
 */
import { createEngine } from '../../src/engine/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { ProcedureRunner } from '../../src/kernel/procedure.ts';
import { newTrace } from '../../src/kernel/tracing.ts';
import { openDatabase } from '../../src/postgres/index.ts';
import { startInput, tenSteps } from '../engine/ten-steps.ts';
import { quietLog } from '../scratch-server.ts';

/** What the parent says. `start`: keep so many more in flight. `finish`: start no more. */
export type WorkerOrder =
  | { readonly do: 'start'; readonly inFlight: number }
  | { readonly do: 'finish' }
  | { readonly do: 'count' };

/** What a worker answers. */
export type WorkerAnswer =
  | { readonly is: 'ready'; readonly node: string }
  | { readonly is: 'counted'; readonly steps: number; readonly shards: number };

/** The steps of this process call no procedures. */
const noProcedures: ProcedureRunner = {
  find: () => undefined,
  list: () => [],
  run: async () => null,
};

let steps = 0;
let finishing = false;
const sessionName = `bench node ${process.pid}`;
const database = openDatabase({
  connectionString: process.argv[2] ?? '',
  maxConnections: 10,
  applicationName: sessionName,
});
const engine = createEngine({
  database,
  runner: noProcedures,
  clock: systemClock,
  log: quietLog,
  processes: [
    tenSteps(() => {
      steps += 1;
    }),
  ],
  node: { role: 'worker', sessionName },
  onEnded: () => {
    if (!finishing) begin();
  },
});

function begin(): void {
  engine
    .startProcess({ process: 'ten-steps', input: startInput, trace: newTrace() })
    .catch((error: unknown) => {
      console.error('a process did not start:', error);
      process.exit(1);
    });
}

const say = (answer: WorkerAnswer) => process.send?.(answer);
process.on('message', (order: WorkerOrder) => {
  if (order.do === 'start') for (let n = 0; n < order.inFlight; n += 1) begin();
  else if (order.do === 'finish') finishing = true;
  else say({ is: 'counted', steps, shards: engine.counts.shards });
});
process.once('SIGTERM', async () => {
  await engine.stop();
  await database.close();
  process.exit(0);
});
process.once('disconnect', () => process.exit(1));
await engine.start();
say({ is: 'ready', node: engine.nodeId });
