/**
 * Drawings on real nodes: deployed by one they run on all, survive restarts, and are versions as those of
 * code are: by content, migrated and looked at alike.
 */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../test/support/database.ts';
import { newId } from '../kernel/ids.ts';
import { defineTransactional } from '../kernel/procedure.ts';
import type { DrawingFile } from './bpmn/compile-drawing.ts';
import type { EngineOptions } from './engine.ts';
import type { ProcessModel } from './model/process-model.ts';
import { deployDrawings } from './store/drawing-store.ts';
import { drawProcess, endEvent, startEvent } from './testing/draw-process.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from './testing/in-process-engine.ts';
import { waitFor } from './testing/wait-for.ts';
import { checkDeploy } from './versions/check-deploy.ts';
import { readDeployedDrawings } from './versions/deployed-drawings.ts';

const charge = defineTransactional({
  name: 'payments.create',
  summary: 'Charge an order',
  input: z.object({ orderId: z.string() }),
  output: z.object({ id: z.string() }),
  access: ['service'],
  errors: [],
  execute: (_, { orderId }) => Promise.resolve({ id: `payment of ${orderId}` }),
});
const coded = drawProcess('coded', {
  nodes: { start: startEvent(), end: endEvent() },
  flows: ['start -> end'],
});

const model = (name: string) =>
  readFileSync(new URL(`./bpmn/models/runs/${name}.bpmn`, import.meta.url), 'utf8');
const pay = model('task-service').replace('id="model"', 'id="charge" name="Charge"');
const camunda = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="definitions"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="urn:orderloom:models">
  <process id="camunda" isExecutable="true">
    <startEvent id="start"/>
    <serviceTask id="charge" camunda:class="com.acme.Charge"/>
    <serviceTask id="twice" camunda:expression="\${total * 2}" camunda:resultVariable="doubled"/>
    <endEvent id="end"/>
    <sequenceFlow id="a" sourceRef="start" targetRef="charge"/>
    <sequenceFlow id="b" sourceRef="charge" targetRef="twice"/>
    <sequenceFlow id="c" sourceRef="twice" targetRef="end"/>
  </process>
