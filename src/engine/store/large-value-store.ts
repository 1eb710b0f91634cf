/** Reads large values of instances, and puts them back to where they belong. */
import type { HistoryEntry } from '../model/events.ts';
import { freezeDeep } from '../model/json.ts';
import type { InstanceState } from '../model/state.ts';
import type { Statements } from './commit-group.ts';
import {
  charactersOf,
  type LargeReference,
  put,
  type StoredEntry,
  type StoredState,
} from './large-values.ts';
import { knownLarge } from './value-measure.ts';

/** A state with its values, and how many characters of it are large. */
export interface UnpackedState {
  readonly state: InstanceState;
  readonly largeCharacters: number;
}

/** States as they were before they were packed, deeply frozen, in the same order. */
export async function unpackStates(
  db: Statements,
  rows: readonly { readonly id: string; readonly state: string }[],
): Promise<readonly UnpackedState[]> {
  const parsed = rows.map(({ id, state }) => ({ id, state: JSON.parse(state) as StoredState }));
  const wanted = parsed.flatMap(({ id, state }) =>
    (state.large ?? []).map(([, { digest }]) => ({ id, digest })),
  );
  const values = await loadLarge(db, wanted);
  return parsed.map(({ id, state: stored }) => {
    if (stored.large === undefined) return { state: freezeDeep(stored), largeCharacters: 0 };
    const { large, ...state } = stored;
    for (const [path, reference] of large) {
      const value = storedValue(values, id, reference);
      knownLarge(value, { ...reference, storedFor: id });
      put(state, path, value);
    }
    const largeCharacters = charactersOf(large.map(([, reference]) => reference));
    return { state: freezeDeep(state), largeCharacters };
  });
}

/** Entries with their data, in the same order; of each row those of one text. */
export async function unpackEntries(
  db: Statements,
  rows: readonly { readonly id: string; readonly entries: string }[],
): Promise<readonly (readonly HistoryEntry[])[]> {
  const parsed = rows.map(({ id, entries }) => ({
    id,
    entries: JSON.parse(entries) as StoredEntry[],
  }));
  const wanted = parsed.flatMap(({ id, entries }) =>
    entries.flatMap(({ large }) => (large ? [{ id, digest: large.digest }] : [])),
  );
  const values = await loadLarge(db, wanted);
  return parsed.map(({ id, entries }) =>
    entries.map(({ large, ...entry }) =>
      large ? { ...entry, data: storedValue(values, id, large) } : entry,
    ),
  );
}

/** The text of one large value; null when the instance has none of this digest. */
export async function readLargeText(
  db: Statements,
  id: string,
  digest: string,
): Promise<string | null> {
  const { rows } = await db.query<{ value: string }>(
    'select value from engine.large_value where instance_id = $1 and digest = $2',
    [id, digest],
  );
  return rows[0]?.value ?? null;
}

async function loadLarge(
  db: Statements,
  wanted: readonly { readonly id: string; readonly digest: string }[],
): Promise<ReadonlyMap<string, unknown>> {
  const values = new Map<string, unknown>();
  if (wanted.length === 0) return values;
  const { rows } = await db.query<{ id: string; digest: string; value: string }>(
    `select instance_id as id, digest, value from engine.large_value
      where (instance_id, digest) in (select * from unnest($1::uuid[], $2::text[]))`,
    [wanted.map(({ id }) => id), wanted.map(({ digest }) => digest)],
  );
  for (const { id, digest, value } of rows) values.set(`${id} ${digest}`, JSON.parse(value));
  return values;
}

function storedValue(
  values: ReadonlyMap<string, unknown>,
  id: string,
  { digest }: LargeReference,
): unknown {
  const value = values.get(`${id} ${digest}`);
  if (value !== undefined) return value;
  throw new Error(
    `expected the large value ${digest} of instance ${id}, found none: engine.large_value was changed ` +
      'by hand; restore that row',
  );
}
