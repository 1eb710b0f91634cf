/**
 * The model of the database does what PostgreSQL does: the same random statements run on both, in the same
 * order, and every answer, every refusal and every row is the same. A statement whose meaning changes in
 * one of the two fails here.
 */
import { expect, onTestFinished, test } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Transaction } from '../../../kernel/transaction.ts';
import type { Connection, Database } from '../../../postgres/index.ts';
import { commitGroup, type Lease, type Statements, sendStart } from '../../store/commit-group.ts';
import type { CommitRecord, MoreRows } from '../../store/commit-record.ts';
import {
  insertInbox,
  loadInbox,
  loadInboxRows,
  readAnswers,
  refuseInbox,
} from '../../store/inbox-store.ts';
import { loadDue, loadInstance, loadOpenChildren, loadTimers } from '../../store/instance-store.ts';
import {
  keepMessages,
  type Match,
  matchMessages,
  matchWaits,
  type OpenWait,
  readKeptMessages,
} from '../../store/message-store.ts';
import { shardCount, shardOf } from '../../store/shard.ts';
import { waitFor } from '../wait-for.ts';
import { understand } from './model-statements.ts';
import { ModelTables } from './model-tables.ts';
import { type Random, randomOf } from './random.ts';

const names = ['ann', 'ben', 'cem'] as const;
const idOfNode = (index: number) => `0000000${index}-0000-7000-8000-000000000000`;
const nodes = names.map((_, index) => idOfNode(index));
const keys = ['k1', 'k2'];
const longLeaseMs = 3_600_000;

/** One of the two: what runs a statement, and what runs one within a transaction. */
interface Side {
  readonly db: Statements;
  inTransaction(work: (tx: Transaction) => void): Promise<void>;
}

function modelSide(tables: ModelTables, node: () => string): Side {
  const contextOf = () => ({
    ...{ tables, node: node(), endSessions: () => 0, notify: () => undefined },
    ...{ written: () => undefined, insertEffect: () => undefined },
  });
  const query = async (text: string, values: readonly unknown[] = []) => {
    const rows = understand(text).run(contextOf(), values);
    return { rows, rowCount: rows.length } as never;
  };
  return {
    db: { query },
    async inTransaction(work) {
      const unsent: (() => Promise<unknown>)[] = [];
      work({
        query,
        send: (text, values, { answered } = {}) => {
          answered?.((understand(text).look?.(contextOf(), values) ?? []) as readonly never[]);
          unsent.push(() => query(text, values));
        },
        sendLast: (text, values) => void unsent.push(() => query(text, values)),
        afterCommit: () => undefined,
      });
      for (const send of unsent) await send();
    },
  };
}

const serverSide = (database: Database): Side => ({
  db: database,
  inTransaction: (work) => database.transaction(async (tx) => work(tx)),
});

/** What an answer is, as far as both can say it: the error by its kind, rows in an order of their own. */
async function outcome(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return { gave: plain(await work()) };
  } catch (error) {
    const { name, code } = error as { name: string; code?: string };
    const ids = (error as { ids?: readonly string[] }).ids;
    return { refused: name === 'error' || name === 'Error' ? code : name, ids: ids?.toSorted() };
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].sort();
  return value === undefined ? null : value;
}

/** Instances, messages and requests that were made so far, and the nodes that live. */
interface Made {
  readonly instances: { readonly id: string; revision: number; seq: number }[];
  readonly messages: string[];
  readonly inbox: { readonly id: string; readonly instanceId: string }[];
  leases: Map<string, readonly Lease[]>;
  now: number;
}

const pick = <T>(random: Random, list: readonly T[]): T => {
  const found = list[random.below(list.length)];
  if (found === undefined) throw new Error('expected a list with something in it, found none');
  return found;
};

function rowsFor(random: Random, made: Made, id: string): MoreRows {
  const n = random.below(3);
  const node = pick(random, ['w', 'x']);
  const shard = shardOf(id);
  const more: MoreRows = {};
  if (random.next() < 0.3) {
    const status = pick(random, ['completed', 'cancelled', 'parked']);
    more.waitsGone = [{ id, n, on: random.next() < 0.5 ? null : node, status, by: 'ada' }];
  }
  if (random.next() < 0.2) {
    more.messageWaitsGone = [{ id, n, on: random.next() < 0.5 ? null : node }];
  }
  if (random.next() < 0.3) {
    const key = pick(random, keys);
    more.messageWaits = [{ id, n, node, process: 'p', message: 'm', key, shard }];
  }
  if (random.next() < 0.3) more.timers = [{ id, n, node, shard, due: new Date(random.below(50)) }];
  if (random.next() < 0.2) {
    more.tasks = [
      {
        ...{ taskId: newId(), id, n: 100 + made.now, process: 'p', businessKey: null, node },
        ...{ title: 't', subject: 1, roles: ['r'], due: null },
      },
    ];
  }
  if (random.next() < 0.3 && made.messages.length > 0) {
    more.taken = [{ id, message: pick(random, made.messages), process: 'p' }];
  }
  if (random.next() < 0.3 && made.inbox.length > 0) {
    more.handled = [{ id, inbox: pick(random, made.inbox).id }];
  }
  if (random.next() < 0.1) {
    more.updates = [{ instanceId: id, id: pick(random, keys), name: 'u', output: 1 }];
  }
  if (random.next() < 0.2) {
    const inboxId = newId();
    made.inbox.push({ id: inboxId, instanceId: id });
    more.inbox = [{ inboxId, id, shard, event: '{"type":"resume"}' }];
  }
  return more;
}

