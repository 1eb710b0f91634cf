/** Deletes many rows in short transactions, so that a long table is never held for long. */
import type { TransactionRunner } from '../kernel/transaction.ts';

/** Rows removed in one transaction. */
const batch = 5_000;

/**
 * Deletes the rows of `table` whose `column` is not after `until`, and returns how many. `key` names
 * the table's key columns. Safe to run beside itself and beside writers.
 */
export async function deleteInBatches(
  database: TransactionRunner,
  rows: { readonly table: string; readonly key: string; readonly column: string },
  until: Date,
): Promise<number> {
  const { table, key, column } = rows;
  let removed = 0;
  for (;;) {
    const { rowCount } = await database.transaction((tx) =>
      tx.query(
        `delete from ${table} where (${key}) in (
           select ${key} from ${table} where ${column} <= $1 limit ${batch} for update skip locked)`,
        [until],
      ),
    );
    removed += rowCount;
    if (rowCount < batch) return removed;
  }
}
