/**
 * Writes a group of commit records with one statement. The statement checks every lease and every
 * revision, and is refused as a whole when one does not hold.
 */
import type { QueryResult, Transaction } from '../../kernel/transaction.ts';
import { bigintArray, integerArray, textArray, uuidArray } from './binary-array.ts';
import { type CommitRecord, type MoreRows, mergeRows } from './commit-record.ts';
import type { CountChange, RareRows } from './instance-facts.ts';

/** A node's claim on a shard. */
export interface Lease {
  readonly shard: number;
  readonly epoch: bigint;
}

/** Anything that runs one statement: a connection, a pool, an open transaction. */
export interface Statements {
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
}

/** A shard's lease was lost: this node must write nothing more under it. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** Ids that a message names: each record of a group is refused with it. */
const mostNamed = 5;

/** Some instances have moved on without us; the others of the group were not written either. */
export class StaleInstances extends Error {
  override readonly name = 'StaleInstances';
  readonly ids: readonly string[];
  constructor(ids: readonly string[], cause: unknown) {
    const named = ids.slice(0, mostNamed).join(', ');
    const others = ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : '';
    super(`instances are not at the expected revision: ${named}${others}`, { cause });
    this.ids = ids;
  }
}

/**
 * True when PostgreSQL was there and would not take what was to be written: values it cannot hold, a
 * broken constraint, a deadlock. The same again would not be taken either, unlike after a lost
 * connection.
 */
export function isRefusedByData(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^(21|22|23|25|40|42|44|54|P0)[0-9A-Z]{3}$/.test(code);
}

const statement =
  'select engine.commit_group($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29)';

/** Commits records under the leases of a node, which are in the order of their shards. New instances need no lease. */
export async function commitGroup(
  db: Statements,
  node: string | null,
  leases: readonly Lease[],
  records: readonly CommitRecord[],
): Promise<void> {
  try {
    await db.query(statement, parameters(node, leases, records));
  } catch (error) {
    throw translated(error);
  }
}

/** Writes records with a transaction, without waiting for the answer: a refusal fails its commit. */
export function sendGroup(
  tx: Transaction,
  node: string | null,
  leases: readonly Lease[],
  records: readonly CommitRecord[],
): void {
  tx.send(statement, parameters(node, leases, records), { explain: translated });
}

const startStatement = `
  with begun as (
    insert into engine.instance (id, shard, process, version, business_key, status, revision, state,
                                 trace_id, start_key, started_at, moved_at)
    values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $10)
  ), counted as (
    insert into engine.count_change (at, changes) values ($10, $12)
  )
  insert into engine.history (instance_id, from_seq, at, entries) values ($1, 1, $10, $11)`;

const waitStatement = `
  insert into engine.message_wait (instance_id, n, node, process, message, key, shard)
  values ($1, $2, $3, $4, $5, $6, $7)`;

/**
 * Writes a new instance with a transaction, without waiting for the answer. The usual start, which
 * runs its first step and waits at most for messages, goes by plain statements, since it belongs to
 * the hottest path, the placing of an order; any other one is written as a group.
 */
export function sendStart(tx: Transaction, record: CommitRecord): void {
  const { starts = [], messageWaits = [], ...others } = record.more ?? {};
  const [start] = starts;
  const counts = countChanges([record]);
  const isUsual =
    starts.length === 1 &&
    Object.keys(others).length === 0 &&
    record.rare.length === 0 &&
    counts !== null;
  if (!start || !isUsual || start.facts.status !== 'running' || start.facts.parentId !== null) {
    sendGroup(tx, null, [], [record]);
    return;
  }
  const { shard, process, version, businessKey, status, traceId, startKey } = start.facts;
  tx.send(startStatement, [
    start.id,
    shard,
    process,
    version,
    businessKey,
    status,
    start.state,
    traceId,
    startKey,
    new Date(record.at),
    start.entries,
    counts,
  ]);
  for (const { id, n, node, message, key } of messageWaits) {
    tx.send(waitStatement, [id, n, node, process, message, key, shard]);
  }
}

