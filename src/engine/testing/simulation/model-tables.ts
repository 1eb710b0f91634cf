/**
 * What the engine's tables hold and what its SQL functions do, as a model in memory: the rows that decide
 * what nodes may write, and the checks that refuse them. One call is one statement, all or nothing.
 *
 * It replaces nothing: the engine's tests run on PostgreSQL. It is there so that the real nodes can be
 * driven through hundreds of thousands of orders of events, and it is itself tested: `model.test.ts` runs
 * the same random statements on it and on PostgreSQL and compares every answer and every row. Left out are
 * rows that only people read (counts, causes, retries).
 */
import { shardOf } from '../../store/shard.ts';
import { readBigints, readIntegers, readTexts, readUuids } from './binary-values.ts';

/** A row of `engine.instance`. */
export interface InstanceRow {
  readonly id: string;
  readonly shard: number;
  readonly process: string;
  version: number;
  readonly business_key: string | null;
  status: string;
  revision: number;
  state: string;
  readonly trace_id: string;
  readonly start_key: string | null;
  readonly parent_id: string | null;
  readonly parent_n: number | null;
}

/** A row of a wait for a message. */
export interface MessageWaitRow {
  readonly instance_id: string;
  readonly n: number;
  readonly node: string;
  readonly process: string;
  readonly message: string;
  readonly key: string;
  readonly shard: number;
}

/** A row of a timer. */
export interface TimerRow {
  readonly instance_id: string;
  readonly n: number;
  readonly node: string;
  readonly shard: number;
  readonly due_at: number;
}

/** A row of a task. */
export interface TaskRow {
  readonly instance_id: string;
  readonly n: number;
  readonly node: string;
  status: string;
  closed_by: string | null;
}

/** A row of a kept message. */
export interface MessageRow {
  readonly id: string;
  readonly process: string;
  readonly name: string;
  readonly key: string;
  readonly payload: string;
  taken: boolean;
}

/** A row of the inbox. */
export interface InboxTableRow {
  readonly id: string;
  readonly instance_id: string;
  readonly shard: number;
  readonly event: string;
  readonly asked_by: string | null;
  refused: boolean;
}

/** A row of an incident. */
export interface IncidentRow {
  readonly instance_id: string;
  readonly n: number;
  readonly node: string;
  readonly code: string;
  isOpen: boolean;
}

/** A row of history: the entries of one transition. */
export interface HistoryRow {
  readonly from_seq: number;
  readonly entries: string;
}

interface ShardRow {
  owner: string | null;
  epoch: bigint;
}

interface NodeRow {
  readonly id: string;
  readonly role: string;
  readonly session_name: string | null;
  heartbeat: number;
  lease_until: number;
  draining: boolean;
  queued: number;
}

/**
 * Checks of the database that can be left out, to see that the simulation notices: a commit is taken under
 * any epoch; a transition is taken whatever revision it was computed from; a message may be taken and
 * a start key used twice; a message with a known id is kept again; waits stay when they are over.
 */
export const omissions = [
  'fencing',
  'revisions',
  'taken messages',
  'start keys',
  'known messages',
  'removed waits',
] as const;

/** One of them. */
export type Omission = (typeof omissions)[number];

