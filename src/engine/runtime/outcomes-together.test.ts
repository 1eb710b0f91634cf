/**
 * Outcomes of jobs that come together are one transition: what they lead to is what each would have led
 * to alone, one that cannot be handled harms no other, and a long list costs a few commits.
 */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import type { HistoryEntry } from '../model/events.ts';
import { expression } from '../model/expression.ts';
import { ProcessError } from '../model/job.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import {
  boundaryEvent,
  drawProcess,
  endEvent,
  error,
  exclusiveGateway,
  loopOver,
  message,
  parallelGateway,
  receiveTask,
  serviceTask,
  startEvent,
  timer,
  undoTask,
} from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { waitFor } from '../testing/wait-for.ts';
import { readTransitions } from '../versions/open-instances.ts';
import { replay } from '../versions/replay.ts';
import { advance, advanceTogether, type JobEvent } from './advance.ts';

const at = Date.UTC(2030, 0, 1);
const start = startEvent();
const end = endEvent();

const models: Readonly<Record<string, ProcessModel>> = {
  'a list with a condition of completion': drawProcess('list', {
    nodes: {
      start,
      each: serviceTask({
        undo: 'un-each',
        result: 'list',
        loop: loopOver([1, 2, 3, 4, 5], {
          completionCondition: expression(({ completed }) => Number(completed) >= 4),
        }),
      }),
      'un-each': undoTask(),
      late: boundaryEvent('each', timer(1_000)),
      refused: boundaryEvent('each', error('NO')),
      after: serviceTask(),
      end,
    },
    flows: ['start -> each -> after -> end', 'late -> end', 'refused -> end'],
  }),
  'branches that join, meet and end': drawProcess('branches', {
    nodes: {
      start,
      fork: parallelGateway(),
      a: serviceTask({ result: 'a' }),
      b: serviceTask({ result: 'b' }),
      c: serviceTask({ result: 'c' }),
      choice: exclusiveGateway(),
      join: parallelGateway(),
      failed: endEvent(error('ENOUGH')),
      end,
    },
    flows: [
      'start -> fork -> a -> join -> end',
      'fork -> b -> join',
      'fork -> c -> choice',
      'choice -> failed',
      'choice -> join',
    ],
    when: {
      'choice -> failed': ({ c }) => c === 'bad',
      'choice -> join': ({ c }) => c !== 'bad',
    },
  }),
};

/** Ends of jobs: a value, a refusal, a fault that is tried again or that is final. */
const outcomes = fc.constantFrom('good', 'bad', 'refused', 'again', 'stale', 'final');

function eventOf(outcome: string, n: number): JobEvent {
  const attempt = outcome === 'stale' ? 7 : 1;
  if (outcome === 'good' || outcome === 'bad' || outcome === 'stale') {
    return { type: 'job-completed', at, n, attempt, output: outcome };
  }
  const kinds = { refused: 'error', again: 'retry', final: 'terminal' } as const;
  const kind = kinds[outcome as keyof typeof kinds];
  const failed = { kind, code: 'NO', message: outcome };
  return { type: 'job-failed', at, n, attempt, error: failed, chance: 0.5 };
}

interface Led {
  readonly state: InstanceState;
  readonly history: readonly HistoryEntry[];
  readonly accepted: readonly boolean[];
}

function oneByOne(model: ProcessModel, from: InstanceState, events: readonly JobEvent[]): Led {
  let state = from;
  const history: HistoryEntry[] = [];
  const accepted = events.map((event) => {
    const advanced = advance(model, state, event);
    state = advanced.state;
    history.push(...advanced.effects.history);
    return advanced.accepted;
  });
  return { state, history, accepted };
}

function together(model: ProcessModel, from: InstanceState, events: readonly JobEvent[]) {
  let state = from;
  let transitions = 0;
  const history: HistoryEntry[] = [];
  const accepted: boolean[] = [];
  for (let [next, ...others] = events; next; [next, ...others] = events.slice(accepted.length)) {
    const advanced = advanceTogether(model, state, [next, ...others]);
    expect(advanced.accepted.length).toBeGreaterThan(0);
    state = advanced.state;
    transitions += 1;
    history.push(...advanced.effects.history);
    accepted.push(...advanced.accepted);
  }
  return { led: { state, history, accepted } satisfies Led, transitions };
}

test.each(Object.entries(models))('%s: the same as one after the other', (_, model) => {
  const begun = advance(model, null, { type: 'start', at, payload: {} }).state;
  const jobs = Object.values(begun.elements).filter(({ job }) => job);
  const ends = fc.tuple(
    fc.shuffledSubarray([...jobs, ...jobs], { minLength: 1 }),
    fc.array(outcomes, { minLength: jobs.length * 2, maxLength: jobs.length * 2 }),
  );
  fc.assert(
    fc.property(ends, ([those, how]) => {
      const events = those.map(({ n }, index) => eventOf(how[index] ?? 'good', n));
      const { led } = together(model, begun, events);
      expect(led).toEqual(oneByOne(model, begun, events));
    }),
    { numRuns: 300 },
  );
});

