/** SQL behind the engine's lists. */
import type { Transaction } from '../../kernel/transaction.ts';
import type { HistoryEntry } from '../model/events.ts';
import { readPage } from './read-page.ts';

/** One instance in a list. */
export interface InstanceListRow {
  readonly id: string;
  readonly process: string;
  readonly version: number;
  readonly business_key: string | null;
  readonly status: 'running' | 'waiting' | 'suspended' | 'completed' | 'failed' | 'cancelled';
  readonly trace_id: string;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly incidents: number;
}

/** Which instances a list shows. */
export interface InstanceFilter {
  readonly process?: string | undefined;
  readonly status?: string | undefined;
  readonly businessKey?: string | undefined;
  readonly traceId?: string | undefined;
}

const instanceColumns = `i.id, i.process, i.version, i.business_key, i.status, i.trace_id,
  i.started_at, i.ended_at,
  (select count(*)::int from engine.incident n
    where n.instance_id = i.id and n.closed_at is null) as incidents`;

const instanceCondition = `($1::text is null or i.process = $1) and ($2::text is null or i.status = $2)
  and ($3::text is null or i.business_key = $3) and ($4::text is null or i.trace_id = $4)`;

/** A page of instances, newest first, and how many there are up to the cap. */
export function readInstances(
  tx: Transaction,
  filter: InstanceFilter,
  page: { readonly after: string | undefined; readonly limit: number },
): Promise<{ rows: readonly InstanceListRow[]; counted: number }> {
  return readPage(tx, {
    columns: instanceColumns,
    from: 'engine.instance i',
    where: instanceCondition,
    values: [
      filter.process ?? null,
      filter.status ?? null,
      filter.businessKey ?? null,
      filter.traceId ?? null,
    ],
    order: 'newest first',
    ...page,
  });
}

/** One instance with its state; undefined when there is none. */
export async function readInstance(tx: Transaction, id: string) {
  const { rows } = await tx.query<InstanceListRow & { state: string; revision: string }>(
    `select ${instanceColumns}, i.state, i.revision from engine.instance i where i.id = $1`,
    [id],
  );
  return rows[0];
}

/** History entries of an instance with sequence numbers from `from` up to `to`, in order. */
export async function readHistory(
  tx: Transaction,
  id: string,
  range: { readonly from: number; readonly to: number },
  limit: number,
): Promise<readonly { readonly at: Date; readonly entry: HistoryEntry }[]> {
  const { rows } = await tx.query<{ at: Date; entries: string }>(
    `select h.at, h.entries from engine.history h
      where h.instance_id = $1 and h.from_seq <= $3
        and h.from_seq >= coalesce((select max(b.from_seq) from engine.history b
                                     where b.instance_id = $1 and b.from_seq <= $2), 0)
      order by h.from_seq limit $4`,
    [id, range.from, range.to, limit],
  );
  return rows
    .flatMap(({ at, entries }) =>
      (JSON.parse(entries) as HistoryEntry[]).map((entry) => ({ at, entry })),
    )
    .filter(({ entry }) => entry.seq >= range.from && entry.seq <= range.to)
    .slice(0, limit);
}
