/** The log, its groups and its dead letters as they are seen and steered over HTTP. */
import { expect, test } from 'vitest';
import { eventOfThing, thing } from '../../../test/support/event-log.ts';
import { startEventServer } from '../../../test/support/event-server.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import type { LoggedEvent } from '../index.ts';

interface Listed {
  readonly items: readonly {
    readonly position: string;
    readonly payload: { readonly n: number };
  }[];
  readonly nextCursor: string | null;
  readonly count: { readonly value: number; readonly capped: boolean };
}

const numbers = ({ items }: Listed) => items.map(({ payload }) => payload.n);
const n = (event: LoggedEvent) => (event.payload as { n: number }).n;

test('the log is listed newest first, or in its order, in pages', async () => {
  const { record, request, log } = await startEventServer();
  for (let index = 1; index <= 5; index += 1) await record(thing(index, `k${index % 2}`));
  await log.waitBeyond(4n);
  const walk = async (query: string) => {
    const pages: number[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const at: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await request<Listed>('GET', `/event-log?limit=2${query}${at}`);
      pages.push(numbers(body));
      cursor = body.nextCursor;
    }
    return pages;
  };
  expect(await walk('')).toEqual([[5, 4], [3, 2], [1]]);
  expect(await walk('&order=oldest')).toEqual([[1, 2], [3, 4], [5]]);
  expect(await walk('&keys=k1')).toEqual([[5, 3], [1]]);
  expect(await walk('&keys=k1,k0&after=3')).toEqual([[5, 4]]);
  expect((await walk('&order=oldest&keys=k1')).flat()).toEqual([1, 3, 5]);
  const { body } = await request<Listed>('GET', '/event-log?keys=k7');
  expect(body).toEqual({ items: [], nextCursor: null, count: { value: 0, capped: false } });
});

test('events since a time', async () => {
  const { record, request, log } = await startEventServer();
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 12, minute));
  for (const minute of [0, 10, 20]) await record({ ...thing(minute), occurredAt: at(minute) });
  await log.waitBeyond(2n);
  const since = at(5).toISOString();
  const { body } = await request<Listed>('GET', `/event-log?order=oldest&since=${since}`);
  expect(numbers(body)).toEqual([10, 20]);
});

test('a name of which there is no event, or no group, is no empty list', async () => {
  const { request } = await startEventServer({ events: [eventOfThing('thing.happened')] });
  for (const path of ['/event-log', '/events']) {
    const { status, body } = await request('GET', `${path}?names=thing.happened,thing.hapened`);
    expect([status, body]).toMatchObject([
      422,
      {
        code: 'EVENT_UNKNOWN',
        detail: 'expected names of events, found thing.hapened; did you mean thing.happened?',
      },
    ]);
  }
  const { body } = await request('GET', '/event-log?names=thing.happened');
  expect(body).toMatchObject({ items: [] });
  expect((await request('GET', '/dead-letters?group=nobodys')).body).toMatchObject({
    code: 'CONSUMER_GROUP_NOT_FOUND',
    detail: expect.stringContaining('found "nobodys"'),
  });
});

test('who may see the log', async () => {
  const { request } = await startEventServer();
  for (const [roles, status] of [
    [[], 401],
    [['customer'], 403],
    [['support'], 200],
    [['service'], 200],
  ] as const) {
    expect((await request('GET', '/event-log', { as: roles })).status).toBe(status);
  }
  for (const path of ['/consumer-groups/g/pause', '/dead-letters/replay']) {
    expect((await request('POST', path, { as: ['support'], body: {} })).status).toBe(403);
  }
});

