/**
 * What one transition writes: the new state, its history entries, and rows added to and removed from
 * the tables of waits. Records of many instances are committed by one statement.
 */
import { newId } from '../../kernel/ids.ts';
import type { Effects, InstanceEvent } from '../model/events.ts';
import type { ElementInstance, InstanceState, TaskWait } from '../model/state.ts';
import { waitNumber } from '../model/wait-number.ts';
import { externalRows, isOfExternalOnly } from './external-rows.ts';
import { causeOf } from './incident-cause.ts';
import { type CountChange, factChanges, type RareRows, runsDone } from './instance-facts.ts';
import { packState } from './large-values.ts';
import { shardOf } from './shard.ts';
import { type ThrownRow, thrownRows } from './thrown-rows.ts';
import type { LargeValue } from './value-measure.ts';

/** What never changes of an instance. */
export interface InstanceIdentity {
  readonly id: string;
  readonly process: string;
  readonly version: number;
  readonly businessKey: string | null;
  readonly traceId: string;
  readonly startKey: string | null;
  readonly parentId: string | null;
  readonly parentN: number | null;
}

/** The status of an instance as it is stored and listed. */
export type StoredStatus =
  | 'running'
  | 'waiting'
  | 'suspended'
  | 'completed'
  | 'failed'
  | 'cancelled';

/** A new instance, as `engine.commit_group` takes it. */
export interface StartRow {
  readonly id: string;
  readonly state: string;
  readonly entries: string;
  /** Everything else, by the names that the SQL function reads. */
  readonly facts: Omit<InstanceIdentity, 'id'> & {
    readonly shard: number;
    readonly status: StoredStatus;
  };
}

/** A wait for a message, as the SQL function takes it. */
export interface MessageWaitRow {
  readonly id: string;
  readonly n: number;
  readonly node: string;
  readonly process: string;
  readonly message: string;
  readonly key: string;
  readonly shard: number;
}

/** Waits for messages that are over. */
export interface WaitGoneRow {
  readonly id: string;
  readonly n: number;
  /** Null: all of the element. */
  readonly on: string | null;
}

/** A message that a transition takes. */
export interface TakenRow {
  /** The instance that takes it. */
  readonly id: string;
  readonly message: string;
  readonly process: string;
}

/** Rows for `engine.commit_more`; each list but the first has the row type of the SQL function. */
export interface MoreRows {
  starts?: StartRow[];
  waitsGone?: unknown[];
  messageWaits?: MessageWaitRow[];
  /** Of elements that waited for nothing but messages; `waitsGone` holds the others. */
  messageWaitsGone?: WaitGoneRow[];
  timers?: unknown[];
  tasks?: unknown[];
  tasksMoved?: unknown[];
  taken?: TakenRow[];
  handled?: unknown[];
  inbox?: unknown[];
  thrown?: ThrownRow[];
  incidentsClosed?: unknown[];
  incidents?: unknown[];
  /** Instances that are on another version from this commit on. */
  migrated?: {
    readonly id: string;
    readonly version: number;
    readonly renamed?: Readonly<Record<string, string>>;
  }[];
  incidentsRenamed?: unknown[];
  updates?: unknown[];
}

/**
 * The key of waits for signals, which stand among those for messages. It has no field and no value, so no
 * message ever has it.
 */
export const signalKey = '!signal';

/** What one transition writes. */
export interface CommitRecord {
  readonly id: string;
  readonly shard: number;
  /** The revision that this was computed from; null for a new instance. */
  readonly revision: number | null;
  readonly state: string;
  readonly status: StoredStatus;
  readonly fromSeq: number;
  readonly entries: string;
  readonly at: number;
  readonly more: MoreRows | null;
  /** Of this instance and the children that start with it. */
  readonly counts: readonly CountChange[];
  readonly rare: readonly RareRows[];
  /** Large values that it refers to: marked as stored once it is durable. */
  readonly large: readonly LargeValue[];
  /** What it threw: published once it is durable. */
  readonly thrown: readonly string[];
}

/** What caused a transition, when the cause is a row that the commit takes away. */
export interface Cause {
  /** Message taken from the buffer. */
  readonly message?: string;
  /** Inbox row handled. */
  readonly inbox?: string;
}

/** An event on its way to another instance, as an inbox row. */
export interface InboxEvent {
  readonly id: string;
  readonly instanceId: string;
  readonly event: InstanceEvent;
}

