/** Sweeps out what is too old to come again from Kafka. */
import type { Database } from '../../postgres/index.ts';

/**
 * For so long a message that comes again is recognised, in days: twice what topics keep their messages
 * for unless told otherwise.
 */
const keptDays = 14;

/** Rows removed by one statement, so that none holds the table for long. */
const batch = 5_000;

const dayMs = 24 * 60 * 60 * 1000;

/** Removes old notes of received messages and of replays. Its cost follows what it removes. */
export async function purgeReceived(database: Database, now: Date): Promise<void> {
  const until = new Date(now.getTime() - keptDays * dayMs);
  for (const [table, moment] of [
    ['kafka.received', 'received_at'],
    ['kafka.replayed', 'replayed_at'],
  ]) {
    let removed: number;
    do {
      ({ rowCount: removed } = await database.query(
        `delete from ${table} where ctid = any(array(
           select ctid from ${table} where ${moment} < $1 limit ${batch}))`,
        [until],
      ));
    } while (removed === batch);
  }
}
