/** What is past its time goes, now and then and not with every round; what is not stays. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import { keepMessages } from '../store/message-store.ts';
import { virtualClock } from '../testing/virtual-clock.ts';
import { HouseKeeping } from './house-keeping.ts';

test('messages that nobody took in time are removed, looked for once a minute', async () => {
  const { database } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../store/migrations/', import.meta.url) }],
  });
  const clock = virtualClock('2026-03-01T12:00:00.000Z');
  const keep = async (key: string, expiresInMs: number) => {
    const receivedAt = clock.now();
    const expiresAt = new Date(receivedAt.getTime() + expiresInMs);
    const row = { id: newId(), process: 'p', name: 'm', key, payload: '1' };
    await database.transaction(async (tx) => {
      keepMessages(tx, [row], { receivedAt, expiresAt, met: (found) => expect(found).toEqual([]) });
    });
  };
  const kept = async () => {
    const { rows } = await database.query<{ key: string }>(
      'select key from engine.message order by key',
    );
    return rows.map(({ key }) => key);
  };
  const houseKeeping = new HouseKeeping(database, clock);
  await keep('past', -1);
  await keep('soon', 10_000);
  await keep('late', 3_600_000);
  await houseKeeping.keep();
  expect(await kept()).toEqual(['late', 'soon']);
  clock.advanceBy(30_000);
  await houseKeeping.keep();
  expect(await kept()).toEqual(['late', 'soon']);
  clock.advanceBy(30_000);
  await houseKeeping.keep();
  expect(await kept()).toEqual(['late']);
});
