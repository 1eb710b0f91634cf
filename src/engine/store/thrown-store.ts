/**
 * What processes throw to others. A thrown message or signal is a row, written with the transition that
 * threw it and taken away in the transaction that publishes it, so that it is published once whatever
 * dies in between. A signal's hearers have it in their inboxes in the thrower's own commit already.
 */
import type { Statements } from './commit-group.ts';
import { type InboxRow, toInboxRow } from './inbox-store.ts';

/** What is to be published. */
export interface Thrown {
  readonly id: string;
  readonly kind: 'message' | 'signal';
  readonly name: string;
  readonly payload: unknown;
  readonly traceId: string;
}

/** Takes what was thrown, to publish it in the same transaction; null when somebody else did. */
export async function takeThrown(tx: Statements, id: string): Promise<Thrown | null> {
  const { rows } = await tx.query<Omit<Thrown, 'payload'> & { payload: string }>(
    `delete from engine.thrown where id = $1
     returning id, kind, name, payload, trace_id as "traceId"`,
    [id],
  );
  const [row] = rows;
  return row ? { ...row, payload: JSON.parse(row.payload) as unknown } : null;
}

/** Ids of what was thrown before a moment and not published, oldest first. */
export async function loadThrown(
  db: Statements,
  before: Date,
  limit: number,
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from engine.thrown where thrown_at < $1 order by id limit $2',
    [before, limit],
  );
  return rows.map(({ id }) => id);
}

/**
 * Puts a signal into the inbox of each instance that waits for it now, once for each of its waits; gives
 * how many waits that were.
 */
export async function broadcast(
  tx: Statements,
  { id, signal, payload, at }: { id: string; signal: string; payload: unknown; at: Date },
): Promise<number> {
  const { rows } = await tx.query<{ heard: number }>(
    'select engine.broadcast($1, null, $2, $3, $4) as heard',
    [id, signal, JSON.stringify(payload), at],
  );
  return Number(rows[0]?.heard ?? 0);
}

/**
 * Inbox rows of one broadcast behind an id, in their order. Their ids begin as the broadcast's own; a row
 * of something else that happens to begin alike does no harm.
 */
export async function loadHearers(
  db: Statements,
  broadcastId: string,
  after: string | null,
  limit: number,
): Promise<readonly InboxRow[]> {
  const prefix = broadcastId.slice(0, 18);
  const { rows } = await db.query<Parameters<typeof toInboxRow>[0]>(
    `select id, instance_id, event, asked_by from engine.inbox
      where refused_at is null and id >= $1 and id <= $2 and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [`${prefix}-0000-000000000000`, `${prefix}-ffff-ffffffffffff`, after, limit],
  );
  return rows.map(toInboxRow);
}
