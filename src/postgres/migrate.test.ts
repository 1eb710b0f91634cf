/** Migrations on the real PostgreSQL: order, refusals, rollback, and two nodes at once. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import type { MigrationSet } from './migration-files.ts';

/** A folder of migrations that can be rewritten, as a new release would. */
async function release(schema: string, files: Record<string, string>): Promise<MigrationSet> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [file, sql] of Object.entries(files)) await writeFile(join(folder, file), sql);
  return { schema, folder: pathToFileURL(folder) };
}

const first = {
  '000001_items.sql': 'create table items (id integer);\ninsert into items values (1);',
};
const second = { '000002_names.sql': 'alter table items add column name text;' };

test('runs what is missing, in order, each in the schema of its owner', async () => {
  const { database } = await testDatabase();
  const shop = await release('shop', { ...second, ...first });
  const stock = await release('stock', { '000001_items.sql': 'create table items (n integer)' });
  expect(await migrate(database, [shop, stock])).toEqual([
    'shop/000001_items.sql',
    'shop/000002_names.sql',
    'stock/000001_items.sql',
  ]);
  expect((await database.query('select id, name from shop.items')).rows).toEqual([
    { id: 1, name: null },
  ]);
  expect((await database.query('select n from stock.items')).rows).toEqual([]);
  expect(await migrate(database, [shop, stock])).toEqual([]);
});

test('runs only the new files of a new release', async () => {
  const { database } = await testDatabase();
  await migrate(database, [await release('shop', first)]);
  const next = await release('shop', { ...first, ...second });
  expect(await migrate(database, [next])).toEqual(['shop/000002_names.sql']);
});

test('costs one query when there is nothing to do', async () => {
  const { database } = await testDatabase();
  const shop = await release('shop', first);
  await migrate(database, [shop]);
  const texts: string[] = [];
  const counting = {
    ...database,
    query: <Row>(text: string, values?: readonly unknown[]) => {
      texts.push(text);
      return database.query<Row>(text, values);
    },
    connect: () => expect.unreachable('no connection is needed'),
  };
  await migrate(counting, [shop]);
  expect(texts).toHaveLength(1);
});

test('refuses a released file that was edited, naming file, both checksums and the way out', async () => {
  const { database } = await testDatabase();
  await migrate(database, [await release('shop', first)]);
  const edited = await release('shop', { '000001_items.sql': 'create table items (id bigint)' });
  await expect(migrate(database, [edited])).rejects.toThrow(
    /shop\/000001_items\.sql was changed.*expected checksum [0-9a-f]{64}.*found [0-9a-f]{64}; restore/s,
  );
});

test('the same file with the line ends of another system is the same file', async () => {
  const { database } = await testDatabase();
  await migrate(database, [await release('shop', first)]);
  const sql = first['000001_items.sql'].replaceAll('\n', '\r\n');
  const windows = await release('shop', { '000001_items.sql': sql });
  expect(await migrate(database, [windows])).toEqual([]);
});

test('tolerates a newer database, unless the newer migration is breaking', async () => {
  const { database } = await testDatabase();
  const old = await release('shop', first);
  await migrate(database, [await release('shop', { ...first, ...second })]);
  expect(await migrate(database, [old])).toEqual([]);
  const breaking = { '000003_gone.sql': '--! breaking\nalter table items drop column name;' };
  await migrate(database, [await release('shop', { ...first, ...second, ...breaking })]);
  await expect(migrate(database, [old])).rejects.toThrow(
    /newer than this program.*shop\/000003_gone\.sql.*start the newer version/s,
  );
});

test('a failing file leaves nothing of itself, keeps those before it, and says where it failed', async () => {
  const { database } = await testDatabase();
  const broken = await release('shop', {
    ...first,
    '000002_names.sql': 'create table half (id integer);\nselect\n  nonsense;',
  });
  await expect(migrate(database, [broken])).rejects.toThrow(
    /shop\/000002_names\.sql failed and was rolled back at line 3: .*nonsense/,
  );
  expect((await database.query(`select to_regclass('shop.half') as half`)).rows).toEqual([
    { half: null },
  ]);
  expect((await database.query('select id from shop.items')).rows).toHaveLength(1);
  const mended = await release('shop', { ...first, ...second });
  expect(await migrate(database, [mended])).toEqual(['shop/000002_names.sql']);
});

test('two nodes that start together migrate once', async () => {
  const { database, connectionString } = await testDatabase();
  const other = openDatabase({ connectionString, maxConnections: 2, applicationName: 'other' });
  onTestFinished(() => other.close());
  const shop = await release('shop', { ...first, ...second });
  const runs = await Promise.all([
    migrate(database, [shop]),
    migrate(other, [shop]),
    migrate(database, [shop]),
  ]);
  expect(runs.flat().sort()).toEqual(['shop/000001_items.sql', 'shop/000002_names.sql']);
});

test('refuses gaps, bad names, bad schemas and two folders for one schema', async () => {
  const { database } = await testDatabase();
  const refused: [MigrationSet[], RegExp][] = [
    [[await release('shop', { ...second })], /expected a file 000001_name\.sql, found 000002/],
    [[await release('shop', { '1.sql': '' })], /expected a file 000001_name\.sql, found 1\.sql/],
    [[await release('Shop"', first)], /expected a snake_case schema name/],
    [[await release('shop', first), await release('shop', first)], /two for "shop"/],
  ];
  for (const [sets, message] of refused) {
    await expect(migrate(database, sets)).rejects.toThrow(message);
  }
});

test('takes a folder with and without a final slash', async () => {
  const { database } = await testDatabase();
  const shop = await release('shop', first);
  await mkdir(new URL(`${shop.folder.href}/ignored`));
  const withSlash = { schema: 'shop', folder: new URL(`${shop.folder.href}/`) };
  expect(await migrate(database, [withSlash])).toEqual(['shop/000001_items.sql']);
});
