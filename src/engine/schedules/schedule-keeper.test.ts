/** Schedules on a real PostgreSQL: each moment starts one instance, whoever is there and whatever dies. */
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../../test/support/database.ts';
import { newTrace } from '../../kernel/tracing.ts';
import { schedule } from '../code/schedule.ts';
import { sleep } from '../code/sleep.ts';
import { workflow } from '../code/workflow.ts';
import type { CycleEventDefinition, ProcessModel, StartEvent } from '../model/process-model.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { Play } from '../testing/play.ts';
import { waitFor } from '../testing/wait-for.ts';

const hour = 3_600_000;

const nightly = (catchUp: 'skip' | 'once' | { atMost: number }, cron = '0 * * * *', version = 1) =>
  workflow('nightly', { version, businessKey: '{{ tick.scheduledFor }}' })
    .step(schedule({ id: 'tick', cron, catchUp }))
    .step(sleep({ id: 'rest', for: '1d' }))
    .commit().model;

async function world() {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const made = new EngineWorld({ database, connectionString, processes: [] });
  onTestFinished(() => made.end());
  /** `HH:MM` of what was started, with `late` and `manual`. */
  const started = async () => {
    const { rows } = await database.query<{ state: string }>(
      `select state from engine.instance order by business_key`,
    );
    return rows.map(({ state }) => {
      const { tick } = JSON.parse(state).elements[1].vars;
      const notes = [tick.late && 'late', tick.manual && 'manual'].filter(Boolean);
      return [tick.scheduledFor.slice(11, 16), ...notes].join(' ');
    });
  };
  const until = (expected: readonly string[]) =>
    waitFor(`${expected.join(', ')} to have started`, async () => {
      return (await started()).join() === expected.join();
    });
  /** Resolves when the next moment is known, so that the clock may be moved to it. */
  const untilNext = (iso: string) =>
    waitFor(`the next moment to be ${iso}`, async () => {
      const { rows } = await database.query<{ at: Date }>(
        'select next_at as at from engine.schedule',
      );
      return rows[0]?.at.toISOString() === iso && made.clock.scheduled > 0;
    });
  return { database, world: made, started, until, untilNext };
}

test('each moment starts one instance, also with several nodes', async () => {
  const { world: w, until, untilNext } = await world();
  const processes = [nightly('once')];
  await w.start({ processes });
  await w.start({ processes });
  for (const at of ['13:00', '14:00', '15:00']) {
    await untilNext(`2026-03-01T${at}:00.000Z`);
    w.clock.advanceTo(new Date(`2026-03-01T${at}:00.000Z`));
  }
  await until(['13:00', '14:00', '15:00']);
});

test('what was missed while no program ran is caught up with as the schedule says', async () => {
  for (const [catchUp, expected] of [
    ['skip', []],
    ['once', ['17:00 late']],
    [{ atMost: 2 }, ['16:00 late', '17:00 late']],
  ] as const) {
    const { world: w, until, untilNext } = await world();
    const processes = [nightly(catchUp)];
    const first = await w.start({ processes });
    await first.stop();
    w.clock.advanceBy(5.5 * hour);
    await w.start({ processes });
    await untilNext('2026-03-01T18:00:00.000Z');
    await until(expected);
  }
});

test('a node that dies in the middle leaves no moment out and none twice', async () => {
  const { world: w, until, untilNext } = await world();
  const processes = [nightly({ atMost: 5 })];
  const first = await w.start({ processes });
  await untilNext('2026-03-01T13:00:00.000Z');
  await first.kill();
  w.clock.advanceBy(hour);
  await first.bury();
  const second = await w.start({ processes });
  await until(['13:00']);
  await second.stop();
  await w.start({ processes });
  await untilNext('2026-03-01T14:00:00.000Z');
  await until(['13:00']);
});

test('a paused schedule lets its moments pass; a person may run it all the same', async () => {
  const { database, world: w, until, untilNext } = await world();
  const { engine } = await w.start({ processes: [nightly({ atMost: 5 })] });
  const process = { process: 'nightly', node: 'tick' };
  const paused = await database.transaction((tx) =>
    engine.schedules.pause(tx, { ...process, by: 'ada' }),
  );
  expect(paused).toMatchObject({ pausedBy: 'ada', pausedAt: w.clock.now() });
  w.clock.advanceBy(2.5 * hour);
  await database.transaction((tx) => engine.schedules.runNow(tx, 'nightly', 'tick'));
  await until(['14:30 manual']);
  await database.transaction((tx) => engine.schedules.pause(tx, { ...process, by: null }));
  await untilNext('2026-03-01T15:00:00.000Z');
  w.clock.advanceBy(hour / 2);
  await until(['14:30 manual', '15:00']);
  const nobody = await database.transaction((tx) => engine.schedules.runNow(tx, 'nightly', 'no'));
  expect(nobody).toBeNull();
});

