/** PostgreSQL reads binary arrays as what went in, whatever is in them. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { newId } from '../../kernel/ids.ts';
import { bigintArray, integerArray, textArray, uuidArray } from './binary-array.ts';

const { database } = await testDatabase();

async function read(type: string, value: Buffer): Promise<unknown> {
  const text = `select coalesce(json_agg(v::text), '[]') as list from unnest($1::${type}[]) as v`;
  return (await database.query<{ list: unknown }>(text, [value])).rows[0]?.list;
}

test('texts of every kind', async () => {
  const texts = ['', 'a', '{"k":"v \\" \\\\"}', 'é €  漢字 😀', 'NULL', '{}', 'x'.repeat(100_000)];
  expect(await read('text', textArray(texts))).toEqual(texts);
});

test('ids', async () => {
  const ids = [newId(), '00000000-0000-0000-0000-000000000000', newId()];
  expect(await read('uuid', uuidArray(ids))).toEqual(ids);
  const capitals = ids.map((id) => id.toUpperCase());
  expect(await read('uuid', uuidArray(capitals))).toEqual(ids);
});

test('numbers to the ends of their range', async () => {
  const integers = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)];
  expect(await read('integer', integerArray(integers))).toEqual(integers.map(String));
  const bigints = [0, -1, Number.MAX_SAFE_INTEGER, 2n ** 63n - 1n, -(2n ** 63n)];
  expect(await read('bigint', bigintArray(bigints))).toEqual(bigints.map(String));
});

test('empty ones', async () => {
  expect(await read('text', textArray([]))).toEqual([]);
  expect(await read('uuid', uuidArray([]))).toEqual([]);
  expect(await read('integer', integerArray([]))).toEqual([]);
  expect(await read('bigint', bigintArray([]))).toEqual([]);
});