test('a group is listed, paused, resumed and sent back', async () => {
  const { record, request, log } = await startEventServer();
  const seen: number[] = [];
  const consumer = log.consume({
    group: 'g',
    deliver: async (events) => void seen.push(...events.map(n)),
  });
  await record(thing(1), thing(2), thing(3));
  await waitUntil('three events', () => seen.length === 3);
  const group = async () => {
    const { body } = await request<{ items: Record<string, unknown>[] }>('GET', '/consumer-groups');
    return body.items[0]!;
  };
  await waitUntil('the cursor', async () => (await group()).lag === 0);
  expect(await group()).toMatchObject({
    group: 'g',
    status: 'active',
    position: '3',
    owner: log.node,
    lastError: null,
    oldestUnhandledAt: null,
    deadLetters: 0,
  });
  expect((await request('POST', '/consumer-groups/g/pause', { body: {} })).status).toBe(200);
  await record(thing(4));
  await waitUntil('the lag', async () => (await group()).lag === 1);
  expect(await group()).toMatchObject({ status: 'paused', position: '3' });
  await request('POST', '/consumer-groups/g/resume', { body: {} });
  await waitUntil('the fourth', () => seen.length === 4);
  const replayed = await request('POST', '/consumer-groups/g/replay', { body: { after: '2' } });
  expect(replayed.body).toEqual({ group: 'g', position: '2' });
  await waitUntil('the last two again', () => seen.length === 6);
  expect(seen).toEqual([1, 2, 3, 4, 3, 4]);
  const beyond = await request('POST', '/consumer-groups/g/replay', { body: { after: '99' } });
  expect(beyond.body).toEqual({ group: 'g', position: '4' });
  const wrong = { body: { after: '1', since: new Date().toISOString() } };
  expect((await request('POST', '/consumer-groups/g/replay', wrong)).status).toBe(400);
  expect((await request('POST', '/consumer-groups/x/pause', { body: {} })).body).toMatchObject({
    code: 'CONSUMER_GROUP_NOT_FOUND',
  });
  expect((await request('DELETE', '/consumer-groups/g')).body).toMatchObject({
    code: 'CONSUMER_GROUP_OWNED',
  });
  await consumer.stop();
  expect((await request('DELETE', '/consumer-groups/g')).status).toBe(200);
  expect((await request('DELETE', '/consumer-groups/g')).status).toBe(404);
});

test('dead letters are listed, tried again and given up', async () => {
  const { record, request, log } = await startEventServer();
  const broken = new Set([1, 4]);
  const seen: number[] = [];
  log.consume({
    group: 'g',
    retry: { firstMs: 1, longestMs: 1, parkAfter: 2 },
    async deliver(events) {
      const bad = events.find((event) => broken.has(n(event)));
      if (bad) throw new Error(`broken at ${n(bad)}`);
      seen.push(...events.map(n));
    },
  });
  await record(thing(1, 'a'), thing(2, 'a'), thing(3, 'b'), thing(4, 'b'));
  const letters = async () => {
    const { body } = await request<Listed>('GET', '/dead-letters?group=g&limit=2');
    return body;
  };
  const first = await waitUntil('three letters', async () => {
    // Until the group is there, it is unknown.
    const page: Partial<Listed> = await letters();
    return page.count?.value === 3 ? (page as Listed) : null;
  });
  expect(first.items).toMatchObject([
    { position: '1', key: 'a', attempts: 2, error: 'broken at 1', behind: null },
    { position: '2', key: 'a', attempts: 0, behind: '1' },
  ]);
  const { body } = await request<Listed>('GET', `/dead-letters?limit=2&cursor=${first.nextCursor}`);
  expect(body.items).toMatchObject([{ position: '4', key: 'b' }]);
  broken.clear();
  const replay = { body: { group: 'g', key: 'a' } };
  expect((await request('POST', '/dead-letters/replay', replay)).body).toEqual({
    group: 'g',
    letters: 2,
  });
  await waitUntil('both of a', () => seen.length === 3);
  expect(seen).toEqual([3, 1, 2]);
  const discard = { body: { group: 'g', position: '4', reason: 'handled by hand' } };
  expect((await request('POST', '/dead-letters/discard', discard)).status).toBe(200);
  expect((await letters()).items).toEqual([]);
  await record(thing(5, 'b'));
  await waitUntil('the next of b', () => seen.includes(5));
  expect(seen).toEqual([3, 1, 2, 5]);
  for (const [path, { body: input }] of [
    ['/dead-letters/replay', replay],
    ['/dead-letters/discard', discard],
  ] as const) {
    const { body: problem } = await request('POST', path, { body: input });
    expect(problem).toMatchObject({ code: 'DEAD_LETTER_NOT_FOUND' });
  }
});
