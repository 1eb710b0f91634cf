/** Connections taken out of the pool: notifications, own transactions, and what goes back. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';

const { database } = await testDatabase({ maxConnections: 3 });
await database.query('create table notes (id integer primary key)');

async function backendOf(connection: { query: typeof database.query }): Promise<unknown> {
  const { rows } = await connection.query('select pg_backend_pid() as pid');
  return rows[0]?.pid;
}

test('hears the notifications of committed transactions, in their order', async () => {
  const connection = await database.connect();
  const heard: string[] = [];
  const done = Promise.withResolvers<void>();
  await connection.listen('wake "up"', (payload) => {
    heard.push(payload);
    if (payload === 'last') done.resolve();
  });
  const notify = (payload: string) =>
    database.transaction(async (tx) => {
      await tx.query('select pg_notify($1, $2)', ['wake "up"', payload]);
      if (payload === 'rolled back') throw new Error('no');
    });
  await notify('first');
  await notify('rolled back').catch(() => undefined);
  await notify('last');
  await done.promise;
  expect(heard).toEqual(['first', 'last']);
  connection.release();
});

test('commits and rolls back on demand', async () => {
  const connection = await database.connect();
  await connection.begin();
  await connection.query('insert into notes values ($1)', [1]);
  await connection.rollback();
  await connection.begin();
  await connection.query('insert into notes values ($1)', [2]);
  await connection.commit();
  connection.release();
  expect((await database.query('select id from notes')).rows).toEqual([{ id: 2 }]);
});

test('a commit that PostgreSQL turned into a rollback rejects', async () => {
  const connection = await database.connect();
  await connection.begin();
  await connection.query('select 1/0').catch(() => undefined);
  await expect(connection.commit()).rejects.toThrow(/found ROLLBACK/);
  connection.release();
});

test('a clean connection goes back into the pool, one with session state does not', async () => {
  const clean = await database.connect();
  const pid = await backendOf(clean);
  clean.release();
  clean.release();
  const again = await database.connect();
  expect(await backendOf(again)).toBe(pid);
  await again.listen('anything', () => undefined);
  again.release();
  const third = await database.connect();
  expect(await backendOf(third)).not.toBe(pid);
  await third.begin();
  const thirdPid = await backendOf(third);
  third.release();
  const fourth = await database.connect();
  expect(await backendOf(fourth)).not.toBe(thirdPid);
  fourth.release({ close: true });
  expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
});

test('tells once that the server went away, also those who ask later', async () => {
  const connection = await database.connect();
  const lost = Promise.withResolvers<Error>();
  let times = 0;
  connection.onLost((error) => {
    times += 1;
    lost.resolve(error);
  });
  await database.query('select pg_terminate_backend($1)', [await backendOf(connection)]);
  await lost.promise;
  await expect(connection.query('select 1')).rejects.toThrow();
  let late: Error | undefined;
  connection.onLost((error) => {
    late = error;
  });
  expect(late).toBeInstanceOf(Error);
  expect(times).toBe(1);
  connection.release();
});

test('refuses to be used after its release', async () => {
  const connection = await database.connect();
  connection.release();
  await expect(connection.query('select 1')).rejects.toThrow(/found one that was released/);
});
