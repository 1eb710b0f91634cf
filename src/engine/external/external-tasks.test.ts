/**
 * External tasks on real nodes: a task is with one worker at a time, whichever nodes workers ask; locks
 * end, failures pause, people mend; what a worker said is not lost when a node dies.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import type { Variables } from '../model/expression.ts';
import { constant, expression } from '../model/expression.ts';
import type { ExternalTask } from '../model/process-model.ts';
import {
  boundaryEvent,
  type Draft,
  drawProcess,
  endEvent,
  error,
  startEvent,
} from '../testing/draw-process.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from '../testing/in-process-engine.ts';
import { waitFor } from '../testing/wait-for.ts';
import type { FetchOptions, FetchTopic } from './hand-out.ts';

const work = (options: Partial<ExternalTask> = {}): Draft => ({
  node: {
    type: 'externalTask',
    topic: expression((variables) => variables.topic as string, 'topic'),
    ...options,
  },
});
const start = startEvent(null, { result: 'topic' });
const end = endEvent();

const simple = drawProcess('simple', {
  nodes: { start, work: work({ result: 'found' }), end },
  flows: ['start -> work -> end'],
  output: ({ found }) => found,
});
const rich = drawProcess('rich', {
  nodes: {
    start: startEvent(),
    work: work({
      topic: expression(({ input }) => (input as { topic: string }).topic, 'input.topic'),
      priority: expression(({ input }) => (input as { urgency?: number }).urgency ?? 0, 'urgency'),
      input: expression(
        ({ input }) => ({ parcel: (input as { parcel: string }).parcel }),
        'parcel',
      ),
      properties: { colour: 'red' },
    }),
    refused: boundaryEvent('work', error('REFUSED'), { result: 'reason' }),
    end,
    returned: endEvent(),
  },
  flows: ['start -> work -> end', 'refused -> returned'],
  businessKey: ({ input }) => (input as { parcel: string }).parcel,
  output: (variables) => variables,
});
const other = drawProcess('other', {
  nodes: { start, work: work({ topic: constant('shared') }), end },
  flows: ['start -> work -> end'],
});

/** Nothing but notices, and the look for those who wait, explains what happens in a test. */
const never = { leaseMs: 3_600_000, sweepMs: 3_600_000 };
const lockMs = 60_000;

let world: EngineWorld;
let here: EngineInTest;
let there: EngineInTest;

beforeAll(async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  world = new EngineWorld({ database, connectionString, processes: [simple, rich, other] });
  here = await world.start(never);
  there = await world.start(never);
  await waitFor('both nodes to share', () => here.engine.counts.shards === 128);
});
afterAll(() => world.end());

const asking = (
  worker: string,
  topic: FetchTopic | string,
  options: Partial<FetchOptions> = {},
): FetchOptions => ({
  worker,
  most: 10,
  topics: [typeof topic === 'string' ? { topic, lockMs } : topic],
  order: { byPriority: true, newestFirst: false },
  ...options,
});

async function fetchIds({ engine }: EngineInTest, options: FetchOptions): Promise<string[]> {
  return (await engine.externalTasks.fetch(options)).map(({ row }) => row.id);
}

/** An instance with an open task of a topic of its own, and the task as the worker holds it. */
async function handedOut(process = 'simple', input?: Variables) {
  const topic = newId();
  const id = await world.begin(here, process, input ? { topic, ...input } : topic);
  const [task] = await here.engine.externalTasks.fetch(asking('ann', topic));
  if (!task) throw new Error('expected a task, found none');
  return { topic, instance: id, task, id: task.row.id };
}

const completed = (variables: Variables = {}) => ({ type: 'completed', variables }) as const;
const failed = (retries: number, delayMs = 0) =>
  ({ type: 'failed', message: 'it broke', details: 'at line 1', retries, delayMs }) as const;

test('a task is completed once, on any node, with what the worker hands in', async () => {
  const { instance, id } = await handedOut();
  const ann = { worker: 'ann' };
  expect(await there.engine.externalTasks.settle(id, ann, completed({ weight: 5 }))).toEqual({
    outcome: 'taken',
  });
  const { state } = await world.until(instance, 'completed');
  expect(state.elements[1]?.vars).toMatchObject({ found: { weight: 5 } });
  expect(await here.engine.externalTasks.settle(id, ann, completed())).toEqual({
    outcome: 'no-task',
  });
  expect(await world.lines(instance)).toContain('external work');
});

