/**
 * A parallel multi-instance activity over lists of growing length: how long until the last item is done
 * and the process is completed, each item a durable step of its own.
 */
import { createEngine } from '../../src/engine/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { newTrace } from '../../src/kernel/tracing.ts';
import { migrate, openDatabase } from '../../src/postgres/index.ts';
import { engineSchema } from '../engine/orderloom.ts';
import { quietLog } from '../scratch-server.ts';
import { drawing, serviceTask } from './draw.ts';
import { workRunner } from './work.ts';

const eachItem = drawing('each-item', {
  nodes: [
    '<startEvent id="start"/>',
    serviceTask('work', {
      procedure: 'bench.work',
      inputs: { step: '= entry', total: '= 1' },
      inner:
        '<multiInstanceLoopCharacteristics isSequential="false"><extensionElements>' +
        '<orderloom:loop collection="= input.items" item="entry"/></extensionElements>' +
        '</multiInstanceLoopCharacteristics>',
    }),
    '<endEvent id="end"/>',
  ],
  flows: [
    ['start', 'work'],
    ['work', 'end'],
  ],
});

/** Of one length. */
export interface ManyItemsFigure {
  readonly items: number;
  readonly seconds: number;
  readonly itemsPerSecond: number;
}

/**
 * Measures on an empty database, one length after the other; each item must have run exactly once, and no
 * items may have locked each other out: PostgreSQL counts the transactions that it had to end for that.
 */
export async function measureManyItems(options: {
  readonly connectionString: string;
  readonly lengths: readonly number[];
}): Promise<readonly ManyItemsFigure[]> {
  const { connectionString, lengths } = options;
  const database = openDatabase({ connectionString, maxConnections: 10, applicationName: 'bench' });
  await migrate(database, [engineSchema]);
  let ran: number[] = [];
  let ended: ((status: string) => void) | undefined;
  const engine = createEngine({
    database,
    clock: systemClock,
    log: quietLog,
    processes: [],
    drawings: [{ name: 'each-item.bpmn', xml: eachItem }],
    runner: workRunner((item) => ran.push(item), database),
    onEnded: ({ status }) => ended?.(status),
  });
  await engine.start();
  const run = async (length: number): Promise<number> => {
    ran = [];
    const end = new Promise<string>((resolve) => {
      ended = resolve;
    });
    const begin = performance.now();
    const items = Array.from({ length }, (_, at) => at);
    const started = await engine.startProcess({
      process: 'each-item',
      input: { items },
      trace: newTrace(),
    });
    if (!('instanceId' in started)) throw new Error(`the process did not start: ${started.detail}`);
    const status = await end;
    const seconds = (performance.now() - begin) / 1_000;
    if (status === 'completed' && ran.length === length && new Set(ran).size === length)
      return seconds;
    throw new Error(`expected ${length} items done once each, found ${ran.length}, ${status}`);
  };
  try {
    await run(500);
    const figures: ManyItemsFigure[] = [];
    for (const items of lengths) {
      const seconds = await run(items);
      figures.push({
        items,
        seconds: Number(seconds.toFixed(2)),
        itemsPerSecond: Math.round(items / seconds),
      });
    }
    return figures;
  } finally {
    await engine.stop();
    await database.close();
    await proveNoDeadlocks(connectionString);
  }
}

/** Connections write their counts when they end. */
async function proveNoDeadlocks(connectionString: string): Promise<void> {
  const database = openDatabase({ connectionString, maxConnections: 1, applicationName: 'bench' });
  try {
    const { rows } = await database.query<{ deadlocks: string }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    );
    const [{ deadlocks } = { deadlocks: 'nothing' }] = rows;
    if (deadlocks !== '0') throw new Error(`expected no deadlocks, found ${deadlocks}`);
  } finally {
    await database.close();
  }
}
