/**
 * One node of the engine as a process of its own, for tests to pause and to kill. Connects to the
 * database in `DATABASE_URL`, says `ready`, and does what its parent says; SIGTERM stops it cleanly.
 */
import { createEngine } from '../../src/engine/index.ts';
import { plainRunner } from '../../src/engine/testing/plain-runner.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/ids.ts';
import { newTrace } from '../../src/kernel/tracing.ts';
import { openDatabase } from '../../src/postgres/index.ts';
import { note, storyProcesses } from './engine-story.ts';

/** What the parent says. */
export type Order =
  | { readonly id: number; readonly do: 'begin'; readonly process: string; readonly order: string }
  | { readonly id: number; readonly do: 'go'; readonly order: string };

/** What it says to its parent. */
export type Answer =
  | { readonly is: 'ready'; readonly node: string }
  | { readonly is: 'done'; readonly id: number; readonly instanceId: string }
  | { readonly is: 'failed'; readonly id: number; readonly why: string };

const say = (answer: Answer) => process.send?.(answer);
const sessionName = `engine process ${process.pid} ${newId()}`;
const database = openDatabase({
  connectionString: process.env.DATABASE_URL ?? '',
  applicationName: sessionName,
  maxConnections: 8,
});
const write = (fields: object, text: string) => void console.error(text, JSON.stringify(fields));
const engine = createEngine({
  database,
  clock: systemClock,
  runner: plainRunner({ database, procedures: [note], clock: systemClock }),
  log: { debug() {}, info: write, warn: write, error: write },
  processes: storyProcesses,
  leaseMs: Number(process.env.LEASE_MS),
  node: { sessionName, role: process.env.ROLE === 'api' ? 'api' : 'serve' },
});

async function obey(order: Order): Promise<string> {
  if (order.do === 'begin') {
    const { process, order: input } = order;
    const started = await engine.startProcess({ process, input, trace: newTrace() });
    if (!('instanceId' in started)) throw new Error(started.detail);
    return started.instanceId;
  }
  const event = { id: newId(), name: 'go', payload: { order: order.order } };
  const facts = { version: 1, key: '', occurredAt: new Date(), traceId: null };
  await database.transaction((tx) => engine.eventsRecorded(tx, [{ ...event, ...facts }]));
  return '';
}

process.on('message', (order: Order) => {
  obey(order).then(
    (instanceId) => say({ is: 'done', id: order.id, instanceId }),
    (error: unknown) => say({ is: 'failed', id: order.id, why: String(error) }),
  );
});
process.once('SIGTERM', async () => {
  await engine.stop();
  await database.close();
  process.exit(0);
});
// The parent is gone: nobody is left to tell this process what to do.
process.once('disconnect', () => process.exit(1));
await engine.start();
say({ is: 'ready', node: engine.nodeId });