/** Builds the record of a transition. */
export function commitRecord(options: {
  identity: InstanceIdentity;
  revision: number | null;
  /** What the instance was before; null for a new one. */
  before: InstanceState | null;
  state: InstanceState;
  effects: Effects;
  /** What else changes of what instances are found by. */
  search?: RareRows | null;
  at: number;
  cause?: Cause;
  /** Child instances that start in the same commit, and events for other instances. */
  children?: readonly CommitRecord[];
  inbox?: readonly InboxEvent[];
  /** True when the state before had large values. */
  isLarge?: boolean;
  /**
   * The version that the instance comes to, the ids that elements have there by those before, and the
   * elements with an incident that have new ids.
   */
  migrated?: {
    readonly version: number;
    readonly renamed: Readonly<Record<string, string>>;
    readonly incidents: readonly ElementInstance[];
  };
}): CommitRecord {
  const { identity, state, effects, at } = options;
  const shard = shardOf(identity.id);
  const status = storedStatus(state);
  const packed = packState(identity.id, state, effects.history, options.isLarge ?? false);
  const { state: text, entries } = packed;
  const more = rowsOf(options, shard);
  const thrown = thrownRows(identity, effects);
  push(more, 'thrown', thrown);
  if (options.revision === null) {
    const { id, ...rest } = identity;
    push(more, 'starts', [{ id, state: text, entries, facts: { ...rest, shard, status } }]);
  }
  const { id, process, version } = identity;
  const counted = (status: StoredStatus, state: InstanceState, version: number) => ({
    ...{ id, process, version, status, state },
  });
  const reached = options.migrated?.version ?? version;
  const changes = factChanges(
    options.before && counted(storedStatus(options.before), options.before, version),
    counted(status, state, reached),
  );
  const done = runsDone({ process, version: reached }, options.before, effects.history);
  const counts = [...changes.counts, ...done];
  const external = externalRows(identity, options.before, state, effects);
  const rare = [changes.rare, options.search ?? null, external].filter((rows) => rows !== null);
  if (packed.rows.length > 0) rare.push({ largeValues: [...packed.rows] });
  for (const child of options.children ?? []) {
    mergeRows(more, child.more);
    // Not by spreading: a family of thousands has more of them than a call takes arguments.
    for (const count of child.counts) counts.push(count);
    for (const rows of child.rare) rare.push(rows);
  }
  if (options.migrated) {
    const { version, renamed, incidents } = options.migrated;
    const isRenamed = Object.keys(renamed).length > 0;
    push(more, 'migrated', [{ id: identity.id, version, ...(isRenamed ? { renamed } : {}) }]);
    push(
      more,
      'incidentsRenamed',
      incidents.flatMap(({ n, node, incident }) =>
        incident ? [{ id, n, node, cause: causeOf(process, node, incident).cause }] : [],
      ),
    );
  }
  return {
    id: identity.id,
    shard,
    revision: options.revision,
    state: text,
    status,
    fromSeq: effects.history[0]?.seq ?? state.seq,
    entries,
    at,
    more: Object.keys(more).length > 0 ? more : null,
    counts,
    rare,
    large: packed.large,
    thrown: thrown.map(({ thrownId }) => thrownId),
  };
}

/** Whether a job is due or at work, or only something from outside can move the instance. */
function storedStatus(state: InstanceState): StoredStatus {
  if (state.status !== 'active') return state.status;
  if (state.suspended) return 'suspended';
  for (const key in state.elements) {
    if ((state.elements as Record<string, ElementInstance>)[key]?.job?.phase === 'running') {
      return 'running';
    }
  }
  return 'waiting';
}

function rowsOf(
  { identity, before, state, effects, cause, inbox }: Parameters<typeof commitRecord>[0],
  shard: number,
): MoreRows {
  const { id, process, businessKey } = identity;
  const more: MoreRows = {};
  pushWaitsGone(more, id, before, effects);
  for (const { n, wait } of effects.waitsAdded) {
    // A wait that was opened and closed within the transition never existed.
    if (!state.elements[n]?.waits?.includes(wait)) continue;
    if (wait.kind === 'message') {
      const { on: node, message, key } = wait;
      const number = waitNumber(n, wait);
      push(more, 'messageWaits', [{ id, n: number, node, process, message, key, shard }]);
    } else if (wait.kind === 'timer') {
      push(more, 'timers', [{ id, n, node: wait.on, shard, due: new Date(wait.due) }]);
    } else if (wait.kind === 'signal') {
      const { on: node, signal: message } = wait;
      push(more, 'messageWaits', [{ id, n, node, process, message, key: signalKey, shard }]);
    } else if (wait.kind === 'task') {
      const row = { id, n, process, businessKey, ...taskRow(wait) };
      if (isMovedTask(effects, n)) push(more, 'tasksMoved', [row]);
      else push(more, 'tasks', [{ taskId: newId(), ...row }]);
    }
  }
  push(
    more,
    'updates',
    effects.updates.map((update) => ({ ...update, instanceId: id })),
  );
  const still = (n: number) => state.elements[n]?.incident !== undefined;
  push(
    more,
    'incidentsClosed',
    effects.incidentsClosed.map((n) => ({ id, n })),
  );
  const opened = effects.incidentsOpened.filter(
    (incident, index) =>
      still(incident.n) &&
      !effects.incidentsOpened.some((later, i) => i > index && later.n === incident.n),
  );
  push(
    more,
    'incidents',
    opened.map((incident) => {
      const { cause } = causeOf(process, incident.node, incident);
      return { ...incident, incidentId: newId(), id, process, businessKey, cause };
    }),
  );
  if (cause?.message !== undefined) push(more, 'taken', [{ id, message: cause.message, process }]);
  if (cause?.inbox !== undefined) push(more, 'handled', [{ id, inbox: cause.inbox }]);
  push(more, 'inbox', (inbox ?? []).map(inboxRow));
  return more;
}

