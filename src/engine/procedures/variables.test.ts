/** Variables by scope: listed with their types, set where they belong, kept through a replay of the history. */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { processCaller } from '../../kernel/caller.ts';
import { isRefusal, type Refusal } from '../../kernel/errors.ts';
import { newTrace } from '../../kernel/tracing.ts';
import {
  catchEvent,
  drawProcess,
  endEvent,
  message,
  startEvent,
  subProcess,
} from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { plainRunner } from '../testing/plain-runner.ts';
import { replay } from '../versions/replay.ts';
import type { ElementRun } from './element-runs.ts';
import { readHistory } from './instance-queries.ts';
import { momentOf } from './moment.ts';
import { variableProcedures } from './variable-procedures.ts';

const outer = drawProcess('outer', {
  nodes: {
    start: startEvent(null, { result: 'order' }),
    inner: subProcess(['from', 'paid', 'to']),
    from: startEvent(),
    paid: catchEvent(message('paid', 'order'), { result: 'payment' }),
    to: endEvent(),
    end: endEvent(),
  },
  flows: ['start -> inner -> end', 'from -> paid -> to'],
  output: (variables) => variables,
});

test('are listed scope by scope, set where they belong, and seen in the history', async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const world = new EngineWorld({ database, connectionString, processes: [outer] });
  onTestFinished(() => world.end());
  const node = await world.start();
  const procedures = variableProcedures(() => node.engine);
  const runner = plainRunner({ database, procedures, clock: world.clock });
  const run = async <Output>(name: string, input: object): Promise<Output> =>
    (await runner.run(name, input, { caller: processCaller, trace: newTrace() })) as Output;
  const instanceId = await world.begin(node, 'outer', 'o-1');
  const { parent: scope } = await world.untilAt(instanceId, 'paid');

  const set = (input: object) =>
    run<Refusal | object>('processes.set-variables', { instanceId, ...input });
  const given = { total: 7, gift: true, tags: ['a'], address: { city: 'Bern' }, note: null };
  expect(await set({ variables: given })).toMatchObject({ accepted: true });
  expect(await set({ scope, variables: { total: 8, lines: 2 } })).toMatchObject({ accepted: true });
  expect(await set({ scope, removed: ['lines'] })).toMatchObject({ accepted: true });
  const nowhere = await set({ scope: 99, variables: { total: 9 } });
  expect(isRefusal(nowhere) && nowhere.detail).toMatch(/scope of the number 99/);

  const page = { limit: 4 };
  type Page = { items: { scope: number; name: string }[]; nextCursor: string | null };
  const first = await run<Page>('processes.variables', { instanceId, ...page });
  expect(first).toMatchObject({
    count: { value: 7, capped: false },
    items: [
      { scope: 1, element: '', name: 'address', type: 'object', value: { city: 'Bern' } },
      { scope: 1, name: 'gift', type: 'boolean', value: true },
      { scope: 1, name: 'note', type: 'null', value: null },
      { scope: 1, name: 'order', type: 'text', value: 'o-1' },
    ],
  });
  const rest = await run<Page>('processes.variables', {
    instanceId,
    ...page,
    cursor: first.nextCursor,
  });
  expect(rest).toMatchObject({
    nextCursor: null,
    items: [
      { scope: 1, name: 'tags', type: 'list' },
      { scope: 1, name: 'total', type: 'number', value: 7 },
      { scope, element: 'inner', name: 'total', type: 'number', value: 8 },
    ],
  });

  const told = await run<{ runs: ElementRun[] }>('processes.element-runs', {
    instanceId,
    element: 'paid',
  });
  expect(told).toMatchObject({ whole: true, runs: [{ scope: 'inner', endedAt: null }] });
  const entries = await database.transaction((tx) =>
    readHistory(tx, instanceId, { from: 1, to: 1_000 }, 1_000),
  );
  const { variables } = momentOf(outer, entries);
  expect(variables).toEqual({ order: 'o-1', ...given });
  const transitions = Map.groupBy(entries, ({ transition }) => transition);
  const recorded = [...transitions.values()].map((group) => ({
    at: group[0]?.at.getTime() ?? 0,
    entries: group.map(({ entry }) => entry),
  }));
  expect(recorded.length).toBe(4);
  expect(replay(outer, recorded)).toEqual({ outcome: 'same' });
});