function record(random: Random, made: Made, of: Partial<CommitRecord> & { id: string }) {
  const status = pick(random, ['running', 'running', 'waiting', 'completed'] as const);
  return {
    ...{ shard: shardOf(of.id), revision: null, state: `{"now":${made.now}}`, status },
    ...{ fromSeq: 1, entries: `[${made.now}]`, at: made.now, more: null, counts: [], rare: [] },
    large: [],
    thrown: [],
    ...of,
  } satisfies CommitRecord;
}

function startRow(random: Random, made: Made, id: string) {
  const facts = {
    ...{ process: pick(random, ['p', 'q']), version: 1, businessKey: null, traceId: 't' },
    startKey: random.next() < 0.3 ? pick(random, ['s1', 's2', 's3']) : null,
    ...{ parentId: null, parentN: null, shard: shardOf(id) },
    status: pick(random, ['running', 'waiting'] as const),
  };
  const parent = made.instances.length > 0 && random.next() < 0.3;
  const family = parent ? { parentId: pick(random, made.instances).id, parentN: 1 } : {};
  return { id, state: '{}', entries: '[1]', facts: { ...facts, ...family } };
}

/** One statement, as both sides run it. Drawn once, so that both get the same. */
function draw(random: Random, made: Made): (side: Side) => Promise<unknown> {
  const node = pick(random, nodes);
  const held = made.leases.get(node) ?? [];
  const open = held.map(({ shard }) => shard);
  const kind = random.below(12);
  if (kind <= 1) {
    const id = newId();
    made.instances.push({ id, revision: 1, seq: 2 });
    const start = record(random, made, { id, more: { starts: [startRow(random, made, id)] } });
    if (kind === 0) return ({ inTransaction }) => inTransaction((tx) => sendStart(tx, start));
    return ({ db }) => commitGroup(db, null, [], [start]);
  }
  if (kind <= 5 && made.instances.length > 0) {
    const count = random.next() < 0.7 ? 1 : 2;
    const chosen = new Set(Array.from({ length: count }, () => pick(random, made.instances)));
    const records = [...chosen].map(({ id, revision }) =>
      record(random, made, {
        id,
        revision: random.next() < 0.85 ? revision : revision + 1,
        more: rowsFor(random, made, id),
      }),
    );
    const owner = nodes.find((one) =>
      made.leases.get(one)?.some(({ shard }) => shard === records[0]?.shard),
    );
    const by = random.next() < 0.9 ? (owner ?? node) : node;
    const leases = records.map(({ shard }) => {
      const epoch = made.leases.get(by)?.find((lease) => lease.shard === shard)?.epoch ?? 1n;
      return { shard, epoch: random.next() < 0.95 ? epoch : epoch + 1n };
    });
    return ({ db }) => commitGroup(db, by, inOrderOfShards(leases), records);
  }
  if (kind === 6) {
    const id =
      random.next() < 0.3 && made.messages.length > 0 ? pick(random, made.messages) : newId();
    made.messages.push(id);
    const key = pick(random, keys);
    const more = random.next() < 0.5 ? [newId()] : [];
    made.messages.push(...more);
    const rows = [id, ...more].map((one) => ({
      ...{ id: one, process: 'p', name: 'm', key, payload: '1' },
    }));
    const at = new Date(made.now);
    return async ({ inTransaction }) => {
      const matches: Match[] = [];
      const met = (found: readonly Match[]) => void matches.push(...found);
      const keeping = { receivedAt: at, expiresAt: at, met };
      await inTransaction((tx) => keepMessages(tx, rows, keeping));
      return inOrder(matches);
    };
  }
  if (kind === 7 && made.instances.length > 0) {
    const { id: instanceId } = pick(random, made.instances);
    const id = newId();
    made.inbox.push({ id, instanceId });
    const askedBy = random.next() < 0.5 ? node : null;
    const shard = shardOf(instanceId);
    const row = { id, instanceId, event: { type: 'resume', at: 1, by: 'ada' }, askedBy } as const;
    return ({ db }) => insertInbox(db, { ...row, shard, at: new Date(made.now) });
  }
  if (kind === 8 && made.inbox.length > 0) {
    const row = pick(random, made.inbox);
    const askedBy = random.next() < 0.5 ? node : null;
    const shard = shardOf(row.instanceId);
    const lease = held.find((one) => one.shard === shard) ?? { shard, epoch: 1n };
    const event = { type: 'resume', at: 1, by: 'ada' } as const;
    return ({ db }) => refuseInbox(db, { ...row, event, askedBy }, node, lease);
  }
  if (kind === 9 && made.inbox.length > 0) {
    const ids = [pick(random, made.inbox).id, pick(random, made.inbox).id, newId()];
    return ({ db }) => readAnswers(db, [...new Set(ids)]);
  }
  return drawRead(random, made, open);
}

