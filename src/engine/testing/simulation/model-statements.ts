/**
 * Which statement of the engine does what in the model. A statement that the model does not know is a
 * bug of the model, and the run fails with its text, unless it reads a table that the model does not have
 * and that is empty: add it here, and to the comparison with PostgreSQL
 * in `model.test.ts` when it decides what may be written.
 */
import { readTexts, readUuids } from './binary-values.ts';
import type { ModelTables, Written } from './model-tables.ts';

/** What the statements of one node act upon. */
export interface StatementContext {
  readonly tables: ModelTables;
  readonly node: string;
  /** Ends the sessions of nodes; gives how many there were. */
  readonly endSessions: (names: readonly string[]) => number;
  readonly notify: (payload: string) => void;
  /** Told of what was written, and by which node; null: it was checked some time before. */
  readonly written: (by: string | null, rows: readonly Written[]) => void;
  readonly insertEffect: (key: string) => void;
}

type Values = readonly unknown[];

/** A statement that the model knows. */
export interface Known {
  /** Short, for schedules. */
  readonly name: string;
  /** Waits until the lock of this name is free; it is held to the end of the transaction. */
  readonly locks?: (values: Values) => string;
  readonly run: (context: StatementContext, values: Values) => readonly object[];
  /** Of a write within a transaction what it answers, which is seen some time before the commit. */
  readonly look?: (context: StatementContext, values: Values) => readonly object[];
  /** Of one that checks before it writes: the checks alone. What they give writes. */
  readonly check?: (context: StatementContext, values: Values) => () => void;
}

/** The statement by which steps of scenarios leave their effect. */
export const effectStatement = 'insert into simulation.effect (key) values ($1)';

const none = () => [];
const numbers = (value: unknown) => value as readonly number[];
const texts = (value: unknown) => value as readonly string[];

function refuse({ tables }: StatementContext, values: Values, isAwaited: boolean) {
  const [id, shard, node, epoch] = values as [string, number, string, bigint];
  return [{ held: tables.refuse({ id, shard, node, epoch: BigInt(epoch), isAwaited }) }];
}

