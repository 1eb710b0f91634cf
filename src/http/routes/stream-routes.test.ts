/** The stream of events: resumed without loss, filtered, bounded, closed. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { eventOfThing, thing } from '../../../test/support/event-log.ts';
import { eventReader, startEventServer } from '../../../test/support/event-server.ts';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { defineEvent } from '../../kernel/event.ts';

test('events come as they are committed, as CloudEvents with their position as id', async () => {
  const { record, open } = await startEventServer();
  await record(thing(0));
  const stream = await open('/events?after=0');
  expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const event = { ...thing(1, 'order 1'), traceId: 'a'.repeat(32) };
  await record(event);
  expect(await stream.take(2)).toMatchObject([
    { id: '1', event: 'thing.happened' },
    {
      id: '2',
      event: 'thing.happened',
      data: {
        specversion: '1.0',
        id: event.id,
        source: '/orderloom',
        type: 'thing.happened',
        subject: 'order 1',
        time: event.occurredAt.toISOString(),
        datacontenttype: 'application/json',
        dataversion: '1',
        partitionkey: 'order 1',
        sequence: '2',
        traceid: event.traceId,
        data: { n: 1 },
      },
    },
  ]);
  await stream.events.return(undefined);
});

test('a client that comes back with Last-Event-ID misses nothing and sees nothing twice', async () => {
  const { record, open } = await startEventServer();
  await record(...[1, 2, 3, 4].map((n) => thing(n)));
  const first = await open('/events?after=0');
  const [, second] = await first.take(2);
  await first.events.return(undefined);
  await record(thing(5));
  const again = await open('/events?after=0', { headers: { 'last-event-id': second!.id } });
  const rest = await again.take(3);
  expect(rest.map(({ id }) => id)).toEqual(['3', '4', '5']);
  await again.events.return(undefined);
});

test('a position that the log does not have yet is refused instead of waited for', async () => {
  const { record, open, request } = await startEventServer();
  expect((await request('GET', '/events?after=1')).body).toMatchObject({
    code: 'EVENT_POSITION_AHEAD',
    detail: expect.stringContaining('0 at most, found 1'),
  });
  await record(thing(1), thing(2));
  const headers = { 'last-event-id': '3' };
  expect((await open('/events', { headers })).status).toBe(422);
  const last = await open('/events?after=2');
  expect(last.status).toBe(200);
  await last.events.return(undefined);
});

test('names and keys filter, and the sign of life tells how far the stream has looked', async () => {
  const { record, open } = await startEventServer({ events: ['a.b', 'c.d'].map(eventOfThing) });
  const stream = await open('/events?after=0&names=a.b,c.d&keys=k1');
  await record(thing(1, 'k1', 'a.b'), thing(2, 'k2', 'a.b'), thing(3, 'k1', 'e.f'));
  await record(thing(4, 'k1', 'c.d'), thing(5, 'k2'));
  expect((await stream.take(2)).map(({ id }) => id)).toEqual(['1', '4']);
  await stream.events.return(undefined);
  const quiet = await open('/events?after=0&keys=nobody');
  let text = '';
  for await (const bytes of quiet.body) {
    text += Buffer.from(bytes).toString();
    if (text.includes('heartbeat')) break;
  }
  expect(text).toMatch(/: heartbeat\nid: 5\n\n$/);
});

test('without a place to begin the stream begins with what comes', async () => {
  const { record, open, log } = await startEventServer();
  await record(thing(1));
  await log.waitBeyond(0n);
  const stream = await open('/events');
  await record(thing(2));
  expect((await stream.take(1)).map(({ id }) => id)).toEqual(['2']);
  await stream.events.return(undefined);
});

/** A fact about a thing of somebody, which that one may hear of. */
const bought = defineEvent({
  name: 'thing.bought',
  version: 1,
  summary: 'Somebody bought a thing',
  payload: z.object({ n: z.number(), userId: z.string() }),
  key: ({ n }) => String(n),
  forOwner: true,
});

