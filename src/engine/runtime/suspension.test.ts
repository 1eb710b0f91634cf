/**
 * Suspension: in every order of events the instance ends as it would have without it; on the running
 * engine nothing begins meanwhile, and what ends meanwhile is kept.
 */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import type { ProcessModel } from '../model/process-model.ts';
import {
  boundaryEvent,
  callActivity,
  catchEvent,
  drawProcess,
  endEvent,
  eventBasedGateway,
  exclusiveGateway,
  message,
  parallelGateway,
  serviceTask,
  startEvent,
  timer,
  undoTask,
  userTask,
} from '../testing/draw-process.ts';
import { explore } from '../testing/explore.ts';
import { EngineWorld, nothingOpen } from '../testing/in-process-engine.ts';
import { Play } from '../testing/play.ts';

const start = startEvent(null, { result: 'order' });
const end = endEvent();

const reason = 'looking at it';
const at = Date.UTC(2026, 0, 1);
const suspend = { type: 'suspend', at, reason, by: 'ada' } as const;

test('in every order of suspending, resuming, cancelling and all else, the ends are legal', () => {
  const race = drawProcess('race', {
    nodes: {
      start,
      fork: parallelGateway(),
      a: serviceTask({ undo: 'undo-a' }),
      'undo-a': undoTask(),
      g: eventBasedGateway(),
      paid: catchEvent(message('paid')),
      late: catchEvent(timer(1000)),
      either: exclusiveGateway(),
      join: parallelGateway(),
      end,
    },
    flows: [
      'start -> fork -> a -> join -> end',
      'fork -> g -> paid -> either -> join',
      'g -> late -> either',
    ],
  });
  const { ends, transitions } = explore(race, { suspends: true, retries: true, depth: 9 });
  expect(transitions).toBeGreaterThan(2_000);
  expect(ends.completed).toBeGreaterThan(100);
  expect(ends.cancelled).toBeGreaterThan(100);
  const called = drawProcess('called', {
    nodes: {
      start,
      call: callActivity('child'),
      stop: boundaryEvent('call', message('stop')),
      ask: userTask(),
      end,
      gone: endEvent(),
    },
    flows: ['start -> call -> ask -> end', 'stop -> gone'],
  });
  const calls = explore(called, { suspends: true, depth: 8 });
  expect(calls.ends.completed).toBeGreaterThan(5);
});

test('a step that ended meanwhile is undone when the instance is cancelled instead of resumed', () => {
  const model = drawProcess('p', {
    nodes: {
      start,
      charge: serviceTask({ undo: 'refund' }),
      refund: undoTask(),
      next: serviceTask(),
      end,
    },
    flows: ['start -> charge -> next -> end'],
  });
  const play = new Play(model).start();
  play.news();
  expect(play.apply(suspend)).toBe(true);
  expect(play.apply(suspend), 'it is suspended already').toBe(false);
  const { n } = play.at('charge');
  expect(play.apply({ type: 'job-completed', at, n, attempt: 1, output: 'paid' })).toBe(true);
  expect(play.running).toEqual(['charge']);
  play.apply({ type: 'cancel', at, reason, by: 'ada' });
  expect(play.news()).toEqual([
    'suspended',
    'resumed',
    'completed charge',
    'entered next',
    'cancel',
    'cancelled next',
    'undoing: refund',
    'entered refund',
  ]);
});

async function world(processes: readonly ProcessModel[]) {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const made = new EngineWorld({ database, connectionString, processes });
  onTestFinished(() => made.end());
  return { world: made, database };
}

test('messages and timers wait for the resume, on another node after a crash', async () => {
  const model = drawProcess('p', {
    nodes: {
      start,
      fork: parallelGateway(),
      paid: catchEvent(message('paid', 'order'), { result: 'payment' }),
      pause: catchEvent(timer(60_000)),
      join: parallelGateway(),
      end,
    },
    flows: ['start -> fork -> paid -> join -> end', 'fork -> pause -> join'],
  });
  const { world: w } = await world([model]);
  const first = await w.start();
  const order = newId();
  const id = await w.begin(first, 'p', order);
  await w.until(id, 'waiting');
  expect(await first.engine.request(id, { type: 'suspend', reason, by: 'ada' })).toBe(true);
  expect(await first.engine.request(id, { type: 'suspend', reason, by: 'ada' })).toBe(false);
  await w.until(id, 'suspended');
  const payload = { order };
  await w.publish(first, { id: newId(), name: 'paid', payload });
  w.clock.advanceBy(120_000);
  expect(await w.open()).toEqual({ ...nothingOpen, messages: 1 });
  await first.kill();
  const second = await w.start();
  expect((await w.stored(id)).status).toBe('suspended');
  expect(await second.engine.request(id, { type: 'resume', by: 'ada' })).toBe(true);
  w.clock.advanceBy(1);
  await w.until(id, 'completed');
  expect(await w.lines(id)).toContain('suspended');
  expect(await w.open()).toEqual(nothingOpen);
  await first.bury();
});

test('a job at work ends and is committed; the next step begins on resume', async () => {
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let nextRan = 0;
  const model = drawProcess('p', {
    nodes: {
      start,
      slow: serviceTask({
        async job() {
          begun.resolve();
          await release.promise;
          return 'done';
        },
        result: 'slow',
      }),
      next: serviceTask({
        async job() {
          nextRan += 1;
          return null;
        },
      }),
      end,
    },
    flows: ['start -> slow -> next -> end'],
  });
  const { world: w } = await world([model]);
  const engine = await w.start();
  const id = await w.begin(engine, 'p');
  await begun.promise;
  await engine.engine.request(id, { type: 'suspend', reason, by: 'ada' });
  release.resolve();
  await w.untilAt(id, 'slow');
  const held = async () => (await w.stored(id)).state.suspended?.held.length === 1;
  await expect.poll(held).toBe(true);
  expect(nextRan).toBe(0);
  await engine.engine.request(id, { type: 'resume', by: 'ada' });
  const { state } = await w.until(id, 'completed');
  expect(state.elements[1]?.vars?.slow).toBe('done');
  expect(nextRan).toBe(1);
});

test('a job whose node died while it was suspended runs again on resume, its outcome unknown', async () => {
  const attempts: boolean[] = [];
  const begun = Promise.withResolvers<void>();
  const never = Promise.withResolvers<void>();
  const model = drawProcess('p', {
    nodes: {
      start,
      slow: serviceTask({
        async job({ outcomeUnknown }) {
          attempts.push(outcomeUnknown);
          begun.resolve();
          if (attempts.length === 1) await never.promise;
          return 'done';
        },
      }),
      end,
    },
    flows: ['start -> slow -> end'],
  });
  const { world: w } = await world([model]);
  const first = await w.start();
  const id = await w.begin(first, 'p');
  await begun.promise;
  await first.engine.request(id, { type: 'suspend', reason, by: 'ada' });
  await first.kill();
  const second = await w.start();
  expect(attempts).toEqual([false]);
  await second.engine.request(id, { type: 'resume', by: 'ada' });
  await w.until(id, 'completed');
  expect(attempts).toEqual([false, true]);
  never.resolve();
  await first.bury();
});
