/** Typed queries inside a transaction: same rows, same fate. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { tables } from './tables.ts';

interface Shop {
  'shop.items': { id: number; name: string; price: string };
}

const { database } = await testDatabase();
await database.query('create schema shop');
await database.query('create table shop.items (id integer, name text, price numeric)');

test('reads and writes in the transaction it was given', async () => {
  const answers = await database.transaction(async (tx) => {
    const db = tables<Shop>(tx);
    const inserted = await db
      .insertInto('shop.items')
      .values({ id: 1, name: 'pen', price: '1.20' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const updated = await db
      .updateTable('shop.items')
      .set({ name: 'ink' })
      .where('id', '=', 1)
      .executeTakeFirstOrThrow();
    const found = await db.selectFrom('shop.items').selectAll().execute();
    return { inserted, changed: updated.numUpdatedRows, found };
  });
  expect(answers).toEqual({
    inserted: { id: 1 },
    changed: 1n,
    found: [{ id: 1, name: 'ink', price: '1.20' }],
  });
});

test('vanishes with the transaction', async () => {
  const attempt = database.transaction(async (tx) => {
    await tables<Shop>(tx).deleteFrom('shop.items').execute();
    throw new Error('no');
  });
  await expect(attempt).rejects.toThrow('no');
  expect((await database.query('select id from shop.items')).rows).toEqual([{ id: 1 }]);
});

test('is made once per transaction', async () => {
  await database.transaction(async (tx) => {
    expect(tables<Shop>(tx)).toBe(tables<Shop>(tx));
  });
});

test('refuses what would leave the transaction', async () => {
  await database.transaction(async (tx) => {
    const db = tables<Shop>(tx);
    await expect(db.transaction().execute(async () => 1)).rejects.toThrow(/database\.transaction/);
    const stream = db.selectFrom('shop.items').selectAll().stream();
    await expect(stream.next()).rejects.toThrow(/found `stream`/);
  });
});
