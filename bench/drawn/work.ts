/** The work behind the steps of drawings: one procedure, run as the product runs its own. */
import { z } from 'zod';
import { createOutbox } from '../../src/events/index.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { defineModule } from '../../src/kernel/module.ts';
import { defineExternal, type ProcedureRunner } from '../../src/kernel/procedure.ts';
import type { Database } from '../../src/postgres/index.ts';
import { createProcedureRunner } from '../../src/procedures/index.ts';
import { quietLog } from '../scratch-server.ts';

/** What the procedure is given. */
export const workInput = z.object({ step: z.number().int(), total: z.number() });

/** What it gives. */
export const workOutput = z.object({ step: z.number().int() });

/** The program's runner with `bench.work`. It counts as reaching outside, so that it holds no transaction. */
export function workRunner(onStep: (step: number) => void, database: Database): ProcedureRunner {
  const work = defineExternal({
    name: 'bench.work',
    summary: 'Do next to nothing',
    input: workInput,
    output: workOutput,
    access: ['service'],
    errors: [],
    execute: (_, input) => {
      onStep(input.step);
      return Promise.resolve({ step: input.step });
    },
  });
  return createProcedureRunner({
    modules: [
      defineModule({
        name: 'bench',
        summary: 'Work of the benchmark',
        procedures: [work],
        events: [],
        errors: [],
      }),
    ],
    database,
    outbox: createOutbox({ subscribers: [] }),
    clock: systemClock,
    log: quietLog,
    listensTo: () => false,
  });
}
