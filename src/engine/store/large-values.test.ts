/**
 * Large values are stored once, referenced, and back in their places when somebody needs them: on the
 * same node, after a crash, in another process's history; and nothing else is told apart.
 */
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import type { ReadProcedure } from '../../kernel/procedure.ts';
import { newTrace } from '../../kernel/tracing.ts';
import type { Database } from '../../postgres/index.ts';
import type { Engine } from '../engine.ts';
import { asJson } from '../model/json.ts';
import type { ProcessModel } from '../model/process-model.ts';
import type { InstanceState } from '../model/state.ts';
import { processProcedures } from '../procedures/process-procedures.ts';
import {
  catchEvent,
  drawProcess,
  endEvent,
  message,
  serviceTask,
  startEvent,
} from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { waitFor } from '../testing/wait-for.ts';
import { unpackEntries, unpackStates } from './large-value-store.ts';
import { markStored, packState, summarizedEntries, summarizedState } from './large-values.ts';
import { longestValue } from './value-measure.ts';

const migrations = [{ schema: 'engine', folder: new URL('./migrations/', import.meta.url) }];

const mebibyte = 1024 * 1024;

async function world(processes: readonly ProcessModel[]) {
  const { database, connectionString } = await testDatabase({ migrations });
  const made = new EngineWorld({ database, connectionString, processes });
  onTestFinished(() => made.end());
  return { world: made, database };
}

/** A database that counts the characters and bytes of what it is given. */
function counting(database: Database): { readonly database: Database; sent: number } {
  const counted = {
    sent: 0,
    database: {
      ...database,
      query: (text: string, values: readonly unknown[] = []) => {
        for (const value of values) {
          if (typeof value === 'string' || Buffer.isBuffer(value)) counted.sent += value.length;
        }
        return database.query(text, values);
      },
    } as Database,
  };
  return counted;
}

const storedValues = async (database: Database) =>
  (
    await database.query<{ length: number }>('select length(value) from engine.large_value')
  ).rows.map(({ length }) => length);

test('a value of 1 MiB is written once, and each later transition stays small', async () => {
  const lengths: number[] = [];
  const later = Array.from({ length: 10 }, (_, index) => `later-${index}`);
  const model = drawProcess('p', {
    nodes: {
      start: startEvent(),
      fetch: serviceTask({ job: async () => ({ text: 'é'.repeat(mebibyte) }), result: 'page' }),
      ...Object.fromEntries(
        later.map((id) => [
          id,
          serviceTask({
            async job({ variables }) {
              lengths.push((variables.page as { text: string }).text.length);
              return id;
            },
            result: id,
          }),
        ]),
      ),
      end: endEvent(),
    },
    flows: [`start -> fetch -> ${later.join(' -> ')} -> end`],
  });
  const { world: w, database } = await world([model]);
  const counted = counting(database);
  const engine = await w.start({ database: counted.database });
  const id = await w.begin(engine, 'p');
  await w.until(id, 'completed');
  expect(lengths).toEqual(later.map(() => mebibyte));
  expect(await storedValues(database)).toHaveLength(1);
  // Once itself, and what ten transitions write besides.
  expect(counted.sent).toBeLessThan(1.2 * mebibyte);
  const { rows } = await database.query<{ size: number }>(
    'select max(length(entries)) as size from engine.history',
  );
  expect(rows[0]?.size).toBeLessThan(1_000);
  const [unpacked] = await unpackStates(database, await readRows(database, id));
  expect(unpacked?.state.elements[1]?.vars?.page).toMatchObject({
    text: expect.stringMatching(/^é{1000}/),
  });
  const shown = await processProcedure(engine.engine, database, 'processes.get', {
    instanceId: id,
    from: 1,
  });
  const { variables } = shown as { variables: { page: { large: { digest: string } } } };
  const { digest } = variables.page.large;
  expect(variables.page).toEqual({ large: { digest, characters: mebibyte + 11 } });
  const given = await processProcedure(engine.engine, database, 'processes.get-value', {
    instanceId: id,
    digest,
  });
  expect(given).toMatchObject({ value: { text: expect.stringMatching(/^é{1000}/) } });
  const none = { instanceId: id, digest: 'x'.repeat(43) };
  expect(
    await processProcedure(engine.engine, database, 'processes.get-value', none),
  ).toMatchObject({
    code: 'PROCESS_VALUE_NOT_FOUND',
  });
  await database.query('delete from engine.instance where id = $1', [id]);
  expect(await storedValues(database)).toEqual([]);
});

