/** The pause of the engine: nothing starts while it lasts, everything goes on after it. */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import {
  catchEvent,
  drawProcess,
  endEvent,
  parallelGateway,
  serviceTask,
  startEvent,
  timer,
} from '../testing/draw-process.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { waitFor } from '../testing/wait-for.ts';

const start = startEvent();
const end = endEvent();

async function world() {
  let runs = 0;
  const work = serviceTask({
    async job() {
      runs += 1;
      return runs;
    },
  });
  const model = drawProcess('p', {
    nodes: {
      start,
      fork: parallelGateway(),
      work,
      pause: catchEvent(timer(60_000)),
      join: parallelGateway(),
      end,
    },
    flows: ['start -> fork -> work -> join -> end', 'fork -> pause -> join'],
  });
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const made = new EngineWorld({ database, connectionString, processes: [model] });
  onTestFinished(() => made.end());
  return { world: made, runs: () => runs };
}

test('a node that is started paused takes instances in and begins none of their steps', async () => {
  const { world: w, runs } = await world();
  const { engine, ...rest } = await w.start({ startPaused: true });
  expect(engine.counts).toMatchObject({ shards: 256, paused: 1 });
  const id = await w.begin({ engine, ...rest }, 'p');
  w.clock.advanceBy(120_000);
  // A restart with the same setting changes nothing.
  await rest.stop();
  const second = await w.start({ startPaused: true });
  expect(second.engine.pause.view).toMatchObject({ startedPaused: true, allNodes: false });
  expect((await w.stored(id)).status).toBe('running');
  expect(runs()).toBe(0);
  await second.engine.pause.resume('ada', w.clock.now());
  await waitFor('the step to be done', () => runs() === 1);
  w.clock.advanceBy(1);
  await w.until(id, 'completed');
  expect(runs()).toBe(1);
  expect(second.engine.counts.paused).toBe(0);
});

test('a pause is of all nodes, outlives them, and ends for all', async () => {
  const { world: w, runs } = await world();
  const first = await w.start();
  const waits = await w.begin(first, 'p');
  await w.until(waits, 'waiting');
  expect(runs()).toBe(1);
  await first.engine.pause.pause('ada', 'gateway is down', w.clock.now());
  const id = await w.begin(first, 'p');
  await first.kill();
  const second = await w.start();
  expect(second.engine.pause.view).toMatchObject({
    paused: true,
    allNodes: true,
    reason: 'gateway is down',
    by: 'ada',
  });
  w.clock.advanceBy(120_000);
  const third = await w.start();
  expect(third.engine.counts.paused).toBe(1);
  expect(runs()).toBe(1);
  expect((await w.stored(waits)).status).toBe('waiting');
  await third.engine.pause.resume('ada', w.clock.now());
  await waitFor('the other node to hear of it', () => second.engine.counts.paused === 0);
  for (const one of [waits, id]) {
    await waitFor(`instance ${one} to be completed`, async () => {
      w.clock.advanceBy(1);
      return (await w.stored(one)).status === 'completed';
    });
  }
  expect(runs()).toBe(2);
  await first.bury();
});
