/**
 * The memory of a sandbox. Guarantees that what was committed is there again when a sandbox starts
 * with the same journal file, also after the program was killed: changes that belong together are
 * one line, appended before anything is answered, and a line that was cut off by a crash is as if
 * never written. Without a folder the memory lasts as long as the sandbox runs. Power cuts are not
 * survived: a sandbox plays an outside system and holds nothing of worth.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One thing to be kept, made by `Collection.put` and written by `Journal.commit`. */
export interface Change {
  readonly collection: string;
  readonly id: string;
  readonly value: unknown;
}

/** Things of one kind, by id, in the order in which they first came. */
export interface Collection<T> {
  get(id: string): T | undefined;
  values(): readonly T[];
  /** The change that keeps `value` under `id`; nothing is kept before it is committed. */
  put(id: string, value: T): Change;
}

/** The memory of one sandbox. */
export interface Journal {
  collection<T>(name: string): Collection<T>;
  /** Keeps all the changes, or none. */
  commit(...changes: readonly Change[]): void;
}

/** Opens the journal `<folder>/<name>.jsonl`, or one in memory when there is no folder. */
export function openJournal(options: { folder?: string | undefined; name: string }): Journal {
  const state = new Map<string, Map<string, unknown>>();
  const mapOf = (name: string) => {
    const map = state.get(name) ?? new Map<string, unknown>();
    state.set(name, map);
    return map;
  };
  const apply = (changes: readonly Change[]) => {
    for (const { collection, id, value } of changes) mapOf(collection).set(id, value);
  };
  const file = options.folder && join(options.folder, `${options.name}.jsonl`);
  if (options.folder && file) {
    mkdirSync(options.folder, { recursive: true });
    for (const changes of readLines(file)) apply(changes);
    compact(file, state);
  }
  return {
    collection: <T>(name: string): Collection<T> => {
      const map = mapOf(name) as Map<string, T>;
      return {
        get: (id) => map.get(id),
        values: () => [...map.values()],
        put: (id, value) => ({ collection: name, id, value }),
      };
    },
    commit(...changes) {
      if (file) appendFileSync(file, `${JSON.stringify(changes)}\n`);
      apply(changes);
    },
  };
}

function readLines(file: string): readonly (readonly Change[])[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // What follows the last line end was cut off by a crash.
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): readonly Change[] => JSON.parse(line));
}

/** Writes the state as one line, which drops what was replaced and what was cut off. */
function compact(file: string, state: ReadonlyMap<string, ReadonlyMap<string, unknown>>): void {
  const changes: Change[] = [];
  for (const [collection, values] of state) {
    for (const [id, value] of values) changes.push({ collection, id, value });
  }
  writeFileSync(`${file}.new`, changes.length === 0 ? '' : `${JSON.stringify(changes)}\n`);
  renameSync(`${file}.new`, file);
}
