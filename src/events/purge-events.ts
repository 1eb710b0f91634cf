/**
 * Retention: takes old events out of the log, oldest first, in short transactions. What somebody still
 * needs stays, however old: events that a consumer group has not handled, that wait as dead letters, or
 * that a webhook has still to deliver. A group that nobody runs any more holds them too, until it is
 * deleted or sent forward; that is the way to say that they may go.
 */
import type { Database } from '../postgres/index.ts';

/** Events looked at in one transaction. */
const batch = 5_000;

interface Purged {
  readonly last: string | null;
  readonly old: number;
  readonly looked: number;
  readonly removed: number;
}

/** Removes events that occurred before `until` and that nobody needs; gives how many. */
export async function purgeEvents(database: Database, until: Date): Promise<number> {
  let after = '0';
  let removed = 0;
  for (;;) {
    const { rows } = await database.query<Purged>(purgeBatch, [after, until]);
    const { last, old, looked, removed: now } = rows[0]!;
    removed += now;
    // Moments grow with positions but for overlapping transactions: no old one here, none behind.
    if (last === null || old === 0 || looked < batch) return removed;
    after = last;
  }
}

const purgeBatch = `
  with needed as (
    select least(
      coalesce((select min(position) from events.consumer_group), 9223372036854775807),
      coalesce((select min(position) - 1 from events.webhook_delivery where status = 'pending'),
        9223372036854775807)) as up_to),
  looked as materialized (
    select position, occurred_at < $2 as old from events.event
     where position > $1 and position <= (select up_to from needed)
     order by position limit ${batch}),
  removed as (
    delete from events.event e using looked l
     where e.position = l.position and l.old
       and not exists (select 1 from events.dead_letter d where d.position = e.position)
    returning 1)
  select (select max(position) from looked) as last,
         (select count(*)::int from looked where old) as old,
         (select count(*)::int from looked) as looked,
         (select count(*)::int from removed) as removed`;

/** Removes deliveries of webhooks that were settled before `until`, with their log; gives how many. */
export async function purgeDeliveries(database: Database, until: Date): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await database.query(
      `delete from events.webhook_delivery where id in (
         select id from events.webhook_delivery where settled_at < $1
          order by settled_at limit ${batch} for update skip locked)`,
      [until],
    );
    removed += rowCount;
    if (rowCount < batch) return removed;
  }
}