function inboxRow({ id, instanceId, event }: InboxEvent): unknown {
  return { inboxId: id, id: instanceId, shard: shardOf(instanceId), event: JSON.stringify(event) };
}

/** A task as its row has it; what nobody said is left out. */
function taskRow(wait: TaskWait) {
  const { on: node, kind: _, dueAt, followUpAt, escalations, ...same } = wait;
  const first = escalations?.[0];
  return {
    ...same,
    node,
    due: dueAt === null ? null : new Date(dueAt),
    ...(followUpAt === undefined ? {} : { followUp: new Date(followUpAt) }),
    ...(escalations && first ? { escalations, escalate: new Date(first.at) } : {}),
  };
}

/**
 * True when an element gives up its task and has one: its version changed. People keep what they made of
 * it.
 */
function isMovedTask({ waitsAdded, waitsRemoved }: Effects, n: number): boolean {
  return (
    waitsRemoved.some((gone) => gone.n === n && gone.on !== null && !gone.parked) &&
    waitsAdded.some((added) => added.n === n && added.wait.kind === 'task')
  );
}

/**
 * Removed waits; a task that was ended by its element's completion is completed, else cancelled. One
 * of a suspended instance stays.
 */
function pushWaitsGone(
  more: MoreRows,
  id: string,
  before: InstanceState | null,
  effects: Effects,
): void {
  for (const { n, on, parked } of effects.waitsRemoved) {
    if (isOfExternalOnly(before, n, on)) continue;
    pushContinuedGone(more, id, before, n, on);
    if (isOfMessagesOnly(before, n, on)) push(more, 'messageWaitsGone', [{ id, n, on }]);
    else if (parked || isMovedTask(effects, n))
      push(more, 'waitsGone', [{ id, n, on, status: 'parked' }]);
    else {
      const completed = effects.history.some((e) => e.n === n && e.kind === 'element.completed');
      const decided = effects.history.find((e) => e.n === n && e.kind === 'task.completed');
      const by = (decided?.data as { by?: string } | undefined)?.by ?? null;
      const status = completed ? 'completed' : 'cancelled';
      push(more, 'waitsGone', [{ id, n, on, status, by }]);
    }
  }
}

/** A wait that went on has its row under the number of the element instance that began it. */
function pushContinuedGone(
  more: MoreRows,
  id: string,
  before: InstanceState | null,
  n: number,
  on: string | null,
): void {
  for (const wait of before?.elements[n]?.waits ?? []) {
    const number = waitNumber(n, wait);
    if (number !== n && (on === null || wait.on === on)) {
      push(more, 'messageWaitsGone', [{ id, n: number, on: wait.on }]);
    }
  }
}

function isOfMessagesOnly(before: InstanceState | null, n: number, on: string | null): boolean {
  const waits = before?.elements[n]?.waits?.filter((wait) => on === null || wait.on === on) ?? [];
  return waits.length > 0 && waits.every(({ kind }) => kind === 'message');
}

function push<Key extends keyof MoreRows>(
  more: MoreRows,
  key: Key,
  rows: NonNullable<MoreRows[Key]>,
): void {
  if (rows.length === 0) return;
  const list = (more[key] ?? []) as unknown[];
  for (const row of rows) list.push(row);
  more[key] = list as NonNullable<MoreRows[Key]>;
}

/** Adds the rows of another record. */
export function mergeRows(into: MoreRows, from: MoreRows | null): void {
  if (!from) return;
  for (const key of Object.keys(from) as (keyof MoreRows)[]) {
    push(into, key, from[key] as never);
  }
}