test('large input and large text outlive a crash in the middle, and are not sent again', async () => {
  const seen: string[] = [];
  const model = drawProcess('p', {
    nodes: {
      start: startEvent(null, { result: 'order' }),
      text: serviceTask({ job: async () => 'x'.repeat(100_000), result: 'text' }),
      wait: catchEvent(message('go', 'id'), { result: 'news' }),
      look: serviceTask({
        async job({ variables }) {
          const { order, text } = variables as { order: { items: unknown[] }; text: string };
          seen.push(`${order.items.length} ${text.length}`);
          return null;
        },
      }),
      end: endEvent(),
    },
    flows: ['start -> text -> wait -> look -> end'],
  });
  const correlated = {
    ...model,
    nodes: {
      ...model.nodes,
      wait: {
        ...model.nodes.wait,
        event: {
          type: 'message',
          message: 'go',
          correlation: [
            {
              field: 'id',
              value: {
                source: 'order.id',
                evaluate: (v: Readonly<Record<string, unknown>>) => (v.order as { id: string }).id,
              },
            },
          ],
        },
      },
    },
  } as ProcessModel;
  const { world: w, database } = await world([correlated]);
  const first = await w.start();
  const order = {
    id: newId(),
    items: Array.from({ length: 5_000 }, (_, n) => ({ n, name: 'item' })),
  };
  const id = await w.begin(first, 'p', order);
  await w.until(id, 'waiting');
  // What waits and is large is left to the database.
  await waitFor('it to be put away', () => first.engine.counts.instancesInMemory === 0);
  expect(await storedValues(database)).toHaveLength(2);
  await first.kill();
  const counted = counting(database);
  const second = await w.start({ database: counted.database });
  await w.publish(second, { id: newId(), name: 'go', payload: { id: order.id } });
  await w.until(id, 'completed');
  expect(seen).toEqual(['5000 100000']);
  expect(counted.sent).toBeLessThan(20_000);
  await first.bury();
});

test('a value beyond the bound is an incident that says what to do, and is not kept', async () => {
  const model = drawProcess('p', {
    nodes: {
      start: startEvent(),
      huge: serviceTask({ job: async () => 'x'.repeat(longestValue + 1), result: 'huge' }),
      end: endEvent(),
    },
    flows: ['start -> huge -> end'],
  });
  const { world: w } = await world([model]);
  const engine = await w.start();
  const id = await w.begin(engine, 'p');
  const { incident } = await w.untilAt(id, 'huge', (e) => e.incident !== undefined);
  expect(incident).toMatchObject({
    code: 'VALUE_TOO_LARGE',
    message: expect.stringMatching(/at most 8388608 .*found 8388609; keep it in a store for files/),
  });
  const input = { text: 'x'.repeat(longestValue) };
  const refused = await engine.engine.startProcess({ process: 'p', input, trace: newTrace() });
  expect(refused).toMatchObject({ code: 'PROCESS_INPUT_INVALID' });
});

/** Values of which some are large. */
const value = fc.oneof(
  fc.constantFrom(null, 1, 'small', { a: [1] }),
  fc.integer({ min: 1, max: 3 }).map((n) => `${n}`.repeat(20_000)),
  fc.integer({ min: 1, max: 3 }).map((n) => ({ list: Array.from({ length: 9_000 }, () => n) })),
);