test('a customer follows what is the own, of events that say so, and comes back to them', async () => {
  const { open, record } = await startEventServer({ events: [bought] });
  const of = (n: number, userId: string, name: string = bought.name) =>
    record({ ...thing(n, 'k', name), payload: { n, userId } });
  await of(1, eventReader);
  await of(2, 'somebody else');
  await of(3, eventReader, 'thing.judged');
  await of(4, eventReader);
  const as = ['customer'] as const;
  const first = await open('/events?after=0', { as });
  expect((await first.take(2)).map(({ id }) => id)).toEqual(['1', '4']);
  await first.events.return(undefined);
  await of(5, 'somebody else');
  await of(6, eventReader);
  const again = await open(`/events?names=${bought.name}`, {
    as,
    headers: { 'last-event-id': '1' },
  });
  expect((await again.take(2)).map(({ id }) => id)).toEqual(['4', '6']);
  await again.events.return(undefined);
  const foreign = await open('/events?names=thing.judged', { as });
  expect(foreign.status).toBe(403);
  expect(await new Response(foreign.body).json()).toMatchObject({ code: 'EVENT_NOT_FOR_CALLER' });
  // Staff who buy as well see what staff see.
  const both = await open('/events?after=0', { as: ['customer', 'support'] });
  expect(await both.take(6)).toHaveLength(6);
  await both.events.return(undefined);
});

test('customers never take the places of staff', async () => {
  const { open } = await startEventServer({ events: [bought], streams: { mostStreams: 2 } });
  const own = await open('/events', { as: ['customer'] });
  expect(own.status).toBe(200);
  expect((await open('/events', { as: ['customer'] })).status).toBe(503);
  const all = await open('/events');
  expect(all.status).toBe(200);
  await own.events.return(undefined);
  await all.events.return(undefined);
});

test('nobody else is let in', async () => {
  const { open } = await startEventServer();
  expect((await open('/events', { as: [] })).status).toBe(401);
  expect((await open('/events?after=minus')).status).toBe(400);
  expect((await open('/events', { headers: { 'last-event-id': 'x' } })).status).toBe(400);
});

test('more streams than allowed are turned away with a time to come back', async () => {
  const { open, record } = await startEventServer({ streams: { mostStreams: 1 } });
  const stream = await open('/events?after=0');
  const refused = await open('/events');
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  await stream.events.return(undefined);
  // The place is free again once the server has noticed that its client is gone.
  await record(thing(1));
  const second = await waitUntil('a free place', async () => {
    const opened = await open('/events?after=0');
    if (opened.status === 200) return opened;
    await opened.body.cancel();
    return null;
  });
  await second.events.return(undefined);
});

test('closing the server ends its streams', async () => {
  const { open, server, record } = await startEventServer();
  const stream = await open('/events?after=0');
  await record(thing(1));
  expect(await stream.take(1)).toHaveLength(1);
  const end = stream.take(1);
  await server.close();
  expect(await end).toEqual([]);
});

test('a client that does not read is cut off, and holds nothing up', async () => {
  const { record, base, open } = await startEventServer({ streams: { slowestMs: 100 } });
  const large = { text: 'x'.repeat(60_000) };
  await record(...Array.from({ length: 200 }, (_, n) => ({ ...thing(n), payload: large })));
  const { hostname, port } = new URL(base);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  socket.pause();
  socket.write(
    `GET /api/v1/events?after=0 HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer admin\r\n\r\n`,
  );
  const reading = await open('/events?after=0');
  expect(await reading.take(200)).toHaveLength(200);
  await reading.events.return(undefined);
  let received = 0;
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    received += bytes.length;
  });
  // Only reading finds the end of a connection; by now the server has closed its side.
  await waitUntil('the server to have cut it off', async () => {
    if (socket.destroyed) return true;
    const probe = await open('/events?after=0');
    await probe.take(200);
    await probe.events.return(undefined);
    socket.resume();
    return false;
  });
  expect(received).toBeLessThan(200 * 60_000);
});
