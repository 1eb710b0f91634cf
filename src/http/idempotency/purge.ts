/** Forgets expired idempotency keys. */
import type { TransactionRunner } from '../../kernel/transaction.ts';

/** Rows removed in one transaction, so that a long table is never held for long. */
const batch = 5_000;

/**
 * Removes expired idempotency keys and returns how many. To be called now and then; an expired key is
 * never honoured, so nothing depends on when.
 */
export async function purgeIdempotencyKeys(
  database: TransactionRunner,
  now: Date,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await database.transaction((tx) =>
      tx.query(
        `delete from http.idempotency_key where (scope, key) in (
           select scope, key from http.idempotency_key where expires_at <= $1
           limit ${batch} for update skip locked)`,
        [now],
      ),
    );
    removed += rowCount;
    if (rowCount < batch) return removed;
  }
}