/** A refusal as PostgreSQL words it. */
export class ModelError extends Error {
  readonly code: string;
  readonly detail: string;
  constructor(code: string, message: string, detail = '') {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** One update of an instance, as it was written. */
export interface Written {
  readonly row: InstanceRow;
  readonly fromSeq: number;
}

/** What tables are made with. */
export interface ModelOptions {
  readonly shards: number;
  readonly omission?: Omission | undefined;
  /** By the clock of the server, in milliseconds. */
  readonly clock: () => number;
  /** Whether the node's session holds its lock. */
  readonly lives: (node: string) => boolean;
}

/** A row of `p_more`; each list has some of these fields. */
interface GivenRow {
  readonly id: string;
  readonly n: number;
  readonly node: string;
  readonly on: string | null;
  readonly status: string | null;
  readonly by: string | null;
  readonly process: string;
  readonly message: string;
  readonly key: string;
  readonly shard: number;
  readonly due: string;
  readonly inbox: string;
  readonly inboxId: string;
  readonly event: string;
  readonly version: number;
  readonly code: string;
  readonly instanceId: string;
}

type Rows = readonly GivenRow[];

/** What is known of a new instance besides its state. */
interface StartFacts {
  readonly shard: number;
  readonly process: string;
  readonly version: number;
  readonly businessKey: string | null;
  readonly status: string;
  readonly traceId: string;
  readonly startKey: string | null;
  readonly parentId: string | null;
  readonly parentN: number | null;
}

function moreOf(values: readonly unknown[]): Readonly<Record<string, Rows>> {
  const more = JSON.parse((values[14] as string | null) ?? '{}') as Record<string, Rows>;
  const [gone, ns, nodes, waits, waitNs, waitNodes, processes, messages, keys] = values.slice(17);
  const [by, taken, of] = values.slice(26);
  const column = <T>(read: (value: unknown) => readonly T[], value: unknown) =>
    value == null ? [] : read(value);
  const [goneNs, goneNodes] = [column(readIntegers, ns), column(readTexts, nodes)];
  const rowOf = (row: Partial<GivenRow>) => row as GivenRow;
  const messageGone = column(readUuids, gone).map((id, i) =>
    rowOf({ id, n: goneNs[i]!, on: goneNodes[i] || null }),
  );
  const texts = [waitNodes, processes, messages, keys].map((value) => column(readTexts, value));
  const begun = column(readIntegers, waitNs);
  const messageWaits = column(readUuids, waits).map((id, i) => {
    const [node, process, message, key] = texts.map((list) => list[i]!);
    return rowOf({
      id,
      n: begun[i]!,
      node: node!,
      process: process!,
      message: message!,
      key: key!,
      shard: shardOf(id),
    });
  });
  const [takers, takenOf] = [column(readUuids, by), column(readTexts, of)];
  const takenRows = column(readUuids, taken).map((message, i) =>
    rowOf({ id: takers[i]!, message, process: takenOf[i]! }),
  );
  return { ...more, messageGone, messageWaits, taken: takenRows };
}

/** Rows that a group changes, and on which another one would have to wait for it. */
export function lockedBy(values: readonly unknown[]): readonly string[] {
  const { taken = [], handled = [] } = moreOf(values);
  const inbox = handled.map((row) => row.inbox);
  return [...readUuids(values[4]), ...taken.map(({ message }) => message), ...inbox];
}

const ended: ReadonlySet<string> = new Set(['completed', 'failed', 'cancelled']);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const byId = (a: { readonly id: string }, b: { readonly id: string }) => compare(a.id, b.id);

/** The tables of one run. */
export class ModelTables {
  readonly instances = new Map<string, InstanceRow>();
  readonly history = new Map<string, HistoryRow[]>();
  messageWaits: MessageWaitRow[] = [];
  timers: TimerRow[] = [];
  readonly tasks: TaskRow[] = [];
  readonly messages: MessageRow[] = [];
  inbox: InboxTableRow[] = [];
  readonly incidents: IncidentRow[] = [];
  /** Updates that were taken: their instance and their id. */
  readonly updates = new Set<string>();
  readonly shards: ShardRow[];
  readonly nodes = new Map<string, NodeRow>();
  readonly options: ModelOptions;

  constructor(options: ModelOptions) {
    this.options = options;
    this.shards = Array.from({ length: options.shards }, () => ({ owner: null, epoch: 0n }));
  }

  #omits(omission: Omission): boolean {
    return this.options.omission === omission;
  }

  /** `engine.commit_group`. Gives the instances that it updated. */
  commitGroup(values: readonly unknown[]): readonly Written[] {
    return this.checkGroup(values)();
  }

  /** The first half of `engine.commit_group`: throws what it refuses; what it gives writes the group. */
  checkGroup(values: readonly unknown[]): () => readonly Written[] {
    const [node, shards, epochs] = values;
    const more = moreOf(values);
    this.#checkLeases(node as string | null, readIntegers(shards), readBigints(epochs));
    const ids = readUuids(values[4]);
    const revisions = readBigints(values[5]);
    this.#checkRevisions(ids, revisions);
    const facts = JSON.parse(values[13] as string) as readonly StartFacts[];
    const newIds = readUuids(values[10]);
    this.#checkStarts(newIds, facts);
    this.#checkHandled(more.handled ?? []);
    this.#checkUpdates(more.updates ?? []);
    this.#checkTaken(more.taken ?? []);
    return () => {
      const written = this.#update(ids, values);
      this.#start(newIds, values, facts);
      this.#writeMore(more);
      return written;
    };
  }

  #writeMore(more: Readonly<Record<string, Rows>>): void {
    this.#waits(more);
    for (const { message, process } of more.taken ?? []) {
      for (const row of this.messages) {
        if (row.id === message && row.process === process) row.taken = true;
      }
    }
    const handled = more.handled ?? [];
    this.inbox = this.inbox.filter((row) => !handled.some((one) => one.inbox === row.id));
    for (const { inboxId, id, shard, event } of more.inbox ?? []) {
      const asked = { asked_by: null, refused: false };
      this.inbox.push({ id: inboxId, instance_id: id, shard, event, ...asked });
    }
    this.#incidents(more);
    for (const { instanceId, id } of more.updates ?? []) this.updates.add(`${instanceId} ${id}`);
    for (const { id, version } of more.migrated ?? []) {
      const row = this.instances.get(id);
      if (row) row.version = version;
    }
  }