test('one that cannot be handled is an incident alone, and the others are taken', () => {
  let broken = 0;
  const model = drawProcess('broken', {
    nodes: {
      start,
      each: serviceTask({
        result: 'list',
        loop: loopOver([0, 1, 2, 3], {
          output: expression(({ item }) => {
            if (item === 2) broken += 1;
            if (item === 2) throw new Error('no such field');
            return item;
          }),
        }),
      }),
      end,
    },
    flows: ['start -> each -> end'],
  });
  const begun = advance(model, null, { type: 'start', at, payload: {} }).state;
  const events = Object.values(begun.elements)
    .filter(({ job }) => job)
    .map(({ n }) => eventOf('good', n));
  const { led } = together(model, begun, events);
  expect(led).toEqual(oneByOne(model, begun, events));
  expect(broken).toBeGreaterThan(0);
  const open = Object.values(led.state.elements).filter(({ incident }) => incident);
  expect(open.map(({ incident }) => incident?.message)).toEqual(['no such field']);
});

test('a list of 300 is done in a few commits, each item once, and its history can be played again', async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const ran: number[] = [];
  const items = Array.from({ length: 300 }, (_, index) => index);
  const model = drawProcess('list', {
    nodes: {
      start,
      each: serviceTask({
        result: 'list',
        loop: loopOver(items),
        job: async ({ variables }) => {
          ran.push(Number(variables.item));
          if (variables.item === 7 && ran.filter((item) => item === 7).length === 1) {
            throw new Error('not yet');
          }
          if (variables.item === 8) throw new ProcessError('NO', 'not this one');
          return variables.item;
        },
      }),
      end,
    },
    flows: ['start -> each -> end'],
  });
  const w = new EngineWorld({ database, connectionString, processes: [model] });
  onTestFinished(() => w.end());
  const on = await w.start();
  const id = await w.begin(on, 'list', {});
  await w.untilAt(id, 'each', ({ incident }) => incident?.code === 'NO');
  await w.untilAt(id, 'each', ({ job }) => job?.phase === 'backoff');
  w.clock.advanceBy(1_000);
  await w.untilAt(id, 'each', ({ loop }) => loop?.completed === 299);
  expect(ran.toSorted((a, b) => a - b)).toEqual([...items, 7].toSorted((a, b) => a - b));
  const transitions = (await readTransitions(database, [id], 1_000)).get(id) ?? [];
  expect(transitions.length).toBeLessThan(100);
  expect(replay(model, transitions)).toEqual({ outcome: 'same' });
});

/** PostgreSQL takes longer for each write of an instance than the engine waits to load one again. */
const slowWrites = `
  create function public.slowly() returns trigger language plpgsql
    as 'begin perform pg_sleep(0.2); return new; end';
  create trigger slowly before update on engine.instance
    for each row execute function public.slowly()`;

test.each([
  ['', ''],
  [', also while PostgreSQL is slow', slowWrites],
])(
  'one that PostgreSQL does not take counts as a failed attempt, and its neighbours are taken%s',
  async (_, statement) => {
    const { database, connectionString } = await testDatabase({
      migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
    });
    // Longer than an entry of an index may be, and not to be compressed.
    const tooLong = randomBytes(8_000).toString('base64');
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    const branches = ['a', 'b', 'c', 'd', 'e'];
    const model = drawProcess('keys', {
      nodes: {
        start,
        fork: parallelGateway(),
        ...Object.fromEntries(
          branches.flatMap((id) => [
            [
              id,
              serviceTask({
                result: `key-${id}`,
                job: async () => {
                  begun += 1;
                  await gate.promise;
                  return id === 'c' ? tooLong : id;
                },
              }),
            ],
            [`wait-${id}`, receiveTask([message('told', `key-${id}`)])],
          ]),
        ),
        join: parallelGateway(),
        end,
      },
      flows: [
        'start -> fork',
        'join -> end',
        ...branches.map((id) => `fork -> ${id} -> wait-${id} -> join`),
      ],
    });
    const w = new EngineWorld({ database, connectionString, processes: [model] });
    onTestFinished(() => w.end());
    const on = await w.start();
    const id = await w.begin(on, 'keys', {});
    await waitFor('all to be at work', () => begun === branches.length);
    await database.query(statement);
    gate.resolve();
    for (const branch of ['a', 'b', 'd', 'e']) await w.untilAt(id, `wait-${branch}`);
    const failed = await w.untilAt(id, 'c', ({ job }) => job?.phase === 'backoff');
    expect(failed.job?.failed?.code).toBe('STEP_NOT_COMMITTED');
    expect(begun, 'nothing ran twice').toBe(branches.length);
  },
);
