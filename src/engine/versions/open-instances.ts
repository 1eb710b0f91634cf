/** Reads of open instances, their histories and their definitions, in pages of bounded size. */
import type { InstanceState } from '../model/state.ts';
import type { Structure } from '../model/structure.ts';
import type { Statements } from '../store/commit-group.ts';
import { type UnpackedState, unpackEntries, unpackStates } from '../store/large-value-store.ts';
import type { RecordedTransition } from './replay.ts';

/** An open instance as the database has it. */
export interface OpenInstance {
  readonly id: string;
  readonly process: string;
  readonly version: number;
  readonly businessKey: string | null;
  readonly state: InstanceState;
}

/** Open instances with ids above `after`, in the order of their ids. */
export async function readOpenInstances(
  db: Statements,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<readonly OpenInstance[]> {
  const { rows } = await db.query<{
    id: string;
    process: string;
    version: number;
    business_key: string | null;
    state: string;
  }>(
    `select id, process, version, business_key, state from engine.instance
      where ended_at is null and ($1::uuid is null or id > $1)
      order by id limit $2`,
    [after, limit],
  );
  const states = await unpackStates(db, rows);
  return rows.map(({ id, process, version, business_key }, index) => ({
    id,
    process,
    version,
    businessKey: business_key,
    state: (states[index] as UnpackedState).state,
  }));
}

/** The first `limit` transitions of each of these instances, in their order. */
export async function readTransitions(
  db: Statements,
  ids: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, readonly RecordedTransition[]>> {
  const { rows } = await db.query<{ id: string; at: Date; entries: string }>(
    `select i.id, h.at, h.entries
       from unnest($1::uuid[]) as i (id)
      cross join lateral (select at, entries from engine.whole_history
                           where instance_id = i.id order by from_seq limit $2) h`,
    [ids, limit],
  );
  const found = new Map<string, RecordedTransition[]>(ids.map((id) => [id, []]));
  const unpacked = await unpackEntries(db, rows);
  for (const [index, { id, at }] of rows.entries()) {
    found.get(id)?.push({ at: at.getTime(), entries: unpacked[index] ?? [] });
  }
  return found;
}

/** A definition as it was deployed; null when there is none. */
export async function readDefinition(
  db: Statements,
  process: string,
  version: number,
): Promise<{ readonly digest: string; readonly structure: Structure } | null> {
  const { rows } = await db.query<{ digest: string; graph: Structure }>(
    'select digest, graph from engine.definition where process = $1 and version = $2',
    [process, version],
  );
  const [row] = rows;
  return row ? { digest: row.digest, structure: row.graph } : null;
}

/** Ids of open instances of one version with ids above `after`, in their order. */
export async function readOpenInstancesOf(
  db: Statements,
  page: {
    readonly process: string;
    readonly version: number;
    readonly after: string | null;
    readonly limit: number;
  },
): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from engine.instance
      where process = $1 and version = $2 and ended_at is null
        and ($3::uuid is null or id > $3)
      order by id limit $4`,
    [page.process, page.version, page.after, page.limit],
  );
  return rows.map(({ id }) => id);
}
