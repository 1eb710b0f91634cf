/**
 * Counts for lists: exact up to the cap that all lists share, so that counting never scans a whole
 * table.
 */
import { type SelectQueryBuilder, sql } from 'kysely';
import { countCap } from '../kernel/page.ts';
import type { Transaction } from '../kernel/transaction.ts';
import { tables } from './tables.ts';

/** How many rows there are; one more than the cap stands for every larger number. */
export async function cappedCount<DB, Table extends keyof DB>(
  tx: Transaction,
  rows: SelectQueryBuilder<DB, Table, object>,
): Promise<number> {
  const capped = rows.select(sql<number>`1`.as('one')).limit(countCap + 1);
  const counted = sql<{ value: number }>`select count(*)::int as value from (${capped}) as capped`;
  const { rows: answers } = await counted.execute(tables(tx));
  return answers[0]!.value;
}