test('a paused engine starts nothing; what came meanwhile is late when it goes on', async () => {
  const { world: w, until, started, untilNext } = await world();
  const { engine } = await w.start({ processes: [nightly('once')] });
  await engine.pause.pause('ada', 'look at it', w.clock.now());
  w.clock.advanceBy(1.5 * hour);
  await engine.pause.look();
  expect(await started()).toEqual([]);
  await engine.pause.resume('ada', w.clock.now());
  await until(['13:00 late']);
  await untilNext('2026-03-01T14:00:00.000Z');
});

test('another pattern begins anew, the same one goes on, and one that is gone is gone', async () => {
  const { database, world: w, untilNext } = await world();
  const first = await w.start({ processes: [nightly('once')] });
  await untilNext('2026-03-01T13:00:00.000Z');
  await first.stop();
  const second = await w.start({ processes: [nightly('once'), nightly('once', '30 * * * *', 2)] });
  await untilNext('2026-03-01T12:30:00.000Z');
  await second.stop();
  const gone = workflow('nightly', { version: 3 })
    .step(schedule({ id: 'other', cron: '0 0 1 1 *' }))
    .step(sleep({ id: 'rest', for: '1d' }))
    .commit();
  await w.start({ processes: [gone.model] });
  const { rows } = await database.query('select node, version from engine.schedule');
  expect(rows).toEqual([{ node: 'other', version: 3 }]);
});

test('started by name it wants an occasion, as the clock would give it', async () => {
  const { database, world: w, until } = await world();
  const { engine } = await w.start({ processes: [nightly('once')] });
  const start = (input: unknown) =>
    engine.startProcess({ process: 'nightly', input, trace: newTrace() });
  for (const input of [{}, 'now', { scheduledFor: 'soon', late: false, manual: true }]) {
    expect(await start(input)).toMatchObject({ code: 'PROCESS_INPUT_INVALID' });
  }
  const { rows } = await database.query('select 1 from engine.instance');
  expect(rows).toEqual([]);
  await start({ scheduledFor: '2026-03-01T11:00:00.000Z', late: true, manual: true, more: 1 });
  await until(['11:00 late manual']);
});

test('an occasion that its process does not accept is an incident, before anything is done', () => {
  const tick = nightly('once');
  const narrow: ProcessModel = { ...tick, input: z.object({ customer: z.string() }) };
  const occasion = { scheduledFor: '2026-03-01T11:00:00.000Z', late: false, manual: false };
  const run = new Play(narrow).start(occasion, 'tick');
  expect([run.incidents, run.running]).toEqual([['process: EXPRESSION_FAILED'], []]);
  expect(new Play(tick).start(occasion, 'tick').running).toEqual(['rest']);
});

test('a cycle counts from its deployment, ends, and begins anew with another version', async () => {
  const { database, world: w, until, untilNext } = await world();
  const drawn = (version: number): ProcessModel => {
    const model = nightly('once', undefined, version);
    const tick = model.nodes.tick as StartEvent;
    const event = { ...(tick.event as CycleEventDefinition), cron: 'R2/PT1H' };
    return { ...model, nodes: { ...model.nodes, tick: { ...tick, event } } };
  };
  const first = await w.start({ processes: [drawn(1)] });
  await untilNext('2026-03-01T13:00:00.000Z');
  w.clock.advanceBy(0.75 * hour);
  await first.stop();
  const second = await w.start({ processes: [drawn(1)] });
  await untilNext('2026-03-01T13:00:00.000Z');
  w.clock.advanceBy(0.25 * hour);
  await untilNext('2026-03-01T14:00:00.000Z');
  w.clock.advanceBy(hour);
  await until(['13:00', '14:00']);
  const { rows } = await database.query('select next_at from engine.schedule');
  expect(rows).toEqual([{ next_at: null }]);
  await second.stop();
  w.clock.advanceBy(hour / 2);
  await w.start({ processes: [drawn(1), drawn(2)] });
  await untilNext('2026-03-01T15:30:00.000Z');
});
