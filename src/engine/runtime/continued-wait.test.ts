/**
 * A wait in a loop goes on: it keeps its number and its row, is found by messages at any moment, and ends as other
 * waits do. On real nodes, what was kept for it is taken one after the other.
 */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import type { MessageWait } from '../model/state.ts';
import {
  boundaryEvent,
  drawProcess,
  endEvent,
  exclusiveGateway,
  message,
  receiveTask,
  startEvent,
  timer,
} from '../testing/draw-process.ts';
import { explore } from '../testing/explore.ts';
import { EngineWorld } from '../testing/in-process-engine.ts';
import { Play } from '../testing/play.ts';
import { waitFor } from '../testing/wait-for.ts';

const start = startEvent(null, { result: 'line' });
const usage = receiveTask([message('used', 'line')], { result: 'used' });
const at = Date.UTC(2026, 0, 1);

/** Waits for one message after the other, until one says that it was the last. */
const subscription = drawProcess('subscription', {
  nodes: { start, usage, more: exclusiveGateway('more -> usage'), end: endEvent() },
  flows: ['start -> usage -> more -> usage', 'more -> end'],
  when: { 'more -> end': ({ used }) => (used as { last?: true }).last === true },
});

const waitOf = (play: Play): MessageWait => {
  const wait = play.at('usage').waits?.find(({ kind }) => kind === 'message');
  if (wait?.kind !== 'message') throw new Error('expected a wait for a message');
  return wait;
};
const used = (n: number, payload: unknown) =>
  ({ type: 'message', at, n, on: 'usage', message: 'used', payload }) as const;

test('it keeps the number with which it began, and nothing of it is written again', () => {
  const play = new Play(subscription).start('a');
  const { n } = play.at('usage');
  for (let count = 1; count <= 3; count += 1) {
    expect(play.apply(used(n, { count }))).toBe(true);
    expect(play.effects).toMatchObject({ waitsAdded: [], waitsRemoved: [] });
    expect(play.at('usage').n).toBeGreaterThan(n);
    expect(waitOf(play).since).toBe(n);
  }
  expect(play.apply(used(n - 1, {})), 'nothing began to wait under this number').toBe(false);
  expect(play.apply(used(n, { last: true }))).toBe(true);
  expect(play.effects?.waitsRemoved).toHaveLength(1);
  expect([play.status, play.apply(used(n, {}))]).toEqual(['completed', false]);
});

test('it is the same whether it is told by its own number or by that of its element now', () => {
  const play = new Play(subscription, { resumed: true }).start('a');
  const { n } = play.at('usage');
  play.apply(used(n, {}));
  const now = play.at('usage').n;
  expect(play.apply(used(now, {}))).toBe(true);
  expect([waitOf(play).since, play.apply(used(now, {}))]).toEqual([n, false]);
});

test('of a held instance it is put away and comes back as it was', () => {
  const play = new Play(subscription).start('a');
  const { n } = play.at('usage');
  play.apply(used(n, {}));
  play.apply({ type: 'suspend', at, reason: 'looking at it', by: 'ada' });
  expect(play.effects?.waitsRemoved).toHaveLength(1);
  expect(play.apply(used(n, {})), 'messages are kept for it meanwhile').toBe(false);
  play.apply({ type: 'resume', at, by: 'ada' });
  expect([play.effects?.waitsAdded.length, waitOf(play).since]).toEqual([1, n]);
  expect(play.apply(used(n, { last: true }))).toBe(true);
  expect(play.status).toBe('completed');
});

test('another key, or another wait beside it, is a wait that begins anew', () => {
  const other = drawProcess('other', {
    nodes: { start, usage: receiveTask([message('used', 'line')], { result: 'line' }) },
    flows: ['start -> usage -> usage'],
  });
  const play = new Play(other).start('a');
  play.message('usage', 'b');
  expect([waitOf(play).since, waitOf(play).key]).toEqual([undefined, 'line=b']);
  expect(play.effects).toMatchObject({ waitsAdded: [{}], waitsRemoved: [{}] });
  play.message('usage', 'b');
  expect(waitOf(play).since).toBeTypeOf('number');

  const late = drawProcess('late', {
    nodes: { start, usage, late: boundaryEvent('usage', timer(1_000)), end: endEvent() },
    flows: ['start -> usage -> usage', 'late -> end'],
  });
  const timed = new Play(late).start('a');
  timed.message('usage');
  expect(timed.at('usage').waits).toHaveLength(2);
  expect(waitOf(timed).since).toBeUndefined();
});

test('it is the same in another version of its process, and nothing of it is written', () => {
  const play = new Play(subscription).start('a');
  play.message('usage');
  const { since } = waitOf(play);
  play.migrate({ ...subscription, version: 2 });
  expect(play.effects).toMatchObject({ waitsAdded: [], waitsRemoved: [] });
  expect([waitOf(play).since, since]).toEqual([since, expect.any(Number)]);
});

test('in every order of messages, holds and cancels its row is that of the wait', () => {
  const { transitions } = explore(subscription, { suspends: true, retries: true, depth: 7 });
  expect(transitions).toBeGreaterThan(40);
});

/** Nothing but looks after a commit can explain what happens within the time of a test. */
const never = { leaseMs: 3_600_000, sweepMs: 3_600_000 } as const;

test('what was kept is taken one after the other, and the row is never written again', async () => {
  const shared = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const { database } = shared;
  const w = new EngineWorld({ ...shared, processes: [subscription] });
  onTestFinished(() => w.end());
  const node = await w.start(never);
  const events = (line: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ({
      ...{ id: newId(), name: 'used', version: 1, key: line, occurredAt: new Date() },
      payload: { line, count: from + i, ...(from + i === 30 ? { last: true } : {}) },
      traceId: 't',
    }));
  const publish = (all: ReturnType<typeof events>) =>
    node.database.transaction((tx) => node.engine.eventsRecorded(tx, all));
  // Some come before it waits, many at once, and the others one by one while it is at work.
  await publish(events('a', 1, 6));
  const id = await w.begin(node, 'subscription', 'a');
  const row = async () =>
    (await database.query('select n, ctid::text, xmin::text from engine.message_wait')).rows;
  await w.untilAt(id, 'usage');
  const before = await row();
  expect(before).toHaveLength(1);
  await publish(events('a', 6, 20));
  for (const event of events('a', 20, 30)) await publish([event]);
  const taken = async () =>
    (await w.lines(id)).filter((line) => line.startsWith('message usage')).length;
  await waitFor('29 to be taken', async () => (await taken()) === 29);
  expect(await row()).toEqual(before);
  await publish(events('a', 30, 31));
  await w.until(id, 'completed');
  expect([await row(), w.warnings]).toEqual([[], []]);
});
