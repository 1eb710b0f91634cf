/**
 * Workflows in TypeScript on the real engine: every construct comes through the database, and a write
 * of a step happens exactly once, whether its attempt failed or the engine was restarted.
 */
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  call,
  compensate,
  condition,
  createEngine,
  type Engine,
  engineModule,
  fail,
  forEach,
  parallel,
  sleep,
  step,
  subprocess,
  task,
  type Workflow,
  when,
  workflow,
} from '../../src/engine/index.ts';
import { createOutbox, eventMigrations } from '../../src/events/index.ts';
import { processCaller } from '../../src/kernel/caller.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { RetryableFault } from '../../src/kernel/errors.ts';
import { defineEvent } from '../../src/kernel/event.ts';
import { defineModule } from '../../src/kernel/module.ts';
import { defineTransactional, type Log } from '../../src/kernel/procedure.ts';
import { newTrace } from '../../src/kernel/tracing.ts';
import type { Database } from '../../src/postgres/index.ts';
import { createProcedureRunner } from '../../src/procedures/index.ts';
import { laterCleanup } from '../support/cleanup.ts';
import { testDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait-until.ts';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

const noted = defineEvent({
  name: 'notebook.noted',
  version: 1,
  summary: 'Something was noted',
  payload: z.object({ topic: z.string(), text: z.string() }),
  key: ({ topic }) => topic,
});

/** Writes one line, and says so. */
const write = defineTransactional({
  name: 'notebook.write',
  summary: 'Write a line',
  input: z.object({ text: z.string(), topic: z.string().optional() }),
  output: z.object({ text: z.string() }),
  access: 'authenticated',
  errors: [],
  emits: [noted],
  async execute({ tx, emit }, { text, topic }) {
    await tx.query('insert into notebook (line) values ($1)', [text]);
    if (topic !== undefined) await emit(noted, { topic, text });
    return { text };
  },
});

/** An engine with these workflows on this database, started and stopped with the test. */
async function engineOn(database: Database, workflows: readonly Workflow[]) {
  const late: { engine?: Engine } = {};
  const engine = () => late.engine!;
  const notebook = defineModule({
    name: 'notebook',
    summary: 'Lines',
    procedures: [write],
    events: [noted],
    errors: [],
  });
  const runner = createProcedureRunner({
    modules: [notebook],
    database,
    outbox: createOutbox({ subscribers: [(tx, events) => engine().eventsRecorded(tx, events)] }),
    clock: systemClock,
    log: silent,
    onSuccess: ({ tx, procedure, output, trace }) =>
      engine().procedureSucceeded({ tx, procedure: procedure.name, output, trace }),
  });
  late.engine = createEngine({
    database,
    runner,
    clock: systemClock,
    log: silent,
    processes: workflows.map(({ model }) => model),
  });
  await engine().start();
  let stopped = false;
  const stop = async () => {
    if (!stopped) await engine().stop();
    stopped = true;
  };
  laterCleanup(stop);
  const note = (text: string, topic: string) =>
    runner.run('notebook.write', { text, topic }, { caller: processCaller, trace: newTrace() });
  return { engine: engine(), note, stop };
}

async function notebookDatabase(): Promise<Database> {
  const manifest = engineModule({ engine: unused, runner: unused });
  const { database } = await testDatabase({
    migrations: [eventMigrations, { schema: manifest.schema!, folder: manifest.migrations! }],
  });
  await database.query('create table notebook (n serial primary key, line text not null)');
  return database;
}

function unused(): never {
  throw new Error('only the manifest was wanted');
}

async function linesOf(database: Database): Promise<string[]> {
  const { rows } = await database.query<{ line: string }>('select line from notebook order by n');
  return rows.map(({ line }) => line);
}

async function statusOf(database: Database, id: string): Promise<string | undefined> {
  const { rows } = await database.query<{ status: string }>(
    'select status from engine.instance where id = $1',
    [id],
  );
  return rows[0]?.status;
}

const ended = (database: Database, id: string, status = 'completed') =>
  waitUntil(`instance to be ${status}`, async () => (await statusOf(database, id)) === status, {
    explain: async () => {
      const { rows } = await database.query('select node, code, message from engine.incident');
      return JSON.stringify({ status: await statusOf(database, id), incidents: rows });
    },
  });

async function begin(engine: Engine, process: string, input: unknown): Promise<string> {
  const result = await engine.startProcess({ process, input, trace: newTrace() });
  if (!('instanceId' in result)) throw new Error(result.detail);
  return result.instanceId;
}

const topic = z.object({ topic: z.string() });

/** A step that writes one line. */
const line = <const Id extends string>(id: Id) =>
  step({
    id,
    output: z.object({ text: z.string() }),
    execute: ({ engine }) => engine.run(write, { text: id }),
    compensate: ({ engine }) => engine.run(write, { text: `no ${id}` }),
  });

test('every construct comes through the database', async () => {
  const child = workflow('child', { version: 1, input: z.object({ n: z.number() }) })
    .step(
      step({
        id: 'double',
        input: z.object({ n: z.number() }),
        output: z.object({ n: z.number() }),
        execute: ({ inputData }) => ({ n: inputData.n * 2 }),
      }),
    )
    .commit();
  const everything = workflow('everything', { version: 1, input: topic })
    .step(
      forEach({
        id: 'each',
        mode: 'parallel',
        items: () => [1, 2, 3],
        body: (flow) =>
          flow.step(call({ id: 'child', workflow: child }), ({ inputData: n }) => ({ n })),
      }),
    )
    .step(
      condition({
        id: 'sum',
        predicate: ({ inputData }) => inputData.reduce((sum, one) => sum + one.n, 0) === 12,
        whenTrue: line('twelve'),
        whenFalse: line('not-twelve'),
      }),
    )
    .step(
      parallel({
        id: 'race',
        waitForAll: false,
        branches: {
          slow: when({ id: 'never', on: noted, filter: { topic: 'nobody writes this' } }),
          fast: sleep({ id: 'nap', for: '20ms' }),
        },
      }),
    )
    .step(
      subprocess({
        id: 'attempt',
        body: (flow) =>
          flow
            .step(line('first'))
            .step(line('second'))
            .step(fail({ id: 'stop', code: 'STOP', message: 'no' })),
      }),
    )
    .catch({ id: 'stopped', code: 'STOP' }, (flow) => flow.step(compensate({ id: 'undo' })))
    .step(
      step({
        id: 'last',
        execute: ({ engine, steps }) => engine.run(write, { text: `${steps.race.branch} won` }),
      }),
    )
    .commit();
  const database = await notebookDatabase();
  const { engine } = await engineOn(database, [child, everything]);
  await ended(database, await begin(engine, 'everything', { topic: 't' }));
  expect(await linesOf(database)).toEqual([
    'twelve',
    'first',
    'second',
    'no second',
    'no first',
    'no twelve',
    'fast won',
  ]);
});

test('what a failed attempt wrote is rolled back, and what the next one writes is there once', async () => {
  const flaky = workflow('flaky', { version: 1, input: topic })
    .step(
      step({
        id: 'write',
        retry: { initialDelay: '5ms' },
        execute: async ({ engine, attempt }) => {
          await engine.run(write, { text: `attempt ${attempt}` });
          if (attempt < 3) throw new RetryableFault('BUSY', 'not yet');
        },
      }),
    )
    .commit();
  const database = await notebookDatabase();
  const { engine } = await engineOn(database, [flaky]);
  await ended(database, await begin(engine, 'flaky', { topic: 't' }));
  expect(await linesOf(database)).toEqual(['attempt 3']);
});

const waiting = workflow('waiting', {
  version: 1,
  input: topic,
  businessKey: ({ input }) => input.topic,
})
  .on(
    when({ id: 'stop', on: noted, filter: { topic: '{{ input.topic }}', text: 'stop' } }),
    (flow) => flow.step(compensate({ id: 'undo' })),
  )
  .step(line('before'))
  .step(when({ id: 'go', on: noted, filter: { topic: '{{ input.topic }}', text: 'go' } }))
  .step(
    task({
      id: 'look',
      roles: ['admin'],
      title: 'Look',
      subject: ({ input }) => input,
      output: z.object({ fine: z.boolean() }),
      completedBy: { on: noted, filter: { topic: '{{ input.topic }}', text: 'fine' } },
      timeout: '40ms',
      onTimeout: (flow) => flow.step(line('nobody-looked')),
    }),
  )
  .step(line('after'))
  .commit();

test('waits outlive the engine, and a message that came early is not lost', async () => {
  const database = await notebookDatabase();
  const first = await engineOn(database, [waiting]);
  await first.note('go', 'early');
  const early = await begin(first.engine, 'waiting', { topic: 'early' });
  const late = await begin(first.engine, 'waiting', { topic: 'late' });
  await ended(database, early);
  await ended(database, late, 'waiting');
  await first.stop();

  const second = await engineOn(database, [waiting]);
  await second.note('go', 'late');
  await ended(database, late);
  const lines = await linesOf(database);
  expect(lines.filter((one) => one === 'nobody-looked')).toHaveLength(2);
  expect(lines.filter((one) => one === 'after')).toHaveLength(2);
});

test('a handler interrupts what waits, and undoes what was done', async () => {
  const database = await notebookDatabase();
  const { engine, note } = await engineOn(database, [waiting]);
  const id = await begin(engine, 'waiting', { topic: 'mine' });
  await ended(database, id, 'waiting');
  await note('stop', 'yours');
  await note('stop', 'mine');
  await ended(database, id);
  expect(await linesOf(database)).toEqual(['before', 'stop', 'stop', 'no before']);
});

test('a trigger starts one instance in the transaction of what it heard of', async () => {
  const triggered = workflow('triggered', { version: 1, businessKey: '{{ on-note.topic }}' })
    .step(when({ id: 'on-note', on: noted }))
    .step(
      step({
        id: 'answer',
        execute: ({ engine, inputData }) => engine.run(write, { text: `heard ${inputData.text}` }),
      }),
    )
    .commit();
  const database = await notebookDatabase();
  const { note } = await engineOn(database, [triggered]);
  await note('hello', 'greetings');
  const { rows } = await database.query<{ id: string; business_key: string }>(
    'select id, business_key from engine.instance',
  );
  expect(rows.map(({ business_key: key }) => key)).toEqual(['greetings']);
  await ended(database, rows[0]!.id);
  expect(await linesOf(database)).toEqual(['hello', 'heard hello']);
});
