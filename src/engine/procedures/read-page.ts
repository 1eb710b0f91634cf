/** One keyset page of an engine table: its rows by id, and how many there are up to the cap. */
import { countCap } from '../../kernel/page.ts';
import type { Transaction } from '../../kernel/transaction.ts';

/** What is read. Texts are SQL of the program's own; everything from outside is in `values`. */
export interface PageQuery {
  /** @defaultValue * */
  readonly columns?: string;
  readonly from: string;
  /** Names `values` as `$1`, `$2`, … */
  readonly where: string;
  readonly values: readonly unknown[];
  readonly order: 'oldest first' | 'newest first';
  /** Id of the last row of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** The rows of a page, with one more when there is more, and the capped count of all of them. */
export async function readPage<Row>(
  tx: Transaction,
  { columns = '*', from, where, values, order, after, limit }: PageQuery,
): Promise<{ rows: readonly Row[]; counted: number }> {
  const [isAfter, direction] = order === 'oldest first' ? ['>', 'asc'] : ['<', 'desc'];
  const [afterAt, limitAt] = [`$${values.length + 1}`, `$${values.length + 2}`];
  const [{ rows }, counted] = await Promise.all([
    tx.query<Row>(
      `select ${columns} from ${from}
        where ${where} and (${afterAt}::uuid is null or id ${isAfter} ${afterAt})
        order by id ${direction} limit ${limitAt}`,
      [...values, after ?? null, limit + 1],
    ),
    tx.query<{ n: number }>(
      `select count(*)::int as n from (
         select 1 from ${from} where ${where} limit ${countCap + 1}) as c`,
      values,
    ),
  ]);
  return { rows, counted: counted.rows[0]?.n ?? 0 };
}