test('for any state: every value comes back to its place, and the text stays small', async () => {
  const { database } = await testDatabase({ migrations });
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 11, maxLength: 11 }), async (values) => {
      const [a, b, c, d, e, f, g, h, i, j, k] = values.map((one) => asJson(one));
      const event = { type: 'message', at: 1, n: 2, on: 'x', message: 'm' } as const;
      const state: InstanceState = {
        status: 'active',
        next: 9,
        seq: 3,
        elements: {
          1: { n: 1, node: '', parent: 0, live: 1, vars: { a, b, small: 1 } },
          2: {
            n: 2,
            node: 'x',
            parent: 1,
            loop: { total: 3, next: 2, completed: 1, results: [c, 1], items: [d] },
            done: [{ node: 'y', vars: { e }, inner: [{ node: 'z', vars: { f } }] }],
            compensating: { scope: 1, queue: [{ handler: 'u', vars: { g } }] },
            incident: {
              code: 'C',
              message: 'm',
              resume: { type: 'event', event: { ...event, payload: h } },
            },
          },
          3: {
            n: 3,
            node: 'w',
            parent: 1,
            incident: { code: 'C', message: 'm', resume: { type: 'leave', result: i } },
          },
        },
        suspended: { by: 'ada', reason: 'r', at: 1, held: [{ ...event, payload: j }] },
      };
      const history = [
        { seq: 1, kind: 'element.completed', node: 'x', n: 2, data: a },
        { seq: 2, kind: 'element.completed', node: 'y', n: 3, data: k },
      ] as const;
      const id = newId();
      const packed = packState(id, state, history, false);
      expect(packed.state.length).toBeLessThan(4_000);
      expect(packed.entries.length).toBeLessThan(1_000);
      const digests = packed.rows.map(({ digest }) => digest);
      expect(new Set(digests).size).toBe(digests.length);
      await database.query(
        `insert into engine.instance (id, shard, process, version, status, revision, state, trace_id,
                                      started_at, moved_at)
         values ($1, 0, 'p', 1, 'waiting', 1, $2, '', now(), now())`,
        [id, packed.state],
      );
      for (const row of packed.rows) {
        await database.query('insert into engine.large_value values ($1, $2, $3)', [
          row.id,
          row.digest,
          row.value,
        ]);
      }
      markStored(id, packed.large);
      expect(packState(id, state, history, true).rows).toEqual([]);
      expect(packState(id, state, history, true).state).toBe(packed.state);
      const [unpacked] = await unpackStates(database, await readRows(database, id));
      expect(unpacked?.state).toEqual(state);
      const entries = await unpackEntries(database, [{ id, entries: packed.entries }]);
      expect(entries).toEqual([history]);
      // What was read need not be sent again either.
      expect(packState(id, unpacked?.state as InstanceState, [], true).rows).toEqual([]);
      expect(JSON.stringify(summarizedState(packed.state)).length).toBeLessThan(5_000);
    }),
    { numRuns: 30 },
  );
});

test('beside the reference of large data stand its short members, and no others', () => {
  const output = 'x'.repeat(40_000);
  const data = { by: 'ada', attempt: 2, output, why: 'y'.repeat(201), list: [1], none: null };
  const entry = { seq: 1, kind: 'task.completed', node: 'look', n: 2, data } as const;
  const state = { status: 'active', elements: {} } as unknown as InstanceState;
  const { entries, large } = packState(newId(), state, [entry], false);
  const [{ digest, characters } = { digest: '', characters: 0 }] = large;
  expect(summarizedEntries(entries)).toEqual([
    { ...entry, data: { by: 'ada', attempt: 2, large: { digest, characters } } },
  ]);
});

async function processProcedure(engine: Engine, database: Database, name: string, input: unknown) {
  const procedure = processProcedures(() => engine).find((one) => one.name === name);
  if (procedure?.effect !== 'read') throw new Error(`expected ${name} to be a read`);
  const { execute } = procedure as ReadProcedure;
  return await database.transaction((tx) =>
    execute(
      {
        tx,
        caller: { kind: 'user', userId: newId(), roles: ['operator'], demo: false },
        clock: virtualClock(),
        trace: newTrace(),
        log: { debug() {}, info() {}, warn() {}, error() {} },
        newId,
      },
      input,
    ),
  );
}

async function readRows(database: Database, id: string) {
  const { rows } = await database.query<{ id: string; state: string }>(
    'select id, state from engine.instance where id = $1',
    [id],
  );
  return rows;
}
