/** Counting is exact up to the cap, and looks no further. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { countCap } from '../kernel/page.ts';
import { cappedCount } from './capped-count.ts';
import { tables } from './tables.ts';

interface Shop {
  'shop.items': { id: number };
}

const { database } = await testDatabase();
await database.query('create schema shop');
await database.query('create table shop.items as select generate_series(1, $1::integer) as id', [
  countCap * 2,
]);

const countUpTo = (id: number) =>
  database.transaction((tx) =>
    cappedCount(tx, tables<Shop>(tx).selectFrom('shop.items').where('id', '<=', id)),
  );

test.each([
  [0, 0],
  [3, 3],
  [countCap, countCap],
  [countCap + 1, countCap + 1],
  [countCap * 2, countCap + 1],
])('of %i rows it counts %i', async (rows, counted) => {
  expect(await countUpTo(rows)).toBe(counted);
});
