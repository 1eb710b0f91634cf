/** The engine itself under the load: ten-step instances, full history, every step durable. */
import { createEngine, type EngineOptions } from '../../src/engine/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import type { ProcedureRunner } from '../../src/kernel/procedure.ts';
import { newTrace } from '../../src/kernel/tracing.ts';
import { type Database, migrate, openDatabase } from '../../src/postgres/index.ts';
import { closedLoop, type Rounds } from '../closed-loop.ts';
import { quietLog } from '../scratch-server.ts';
import { type Figures, figureOf } from './figures.ts';
import { StepLog } from './step-log.ts';
import { startInput, stepCount, tenSteps } from './ten-steps.ts';

/** The engine's tables, for `migrate`. */
export const engineSchema = {
  schema: 'engine',
  folder: new URL('../../src/engine/store/migrations/', import.meta.url),
};

/** The steps of this process call no procedures. */
const noProcedures: ProcedureRunner = {
  find: () => undefined,
  list: () => [],
  run: async () => null,
};

/** The process that is measured, made anew for each measurement. */
export interface Subject extends Pick<EngineOptions, 'processes' | 'drawings' | 'runner'> {
  /** Of ten steps, one after the other, that is started with `startInput`. */
  readonly process: string;
}

/** What everybody is measured on: a model whose steps are functions. */
const modelled = (onStep: (step: number) => void): Subject => ({
  process: 'ten-steps',
  processes: [tenSteps(onStep)],
  runner: noProcedures,
});

/** Measures the engine on an empty database, for each number of instances in flight. */
export async function measureOrderloom(options: {
  readonly connectionString: string;
  readonly inFlight: readonly number[];
  readonly rounds: Rounds;
  /** Is given what is to be called when a step begins. @defaultValue the model of `tenSteps` */
  readonly subject?: (onStep: (step: number) => void, database: Database) => Subject;
}): Promise<Figures> {
  const { connectionString, rounds } = options;
  const database = openDatabase({
    connectionString,
    maxConnections: 10,
    applicationName: 'bench engine',
  });
  await migrate(database, [engineSchema]);
  const log = new StepLog();
  const ends = new Map<string, () => void>();
  const { process, ...subject } = (options.subject ?? modelled)(
    (step) => log.begins(step),
    database,
  );
  const engine = createEngine({
    database,
    clock: systemClock,
    log: quietLog,
    ...subject,
    onEnded: ({ instanceId }) => ends.get(instanceId)?.(),
  });
  await engine.start();
  const run = async () => {
    const started = await engine.startProcess({ process, input: startInput, trace: newTrace() });
    if (!('instanceId' in started)) throw new Error(`the process did not start: ${started.detail}`);
    const { instanceId } = started;
    await new Promise<void>((resolve) => ends.set(instanceId, resolve));
    ends.delete(instanceId);
  };
  try {
    const figures: Figures = {};
    for (const inFlight of options.inFlight) {
      log.time(inFlight === 1);
      const rates = await closedLoop({ inFlight, rounds, run, stepsSoFar: log.count });
      figures[inFlight] = figureOf(rates, log.stepsMs);
    }
    await proveComplete(database);
    return figures;
  } finally {
    await engine.stop();
    await database.close();
  }
}

/** Fails unless every instance is completed with all of its history: the figures would be void. */
export async function proveComplete(database: Database): Promise<void> {
  const { rows } = await database.query<{ open: string; short: string }>(
    `select count(*) filter (where i.status <> 'completed') as open,
            count(*) filter (where h.transitions is distinct from $1) as short
       from engine.instance i
       left join (select instance_id, count(*) as transitions from engine.history group by 1) h
         on h.instance_id = i.id`,
    [stepCount + 1],
  );
  const { open, short } = rows[0] ?? {};
  if (Number(open) === 0 && Number(short) === 0) return;
  throw new Error(
    `expected every instance completed with ${stepCount + 1} transitions in its history, found ` +
      `${open} open and ${short} with another number of transitions`,
  );
}