test('a worker is given what it asks for, most urgent first', async () => {
  const topic = newId();
  const begin = (parcel: string, urgency: number) =>
    world.begin(here, 'rich', { topic, parcel, urgency });
  for (const [parcel, urgency] of [
    ['a', 1],
    ['b', 9],
    ['c', 1],
  ] as const) {
    await begin(parcel, urgency);
  }
  const fetch = async (options: Partial<FetchTopic>) => {
    const wanted = { topic, lockMs, variables: ['parcel', 'nothing'], ...options };
    const found = await there.engine.externalTasks.fetch(asking('bob', wanted, { most: 2 }));
    return found.map(({ variables, properties }) => ({ ...variables, ...properties }));
  };
  expect(await fetch({ businessKey: 'c' })).toEqual([{ parcel: 'c', colour: 'red' }]);
  expect(await fetch({ processes: ['simple'] })).toEqual([]);
  expect(await fetch({ definitions: ['rich:2'] })).toEqual([]);
  expect(await fetch({ having: { input: 1 } })).toEqual([]);
  expect(
    await fetch({ definitions: ['rich:1'], having: { input: { topic, parcel: 'a', urgency: 1 } } }),
  ).toEqual([{ parcel: 'a', colour: 'red' }]);
  await begin('d', 3);
  expect(await fetch({})).toMatchObject([{ parcel: 'b' }, { parcel: 'd' }]);
});

test('an error goes to the event that catches it, its variables with it', async () => {
  const { instance, id } = await handedOut('rich', { parcel: 'p' });
  const end = { type: 'error', code: 'REFUSED', message: 'no', variables: { by: 'dog' } } as const;
  await here.engine.externalTasks.settle(id, { worker: 'ann' }, end);
  const { state } = await world.until(instance, 'completed');
  expect(state.elements[1]?.vars).toMatchObject({ by: 'dog', reason: { code: 'REFUSED' } });
});

test('a failed task pauses, then opens an incident that a person ends', async () => {
  const { topic, instance, id } = await handedOut();
  const { externalTasks: tasks } = here.engine;
  await tasks.settle(id, { worker: 'ann' }, failed(1, 5_000));
  expect(await fetchIds(there, asking('bob', topic))).toEqual([]);
  world.clock.advanceBy(5_000);
  const [again] = await there.engine.externalTasks.fetch(asking('bob', topic));
  expect(again?.row).toMatchObject({
    ...{ id, attempt: 2, retries: 1, error_message: 'it broke', error_details: 'at line 1' },
  });
  await tasks.settle(id, { worker: 'bob' }, failed(0));
  expect((await world.open()).incidents).toBe(1);
  expect(await fetchIds(here, asking('bob', topic))).toEqual([]);
  expect(await tasks.setRetries(id, 2, 'ada')).toEqual({ outcome: 'taken' });
  expect((await world.open()).incidents).toBe(0);
  expect(await fetchIds(here, asking('bob', topic))).toEqual([id]);
  await tasks.settle(id, { worker: 'bob' }, completed());
  await world.until(instance, 'completed');
});

test('who no longer holds a task is refused', async () => {
  const { topic, instance, id, task } = await handedOut();
  const { externalTasks: tasks } = there.engine;
  const refused = (found: RegExp) => ({
    outcome: 'not-held',
    found: expect.stringMatching(found),
  });
  expect(await fetchIds(there, asking('bob', topic))).toEqual([]);
  expect(await tasks.settle(id, { worker: 'bob' }, completed())).toEqual(refused(/"ann" holds it/));
  expect(await tasks.lock(id, 'take', { worker: 'bob' }, lockMs)).toEqual(refused(/"ann"/));
  world.clock.advanceBy(lockMs - 1);
  expect(await tasks.lock(id, 'keep', { worker: 'ann' }, lockMs)).toEqual({ outcome: 'taken' });
  world.clock.advanceBy(lockMs - 1);
  expect(await fetchIds(there, asking('bob', topic))).toEqual([]);
  world.clock.advanceBy(1);
  expect(await tasks.lock(id, 'keep', { worker: 'ann' }, lockMs)).toEqual(refused(/has ended/));
  expect(await fetchIds(there, asking('ann', topic))).toEqual([id]);
  // Another program under the same name: the lock tells them apart.
  const old = { worker: 'ann', lock: task.row.lock };
  expect(await tasks.settle(id, old, completed())).toEqual(refused(/handed out again/));
  expect(await tasks.unlock(id, 'bob')).toEqual(refused(/"ann" holds it/));
  expect(await tasks.unlock(id, 'ann')).toEqual({ outcome: 'taken' });
  expect(await tasks.settle(id, { worker: 'ann' }, completed())).toEqual(refused(/no worker/));
  expect(await tasks.lock(id, 'take', { worker: 'bob' }, lockMs)).toEqual({ outcome: 'taken' });
  await tasks.settle(id, { worker: 'bob' }, completed());
  await world.until(instance, 'completed');
});

