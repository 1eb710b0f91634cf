/** Pages lead through a list in both orders, each row once, and count all that the filter leaves. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { readKeysetPage } from './keyset-page.ts';
import { tables } from './tables.ts';

interface Shop {
  'shop.items': { id: string; shelf: number };
}

const { database } = await testDatabase();
await database.query('create schema shop');
await database.query(
  'create table shop.items as select chr(96 + n) as id, n % 2 as shelf from generate_series(1, 10) as n',
);

const read = (order: 'asc' | 'desc', after: string | undefined) =>
  database.transaction((tx) => {
    const rows = tables<Shop>(tx).selectFrom('shop.items as item').where('item.shelf', '=', 1);
    const page = { rows, by: 'item.id', order, after, limit: 2 };
    return readKeysetPage(tx, page, (found) => found.select('item.id as name'));
  });

test.each([
  ['asc', ['a', 'c', 'e', 'g', 'i']],
  ['desc', ['i', 'g', 'e', 'c', 'a']],
] as const)('%s', async (order, expected) => {
  const seen: string[] = [];
  for (let more = true; more; ) {
    const { found, counted } = await read(order, seen.at(-1));
    expect(counted).toBe(5);
    seen.push(...found.slice(0, 2).map(({ name }) => name));
    more = found.length > 2;
  }
  expect(seen).toEqual(expected);
});
