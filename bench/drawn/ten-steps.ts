/**
 * The ten steps as a drawing, and the same in code: the same procedure behind each step, called through
 * the program's own runner with one mapped field, its whole output kept.
 */
import { z } from 'zod';
import { step, workflow } from '../../src/engine/index.ts';
import type { Database } from '../../src/postgres/index.ts';
import type { Subject } from '../engine/orderloom.ts';
import { stepCount } from '../engine/ten-steps.ts';
import { drawing, serviceTask } from './draw.ts';
import { workInput, workOutput, workRunner } from './work.ts';

const startInput = z.object({ customer: z.string(), total: z.number() });

const numbers = Array.from({ length: stepCount }, (_, at) => at + 1);

/** The process as a drawing. */
const drawnSteps = drawing('drawn-steps', {
  nodes: [
    '<startEvent id="start"/>',
    ...numbers.map((n) =>
      serviceTask(`step_${n}`, {
        procedure: 'bench.work',
        inputs: { step: `= ${n}`, total: '= input.total' },
      }),
    ),
    '<endEvent id="end"/>',
  ],
  flows: ['start', ...numbers.map((n) => `step_${n}`)].map((id, at) => [
    id,
    at === stepCount ? 'end' : `step_${at + 1}`,
  ]),
});

/** One of the ten steps in code. */
function work<const Id extends string>(id: Id) {
  return step({
    id,
    input: workInput,
    output: workOutput,
    retry: { maxAttempts: 3 },
    execute: ({ engine, inputData }) => engine.run('bench.work', inputData),
  });
}

/** The process in code. */
const codedSteps = workflow('coded-steps', { version: 1, input: startInput })
  .step(work('step-1'), ({ input }) => ({ step: 1, total: input.total }))
  .step(work('step-2'), ({ input }) => ({ step: 2, total: input.total }))
  .step(work('step-3'), ({ input }) => ({ step: 3, total: input.total }))
  .step(work('step-4'), ({ input }) => ({ step: 4, total: input.total }))
  .step(work('step-5'), ({ input }) => ({ step: 5, total: input.total }))
  .step(work('step-6'), ({ input }) => ({ step: 6, total: input.total }))
  .step(work('step-7'), ({ input }) => ({ step: 7, total: input.total }))
  .step(work('step-8'), ({ input }) => ({ step: 8, total: input.total }))
  .step(work('step-9'), ({ input }) => ({ step: 9, total: input.total }))
  .step(work('step-10'), ({ input }) => ({ step: 10, total: input.total }))
  .commit();

/** What is measured of the drawing. */
export function drawnSubject(onStep: (step: number) => void, database: Database): Subject {
  return {
    process: 'drawn-steps',
    processes: [],
    drawings: [{ name: 'drawn-steps.bpmn', xml: drawnSteps }],
    runner: workRunner(onStep, database),
  };
}

/** What is measured of the code. */
export function codedSubject(onStep: (step: number) => void, database: Database): Subject {
  return {
    process: 'coded-steps',
    processes: [codedSteps.model],
    runner: workRunner(onStep, database),
  };
}