const known: readonly (Known & { readonly fragment: string })[] = [
  {
    name: 'commit',
    fragment: 'select engine.commit_group(',
    run(context, values) {
      context.written(context.node, context.tables.commitGroup(values));
      return [];
    },
    check(context, values) {
      const write = context.tables.checkGroup(values);
      return () => context.written(null, write());
    },
  },
  {
    name: 'start instance',
    fragment: 'with begun as (',
    run({ tables }, values) {
      tables.startPlain(values);
      return [];
    },
  },
  {
    name: 'add wait',
    fragment: 'insert into engine.message_wait',
    run({ tables }, values) {
      tables.waitPlain(values);
      return [];
    },
  },
  {
    name: 'effect',
    fragment: effectStatement,
    run({ insertEffect }, [key]) {
      insertEffect(key as string);
      return [];
    },
  },
  {
    name: 'look at pause',
    fragment: 'from engine.control',
    run: () => [{ paused: false, reason: null, decided_by: null, since: null, resumes: 0n }],
  },
  { name: 'expect drawings known', fragment: 'engine.expect_drawings_known', run: none },
  { name: 'fold counts', fragment: 'engine.fold_counts', run: () => [{ folded: 0 }] },
  {
    name: 'tend',
    fragment: 'select engine.tend(',
    run: ({ tables }, [node, facts, leaseMs, judges]) => [
      {
        tended: tables.tend(node as string, facts as string, leaseMs as number, judges as boolean),
      },
    ],
  },
  { name: 'take session lock', fragment: 'pg_try_advisory_lock', run: () => [{ taken: true }] },
  {
    name: 'give shards back',
    fragment: 'update engine.shard set owner = null where owner = $1 and shard',
    run({ tables }, [node, shards]) {
      tables.release(node as string, numbers(shards));
      return [];
    },
  },
  {
    name: 'leave',
    fragment: 'with given as (update engine.shard',
    run({ tables }, [node]) {
      tables.release(node as string, null);
      tables.nodes.delete(node as string);
      return [];
    },
  },
  {
    name: 'end sessions',
    fragment: 'pg_terminate_backend',
    run: ({ endSessions }, [names]) =>
      Array.from({ length: endSessions(texts(names)) }, () => ({})),
  },
  {
    name: 'notify',
    fragment: 'select pg_notify(',
    run({ notify }, [, payloads]) {
      for (const payload of texts(payloads)) notify(payload);
      return [];
    },
  },
  {
    name: 'load due',
    fragment: 'cross join lateral (\n        select i.id, i.process from engine.instance',
    run: ({ tables }, [processes, shards, most]) =>
      tables.due(texts(processes), numbers(shards), most as number),
  },
  {
    name: 'load instances',
    fragment: 'from engine.instance where id = any(',
    run: ({ tables }, [ids]) => readUuids(ids).flatMap((id) => copy(tables.instances.get(id))),
  },
  {
    name: 'load instance',
    fragment: 'from engine.instance where id = $1',
    run: ({ tables }, [id]) => copy(tables.instances.get(id as string)),
  },
  {
    name: 'load children',
    fragment: 'from engine.instance where parent_id = $1',
    run: ({ tables }, [parent, callers]) => tables.openChildren(parent as string, numbers(callers)),
  },
  {
    name: 'load inbox',
    fragment: 'from engine.inbox\n      where refused_at is null and shard = any(',
    run: ({ tables }, [shards, limit]) =>
      tables.inbox
        .filter((row) => !row.refused && numbers(shards).includes(row.shard))
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit as number),
  },
  {
    name: 'load inbox rows',
    fragment: 'from engine.inbox\n      where refused_at is null and id = any(',
    run: ({ tables }, [ids]) =>
      tables.inbox
        .filter((row) => !row.refused && texts(ids).includes(row.id))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
  },
  {
    name: 'ask',
    fragment:
      'insert into engine.inbox (id, instance_id, shard, event, created_at, asked_by)\n     values',
    run({ tables }, [id, instance_id, shard, event, , asked_by]) {
      tables.inbox.push({
        ...{ id: id as string, instance_id: instance_id as string, shard: shard as number },
        ...{ event: event as string, asked_by: asked_by as string | null, refused: false },
      });
      return [];
    },
  },
  {
    name: 'mark as too late',
    fragment: 'with answered as (\n           update engine.inbox set refused_at',
    run: (context, values) => refuse(context, values, true),
  },
  {
    name: 'remove as too late',
    fragment: 'with answered as (delete from engine.inbox',
    run: (context, values) => refuse(context, values, false),
  },
  {
    name: 'read answers',
    fragment: 'with refused as (\n       delete from engine.inbox',
    run: ({ tables }, [ids]) => tables.answers(texts(ids)),
  },
  {
    name: 'match messages',
    fragment: 'engine.match_messages(',
    run: ({ tables }, [ids, shards]) =>
      tables.matchMessages(readUuids(ids), shards as readonly number[] | null),
  },
  {
    name: 'match waits',
    fragment: 'engine.match_waits(',
    run: ({ tables }, [names, keys, processes]) =>
      tables.matchWaits(readTexts(names), readTexts(keys), readTexts(processes)),
  },
  {
    name: 'read kept messages',
    fragment: 'where taken_at is null and (name, key, process, id) > (',
    run: ({ tables }, values) =>
      tables.keptMessages(texts(values.slice(0, 4)), values[4] as number),
  },
  {
    name: 'load timers',
    fragment: 'from engine.timer\n      where due_at <= $1 and shard',
    run: ({ tables }, [before, shards, limit]) =>
      tables.dueTimers((before as Date).getTime(), numbers(shards), limit as number),
  },
  {
    name: 'keep messages',
    fragment: 'engine.keep_messages(',
    look: ({ tables }, values) => tables.matchNew(values),
    run({ tables }, values) {
      tables.keepMessages(values);
      return [];
    },
  },
  {
    name: 'lock start key',
    fragment: 'select pg_advisory_xact_lock(hashtextextended(',
    locks: ([key]) => key as string,
    run: none,
  },
  {
    name: 'find start key',
    fragment: 'select id from engine.instance where process = $1 and start_key = $2',
    run({ tables }, [process, key]) {
      const id = tables.startedBy(process as string, key as string);
      return id === null ? [] : [{ id }];
    },
  },
  { name: 'remove expired messages', fragment: 'delete from engine.message where', run: none },
  { name: 'remove old answers', fragment: 'delete from engine.inbox where refused_at', run: none },
  {
    name: 'forget dead nodes',
    fragment: 'delete from engine.node n where heartbeat_at',
    run: none,
  },
  { name: 'lock partitions', fragment: "hashtext('engine.history partitions')", run: none },
  { name: 'find partition', fragment: 'select to_regclass($1)', run: () => [{ known: 'it' }] },
  { name: 'forget schedules', fragment: 'delete from engine.schedule s', run: none },
  { name: 'find definition', fragment: 'select digest from engine.definition', run: none },
  { name: 'deploy', fragment: 'insert into engine.definition', run: none },
];

function copy(row: object | undefined): readonly object[] {
  return row ? [{ ...row }] : [];
}

const modelled =
  /\bengine\.(instance|history|message_wait|message|timer|task|inbox|incident|shard|node|update_answer)\b/;

/** What the model does not have, such as drawings that were deployed, is empty. */
function emptyRead(text: string): (Known & { readonly fragment: string }) | undefined {
  if (!/^\s*select\b/.test(text) || modelled.test(text) || !/\bfrom engine\./.test(text)) {
    return undefined;
  }
  return { name: 'read what is not there', fragment: '', run: none };
}

const understood = new Map<string, Known>();

/** The statement of a text. */
export function understand(text: string): Known {
  const before = understood.get(text);
  if (before) return before;
  const found = known.filter(({ fragment }) => text.includes(fragment));
  const [only = emptyRead(text)] = found;
  if (!only || found.length > 1) {
    throw new Error(
      `expected one statement that the model of the database knows, found ${found.length} for:\n${text}`,
    );
  }
  understood.set(text, only);
  return only;
}
