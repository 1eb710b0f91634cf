/**
 * Large values of instances: taken out of a state and its history entries before they are written.
 * `large-value-store.ts` puts them back when they are read. In memory nobody knows of it: a state has its values, and `advance` sees no
 * difference.
 *
 * A state as text has a member `large` then: the places that values were taken from, each with its
 * digest. A history entry has `large` instead of `data`.
 */
import type { HistoryEntry } from '../model/events.ts';
import type { InstanceState } from '../model/state.ts';
import { type LargeValue, largeFrom, largeValueOf } from './value-measure.ts';

/** The way to a value in a state. */
export type Path = readonly (string | number)[];

/** Where a large value stands, and what is known of it. */
interface Place {
  readonly path: Path;
  readonly value: unknown;
  readonly large: LargeValue;
}

/** A value that was taken out, as its place in a text says it. */
export interface LargeReference {
  readonly digest: string;
  readonly characters: number;
}

/** A large value that has yet to be stored; a row of `engine.large_value`. */
export interface LargeRow {
  readonly id: string;
  readonly digest: string;
  readonly value: string;
}

/** Texts of a state and its entries, and what has to be stored with them. */
export interface PackedState {
  readonly state: string;
  readonly entries: string;
  readonly rows: readonly LargeRow[];
  /** To be marked as stored once that is durable. */
  readonly large: readonly LargeValue[];
}

/** A state as its text says it. */
export interface StoredState extends InstanceState {
  readonly large?: readonly (readonly [Path, LargeReference])[];
}

/** A history entry as its text says it; of large data only the short members. */
export interface StoredEntry extends HistoryEntry {
  readonly large?: LargeReference;
}

/**
 * The texts to be written. Costs two comparisons where nothing is large. With `isLarge` the state before
 * had large values, so that a text with all of them is not made first.
 */
export function packState(
  id: string,
  state: InstanceState,
  history: readonly HistoryEntry[],
  isLarge: boolean,
): PackedState {
  if (!isLarge) {
    const text = JSON.stringify(state);
    const entries = JSON.stringify(history);
    if (text.length < largeFrom && entries.length < largeFrom) {
      return { state: text, entries, rows: [], large: [] };
    }
  }
  const places = largePlaces(state);
  const found = new Map<string, { value: unknown; large: LargeValue }>();
  for (const { value, large } of places) found.set(large.digest, { value, large });
  const entries = history.map((entry): unknown => {
    const large = largeValueOf(entry.data);
    if (!large) return entry;
    found.set(large.digest, { value: entry.data, large });
    return { ...entry, data: shortMembers(entry.data), large: referenceTo(large) };
  });
  const rows = [...found.values()]
    .filter(({ large }) => large.storedFor !== id)
    .map(({ value, large }) => ({ id, digest: large.digest, value: JSON.stringify(value) }));
  return {
    state: JSON.stringify(places.length === 0 ? state : withoutValues(state, places)),
    entries: JSON.stringify(entries),
    rows,
    large: [...found.values()].map(({ large }) => large),
  };
}

/** What was written with `packState` is durable: it need not be sent again for this instance. */
export function markStored(id: string, large: readonly LargeValue[]): void {
  for (const one of large) one.storedFor = id;
}

/** Characters of large values, for bounds of memory. */
export function charactersOf(large: readonly LargeReference[]): number {
  let characters = 0;
  for (const one of large) characters += one.characters;
  return characters;
}

/** A state for people: in the places of large values stands what they are. */
export function summarizedState(text: string): InstanceState {
  const { large = [], ...state } = JSON.parse(text) as StoredState;
  for (const [path, reference] of large) put(state, path, { large: reference });
  return state;
}

/** Entries for people: of large data they say its short members, such as who it was, and what it is. */
export function summarizedEntries(text: string): HistoryEntry[] {
  return (JSON.parse(text) as StoredEntry[]).map(({ large, ...entry }) =>
    large ? { ...entry, data: { ...(entry.data as object), large } } : entry,
  );
}