test('who waits is woken by work on any node, by the end of a lock, and by the stop of the program', async () => {
  const topic = newId();
  const waits = (worker: string, { engine }: EngineInTest, waitMs = 30_000) =>
    engine.externalTasks.fetch(asking(worker, topic), { waitMs });
  const first = waits('ann', there);
  await world.begin(here, 'simple', topic);
  const [task] = await first;
  expect(task?.row.topic).toBe(topic);
  const second = waits('bob', here);
  world.clock.advanceBy(lockMs);
  expect((await second)[0]?.row).toMatchObject({ id: task?.row.id, worker: 'bob' });
  expect(await waits('ann', here, 5)).toEqual([]);
  const gone = new AbortController();
  const given = here.engine.externalTasks.fetch(asking('ann', topic), {
    ...{ waitMs: 30_000, signal: gone.signal },
  });
  gone.abort(new Error('nobody hears it'));
  await expect(given).rejects.toThrow('nobody hears it');
  await here.engine.externalTasks.settle(task?.row.id ?? '', { worker: 'bob' }, completed());
});

test('who finds nothing that suits it lets the next one look', async () => {
  const picky = asking('ann', { topic: 'shared', lockMs, processes: ['rich'] });
  const wait = { waitMs: 30_000 };
  const never = new AbortController();
  const first = here.engine.externalTasks.fetch(picky, { ...wait, signal: never.signal });
  const second = here.engine.externalTasks.fetch(asking('bob', 'shared'), wait);
  await world.begin(here, 'other', 'x');
  const [task] = await second;
  expect(task?.row.process).toBe('other');
  never.abort(new Error('enough'));
  await expect(first).rejects.toThrow('enough');
  await here.engine.externalTasks.settle(task?.row.id ?? '', { worker: 'bob' }, completed());
});

test('ten workers race on two nodes, and no task is done twice', async () => {
  const topic = newId();
  const instances = await Promise.all(
    Array.from({ length: 60 }, (_, i) => world.begin(i % 2 ? here : there, 'simple', topic)),
  );
  const done: string[] = [];
  const worker = async (name: string, { engine }: EngineInTest) => {
    while (done.length < instances.length) {
      const found = await engine.externalTasks.fetch(asking(name, topic, { most: 3 }));
      for (const { row } of found) {
        const settled = await engine.externalTasks.settle(row.id, { worker: name }, completed());
        if (settled.outcome === 'taken') done.push(row.instance_id);
      }
    }
  };
  await Promise.all(Array.from({ length: 10 }, (_, i) => worker(`w${i}`, i % 2 ? here : there)));
  expect(done.toSorted()).toEqual(instances.toSorted());
  for (const id of instances) {
    expect((await world.lines(id)).filter((line) => line === 'external work')).toHaveLength(1);
  }
});

test('a suspended instance hands nothing out, and keeps what its worker says', async () => {
  const { topic, instance, id } = await handedOut();
  const { engine } = here;
  await engine.request(instance, { type: 'suspend', by: 'ada', reason: 'looking' });
  world.clock.advanceBy(lockMs);
  expect(await fetchIds(there, asking('bob', topic))).toEqual([]);
  const ann = { worker: 'ann' };
  expect(await engine.externalTasks.settle(id, ann, completed({ a: 1 }))).toEqual({
    outcome: 'taken',
  });
  expect(await engine.externalTasks.settle(id, ann, completed())).toMatchObject({
    found: expect.stringContaining('suspended'),
  });
  await engine.request(instance, { type: 'resume', by: 'ada' });
  const { state } = await world.until(instance, 'completed');
  expect(state.elements[1]?.vars).toMatchObject({ found: { a: 1 } });
});

test('what a worker said is not lost with the node that has the instance', async () => {
  const topic = newId();
  const ids = await Promise.all(
    Array.from({ length: 8 }, () => world.begin(there, 'simple', topic)),
  );
  const tasks = await here.engine.externalTasks.fetch(asking('ann', topic));
  expect(tasks).toHaveLength(ids.length);
  const third = await world.start({ sweepMs: 200 });
  await there.kill();
  const settled = await Promise.all(
    tasks.map(({ row }) =>
      third.engine.externalTasks.settle(row.id, { worker: 'ann' }, completed()),
    ),
  );
  expect(settled.map(({ outcome }) => outcome)).toEqual(ids.map(() => 'taken'));
  for (const id of ids) await world.until(id, 'completed');
  await there.bury();
  expect(await world.open()).toEqual(nothingOpen);
});
