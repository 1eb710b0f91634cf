/** Reading, waiting and finding positions in the log. */
import { expect, test } from 'vitest';
import { eventLog, startLog, thing } from '../../test/support/event-log.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { LogPage } from './index.ts';

const numbers = ({ events }: LogPage) => events.map(({ payload }) => (payload as { n: number }).n);

test('events are read in order, in pages, by name and by key', async () => {
  const { log, record } = await eventLog();
  await record(thing(1, 'a'), thing(2, 'b', 'other.happened'), thing(3, 'a'));
  await record(thing(4, 'b'));
  await log.waitBeyond(3n);
  const first = await log.read({ after: 0n, limit: 3 });
  expect(numbers(first)).toEqual([1, 2, 3]);
  expect(numbers(await log.read({ after: first.next, limit: 3 }))).toEqual([4]);
  const named = await log.read({ after: '0', limit: 10, names: ['other.happened'] });
  expect(numbers(named)).toEqual([2]);
  expect(named.next).toBe(await log.horizon());
  expect(numbers(await log.read({ after: 0n, limit: 10, keys: ['b'] }))).toEqual([2, 4]);
  expect(numbers(await log.read({ after: named.next, limit: 10 }))).toEqual([]);
});

test('what was committed is read, also while nobody waits', async () => {
  const { log, record } = await eventLog();
  for (let n = 1; n <= 3; n += 1) {
    await record(thing(n));
    await waitUntil('it to be read', async () => {
      const { events } = await log.read({ after: 0n, limit: 10 });
      return events.length === n;
    });
  }
});

test('a read event is what was recorded', async () => {
  const { log, record } = await eventLog();
  const event = { ...thing(7, 'ü'), traceId: 'a'.repeat(32) };
  await record(event);
  await log.waitBeyond(0n);
  const [read] = (await log.read({ after: 0n, limit: 1 })).events;
  expect(read).toMatchObject({ ...event, position: '1' });
  expect(JSON.parse(read!.payloadJson)).toEqual(event.payload);
});

test('a waiting reader is woken by a commit of its own node, and of another node', async () => {
  const { log, database, record } = await eventLog({ pollMs: 60_000 });
  const other = await startLog(database, { pollMs: 60_000 });
  // This node learns only by looking that somebody else listens; the other one started later.
  await log.start();
  const woken = Promise.all([log.waitBeyond(0n), other.waitBeyond(0n)]);
  await record(thing(1));
  expect(await woken).toEqual(['1', '1']);
});

test('a wait is called off by its signal', async () => {
  const { log } = await eventLog();
  const abort = new AbortController();
  const waiting = log.waitBeyond(0n, abort.signal);
  abort.abort(new Error('no longer'));
  await expect(waiting).rejects.toThrow('no longer');
  await expect(log.waitBeyond(0n, abort.signal)).rejects.toThrow('no longer');
});

test('a moment is found, also among events that came a little out of order', async () => {
  const { log, record } = await eventLog();
  const start = Date.parse('2026-03-01T00:00:00Z');
  const minutes = [0, 10, 20, 31, 30, 40, 50];
  for (const minute of minutes) {
    await record({ ...thing(minute), occurredAt: new Date(start + minute * 60_000) });
  }
  await log.waitBeyond(6n);
  const after = async (minute: number) => {
    const position = await log.positionBefore(new Date(start + minute * 60_000));
    return numbers(await log.read({ after: position, limit: 100 }));
  };
  expect(await after(-5)).toEqual(minutes);
  expect(await after(15)).toEqual([20, 31, 30, 40, 50]);
  expect(await after(31)).toEqual([31, 30, 40, 50]);
  expect(await after(50)).toEqual([50]);
  expect(await after(51)).toEqual([]);
});
