/** Events are rows of their transaction, in their order; subscribers act in it or undo it. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import type { RecordedEvent } from '../kernel/event.ts';
import { newId } from '../kernel/ids.ts';
import { createOutbox, type EventSubscriber, eventMigrations } from './index.ts';

function event(name: string, payload: unknown = { it: 'happened' }): RecordedEvent {
  return {
    id: newId(),
    name,
    version: 1,
    key: 'k',
    payload,
    occurredAt: new Date('2026-01-31T12:00:00.123Z'),
    traceId: name === 'without.trace' ? null : 'a'.repeat(32),
  };
}

async function outbox(...subscribers: EventSubscriber[]) {
  const { database } = await testDatabase({ migrations: [eventMigrations] });
  const box = createOutbox({ subscribers });
  const stored = async () =>
    (
      await database.query<RecordedEvent>(
        `select id, name, version, key, payload, occurred_at as "occurredAt",
           trace_id as "traceId" from events.event order by position`,
      )
    ).rows;
  return { database, box, stored };
}

test.each([1, 2, 50])('%i events are stored as they are, in their order', async (count) => {
  const { database, box, stored } = await outbox();
  const odd = { text: 'ünï "quoted" \\ {}', list: [1, null, { deep: true }], amount: 99.99 };
  const events = Array.from({ length: count }, (_, index) => event(`thing.${index}`, odd));
  await database.transaction((tx) => box.append(tx, events));
  expect(await stored()).toEqual(events);
});

test('no events, no statement', async () => {
  const { box } = await outbox();
  const tx = {
    query: () => Promise.reject(new Error('expected no statement')),
    send: () => {
      throw new Error('expected no statement');
    },
    sendLast: () => {
      throw new Error('expected no statement');
    },
    afterCommit: () => undefined,
  };
  await box.append(tx, []);
});

test('an event without a trace, and one recorded twice', async () => {
  const { database, box, stored } = await outbox();
  const once = event('without.trace');
  await database.transaction((tx) => box.append(tx, [once]));
  await expect(database.transaction((tx) => box.append(tx, [once]))).rejects.toThrow(/unique/);
  expect(await stored()).toEqual([once]);
});

test('subscribers are told in turn, see the rows, and a failing one keeps everything out', async () => {
  const told: string[] = [];
  const see: EventSubscriber = async (tx, events) => {
    const { rows } = await tx.query('select 1 from events.event');
    told.push(`${events.length} of ${rows.length}`);
  };
  const { database, box, stored } = await outbox(see, see, () =>
    Promise.reject(new Error('the subscriber is not well')),
  );
  const failing = database.transaction((tx) => box.append(tx, [event('a.b'), event('c.d')]));
  await expect(failing).rejects.toThrow('not well');
  expect(told).toEqual(['2 of 2', '2 of 2']);
  expect(await stored()).toEqual([]);
});
