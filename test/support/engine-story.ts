/** The process that nodes in processes of their own run in tests: steps that write, and a long one. */
import { z } from 'zod';
import {
  catchEvent,
  drawProcess,
  endEvent,
  message,
  serviceTask,
  startEvent,
} from '../../src/engine/testing/draw-process.ts';
import { defineTransactional } from '../../src/kernel/procedure.ts';

/** Writes which process did what for which order. */
export const note = defineTransactional({
  name: 'notes.write',
  summary: 'Write a note',
  input: z.object({ order: z.string(), step: z.string() }),
  output: z.object({}),
  access: ['service'],
  errors: [],
  async execute({ tx }, { order, step }) {
    await tx.query('insert into public.note (item, step, pid) values ($1, $2, $3)', [
      order,
      step,
      process.pid,
    ]);
    return {};
  },
});

const start = startEvent(null, { result: 'order' });
const end = endEvent();

/** How long the long step works between its writes and their commit. */
const longStepMs = 700;

const step = (name: string, thenMs = 0) =>
  serviceTask({
    job: async ({ run, variables }) => {
      await run(note, { order: String(variables.order), step: name });
      if (thenMs > 0) await new Promise((resolve) => setTimeout(resolve, thenMs));
    },
  });

/** Two short steps, a message, one more. */
const story = drawProcess('story', {
  nodes: {
    start,
    a: step('a'),
    b: step('b'),
    go: catchEvent(message('go', 'order')),
    c: step('c'),
    end,
  },
  flows: ['start -> a -> b -> go -> c -> end'],
});

/** A step that has written and takes its time to commit, and one more. */
const long = drawProcess('long', {
  nodes: { start, a: step('a', longStepMs), b: step('b'), end },
  flows: ['start -> a -> b -> end'],
});

/** Every node of a test runs these. */
export const storyProcesses = [story, long];
