/**
 * Kept messages, and the waits that they meet. Which message goes to which wait is decided by functions of
 * the database (`engine.keep_messages`, `engine.match_messages`, `engine.match_waits`), which cost the same
 * however many waits and messages there are: each look is by an index, oldest first.
 */
import type { Transaction } from '../../kernel/transaction.ts';
import { textArray, uuidArray } from './binary-array.ts';
import type { Statements } from './commit-group.ts';

/** A wait for a message, open in the database. */
export interface OpenWait {
  readonly process: string;
  readonly instanceId: string;
  readonly n: number;
  readonly on: string;
  readonly message: string;
  readonly key: string;
}

/** A kept message and a wait that it meets. */
export interface Match extends OpenWait {
  readonly messageId: string;
  readonly payload: unknown;
  /** Other messages may be kept that only this wait can take; it has to be looked for again if it goes on. */
  readonly mayHaveMore: boolean;
}

/** A message to be kept under one of its keys. */
export interface MessageRow {
  readonly id: string;
  readonly process: string;
  readonly name: string;
  readonly key: string;
  readonly payload: string;
}

/** Where a kept message stands among all of them. */
export interface MessagePlace {
  readonly id: string;
  readonly process: string;
  readonly name: string;
  readonly key: string;
}

/**
 * A wait for each of these messages that nobody has taken, oldest message and oldest instance first; of
 * several messages with one key each has a wait of its own. Of the waits, only those of the given shards;
 * null: of all.
 */
export async function matchMessages(
  db: Statements,
  ids: readonly string[],
  shards: readonly number[] | null,
): Promise<readonly Match[]> {
  const { rows } = await db.query<{
    id: string;
    process: string;
    name: string;
    payload: string;
    instance_id: string;
    n: number;
    node: string;
    key: string;
    crowded: boolean;
  }>('select * from engine.match_messages($1, $2)', [uuidArray(ids), shards]);
  return rows.map((row) => ({
    messageId: row.id,
    process: row.process,
    instanceId: row.instance_id,
    n: row.n,
    on: row.node,
    message: row.name,
    payload: JSON.parse(row.payload) as unknown,
    key: row.key,
    mayHaveMore: row.crowded,
  }));
}

/** A message for each of these waits, the oldest that nobody has taken; each message is given once. */
export async function matchWaits(
  db: Statements,
  waits: readonly OpenWait[],
): Promise<readonly Match[]> {
  const oldestFirst = waits.toSorted((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
  const { rows } = await db.query<{ place: number; id: string; payload: string }>(
    'select * from engine.match_waits($1, $2, $3)',
    [
      textArray(oldestFirst.map(({ message }) => message)),
      textArray(oldestFirst.map(({ key }) => key)),
      textArray(oldestFirst.map(({ process }) => process)),
    ],
  );
  return rows.flatMap(({ place, id, payload }) => {
    const wait = oldestFirst[place - 1];
    if (!wait) return [];
    return [{ ...wait, messageId: id, payload: JSON.parse(payload) as unknown, mayHaveMore: true }];
  });
}

/** Messages that nobody has taken, from a place on, so many at most. */
export async function readKeptMessages(
  db: Statements,
  after: MessagePlace | null,
  limit: number,
): Promise<readonly MessagePlace[]> {
  const { name = '', key = '', process = '', id = firstId } = after ?? {};
  const { rows } = await db.query<MessagePlace>(
    `select id, process, name, key from engine.message
      where taken_at is null and (name, key, process, id) > ($1, $2, $3, $4)
      order by name, key, process, id limit $5`,
    [name, key, process, id, limit],
  );
  return rows;
}

const firstId = '00000000-0000-0000-0000-000000000000';

/** When messages came, how long they are kept, and who is told of the waits that they meet. */
export interface Keeping {
  readonly receivedAt: Date;
  readonly expiresAt: Date;
  /**
   * Told of the waits that stood open when the messages were written, before the commit is known: each message
   * has a wait of its own. A wait that opens at that moment may be missing, so those that met none have to be
   * looked for once more after the commit.
   */
  readonly met: (matches: readonly Match[]) => void;
  /** True: it is told while the commit is made durable, and not with it. */
  readonly early?: boolean;
}

/** Keeps a message under each of its keys. A message with a known id is not kept again, and meets nothing. */
export function keepMessages(
  tx: Transaction,
  rows: readonly MessageRow[],
  { receivedAt, expiresAt, met, early = false }: Keeping,
): void {
  tx.send<MetRow>(
    'select * from engine.keep_messages($1, $2, $3, $4, $5, $6, $7)',
    [
      uuidArray(rows.map((row) => row.id)),
      textArray(rows.map((row) => row.process)),
      textArray(rows.map((row) => row.name)),
      textArray(rows.map((row) => row.key)),
      textArray(rows.map((row) => row.payload)),
      receivedAt,
      expiresAt,
    ],
    { answered: (found) => met(matchesOf(rows, found)), early },
  );
}

interface MetRow {
  readonly id: string;
  readonly process: string;
  readonly key: string;
  readonly instance_id: string;
  readonly n: number;
  readonly node: string;
  readonly crowded: boolean;
}

function matchesOf(rows: readonly MessageRow[], found: readonly MetRow[]): readonly Match[] {
  if (found.length === 0) return [];
  // Of the rows with one id any will do: they are one message.
  const byId = new Map(rows.map((row) => [row.id, row]));
  const matches: Match[] = [];
  for (const { id, process, key, instance_id: instanceId, n, node: on, crowded } of found) {
    const row = byId.get(id);
    if (!row) continue;
    const payload = JSON.parse(row.payload) as unknown;
    const { name: message } = row;
    matches.push({
      ...{ process, instanceId, n, on, message, key },
      ...{ messageId: id, payload, mayHaveMore: crowded },
    });
  }
  return matches;
}

/** Removes messages that nobody took in time, and taken ones that are past recognising. */
export async function deleteExpiredMessages(db: Statements, now: Date): Promise<number> {
  const { rowCount } = await db.query('delete from engine.message where expires_at < $1', [now]);
  return rowCount;
}
