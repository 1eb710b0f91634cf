/**
 * What processes throw to each other, on real nodes: signals are heard once by each wait that is open, and
 * by none that opens later; messages start and move processes; escalations reach the caller.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { setCrashHook } from '../kernel/crash-point.ts';
import { newId } from '../kernel/ids.ts';
import { newTrace } from '../kernel/tracing.ts';
import type { EngineOptions } from './engine.ts';
import { type EngineInTest, EngineWorld } from './testing/in-process-engine.ts';
import { waitFor } from './testing/wait-for.ts';

const text = (name: string) =>
  readFileSync(new URL(`./bpmn/models/runs/${name}.bpmn`, import.meta.url), 'utf8');
const named = (name: string, key: string) => text(name).replace('id="model"', `id="${key}"`);
/** The same, with steps that need nobody. */
const effortless = (xml: string) =>
  xml.replace(/<serviceTask id="(\w+)">[\s\S]*?<\/serviceTask>/g, '<task id="$1"/>');

const drawings = [
  // Throws a signal, then waits for one of the same name.
  named('throw-signal-of-later-wait', 'announce'),
  named('catch-signal', 'hear'),
  // Begins by the signal, then waits for the message of its order.
  named('catch-message', 'begins')
    .replace(
      '<startEvent id="start"/>',
      text('start-signal').match(/<startEvent[\s\S]*?<\/startEvent>/)?.[0] ?? '',
    )
    .replace('<message id="m"', '<signal id="s" name="prices.changed"/><message id="m"'),
  effortless(named('start-conditional', 'low')),
  effortless(named('start-conditional', 'empty')).replace('input.stock &lt; 5', 'input.stock = 0'),
  effortless(named('start-conditional', 'odd')).replace('input.stock &lt; 5', 'input.odd'),
  named('throw-message', 'send'),
  named('catch-message', 'receive'),
  effortless(named('throw-escalation-uncaught', 'shipping')),
  effortless(named('call-activity-escalation-non-interrupting', 'call')),
].map((xml, index) => ({ name: `${index}.bpmn`, xml }));

/** Nothing but notices can explain what happens within the time of a test. */
const never = { leaseMs: 3_600_000, sweepMs: 3_600_000 } as const satisfies Partial<EngineOptions>;

let shared: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  shared = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('./store/migrations/', import.meta.url) }],
  });
});

function world(): EngineWorld {
  const made = new EngineWorld({ ...shared, processes: [] });
  onTestFinished(() => made.end());
  return made;
}

const signal = { signal: 'prices.changed', payload: { orderId: newId() }, traceId: 't' };
const broadcast = ({ engine, database }: EngineInTest) =>
  database.transaction((tx) => engine.broadcastSignal(tx, signal));

async function idsOf(process: string): Promise<readonly string[]> {
  const { rows } = await shared.database.query<{ id: string }>(
    'select id from engine.instance where process = $1 order by id',
    [process],
  );
  return rows.map(({ id }) => id);
}

const heardBy = async (w: EngineWorld, id: string) =>
  (await w.lines(id)).filter((line) => line === 'signal it').length;

test('a signal is heard once by each open wait on every node, starts processes, and is not kept', async () => {
  const w = world();
  const first = await w.start({ ...never, drawings });
  const second = await w.start({ ...never, drawings });
  const hearers: string[] = [];
  for (const node of [first, second, first, second]) {
    const id = await w.begin(node, 'hear', { orderId: newId() });
    await w.untilAt(id, 'it');
    hearers.push(id);
  }
  const orderId = newId();
  const thrower = await w.begin(first, 'announce', { orderId });
  for (const id of hearers) {
    const { state } = await w.until(id, 'completed');
    expect(state.elements[1]?.vars?.prices).toEqual({ orderId });
    expect(await heardBy(w, id)).toBe(1);
  }
  const started = await waitFor('a process to begin by the signal', async () => {
    const [id] = await idsOf('begins');
    return id;
  });
  await w.untilAt(started, 'paid');

  // Neither the thrower nor who comes later has heard what was thrown before.
  const late = await w.begin(second, 'hear', {});
  await w.untilAt(late, 'it');
  const told = await broadcast(second);
  expect(told).toMatchObject({ waits: 2, started: [expect.any(String)] });
  await w.until(late, 'completed');
  await w.until(thrower, 'completed');
  expect((await w.lines(thrower)).filter((line) => line === 'signal heard')).toHaveLength(1);
  expect(await idsOf('begins')).toHaveLength(2);
  expect(await broadcast(first)).toMatchObject({ waits: 0 });
});

test('a suspended instance handles the signal that it heard when it is resumed', async () => {
  const w = world();
  const on = await w.start({ ...never, drawings });
  const id = await w.begin(on, 'hear', {});
  await w.untilAt(id, 'it');
  await on.engine.request(id, { type: 'suspend', reason: 'look', by: 'ada' });
  expect(await broadcast(on)).toMatchObject({ waits: 1 });
  await waitFor('the signal to be held', async () => {
    const { state } = await w.stored(id);
    return state.suspended?.held.length === 1;
  });
  await on.engine.request(id, { type: 'resume', by: 'ada' });
  await w.until(id, 'completed');
  expect(await heardBy(w, id)).toBe(1);
});