function parameters(
  node: string | null,
  leases: readonly Lease[],
  records: readonly CommitRecord[],
): unknown[] {
  const updates = records.filter((record) => record.revision !== null);
  const more: MoreRows = {};
  for (const record of records) mergeRows(more, record.more);
  const { starts = [], messageWaits, messageWaitsGone, taken, ...rest } = more;
  const rare = rareRows(records);
  return [
    node,
    integerArray(leases.map((lease) => lease.shard)),
    bigintArray(leases.map((lease) => lease.epoch)),
    new Date(records[0]?.at ?? 0),
    uuidArray(updates.map((record) => record.id)),
    bigintArray(updates.map((record) => record.revision ?? 0)),
    textArray(updates.map((record) => record.state)),
    textArray(updates.map((record) => record.status)),
    integerArray(updates.map((record) => record.fromSeq)),
    textArray(updates.map((record) => record.entries)),
    uuidArray(starts.map((start) => start.id)),
    textArray(starts.map((start) => start.state)),
    textArray(starts.map((start) => start.entries)),
    JSON.stringify(starts.map((start) => start.facts)),
    Object.keys(rest).length > 0 ? JSON.stringify(rest) : null,
    countChanges(records),
    rare === null ? null : JSON.stringify(rare),
    ...messageParameters({ messageWaits, messageWaitsGone, taken }),
  ];
}

const noMessages = Array.from({ length: 12 }, () => null);

type MessageRows = Pick<MoreRows, 'messageWaits' | 'messageWaitsGone' | 'taken'>;

function messageParameters({
  messageWaitsGone: gone,
  messageWaits: waits,
  taken,
}: {
  readonly [Name in keyof MessageRows]: MessageRows[Name] | undefined;
}): readonly (Buffer | null)[] {
  if (!gone && !waits && !taken) return noMessages;
  return [
    gone ? uuidArray(gone.map(({ id }) => id)) : null,
    gone ? integerArray(gone.map(({ n }) => n)) : null,
    gone ? textArray(gone.map(({ on }) => on ?? '')) : null,
    waits ? uuidArray(waits.map(({ id }) => id)) : null,
    waits ? integerArray(waits.map(({ n }) => n)) : null,
    waits ? textArray(waits.map(({ node }) => node)) : null,
    waits ? textArray(waits.map(({ process }) => process)) : null,
    waits ? textArray(waits.map(({ message }) => message)) : null,
    waits ? textArray(waits.map(({ key }) => key)) : null,
    taken ? uuidArray(taken.map(({ id }) => id)) : null,
    taken ? uuidArray(taken.map(({ message }) => message)) : null,
    taken ? textArray(taken.map(({ process }) => process)) : null,
  ];
}

/** So many of one record are not worth being summed up. */
const fewCounts = 8;

/** How the counts change with the group, summed up; null when they stay. */
function countChanges(records: readonly CommitRecord[]): string | null {
  const [only] = records;
  if (records.length === 1 && only && only.counts.length <= fewCounts) {
    return only.counts.length === 0 ? null : JSON.stringify(only.counts);
  }
  const sums = new Map<string, { readonly change: CountChange; n: number }>();
  for (const { counts } of records) {
    for (const change of counts) {
      const [process, version, kind, node, n] = change;
      const key = `${process} ${version} ${kind} ${node}`;
      const sum = sums.get(key);
      if (sum) sum.n += n;
      else sums.set(key, { change, n });
    }
  }
  const changes: CountChange[] = [];
  for (const { change, n } of sums.values()) {
    const [process, version, kind, node] = change;
    // A cause that came and went was seen all the same, but nothing looks for it any more.
    if (n !== 0) changes.push([process, version, kind, node, n]);
  }
  return changes.length === 0 ? null : JSON.stringify(changes);
}

function rareRows(records: readonly CommitRecord[]): RareRows | null {
  let rows: RareRows | null = null;
  for (const { rare } of records) {
    for (const from of rare) {
      rows ??= {};
      for (const key of Object.keys(from) as (keyof RareRows)[]) {
        const list = rows[key] ?? [];
        list.push(...(from[key] ?? []));
        rows[key] = list;
      }
    }
  }
  return rows;
}

function translated(error: unknown): unknown {
  const { code, detail } = error as { code?: unknown; detail?: unknown };
  if (code === 'OL001') return new LeaseLost('a shard lease was lost', { cause: error });
  if (code === 'OL002') {
    return new StaleInstances(typeof detail === 'string' ? detail.split(',') : [], error);
  }
  return error;
}