function drawRead(random: Random, made: Made, open: readonly number[]) {
  const shards = random.next() < 0.5 ? open : Array.from({ length: shardCount }, (_, i) => i);
  const [instance] = made.instances;
  const waits = drawWaits(random);
  const reads: readonly ((side: Side) => Promise<unknown>)[] = [
    ({ db }) => loadDue(db, shards, ['p', 'q'], 3),
    ({ db }) => matchMessages(db, made.messages, shards).then(inOrder),
    ({ db }) => matchMessages(db, made.messages.slice(-3), null).then(inOrder),
    ({ db }) => matchWaits(db, waits),
    ({ db }) => readKeptMessages(db, null, 3),
    async ({ db }) => {
      const [first = null] = await readKeptMessages(db, null, 1);
      return await readKeptMessages(db, first, 1_000);
    },
    ({ db }) => loadTimers(db, shards, new Date(25), 100).then((list) => list.map(String).length),
    ({ db }) => loadInbox(db, shards, 4),
    ({ db }) =>
      loadInboxRows(
        db,
        made.inbox.slice(0, 5).map(({ id }) => id),
      ),
    ({ db }) => loadInstance(db, instance?.id ?? newId()),
    ({ db }) => loadOpenChildren(db, instance?.id ?? newId(), [1]).then((ids) => ids.toSorted()),
  ];
  return pick(random, reads);
}

/** A message under two keys comes twice, in any order. */
const inOrder = (rows: readonly object[]) => rows.map((one) => JSON.stringify(one)).sort();

function drawWaits(random: Random): readonly OpenWait[] {
  return Array.from({ length: 1 + random.below(4) }, (_, n) => ({
    ...{ process: 'p', instanceId: idOfNode(n), n, on: 'w', message: 'm', key: pick(random, keys) },
  }));
}

/** Each shard once, as the committer gives them. */
const inOrderOfShards = (leases: readonly Lease[]) =>
  [...new Map(leases.map((lease) => [lease.shard, lease])).values()].sort(
    (a, b) => a.shard - b.shard,
  );

/** Every row that decides something, in one order. */
async function dumpServer(database: Database): Promise<unknown> {
  const rows = async (text: string) => (await database.query(text)).rows;
  return {
    instances: await rows(
      `select id, shard, process, version, status, revision::int as revision, state, start_key,
              parent_id, parent_n from engine.instance order by id`,
    ),
    history: await rows(
      'select instance_id as id, from_seq, entries from engine.history order by 1, 2, 3',
    ),
    waits: await rows(
      `select instance_id, n, node, process, message, key, shard from engine.message_wait
        order by instance_id, n, node, key`,
    ),
    timers: await rows(
      `select instance_id, n, node, shard, (extract(epoch from due_at) * 1000)::int as due_at
         from engine.timer order by instance_id, n, node, due_at`,
    ),
    tasks: await rows(
      'select instance_id, n, node, status, closed_by from engine.task order by instance_id, n',
    ),
    messages: await rows(
      'select id, process, key, taken_at is not null as taken from engine.message order by id, key',
    ),
    inbox: await rows(
      `select id, instance_id, shard, asked_by, refused_at is not null as refused
         from engine.inbox order by id`,
    ),
    updates: (await rows('select instance_id, id from engine.update_answer'))
      .map(({ instance_id, id }) => `${instance_id} ${id}`)
      .sort(),
    shards: await rows('select owner, epoch::int as epoch from engine.shard order by shard'),
  };
}