test('what begins by a condition begins when somebody brings what it reads', async () => {
  const w = world();
  const on = await w.start({ ...never, drawings });
  const tell = (given: unknown, process: string | null = null) =>
    on.database.transaction((tx) =>
      on.engine.startByConditions(tx, { given, process, traceId: 't' }),
    );
  const told = await tell({ stock: 3, odd: 'perhaps' });
  expect(told.failed).toEqual([{ process: 'odd', message: expect.stringContaining('"perhaps"') }]);
  expect(told.started).toEqual(await idsOf('low'));
  expect(told.started).toHaveLength(1);
  expect(await tell({ stock: 0 }, 'empty')).toEqual({ started: await idsOf('empty'), failed: [] });
  expect(await tell({ stock: 9 })).toEqual({ started: [], failed: [] });
  expect((await w.stored(told.started[0] ?? '')).state.elements[1]?.vars).toEqual({
    input: { stock: 3, odd: 'perhaps' },
  });
});

test('a thrown message moves who waits for it, and what a child escalates reaches its caller', async () => {
  const w = world();
  const on = await w.start({ ...never, drawings });
  const orderId = newId();
  const receiver = await w.begin(on, 'receive', { orderId });
  await w.untilAt(receiver, 'paid');
  await w.begin(on, 'send', { orderId });
  const { state } = await w.until(receiver, 'completed');
  expect(state.elements[1]?.vars?.payment).toEqual({ orderId });

  const caller = await w.begin(on, 'call', { orderId });
  await w.until(caller, 'completed');
  expect(await w.lines(caller)).toContain('escalation ship: TOO_LARGE');
  expect(await w.lines(caller)).toContain('completed other');
});

test('what a node threw before it died is published by another one', async () => {
  const w = world();
  const before = (await idsOf('begins')).length;
  await shared.database.query(
    `insert into engine.thrown (id, kind, name, payload, trace_id, thrown_at)
     values ($1, 'signal', $2, '{"orderId":"left"}', 't', $3)`,
    [newId(), signal.signal, new Date(w.clock.now().getTime() - 60_000)],
  );
  await w.start({ drawings });
  await waitFor('the signal to be published', async () => (await idsOf('begins')).length > before);
  const { rows } = await shared.database.query('select 1 from engine.thrown');
  expect(rows).toEqual([]);
  expect(await idsOf('begins')).toHaveLength(before + 1);
});

/** Starts an instance at `node`, and at `other` when nobody knows whether the first one took it. */
async function beginSurely(
  process: string,
  node: EngineInTest,
  other: () => Promise<EngineInTest>,
) {
  const request = { process, input: { orderId: newId() }, trace: newTrace(), startKey: newId() };
  const started = await node.engine
    .startProcess(request)
    .catch(async () => (await other()).engine.startProcess(request));
  if (!('instanceId' in started)) throw new Error(started.detail);
  return started.instanceId;
}

test('a node that throws a signal dies at each commit: every wait hears it once, all the same', async () => {
  const w = world();
  const options = { drawings, sweepMs: 100 } as const;
  let doomed = await w.start(options);
  const living = await w.start(options);
  onTestFinished(() => setCrashHook(undefined));
  let deaths = 0;
  // The throw, its publication, and the first who hear it: a point before and one behind each commit.
  for (let point = 1; point <= 6; point += 1) {
    const hearers: string[] = [];
    for (const node of [doomed, living, doomed, living]) {
      const id = await w.begin(node, 'hear', {});
      await w.untilAt(id, 'it');
      hearers.push(id);
    }
    const begun = (await idsOf('begins')).length;
    const mortal = doomed;
    let passed = 0;
    let death: Promise<void> | undefined;
    setCrashHook(() => {
      passed += 1;
      if (passed !== point) return;
      deaths += 1;
      mortal.database.cut();
      death = mortal.kill();
    });
    const afterDeath = async () => {
      await death;
      return living;
    };
    const thrower = await beginSurely('announce', mortal, afterDeath);
    await waitFor('the signal to be published', async () => {
      w.clock.advanceBy(3_000);
      return (await idsOf('begins')).length > begun;
    });
    for (const id of hearers) {
      await w.until(id, 'completed');
      expect(await heardBy(w, id)).toBe(1);
    }
    expect(await idsOf('begins')).toHaveLength(begun + 1);
    await w.untilAt(thrower, 'heard');
    expect(await w.lines(thrower)).not.toContain('signal heard');
    setCrashHook(undefined);
    await mortal.bury();
    doomed = await w.start(options);
    // The next round has a thrower of its own.
    await living.engine.request(thrower, { type: 'cancel', reason: 'seen', by: 'ada' });
  }
  expect(deaths).toBe(6);
});
