/** Forgets old webhook receipts. */
import type { TransactionRunner } from '../../kernel/transaction.ts';
import { deleteInBatches } from '../delete-in-batches.ts';

/** How long a delivery is recognised as a repeat, and kept to be looked at: longer than senders retry. */
export const receiptsKeptMs = 90 * 24 * 60 * 60 * 1000;

/** Removes receipts that are older than that, and returns how many. To be called now and then. */
export function purgeWebhookReceipts(database: TransactionRunner, now: Date): Promise<number> {
  const rows = { table: 'http.webhook_receipt', key: 'id', column: 'received_at' };
  return deleteInBatches(database, rows, new Date(now.getTime() - receiptsKeptMs));
}