  #checkLeases(node: string | null, shards: readonly number[], epochs: readonly bigint[]): void {
    if (this.#omits('fencing')) return;
    shards.forEach((shard, i) => {
      if (!this.holds(node, shard, epochs[i])) {
        throw new ModelError('OL001', 'a shard lease was lost');
      }
    });
  }

  /** Whether the node holds the shard under this epoch. */
  holds(node: string | null, shard: number, epoch: bigint | undefined): boolean {
    const row = this.shards[shard];
    return row !== undefined && row.owner === node && row.epoch === epoch;
  }

  #checkRevisions(ids: readonly string[], revisions: readonly bigint[]): void {
    const stale = ids.filter((id, i) => {
      const row = this.instances.get(id);
      if (row && this.#omits('revisions')) return false;
      return row?.revision !== Number(revisions[i]);
    });
    if (stale.length === 0) return;
    throw new ModelError('OL002', 'an instance is not at the expected revision', stale.join(','));
  }

  #checkStarts(ids: readonly string[], facts: readonly StartFacts[]): void {
    facts.forEach(({ process, startKey }, i) => {
      this.#checkStart(ids[i] ?? '', process, startKey);
    });
  }

  #checkStart(id: string, process: string, startKey: string | null): void {
    const isKnown =
      startKey !== null && !this.#omits('start keys') && this.startedBy(process, startKey) !== null;
    if (this.instances.has(id) || isKnown) {
      throw new ModelError('23505', 'duplicate key value violates unique constraint');
    }
  }

  #checkTaken(taken: Rows): void {
    if (this.#omits('taken messages')) return;
    const stale = taken.filter(
      ({ message, process }) =>
        !this.messages.some((m) => m.id === message && m.process === process && !m.taken),
    );
    if (stale.length === 0) return;
    const ids = stale.map(({ id }) => id).join(',');
    throw new ModelError('OL002', 'a message was taken by somebody else', ids);
  }

  #checkHandled(handled: Rows): void {
    const stale = handled.filter(({ inbox }) => !this.inbox.some((row) => row.id === inbox));
    if (stale.length === 0) return;
    const ids = stale.map(({ id }) => id).join(',');
    throw new ModelError('OL002', 'an inbox row was handled by somebody else', ids);
  }

  #checkUpdates(updates: Rows): void {
    const stale = updates.filter(({ instanceId, id }) => this.updates.has(`${instanceId} ${id}`));
    if (stale.length === 0) return;
    const ids = stale.map(({ instanceId }) => instanceId).join(',');
    throw new ModelError('OL002', 'an update was taken before', ids);
  }

  #update(ids: readonly string[], values: readonly unknown[]): Written[] {
    const states = readTexts(values[6]);
    const statuses = readTexts(values[7]);
    const fromSeqs = readIntegers(values[8]);
    const entries = readTexts(values[9]);
    return ids.flatMap((id, i) => {
      const row = this.instances.get(id);
      if (!row) return [];
      row.state = states[i] ?? '';
      row.status = statuses[i] ?? '';
      row.revision += 1;
      this.#addHistory(id, fromSeqs[i] ?? 0, entries[i] ?? '');
      return [{ row, fromSeq: fromSeqs[i] ?? 0 }];
    });
  }

  #addHistory(id: string, from_seq: number, entries: string): void {
    const rows = this.history.get(id) ?? [];
    rows.push({ from_seq, entries });
    this.history.set(id, rows);
  }

  #start(ids: readonly string[], values: readonly unknown[], facts: readonly StartFacts[]): void {
    if (ids.length === 0) return;
    const states = readTexts(values[11]);
    const entries = readTexts(values[12]);
    facts.forEach((one, i) => {
      const { shard, process, version, businessKey, status, traceId, ...rest } = one;
      this.#begin(
        {
          ...{ id: ids[i] ?? '', shard, process, version, status, trace_id: traceId, revision: 1 },
          ...{ business_key: businessKey, state: states[i] ?? '', start_key: rest.startKey },
          ...{ parent_id: rest.parentId, parent_n: rest.parentN },
        },
        entries[i] ?? '',
      );
    });
  }

  #begin(row: InstanceRow, entries: string): void {
    this.instances.set(row.id, row);
    this.#addHistory(row.id, 1, entries);
  }

  /** The plain statement by which an instance is usually started. */
  startPlain(values: readonly unknown[]): void {
    type Given = [string, number, string, number, string | null, string, string, string];
    const [id, shard, process, version, business_key, status, state, trace_id] = values as Given;
    const start_key = values[8] as string | null;
    this.#checkStart(id, process, start_key);
    this.#begin(
      {
        ...{ id, shard, process, version, business_key, status, state, trace_id, start_key },
        ...{ revision: 1, parent_id: null, parent_n: null },
      },
      values[10] as string,
    );
  }

  /** The plain statement by which the first waits of an instance are added. */
  waitPlain(values: readonly unknown[]): void {
    type Given = [string, number, string, string, string, string, number];
    const [instance_id, n, node, process, message, key, shard] = values as Given;
    this.messageWaits.push({ instance_id, n, node, process, message, key, shard });
  }

  #waits(more: Readonly<Record<string, Rows>>): void {
    for (const gone of this.#omits('removed waits') ? [] : (more.waitsGone ?? [])) {
      const isGone = (row: { instance_id: string; n: number; node: string }) =>
        row.instance_id === gone.id && row.n === gone.n && (gone.on ?? row.node) === row.node;
      this.messageWaits = this.messageWaits.filter((row) => !isGone(row));
      this.timers = this.timers.filter((row) => !isGone(row));
      for (const row of this.tasks) {
        if (!isGone(row) || row.status !== 'open' || gone.status === 'parked') continue;
        row.status = gone.status ?? 'cancelled';
        row.closed_by = gone.by ?? null;
      }
    }
    for (const { id, n, on } of this.#omits('removed waits') ? [] : (more.messageGone ?? [])) {
      this.messageWaits = this.messageWaits.filter(
        (row) => row.instance_id !== id || row.n !== n || (on ?? row.node) !== row.node,
      );
    }
    for (const { id, n, node, process, message, key, shard } of more.messageWaits ?? []) {
      this.messageWaits.push({ instance_id: id, n, node, process, message, key, shard });
    }
    for (const { id, n, node, shard, due } of more.timers ?? []) {
      this.timers.push({ instance_id: id, n, node, shard, due_at: Date.parse(due) });
    }
    for (const { id, n, node } of more.tasks ?? []) {
      this.tasks.push({ instance_id: id, n, node, status: 'open', closed_by: null });
    }
  }

  #incidents(more: Readonly<Record<string, Rows>>): void {
    for (const { id, n } of more.incidentsClosed ?? []) {
      for (const row of this.incidents)
        if (row.instance_id === id && row.n === n) row.isOpen = false;
    }
    for (const { id, n, node, code } of more.incidents ?? []) {
      this.incidents.push({ instance_id: id, n, node, code, isOpen: true });
    }
  }

  /** `engine.tend`. */
  tend(node: string, facts: string, leaseMs: number, judges: boolean) {
    const now = this.options.clock();
    const { role, sessionName, draining, figures } = JSON.parse(facts) as {
      readonly figures: Readonly<Record<string, number>>;
      readonly role: string;
      readonly sessionName: string | null;
      readonly draining: boolean;
    };
    const queued = figures.jobsQueued ?? 0;
    const known = this.nodes.get(node);
    if (known) {
      Object.assign(known, { heartbeat: now, lease_until: now + leaseMs, draining, queued });
    } else {
      const times = { heartbeat: now, lease_until: now + leaseMs };
      this.nodes.set(node, {
        ...{ id: node, role, session_name: sessionName, draining, queued },
        ...times,
      });
    }
    const living = [...this.nodes.values()]
      .filter(
        (row) =>
          row.id === node ||
          (judges
            ? row.lease_until > now && this.options.lives(row.id)
            : row.heartbeat > now - 3_600_000),
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const takers = living.filter((row) => row.role !== 'api' && !row.draining);
    const others = takers.filter(({ id }) => id !== node);
    const share = this.#shareOf(node, takers);
    const displaced = this.#takeFree(node, share, new Set(living.map(({ id }) => id)));
    return {
      share,
      peers: living.length - 1,
      leastQueued: others.length === 0 ? null : Math.min(...others.map((one) => one.queued)),
      shards: this.shards.flatMap(({ owner, epoch }, shard) =>
        owner === node ? [[shard, Number(epoch)]] : [],
      ),
      displaced: displaced.flatMap((id) => this.nodes.get(id)?.session_name ?? []),
    };
  }

  #shareOf(node: string, takers: readonly NodeRow[]): number {
    const place = takers.findIndex(({ id }) => id === node);
    if (place < 0) return 0;
    const all = this.shards.length;
    return Math.floor(all / takers.length) + (place + 1 <= all % takers.length ? 1 : 0);
  }

  #takeFree(node: string, share: number, living: ReadonlySet<string>): readonly string[] {
    let mine = this.shards.filter(({ owner }) => owner === node).length;
    const displaced = new Set<string>();
    for (const row of this.shards) {
      if (mine >= share) break;
      if (row.owner !== null && living.has(row.owner)) continue;
      if (row.owner !== null) displaced.add(row.owner);
      row.owner = node;
      row.epoch += 1n;
      mine += 1;
    }
    return [...displaced];
  }

  /** A node gives shards back; null: all that it has. */
  release(node: string, shards: readonly number[] | null): void {
    this.shards.forEach((row, shard) => {
      if (row.owner === node && (shards === null || shards.includes(shard))) row.owner = null;
    });
  }

  /** The instance that a start key has started. */
  startedBy(process: string, startKey: string): string | null {
    for (const row of this.instances.values()) {
      if (row.process === process && row.start_key === startKey) return row.id;
    }
    return null;
  }

  /** Instances with a job that is due, for each process so many. */
  due(processes: readonly string[], shards: readonly number[], most: number) {
    return processes.flatMap((process) =>
      [...this.instances.values()]
        .filter(
          (row) =>
            row.process === process && row.status === 'running' && shards.includes(row.shard),
        )
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, most)
        .map(({ id }) => ({ id, process })),
    );
  }

  /** `engine.match_messages`: for each message a wait of its own. */
  matchMessages(ids: readonly string[], shards: readonly number[] | null) {
    const asked = this.messages.filter((m) => !m.taken && ids.includes(m.id));
    return this.#waitsOf(asked, shards);
  }

  /** What `engine.keep_messages` answers: waits of messages that were not known. */
  matchNew(values: readonly unknown[]) {
    return this.#waitsOf(this.#unknownOf(values), null).map(
      ({ name: _name, payload: _payload, ...match }) => match,
    );
  }

  #waitsOf(asked: MessageRow[], shards: readonly number[] | null) {
    const given = new Set<MessageWaitRow>();
    const isLike = (m: MessageRow) => (other: MessageRow) =>
      other.name === m.name && other.key === m.key && other.process === m.process;
    return asked.sort(byId).flatMap((m) => {
      const [wait] = this.messageWaits
        .filter((w) => w.message === m.name && w.key === m.key && w.process === m.process)
        .filter((w) => shards?.includes(w.shard) !== false && !given.has(w))
        .sort(
          (a, b) => compare(a.instance_id, b.instance_id) || a.n - b.n || compare(a.node, b.node),
        );
      if (!wait) return [];
      given.add(wait);
      const { id, process, name, payload } = m;
      const { instance_id, n, node } = wait;
      const crowded = asked.filter(isLike(m)).length > 1;
      return [{ id, process, name, payload, instance_id, n, node, key: m.key, crowded }];
    });
  }

  /** `engine.match_waits`: for each wait a message of its own. */
  matchWaits(names: readonly string[], keys: readonly string[], processes: readonly string[]) {
    const given = new Set<MessageRow>();
    return names.flatMap((name, i) => {
      const [message] = this.messages
        .filter((m) => m.name === name && m.key === keys[i] && m.process === processes[i])
        .filter((m) => !m.taken && !given.has(m))
        .sort(byId);
      if (!message) return [];
      given.add(message);
      return [{ place: i + 1, id: message.id, payload: message.payload }];
    });
  }

  /** Messages that nobody has taken, from a place on. */
  keptMessages(after: readonly string[], limit: number) {
    const placeOf = ({ name, key, process, id }: MessageRow) => [name, key, process, id];
    const order = (a: readonly string[], b: readonly string[]) =>
      a.map((text, i) => compare(text, b[i]!)).find((sign) => sign !== 0) ?? 0;
    return this.messages
      .filter((m) => !m.taken && order(placeOf(m), after) > 0)
      .sort((a, b) => order(placeOf(a), placeOf(b)))
      .slice(0, limit)
      .map(({ id, process, name, key }) => ({ id, process, name, key }));
  }

  /** Timers that are due before a moment. */
  dueTimers(before: number, shards: readonly number[], limit: number) {
    return this.timers
      .filter((row) => row.due_at <= before && shards.includes(row.shard))
      .sort((a, b) => a.due_at - b.due_at)
      .slice(0, limit)
      .map(({ due_at, ...row }) => ({ ...row, due_at: new Date(due_at) }));
  }

  /** Keeps messages; one with a known id is not kept again. */
  keepMessages(values: readonly unknown[]): void {
    this.messages.push(...this.#unknownOf(values));
  }

  #unknownOf(values: readonly unknown[]): MessageRow[] {
    const ids = readUuids(values[0]);
    const [processes, names, keys, payloads] = values.slice(1, 5).map(readTexts);
    return ids.flatMap((id, i) => {
      const row = { id, process: processes![i]!, name: names![i]!, key: keys![i]! };
      const isKnown = this.messages.some(
        (m) => m.id === id && m.process === row.process && m.key === row.key,
      );
      if (isKnown && !this.#omits('known messages')) return [];
      return [{ ...row, payload: payloads![i]!, taken: false }];
    });
  }

  /** Answers an inbox row under a lease. False: the lease is lost, and nothing was done. */
  refuse(answer: {
    readonly id: string;
    readonly shard: number;
    readonly node: string;
    readonly epoch: bigint;
    readonly isAwaited: boolean;
  }): boolean {
    const { id, shard, node, epoch, isAwaited } = answer;
    if (!this.holds(node, shard, epoch) && !this.#omits('fencing')) return false;
    if (!isAwaited) this.inbox = this.inbox.filter((row) => row.id !== id);
    else for (const row of this.inbox) if (row.id === id) row.refused = true;
    return true;
  }

  /** What became of requests; those still to be handled are left out. */
  answers(ids: readonly string[]) {
    const answers = ids.flatMap((id) => {
      const row = this.inbox.find((one) => one.id === id);
      return row && !row.refused ? [] : [{ id, taken: row === undefined }];
    });
    this.inbox = this.inbox.filter((row) => !(row.refused && ids.includes(row.id)));
    return answers;
  }

  /** Open children of call activities. */
  openChildren(parent: string, callers: readonly number[]) {
    return [...this.instances.values()]
      .filter(
        (row) =>
          row.parent_id === parent &&
          callers.includes(row.parent_n ?? -1) &&
          !ended.has(row.status),
      )
      .map(({ id }) => ({ id }));
  }
}
