/**
 * Death at every commit point: a process with steps that write, a call to the outside, a message, a
 * timer and a child runs once for each point at which its node can die; another node goes on, and the
 * end is the same as without the death.
 */
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../test/support/database.ts';
import { setCrashHook } from '../kernel/crash-point.ts';
import { newId } from '../kernel/ids.ts';
import { defineExternal, defineTransactional } from '../kernel/procedure.ts';
import { newTrace } from '../kernel/tracing.ts';
import {
  callActivity,
  catchEvent,
  drawProcess,
  endEvent,
  message,
  parallelGateway,
  serviceTask,
  startEvent,
  timer,
} from './testing/draw-process.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from './testing/in-process-engine.ts';
import { waitFor } from './testing/wait-for.ts';

const note = defineTransactional({
  name: 'notes.write',
  summary: 'Write a note',
  input: z.object({ text: z.string() }),
  output: z.object({}),
  access: ['service'],
  errors: [],
  async execute({ tx }, { text }) {
    await tx.query('insert into public.note (text) values ($1)', [text]);
    return {};
  },
});

const writes = (text: string) => serviceTask({ job: async ({ run }) => run(note, { text }) });
const start = startEvent(null, { result: 'order' });
const end = endEvent();

const child = drawProcess('child', {
  nodes: { start, inner: writes('inner'), end },
  flows: ['start -> inner -> end'],
});

const model = drawProcess('story', {
  nodes: {
    start,
    fork: parallelGateway(),
    a: writes('a'),
    charge: serviceTask({ job: async ({ run }) => await run('outside.charge', {}) }),
    join: parallelGateway(),
    paid: catchEvent(message('paid', 'order')),
    call: callActivity('child', { input: (v) => v.order }),
    pause: catchEvent(timer(60_000)),
    last: writes('last'),
    end,
  },
  flows: [
    'start -> fork -> a -> join -> paid -> call -> pause -> last -> end',
    'fork -> charge -> join',
  ],
});

/** Dies at a commit point of the engine, counted from 1. False when there are not so many. */
async function liveAndDie(deathAt: number): Promise<boolean> {
  const { database, connectionString, close } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('./store/migrations/', import.meta.url) }],
  });
  await database.query('create table public.note (text text not null)');
  const keys: string[] = [];
  const charge = defineExternal({
    name: 'outside.charge',
    summary: 'Charge',
    input: z.object({}),
    output: z.null(),
    access: ['service'],
    errors: [],
    async execute({ idempotencyKey }) {
      keys.push(idempotencyKey);
      return null;
    },
  });
  const procedures = [note, charge];
  const world = new EngineWorld({
    database,
    connectionString,
    processes: [model, child],
    procedures,
  });
  const first = await world.start();
  let points = 0;
  const died = Promise.withResolvers<void>();
  setCrashHook((point) => {
    if (!/:(group|step|start)/.test(point)) return;
    points += 1;
    if (points < deathAt) return;
    first.database.cut();
    died.resolve();
    throw new Error(`died at ${point}`);
  });
  onTestFinished(() => setCrashHook(undefined));
  const order = `o-${deathAt}`;
  const ask = { process: 'story', input: order, trace: newTrace(), startKey: order };
  const event = { id: newId(), name: 'paid', payload: { order } };
  /** What a client does that repeats until it is answered. */
  const live = async (node: EngineInTest) => {
    const started = await node.engine.startProcess(ask);
    await world.publish(node, event);
    if (!('instanceId' in started)) throw new Error(started.detail);
    const { instanceId } = started;
    await waitFor('the end', async () => {
      const { status } = await world.stored(instanceId);
      if (status !== 'running') world.clock.advanceBy(61_000);
      return status === 'completed';
    });
    return instanceId;
  };
  const survived = await Promise.race([
    live(first).then(
      () => true,
      () => died.promise.then(() => false),
    ),
    died.promise.then(() => false),
  ]);
  setCrashHook(undefined);
  await first.kill();
  const second = await world.start();
  const id = await live(second);
  await waitFor('an empty inbox', async () => (await world.open()).inbox === 0);
  const { rows } = await database.query<{ text: string }>(
    'select text from public.note order by 1',
  );
  expect(
    rows.map(({ text }) => text),
    `death at point ${deathAt}`,
  ).toEqual(['a', 'inner', 'last']);
  expect(new Set(keys).size).toBe(1);
  expect(await world.open()).toEqual(nothingOpen);
  const lines = await world.lines(id);
  expect(lines.filter((line) => line === 'message paid')).toHaveLength(1);
  expect(lines.at(-1)).toBe('completed');
  await first.bury();
  await world.end();
  await close();
  return !survived;
}

test('death at every commit point ends as life does', { timeout: 120_000 }, async () => {
  let deaths = 0;
  while (await liveAndDie(deaths + 1)) deaths += 1;
  expect(deaths).toBeGreaterThan(10);
});
