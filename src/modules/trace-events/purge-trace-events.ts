/** Removing trace events by age. To be called by a timer, again while `more` is true. */
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { deleteTraceEvents } from './store.ts';

/** Removes at most `limit` events from before a moment, the oldest first. */
export async function purgeTraceEvents(
  context: TransactionalContext,
  { before, limit }: { readonly before: string; readonly limit: number },
): Promise<{ purged: number; more: boolean }> {
  const purged = await deleteTraceEvents(context.tx, new Date(before), limit);
  return { purged, more: purged === limit };
}
