/**
 * Pages of lists whose order is that of one column, mostly of ids, which grow with time. A page begins
 * behind the last row of the one before, so that it costs the same wherever it lies.
 */
import { type SelectQueryBuilder, sql } from 'kysely';
import type { Transaction } from '../kernel/transaction.ts';
import { cappedCount } from './capped-count.ts';

/** Which page of which rows. */
export interface KeysetPage<DB, Table extends keyof DB> {
  /** All rows of the list: a table with the conditions of its filter. */
  readonly rows: SelectQueryBuilder<DB, Table, object>;
  /** The column that orders them; no two rows have the same value. */
  readonly by: string;
  /** @defaultValue 'desc': what is newest comes first */
  readonly order?: 'asc' | 'desc';
  /** The value of the last row of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/**
 * Reads a page with one row more than `limit`, which tells `toPage` whether there is another page, and counts
 * the rows of all pages, up to the cap of `cappedCount`.
 */
export async function readKeysetPage<DB, Table extends keyof DB, Row>(
  tx: Transaction,
  { rows, by, order = 'desc', after, limit }: KeysetPage<DB, Table>,
  select: (page: SelectQueryBuilder<DB, Table, object>) => SelectQueryBuilder<DB, Table, Row>,
): Promise<{ found: Row[]; counted: number }> {
  const key = sql.ref(by);
  const behind = sql.raw(order === 'desc' ? '<' : '>');
  const page = after === undefined ? rows : rows.where(sql<boolean>`${key} ${behind} ${after}`);
  const found = await select(page)
    .orderBy(key, order)
    .limit(limit + 1)
    .execute();
  return { found, counted: await cappedCount(tx, rows) };
}
