/**
 * Processes that begin with several messages, on two nodes: however the messages come, each set of them makes one
 * instance, and none is lost, acts twice or is left over.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import { compileDrawing } from '../bpmn/compile-drawing.ts';
import { type EngineInTest, EngineWorld, nothingOpen } from '../testing/in-process-engine.ts';
import { waitFor } from '../testing/wait-for.ts';

const name = 'start-parallel-multiple-by-key';
const xml = readFileSync(new URL(`../bpmn/models/runs/${name}.bpmn`, import.meta.url), 'utf8');

const paid = (orderId: string, id = newId()) => ({ id, name: 'orders.paid', payload: { orderId } });
const packed = (reference: string, id = newId()) => ({
  ...{ id, name: 'stock.packed', payload: { reference } },
});

let world: EngineWorld;
let here: EngineInTest;
let there: EngineInTest;

beforeAll(async () => {
  const { database, connectionString } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const { models } = await compileDrawing({ name, xml });
  world = new EngineWorld({ database, connectionString, processes: models });
  here = await world.start();
  there = await world.start();
});

afterAll(() => world.end());

/** The instances that begin from here on. */
async function fromNow() {
  const all = async () => {
    const { rows } = await here.database.query<{ id: string; status: string }>(
      'select id, status from engine.instance order by id',
    );
    return rows;
  };
  const before = new Set((await all()).map(({ id }) => id));
  const statuses = async () => (await all()).filter(({ id }) => !before.has(id));
  const until = (...expected: readonly string[]) =>
    waitFor(`instances to be ${expected.join(', ')}`, async () => {
      const found = await statuses();
      return found.map(({ status }) => status).join() === expected.join() && found;
    });
  return { statuses, until };
}

test('what comes at the same moment on two nodes makes one instance of each pair', async () => {
  const { statuses } = await fromNow();
  const orders = Array.from({ length: 20 }, (_, index) => `o${index}`);
  await Promise.all(
    orders.flatMap((order) => [
      world.publish(here, paid(order)),
      world.publish(there, packed(order)),
    ]),
  );
  await waitFor('all to be completed', async () =>
    (await statuses()).every(({ status }) => status === 'completed'),
  );
  expect(await statuses()).toHaveLength(20);
  expect(await world.open()).toEqual(nothingOpen);
});

test('a message acts once, a second one of the same kind begins another instance', async () => {
  const { until, statuses } = await fromNow();
  const first = newId();
  await world.publish(here, paid('o1', first));
  await world.publish(there, paid('o1', first));
  await until('waiting');
  await world.publish(here, paid('o1'));
  await until('waiting', 'waiting');
  const answer = newId();
  await world.publish(there, packed('o1', answer));
  await waitFor('one to be completed', async () =>
    (await statuses()).some(({ status }) => status === 'completed'),
  );
  await world.publish(here, packed('o1', answer));
  await world.publish(here, packed('o1'));
  await until('completed', 'completed');
  expect(await world.open()).toEqual(nothingOpen);
});

test('a suspended instance still waits, and has its message when it is resumed', async () => {
  const { until } = await fromNow();
  await world.publish(here, paid('o1'));
  const [instance] = await until('waiting');
  const id = instance?.id ?? '';
  await here.engine.request(id, { type: 'suspend', by: 'ada', reason: 'to look at it' });
  await until('suspended');
  await world.publish(there, packed('o1'));
  await until('suspended');
  await there.engine.request(id, { type: 'resume', by: 'ada' });
  await until('completed');
  expect(await world.open()).toEqual(nothingOpen);
});

test('a message without its field begins an instance that a person sees', async () => {
  const { until } = await fromNow();
  await world.publish(here, { ...paid('o1'), payload: {} });
  const [instance] = await until('waiting');
  const { state } = await world.stored(instance?.id ?? '');
  const incidents = Object.values(state.elements).flatMap(
    ({ incident }) => incident?.message ?? [],
  );
  expect(incidents).toEqual([expect.stringContaining('orderId has no value')]);
});