/** Characters of a text, and members, that stand beside the reference of large data at most. */
const shortCharacters = 200;
const mostMembers = 20;

function shortMembers(data: unknown): Readonly<Record<string, unknown>> {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  const isShort = (value: unknown) =>
    typeof value === 'string' ? value.length <= shortCharacters : typeof value !== 'object';
  const short = Object.entries(data).filter(([key, value]) => isShort(key) && isShort(value));
  return Object.fromEntries(short.slice(0, mostMembers));
}

function referenceTo({ digest, characters }: LargeValue): LargeReference {
  return { digest, characters };
}

// --- where values stand in a state ---------------------------------------------------------------

/** Lists of what a state holds for the process, and not for the engine itself. */
function* valuesOf(
  state: InstanceState,
): Generator<{ readonly path: Path; readonly value: unknown }> {
  for (const [n, element] of Object.entries(state.elements)) {
    const at = ['elements', n];
    yield* membersOf([...at, 'vars'], element.vars);
    yield* membersOf([...at, 'loop', 'results'], element.loop?.results);
    yield* membersOf([...at, 'loop', 'items'], element.loop?.items);
    yield* completedOf([...at, 'done'], element.done);
    yield* completedOf([...at, 'compensating', 'queue'], element.compensating?.queue);
    const resume = element.incident?.resume;
    if (resume?.type === 'leave')
      yield { path: [...at, 'incident', 'resume', 'result'], value: resume.result };
    if (resume?.type === 'event')
      yield* eventOf([...at, 'incident', 'resume', 'event'], resume.event);
  }
  for (const [index, event] of (state.suspended?.held ?? []).entries()) {
    yield* eventOf(['suspended', 'held', index], event);
  }
}

function* membersOf(path: Path, members: object | undefined) {
  for (const [name, value] of Object.entries(members ?? {})) yield { path: [...path, name], value };
}

interface WithVariables {
  readonly vars?: Readonly<Record<string, unknown>>;
  readonly inner?: readonly WithVariables[];
}

function* completedOf(
  path: Path,
  list: readonly WithVariables[] | undefined,
): Generator<{ readonly path: Path; readonly value: unknown }> {
  for (const [index, { vars, inner }] of (list ?? []).entries()) {
    yield* membersOf([...path, index, 'vars'], vars);
    yield* completedOf([...path, index, 'inner'], inner);
  }
}

function* eventOf(path: Path, event: object) {
  for (const name of ['payload', 'output', 'data', 'variables'] as const) {
    if (name in event)
      yield { path: [...path, name], value: (event as { [name]?: unknown })[name] };
  }
}

function largePlaces(state: InstanceState): Place[] {
  const places: Place[] = [];
  for (const { path, value } of valuesOf(state)) {
    const large = largeValueOf(value);
    if (large) places.push({ path, value, large });
  }
  return places;
}

/** A state whose values were taken from, with copies only of what holds them. */
function withoutValues(state: InstanceState, places: readonly Place[]): unknown {
  const copies = new Set<object>();
  const copyOf = (value: object): object => {
    if (copies.has(value)) return value;
    const copy = Array.isArray(value) ? [...value] : { ...value };
    copies.add(copy);
    return copy;
  };
  const root = copyOf(state) as Record<string | number, unknown>;
  for (const { path } of places) {
    let holder = root;
    for (const step of path.slice(0, -1)) {
      const copy = copyOf(holder[step] as object);
      holder[step] = copy;
      holder = copy as Record<string | number, unknown>;
    }
    holder[path.at(-1) as string] = null;
  }
  return { ...root, large: places.map(({ path, large }) => [path, referenceTo(large)]) };
}

/** Puts a value to its place. */
export function put(state: object, path: Path, value: unknown): void {
  let holder = state as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
  holder[path.at(-1) as string] = value;
}
