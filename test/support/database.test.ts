/** The databases of tests: separate, made from one template, and strict about leaked connections. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from './database.ts';
import { waitUntil } from './wait-until.ts';

async function migrations(sql: string) {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, '000001_items.sql'), sql);
  return { migrations: [{ schema: 'shop', folder: pathToFileURL(folder) }] };
}

test('each is a clone of its own, of a template that is made once', async () => {
  const options = await migrations('create table items (id uuid); -- each a clone');
  const [one, two] = await Promise.all([testDatabase(options), testDatabase(options)]);
  await one.database.query('insert into shop.items values (gen_random_uuid())');
  expect((await two.database.query('select * from shop.items')).rows).toEqual([]);
  // One that another worker is making just now goes, too.
  await waitUntil('no draft to be left', async () => {
    const { rowCount } = await two.database.query(
      `select 1 from pg_database where datname like 'template\\_%\\_draft'`,
    );
    return rowCount === 0;
  });
});

test('other migrations make another template', async () => {
  const first = await testDatabase(await migrations('create table items (a integer)'));
  const second = await testDatabase(await migrations('create table items (b integer)'));
  await first.database.query('select a from shop.items');
  await second.database.query('select b from shop.items');
});

test('a connection that was not given back fails the test', async () => {
  const { database, close } = await testDatabase();
  const leaked = await database.connect();
  await expect(close()).rejects.toThrow(/found 1 still taken out/);
  leaked.release();
});

test('is dropped when closed', async () => {
  const kept = await testDatabase();
  const { name, close } = await testDatabase();
  await close();
  await close();
  const { rows } = await kept.database.query('select 1 from pg_database where datname = $1', [
    name,
  ]);
  expect(rows).toEqual([]);
});