</definitions>`;
const wait = model('task-receive').replace('id="model"', 'id="wait"');
/** Waits, calls a procedure, and waits again. */
const waitAndPay = wait
  .replace(
    '<endEvent id="end"/>',
    `${/<serviceTask.*<\/serviceTask>/s.exec(pay)?.[0]}
    ${/<receiveTask.*<\/receiveTask>/s.exec(wait)?.[0].replace('id="paid"', 'id="sent"')}
    <endEvent id="end"/>
    <sequenceFlow id="paid_pay" sourceRef="paid" targetRef="pay"/>
    <sequenceFlow id="pay_sent" sourceRef="pay" targetRef="sent"/>`,
  )
  .replace('sourceRef="paid" targetRef="end"', 'sourceRef="sent" targetRef="end"');

async function world(processes: readonly ProcessModel[] = []): Promise<EngineWorld> {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('./store/migrations/', import.meta.url) }],
  });
  const made = new EngineWorld({ database, connectionString, processes, procedures: [charge] });
  onTestFinished(() => made.end());
  return made;
}

/** Nothing but notices can explain what happens within the time of a test. */
const never = { leaseMs: 3_600_000, sweepMs: 3_600_000 } as const satisfies Partial<EngineOptions>;

async function deploy(node: EngineInTest, ...texts: readonly string[]) {
  return await deployFiles(
    node,
    texts.map((xml, index) => ({ name: `${index}.bpmn`, xml })),
  );
}

async function deployFiles({ engine, database }: EngineInTest, files: readonly DrawingFile[]) {
  const prepared = await engine.drawings.prepare(files);
  if ('problems' in prepared) return prepared.problems.map(({ rule }) => rule);
  const deployed = await database.transaction((tx) =>
    engine.drawings.deploy(tx, prepared.files, 'ada'),
  );
  await engine.drawings.look();
  return deployed.map(({ process, version, existing }) => ({ process, version, existing }));
}

test('a deployed drawing runs its procedures, and its history is that of any process', async () => {
  const w = await world();
  const node = await w.start();
  expect(await deploy(node, pay)).toEqual([{ process: 'charge', version: 1, existing: false }]);
  const id = await w.begin(node, 'charge', { orderId: 'o1' });
  const { state } = await w.until(id, 'completed');
  expect(state.elements[1]?.vars).toEqual({ input: { orderId: 'o1' }, payment: 'payment of o1' });
  expect(await w.lines(id)).toEqual([
    ...['started', 'completed start', 'entered pay', 'completed pay', 'completed end', 'completed'],
  ]);
});

test('the same content is the same version, another content the next one', async () => {
  const w = await world();
  const node = await w.start();
  await deploy(node, pay);
  expect(await deploy(node, pay)).toEqual([{ process: 'charge', version: 1, existing: true }]);
  const changed = pay.replace('PT5S', 'PT6S');
  expect(await deploy(node, changed)).toEqual([{ process: 'charge', version: 2, existing: false }]);
  expect(node.engine.model('charge')?.version).toBe(2);
});

test('what one node deploys runs on all, goes on after a restart, and is met by messages', async () => {
  const w = await world();
  const first = await w.start(never);
  const second = await w.start(never);
  await deploy(first, wait);
  // The other one has not looked yet, or has: it looks when it is asked for what it does not know.
  const id = await w.begin(second, 'wait', { orderId: 'o1' });
  await w.untilAt(id, 'paid');
  await first.stop();
  await second.stop();
  const again = await w.start(never);
  expect(again.engine.model('wait')?.version).toBe(1);
  await w.publish(again, { id: newId(), name: 'orders.paid', payload: { orderId: 'o1' } });
  await w.until(id, 'completed');
  expect(await w.open()).toEqual(nothingOpen);
});

test('a drawing of Camunda 7 runs with procedures for its Java, also after a restart', async () => {
  const w = await world();
  const node = await w.start();
  const drawing = { name: 'c.bpmn', xml: camunda };
  expect(await deployFiles(node, [drawing])).toEqual(['delegate-unmapped']);
  const mapped = { ...drawing, delegates: { 'com.acme.Charge': 'payments.create' } };
  await deployFiles(node, [mapped]);
  await node.stop();
  const again = await w.start();
  const id = await w.begin(again, 'camunda', { orderId: 'o1', total: 21 });
  const { state } = await w.until(id, 'completed');
  const known = { orderId: 'o1', total: 21, id: 'payment of o1', doubled: 42 };
  expect(state.elements[1]?.vars).toEqual(known);
});

test('an open instance is moved to the next version of its drawing', async () => {
  const w = await world();
  const node = await w.start();
  await deploy(node, wait);
  const id = await w.begin(node, 'wait', { orderId: 'o1' });
  await w.untilAt(id, 'paid');
  await deploy(node, wait.replace('id="end"', 'id="end" name="Paid"'));
  const moved = await node.engine.migrateInstance({ instanceId: id, by: 'ada', dryRun: false });
  expect(moved).toMatchObject({ outcome: 'migrated', from: 1, to: 2 });
  await w.publish(node, { id: newId(), name: 'orders.paid', payload: { orderId: 'o1' } });
  await w.until(id, 'completed');
});

test('a program without a procedure that drawings may still call is told so before it is deployed', async () => {
  const w = await world();
  const node = await w.start();
  await deploy(node, waitAndPay);
  const [waiting, done] = [
    await w.begin(node, 'wait', { orderId: 'o1' }),
    await w.begin(node, 'wait', { orderId: 'o2' }),
  ];
  await w.publish(node, { id: newId(), name: 'orders.paid', payload: { orderId: 'o2' } });
  await w.untilAt(waiting, 'paid');
  await w.untilAt(done, 'sent');
  const check = async (hasProcedure: boolean, candidate: readonly ProcessModel[] = []) => {
    const db = node.database;
    const program = { code: () => undefined, knowsProcedure: () => hasProcedure };
    const drawings = await readDeployedDrawings(db, program);
    return await checkDeploy({ db, candidate, drawings, now: w.clock.now() });
  };
  expect(await check(true)).toMatchObject({ checked: 2, broken: 0, replayed: 2, breaks: [] });
  const { broken, breaks } = await check(false);
  // The other one has the call behind it.
  expect(broken).toBe(1);
  expect(breaks).toMatchObject([
    { code: 'PROCEDURE_MISSING', element: 'pay', count: 1, samples: [{ id: waiting }] },
  ]);
  expect(breaks[0]?.message).toContain('found "payments.create"');
  // As a reader that has become stricter would find it.
  await node.database.query(
    `update engine.drawing_file set xml = replace(xml, 'serviceTask', 'serviceTusk')`,
  );
  const unreadable = await check(true);
  expect(unreadable).toMatchObject({ broken: 2, notReplayed: 2 });
  expect(unreadable.breaks[0]).toMatchObject({ code: 'DRAWING_UNREADABLE', count: 2 });
});

test('nothing is deployed when one file is wrong, or is called as a process in code', async () => {
  const w = await world([coded]);
  const node = await w.start();
  expect(await deploy(node, pay, pay.replace('payments.create', 'payments.nope'))).toEqual([
    'procedure-unknown',
  ]);
  expect(await deploy(node, pay.replace('id="charge" name', 'id="coded" name'))).toEqual([
    'key-taken',
  ]);
  expect(node.engine.model('charge')).toBeUndefined();
});

test('what the program brings is deployed once, however many nodes start with it', async () => {
  const w = await world();
  const drawings = [{ name: 'pay.bpmn', xml: pay }];
  const [first, second] = await Promise.all([w.start({ drawings }), w.start({ drawings })]);
  for (const { engine } of [first, second]) {
    expect(engine.models().map(({ key, version }) => [key, version])).toEqual([['charge', 1]]);
  }
  await expect(
    w.start({ drawings: [{ name: 'broken.bpmn', xml: pay.replace('id="end"', 'id="fin"') }] }),
  ).rejects.toThrow('broken.bpmn');
});

test('a fact that is being committed holds a deployment back; one that comes later knows of it', async () => {
  const w = await world();
  const node = await w.start(never);
  const fact = await node.database.connect();
  onTestFinished(() => fact.release({ close: true }));
  await fact.begin();
  await fact.query('select engine.expect_drawings_known(0)');
  const deploying = deploy(node, pay);
  await waitFor('the deployment to wait for the fact', async () => {
    const { rows } = await node.database.query(
      "select 1 from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and not granted",
    );
    return rows.length > 0;
  });
  await fact.commit();
  expect(await deploying).toHaveLength(1);
  await expect(fact.query('select engine.expect_drawings_known(0)')).rejects.toMatchObject({
    code: 'OL003',
  });
});

test('two pools of one file talk by their message flows', async () => {
  const w = await world();
  const here = await w.start();
  const there = await w.start();
  const pools = model('pools-two-executable')
    .replace('id="model"', 'id="shop"')
    .replace('processRef="model"', 'processRef="shop"')
    .replace('id="shop" name="Shop"', 'id="left" name="Shop"')
    .replace('procedure="work.do"', 'procedure="payments.create"')
    .replace(
      'result="parts"/>',
      'result="parts"/><orderloom:input name="orderId" value="= input.orderId"/>',
    );
  expect(await deploy(here, pools)).toHaveLength(2);
  const ids = await Promise.all([w.begin(here, 'shop', { orderId: 'o1' })]);
  await there.engine.drawings.look();
  ids.push(await w.begin(there, 'shop', { orderId: 'o2' }));
  const answers = await Promise.all(
    ids.map(async (id) => (await w.until(id, 'completed')).state.elements[1]?.vars?.answer),
  );
  expect(answers).toEqual([
    { orderId: 'o1', parts: { id: 'payment of o1' } },
    { orderId: 'o2', parts: { id: 'payment of o2' } },
  ]);
  await waitFor('nothing to be open', async () => {
    const open = await w.open();
    return Object.values(open).every((count) => count === 0);
  });
});

test('a process that another node deployed a moment ago is called, by a start and by one that runs', async () => {
  const w = await world();
  const here = await w.start(never);
  const there = await w.start(never);
  /** Committed, and no node has been told of it. */
  const deployInSilence = async (id: string) => {
    const xml = model('task-undefined-and-manual').replace('id="model"', `id="${id}"`);
    const prepared = await here.engine.drawings.prepare([{ name: `${id}.bpmn`, xml }]);
    if (!('files' in prepared)) throw new Error('expected a drawing that can be deployed');
    const by = { by: 'ada', at: w.clock.now() };
    await here.database.transaction((tx) => deployDrawings(tx, prepared.files, by));
  };
  const calls = model('call-activity').replace('id="model"', 'id="calls"');
  const later = model('data-of-events')
    .replace('id="model"', 'id="later"')
    .replace('<endEvent', '<callActivity id="call" calledElement="stored"/><endEvent')
    .replace('targetRef="end"', 'targetRef="call"')
    .replace('</process>', '<sequenceFlow id="last" sourceRef="call" targetRef="end"/></process>');
  await deploy(there, calls, later);
  const waiting = await w.begin(there, 'later', {});
  await deployInSilence('shipping');
  await deployInSilence('stored');
  await w.until(await w.begin(there, 'calls', { orderId: 'o1' }), 'completed');
  await w.untilAt(waiting, 'paid');
  await there.database.transaction((tx) =>
    there.engine.broadcastSignal(tx, { signal: 'paid', payload: {}, traceId: '' }),
  );
  await w.until(waiting, 'completed');
});
