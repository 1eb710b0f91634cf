/** SQL behind the engine's lists. */
import { assert } from '../../kernel/errors.ts';
import { countCap } from '../../kernel/page.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { InstanceState } from '../model/state.ts';
import type { InstanceSearch } from '../search/instance-search.ts';
import { unpackStates } from '../store/large-value-store.ts';
import { summarizedEntries } from '../store/large-values.ts';
import type { RecordedEntry } from './element-runs.ts';

/** A step that failed and is tried again, as the list shows it. */
export interface RetryingStep {
  readonly element: string;
  readonly attempt: number;
  /** As PostgreSQL writes it. */
  readonly nextAttemptAt: string | null;
  readonly code: string;
  readonly message: string;
}

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
  readonly moved_at: Date;
  readonly parent_id: string | null;
  readonly incidents: number;
  readonly retrying: readonly RetryingStep[];
  readonly tags: string[];
  readonly search: Record<string, string>;
}

const instanceColumns = `i.id, i.process, i.version, i.business_key, i.status, i.trace_id,
  i.started_at, i.ended_at, i.moved_at, i.parent_id,
  (select count(*)::int from engine.incident n
    where n.instance_id = i.id and n.closed_at is null) as incidents,
  (select coalesce(json_agg(json_build_object('element', r.node, 'attempt', r.attempt,
            'nextAttemptAt', r.next_at, 'code', r.code, 'message', r.message) order by r.n), '[]')
     from engine.retry r where r.instance_id = i.id) as retrying,
  (select coalesce(json_agg(s.value order by s.value), '[]') from engine.search_value s
    where s.instance_id = i.id and s.name = '') as tags,
  (select coalesce(json_object_agg(s.name, s.value), '{}') from engine.search_value s
    where s.instance_id = i.id and s.name <> '') as search`;

/** A page of instances, newest first, and how many there are up to the cap. */
export async function readInstances(
  tx: Transaction,
  search: InstanceSearch,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<{ rows: readonly InstanceListRow[]; counted: number }> {
  const page = search.page({
    columns: instanceColumns,
    after,
    order: 'newest first',
    limit: limit + 1,
  });
  const count = search.count(countCap + 1);
  const [rows, counted] = await Promise.all([
    tx.query<InstanceListRow>(page.text, page.values),
    tx.query<{ n: number }>(count.text, count.values),
  ]);
  return { rows: rows.rows, counted: counted.rows[0]?.n ?? 0 };
}

/** One instance with its state; undefined when there is none. */
export async function readInstance(tx: Transaction, id: string) {
  const { rows } = await tx.query<InstanceListRow & { state: string; revision: string }>(
    `select ${instanceColumns}, i.state, i.revision from engine.instance i where i.id = $1`,
    [id],
  );
  return rows[0];
}

/** The state of an instance that was read, with all of its values. */
export async function stateOf(
  tx: Transaction,
  row: { readonly id: string; readonly state: string },
): Promise<InstanceState> {
  const [stored] = await unpackStates(tx, [row]);
  assert(stored, 'one state is unpacked for one row');
  return stored.state;
}

/** History entries of an instance with sequence numbers from `from` up to `to`, in order. */
export async function readHistory(
  tx: Transaction,
  id: string,
  range: { readonly from: number; readonly to: number },
  limit: number,
): Promise<readonly RecordedEntry[]> {
  const { rows } = await tx.query<{ at: Date; from_seq: number; entries: string }>(
    `select h.at, h.from_seq, h.entries from engine.whole_history h
      where h.instance_id = $1 and h.from_seq <= $3
        and h.from_seq >= coalesce((select max(b.from_seq) from engine.whole_history b
                                     where b.instance_id = $1 and b.from_seq <= $2), 0)
      order by h.from_seq limit $4`,
    [id, range.from, range.to, limit],
  );
  return rows
    .flatMap(({ at, from_seq: transition, entries }) =>
      summarizedEntries(entries).map((entry) => ({ at, transition, entry })),
    )
    .filter(({ entry }) => entry.seq >= range.from && entry.seq <= range.to)
    .slice(0, limit);
}
