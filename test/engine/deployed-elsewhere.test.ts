/**
 * A drawing that is deployed while this node has not heard of it: whatever happens here from then on reaches
 * it. The node that deploys in these tests is gone before it could tell anybody.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createEngine, type Engine, engineModule, step, workflow } from '../../src/engine/index.ts';
import { deployDrawings } from '../../src/engine/store/drawing-store.ts';
import { createOutbox, eventMigrations } from '../../src/events/index.ts';
import { processCaller } from '../../src/kernel/caller.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { defineEvent } from '../../src/kernel/event.ts';
import { defineModule } from '../../src/kernel/module.ts';
import { defineExternal, defineTransactional } from '../../src/kernel/procedure.ts';
import { newTrace } from '../../src/kernel/tracing.ts';
import type { Database } from '../../src/postgres/index.ts';
import { createProcedureRunner, type Runner } from '../../src/procedures/index.ts';
import { testDatabase } from '../support/database.ts';
import { waitUntil } from '../support/wait-until.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const text = z.object({ text: z.string() });
const common = { input: text, output: text, access: 'authenticated', errors: [] } as const;

const written = defineEvent({
  name: 'notebook.written',
  version: 1,
  summary: 'A line was written',
  payload: text,
  key: (payload) => payload.text,
});
const write = defineTransactional({
  ...{ ...common, name: 'notebook.write', summary: 'Write a line', emits: [written] },
  async execute({ tx, emit }, input) {
    await tx.query('insert into notebook (line) values ($1)', [input.text]);
    await emit(written, input);
    return input;
  },
});
const read = defineTransactional({
  ...{ ...common, name: 'notebook.read', summary: 'Note that a line was read' },
  execute: (_, input) => Promise.resolve(input),
});
const send = defineExternal({
  ...{ ...common, name: 'notebook.send', summary: 'Send a line' },
  execute: (_, input) => Promise.resolve(input),
});

/** One step, which writes a line. */
const writer = workflow('writer', { version: 1, input: text })
  .step(
    step({
      id: 'write',
      output: text,
      irreversible: 'a line stays',
      execute: ({ engine, inputData }) => engine.run(write, inputData),
    }),
  )
  .commit();

interface Node {
  readonly engine: Engine;
  readonly runner: Runner;
}

/** A node that looks at the tables once in a day. */
async function startNode(database: Database): Promise<Node> {
  const late: { engine?: Engine } = {};
  const engine = () => late.engine!;
  const runner = createProcedureRunner({
    modules: [
      defineModule({
        ...{ name: 'notebook', summary: 'Lines', errors: [] },
        procedures: [write, read, send],
        events: [written],
      }),
    ],
    ...{ database, clock: systemClock, log: silent },
    outbox: createOutbox({ subscribers: [(tx, events) => engine().eventsRecorded(tx, events)] }),
    listeners: {
      expectKnown: (tx) => engine().listeners.expectKnown(tx),
      hasLearntAfter: (error) => engine().listeners.hasLearntAfter(error),
      catchUp: () => engine().listeners.catchUp(),
    },
    listensTo: (procedure) => engine().listensTo(procedure),
    onSuccess: ({ tx, procedure, output, trace }) =>
      engine().procedureSucceeded({ tx, procedure: procedure.name, output, trace }),
  });
  late.engine = createEngine({
    ...{ database, runner, clock: systemClock, log: silent, processes: [writer.model] },
    sweepMs: 86_400_000,
  });
  await engine().start();
  return { engine: engine(), runner };
}

const shape = readFileSync(
  new URL('../../src/engine/bpmn/models/runs/start-message.bpmn', import.meta.url),
  'utf8',
).replace('work.do', 'notebook.read');

let database: Database;
let node: Node;
beforeAll(async () => {
  const unused = () => {
    throw new Error('only the manifest was wanted');
  };
  const manifest = engineModule({ engine: unused, runner: unused });
  ({ database } = await testDatabase({
    migrations: [eventMigrations, { schema: manifest.schema!, folder: manifest.migrations! }],
  }));
  await database.query('create table notebook (line text not null)');
  node = await startNode(database);
});
afterAll(() => node.engine.stop());

/** A drawing that begins with this message, deployed by somebody who told nobody. */
async function deploySilently(process: string, message: string): Promise<void> {
  const xml = shape
    .replace('id="model"', `id="${process}"`)
    .replace('orders.order-created', message);
  const prepared = await node.engine.drawings.prepare([{ name: `${process}.bpmn`, xml }]);
  if ('problems' in prepared) throw new Error(JSON.stringify(prepared.problems));
  await database.transaction((tx) =>
    deployDrawings(tx, prepared.files, { by: 'somebody else', at: new Date() }),
  );
  expect(node.engine.model(process)).toBeUndefined();
}

const call = (name: string, line: string) =>
  node.runner.run(name, { text: line }, { caller: processCaller, trace: newTrace() });

async function instancesOf(process: string): Promise<readonly unknown[]> {
  const { rows } = await database.query<{ input: unknown }>(
    `select (state::jsonb) #> '{elements,1,vars,order,text}' as input from engine.instance
      where process = $1`,
    [process],
  );
  return rows.map(({ input }) => input);
}

test.each([
  ['an event', 'notebook.written', 'notebook.write'],
  ['the success of what writes', 'notebook.read', 'notebook.read'],
  ['the success of what reaches outside', 'notebook.send', 'notebook.send'],
])('%s starts it at once', async (what, message, procedure) => {
  const process = `by-${message.replace('.', '-')}`;
  await deploySilently(process, message);
  expect(await call(procedure, what)).toEqual({ text: what });
  expect(await instancesOf(process)).toEqual([what]);
});

test('a step whose commit meets it runs again, writes once, and counts no failure', async () => {
  await deploySilently('by-step', 'notebook.written');
  const started = await node.engine.startProcess({
    ...{ process: 'writer', input: { text: 'by a step' }, trace: newTrace() },
  });
  if (!('instanceId' in started)) throw new Error(started.detail);
  await waitUntil('the step to be done', async () => {
    const { rows } = await database.query<{ status: string }>(
      'select status from engine.instance where id = $1',
      [started.instanceId],
    );
    return rows[0]?.status === 'completed';
  });
  expect(await instancesOf('by-step')).toEqual(['by a step']);
  const { rows } = await database.query("select 1 from notebook where line = 'by a step'");
  expect(rows).toHaveLength(1);
  const { rows: kinds } = await database.query<{ kinds: readonly string[] }>(
    `select array_agg(distinct e ->> 'kind') as kinds
       from engine.history, jsonb_array_elements(entries::jsonb) as e where instance_id = $1`,
    [started.instanceId],
  );
  expect(kinds[0]?.kinds.filter((kind) => /fail|retr|incident/.test(kind))).toEqual([]);
});