function dumpModel(tables: ModelTables): unknown {
  const by = <T>(rows: Iterable<T>, key: (row: T) => string) =>
    [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  const place = (row: { instance_id: string; n: number; node: string }, more: unknown = '') =>
    `${row.instance_id} ${String(row.n).padStart(6, '0')} ${row.node} ${String(more).padStart(6, '0')}`;
  return {
    instances: by(tables.instances.values(), ({ id }) => id).map(
      ({ business_key: _, trace_id: __, ...row }) => row,
    ),
    history: by(
      [...tables.history].flatMap(([id, rows]) => rows.map((row) => ({ id, ...row }))),
      ({ id, from_seq, entries }) => `${id} ${String(from_seq).padStart(6, '0')} ${entries}`,
    ),
    waits: by(tables.messageWaits, (row) => place(row, row.key)),
    timers: by(tables.timers, (row) => place(row, row.due_at)),
    tasks: by(tables.tasks, (row) => place(row)),
    messages: by(tables.messages, ({ id, key }) => `${id} ${key}`).map(
      ({ id, process, key, taken }) => ({ id, process, key, taken }),
    ),
    inbox: by(tables.inbox, ({ id }) => id).map(({ event: _, ...row }) => row),
    updates: [...tables.updates].sort(),
    shards: tables.shards.map(({ owner, epoch }) => ({ owner, epoch: Number(epoch) })),
  };
}

/** The sessions by which nodes live on the real server. */
async function session(database: Database, node: string): Promise<Connection> {
  const connection = await database.connect();
  await connection.query('select pg_try_advisory_lock(28524, hashtext($1::text))', [node]);
  return connection;
}

test.each([1, 2, 3])('the same statements, the same outcome (seed %i)', async (seed) => {
  const random = randomOf(seed);
  const { database } = await testDatabase({
    migrations: [{ schema: 'engine', folder: new URL('../../store/migrations/', import.meta.url) }],
  });
  const sessions = new Map<string, Connection>();
  onTestFinished(() => {
    for (const one of sessions.values()) one.release({ close: true });
  });
  let current = '';
  const lives = (node: string) => sessions.has(node);
  const tables = new ModelTables({ shards: shardCount, clock: () => Date.now(), lives });
  const model = modelSide(tables, () => current);
  const server = serverSide(database);
  const made: Made = { instances: [], messages: [], inbox: [], leases: new Map(), now: 1 };

  const tend = async (node: string) => {
    if (!sessions.has(node)) sessions.set(node, await session(database, node));
    const role = node === nodes[2] && random.next() < 0.3 ? 'api' : 'serve';
    const facts = JSON.stringify({
      ...{ name: node, host: 'h', pid: 1, role, version: '1', sessionName: node },
      ...{
        startedAt: new Date(),
        draining: random.next() < 0.2,
        figures: { jobsQueued: random.below(5) },
      },
    });
    const ask = async ({ db }: Side) => {
      const text = 'select engine.tend($1, $2, $3, $4) as tended';
      const { rows } = await db.query<{ tended: { displaced: string[] } }>(text, [
        ...[node, facts, longLeaseMs, true],
      ]);
      const { displaced, ...rest } = rows[0]?.tended ?? { displaced: [] };
      return { ...rest, displaced: displaced.toSorted() };
    };
    const [a, b] = [await ask(model), await ask(server)];
    expect(a).toEqual(b);
    const { shards } = a as unknown as { shards: readonly (readonly [number, number])[] };
    made.leases.set(
      node,
      shards.map(([shard, epoch]) => ({ shard, epoch: BigInt(epoch) })),
    );
  };
  const die = async (node: string) => {
    sessions.get(node)?.release({ close: true });
    sessions.delete(node);
    await waitFor('the lock of a dead node to be free', async () => {
      const { rows } = await database.query(
        'select 1 from unnest(engine.living_keys()) as k (key) where key = engine.living_key($1)',
        [node],
      );
      return rows.length === 0;
    });
  };

  for (const node of nodes) await tend(node);
  for (let step = 0; step < 900; step += 1) {
    made.now += 1;
    const fate = random.next();
    if (fate < 0.05) await tend(pick(random, nodes));
    else if (fate < 0.06) await die(pick(random, nodes));
    else {
      current = pick(random, nodes);
      const statement = draw(random, made);
      const [a, b] = [
        await outcome(() => statement(model)),
        await outcome(() => statement(server)),
      ];
      expect(a, `statement ${step}`).toEqual(b);
      for (const one of made.instances) {
        one.revision = tables.instances.get(one.id)?.revision ?? one.revision;
      }
    }
    if (step % 25 === 0) expect(dumpModel(tables)).toEqual(await dumpServer(database));
  }
  expect(dumpModel(tables)).toEqual(await dumpServer(database));
  const moved = [...tables.instances.values()].filter(({ revision }) => revision > 1);
  expect([tables.instances.size > 20, moved.length > 10]).toEqual([true, true]);
});
