/** Forgets expired idempotency keys. */
import type { TransactionRunner } from '../../kernel/transaction.ts';
import { deleteInBatches } from '../delete-in-batches.ts';

/**
 * Removes expired idempotency keys and returns how many. To be called now and then; an expired key is
 * never honoured, so nothing depends on when.
 */
export function purgeIdempotencyKeys(database: TransactionRunner, now: Date): Promise<number> {
  const rows = { table: 'http.idempotency_key', key: 'scope, key', column: 'expires_at' };
  return deleteInBatches(database, rows, now);
}
