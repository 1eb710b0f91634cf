/** Consumer groups: each event once and in order, whoever owns the group and whatever fails. */
import { expect, onTestFinished, test } from 'vitest';
import {
  eventLog,
  openMortalDatabase,
  silentLog,
  startLog,
  thing,
} from '../../test/support/event-log.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { RetryableFault, TerminalFault } from '../kernel/errors.ts';
import type { Database } from '../postgres/index.ts';
import type { LoggedEvent } from './index.ts';

const n = (event: LoggedEvent) => (event.payload as { n: number }).n;
const quickly = { firstMs: 1, longestMs: 5 };

async function group(database: Database, name = 'g') {
  const { rows } = await database.query<{
    position: string;
    owner: string | null;
    epoch: string;
    attempts: number;
    last_error: string | null;
  }>('select * from events.consumer_group where name = $1', [name]);
  return rows[0];
}

async function letters(database: Database) {
  const { rows } = await database.query<{ position: string; key: string; behind: string | null }>(
    'select * from events.dead_letter order by position',
  );
  return rows;
}

/** A table that a handler writes to, to see what was kept of its work. */
async function keptWork(database: Database) {
  await database.query('create table work (n int)');
  return {
    handle: async (events: readonly LoggedEvent[], tx: Pick<Database, 'query'>) => {
      await tx.query('insert into work select unnest($1::int[])', [events.map(n)]);
    },
    kept: async () => {
      const { rows } = await database.query<{ n: number }>('select n from work order by n');
      return rows.map((row) => row.n);
    },
  };
}

const until = (count: number, kept: () => Promise<readonly number[]>) =>
  waitUntil(`${count} events handled`, async () => {
    const now = await kept();
    return now.length >= count ? now : null;
  });

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('what a handler writes and the cursor commit together, each event once and in order', async () => {
  const { log, database, record } = await eventLog();
  const { handle, kept } = await keptWork(database);
  const seen: number[] = [];
  await record(...upTo(5).map((index) => thing(index)));
  const consumer = log.consume({
    group: 'g',
    batch: 2,
    retry: quickly,
    async handle(events, tx) {
      await handle(events, tx);
      if (seen.length === 2) {
        seen.push(...events.map(n));
        throw new RetryableFault('BUSY', 'what was written is rolled back');
      }
      seen.push(...events.map(n));
    },
  });
  await record(thing(6));
  expect(await until(6, kept)).toEqual(upTo(6));
  expect(seen).toEqual([1, 2, 3, 4, 3, 4, 5, 6].slice(0, seen.length));
  await consumer.stop();
  expect(await group(database)).toMatchObject({ position: '6', owner: null, last_error: null });
});

test('a consumer that reaches outside goes on behind what it delivered, by name', async () => {
  const { log, database, record } = await eventLog();
  const seen: number[] = [];
  const options = {
    group: 'g',
    names: ['wanted.happened'],
    deliver: async (events: readonly LoggedEvent[]) => void seen.push(...events.map(n)),
  };
  await record(thing(1, 'k', 'wanted.happened'), thing(2), thing(3, 'k', 'wanted.happened'));
  const consumer = log.consume(options);
  await waitUntil('both', () => seen.length === 2);
  await consumer.stop();
  await record(thing(4), thing(5, 'k', 'wanted.happened'), thing(6));
  const again = log.consume(options);
  await waitUntil('the third', () => seen.length === 3);
  await waitUntil('the end', async () => BigInt((await group(database))!.position) >= 5n);
  await again.stop();
  expect(seen).toEqual([1, 3, 5]);
  // What was only passed over is stored when the group is given back.
  expect((await group(database))?.position).toBe('6');
});

test('a group that was deleted under its consumer begins anew', async () => {
  const { log, database, record } = await eventLog({ leaseMs: 300 });
  const seen: number[] = [];
  log.consume({ group: 'g', deliver: async (events) => void seen.push(...events.map(n)) });
  await record(thing(1));
  await waitUntil('the first', () => seen.length === 1);
  await waitUntil('the cursor', async () => (await group(database))?.position === '1');
  await database.query('delete from events.consumer_group');
  await record(thing(2));
  // The second may come once more, under the claim that is gone.
  await waitUntil('both, from the beginning', () => /^1(,2)?,1,2$/.test(seen.join()));
});

test('a group has a name that can stand in a path', async () => {
  const { log } = await eventLog();
  const consume = () => log.consume({ group: 'stock report', handle: () => Promise.resolve() });
  expect(consume).toThrow('expected a name of letters, digits and . _ : / -');
});

test('a new group begins where it is told to', async () => {
  const { log, record } = await eventLog();
  await record(thing(1), thing(2));
  await log.waitBeyond(1n);
  const seen: number[] = [];
  const consumer = log.consume({
    group: 'late',
    startAt: 'end',
    deliver: async (events) => void seen.push(...events.map(n)),
  });
  await waitUntil('the claim', () => consumer.isOwner);
  await record(thing(3));
  await waitUntil('the new one', () => seen.length > 0);
  expect(seen).toEqual([3]);
});

test('two nodes, one owner; when it stops the other takes over at once', async () => {
  const { log, database, record } = await eventLog();
  const other = await startLog(database);
  const { handle, kept } = await keptWork(database);
  const first = log.consume({ group: 'g', handle });
  await waitUntil('an owner', () => first.isOwner);
  const second = other.consume({ group: 'g', handle });
  await record(thing(1));
  await until(1, kept);
  expect([first.isOwner, second.isOwner]).toEqual([true, false]);
  await first.stop();
  other.groupsChanged();
  await waitUntil('the other one', () => second.isOwner);
  await record(thing(2));
  expect(await until(2, kept)).toEqual([1, 2]);
});

test('a node that dies is followed by another one long before its claim runs out', async () => {
  const { database, connectionString, record } = await eventLog();
  const mortal = openMortalDatabase({
    connectionString,
    applicationName: 'dying node',
    maxConnections: 6,
  });
  const dying = await startLog(mortal, { leaseMs: 60_000 });
  const { handle, kept } = await keptWork(database);
  const first = dying.consume({ group: 'g', handle });
  await waitUntil('an owner', () => first.isOwner);
  const survivor = await startLog(database, { leaseMs: 300 });
  const second = survivor.consume({ group: 'g', handle });
  await record(thing(1));
  await until(1, kept);
  await mortal.die();
  onTestFinished(() => mortal.close());
  await record(thing(2));
  expect(await until(2, kept)).toEqual([1, 2]);
  await waitUntil('the claim to be renewed', () => second.isOwner);
});

test('nodes share groups evenly as they come, go and die, and no event is lost or doubled by it', async () => {
  const { log, database, connectionString, record } = await eventLog({ leaseMs: 600 });
  await database.query('create table kept (place serial, who text, n int)');
  const groups = ['g1', 'g2', 'g3', 'g4', 'g5', 'g6'];
  const run = (node: typeof log) =>
    groups.map((who) =>
      node.consume({
        ...{ group: who, batch: 2, retry: quickly },
        async handle(events, tx) {
          await tx.query('insert into kept (who, n) select $1, unnest($2::int[])', [
            who,
            events.map(n),
          ]);
        },
      }),
    );
  const owned = (consumers: ReturnType<typeof run>) =>
    consumers.filter(({ isOwner }) => isOwner).length;
  const mortal = openMortalDatabase({
    ...{ connectionString, applicationName: 'dying node', maxConnections: 10 },
  });
  onTestFinished(() => mortal.close());
  const first = run(log);
  let recorded = 0;
  const more = async () => {
    await record(...upTo(10).map((index) => thing(recorded + index)));
    recorded += 10;
  };
  await more();
  await waitUntil('all groups', () => owned(first) === 6);
  const dying = run(await startLog(mortal, { leaseMs: 60_000 }));
  await more();
  await waitUntil('halves', () => owned(first) === 3 && owned(dying) === 3);
  const last = await startLog(database, { leaseMs: 600 });
  const third = run(last);
  await more();
  await waitUntil('thirds', () => [first, dying, third].every((one) => owned(one) === 2));
  await mortal.die();
  await more();
  await waitUntil('halves again', () => owned(first) === 3 && owned(third) === 3);
  await last.stop();
  await more();
  await waitUntil('one for all', () => owned(first) === 6);
  const kept = await waitUntil('all events', async () => {
    const { rows } = await database.query<{ who: string; list: readonly number[] }>(
      'select who, array_agg(n order by place) as list from kept group by who order by who',
    );
    return rows.every(({ list }) => list.length >= recorded) && rows.length === 6 && rows;
  });
  expect(kept).toEqual(groups.map((who) => ({ who, list: upTo(recorded) })));
});

/** Another node, of which there is its id and a session that PostgreSQL sees. */
async function livingNode(database: Database): Promise<string> {
  const session = await database.connect();
  onTestFinished(() => session.release({ close: true }));
  const { rows } = await session.query<{ node: string }>('select gen_random_uuid() as node');
  const { node } = rows[0]!;
  await session.query('select pg_advisory_lock(28525, hashtext($1::text))', [node]);
  return node;
}

test('a node that sleeps past its claim owns nothing any more, though its session lives', async () => {
  const { log, database } = await eventLog({ leaseMs: 300 });
  const name = 'asleep';
  const consumer = log.consume({ group: 'g', handle: () => Promise.resolve() });
  await waitUntil('an owner', () => consumer.isOwner);
  // A member of another node that never renews what it said, with a session that PostgreSQL sees.
  const sleeper = await livingNode(database);
  await database.query(
    `insert into events.group_member select 'g', $1, clock_timestamp() + interval '700 ms'`,
    [sleeper],
  );
  await database.query(
    `insert into events.consumer_group (name, position, owner, epoch, lease_until)
     values ($1, 0, $2, 1, clock_timestamp() + interval '700 ms')`,
    [name, sleeper],
  );
  const other = log.consume({ group: name, handle: () => Promise.resolve() });
  await waitUntil('its groups', () => consumer.isOwner && other.isOwner);
  expect(await group(database, name)).toMatchObject({ epoch: '2' });
});

test('a claim that ran out and is renewed by the same node lets the group go on at once', async () => {
  const { log, database, record } = await eventLog({ leaseMs: 300 });
  const { handle, kept } = await keptWork(database);
  const consumer = log.consume({ group: 'g', handle });
  let witnessed = 0;
  log.consume({
    group: 'witness',
    handle: async (events) => {
      witnessed += events.length;
    },
  });
  await record(thing(1));
  await until(1, kept);
  // Its claim cannot be renewed for a while, as when PostgreSQL is slow or the program was stopped.
  const slow = await database.connect();
  onTestFinished(() => slow.release());
  await slow.query('begin');
  await slow.query(`select from events.consumer_group where name = 'g' for update`);
  await waitUntil('the claim to run out', () => !consumer.isOwner);
  await record(thing(2));
  await waitUntil('word of the event', () => witnessed === 2);
  await slow.query('rollback');
  expect(await until(2, kept)).toEqual([1, 2]);
});

test('a node that lost its claim in the middle of its work cannot keep that work', async () => {
  const { log, database, record } = await eventLog();
  const { handle, kept } = await keptWork(database);
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  log.consume({
    group: 'g',
    async handle(events, tx) {
      calls += 1;
      if (calls === 1) await gate.promise;
      await handle(events, tx);
    },
  });
  await record(thing(1));
  await waitUntil('the handler', () => calls === 1);
  // Another node takes the group over, as after a pause beyond the lease, and handles the event.
  await database.query(
    `update events.consumer_group set owner = gen_random_uuid(), epoch = epoch + 1, position = 1,
       lease_until = clock_timestamp() + interval '1 hour'`,
  );
  await database.query('insert into work values (1)');
  gate.resolve();
  await record(thing(2));
  await waitUntil('the claim to be noticed as lost', async () => (await kept()).length === 1);
  await database.query('update events.consumer_group set owner = null');
  log.groupsChanged();
  expect(await until(2, kept)).toEqual([1, 2]);
});

test('a node whose claim has run out is told to send no more, and what it says of letters is not kept', async () => {
  const { log, database, record } = await eventLog({ leaseMs: 300 });
  const refused = { firstMs: 1, longestMs: 5, parkAfter: 1 };
  let carried: AbortSignal | undefined;
  let isBroken = true;
  const consumer = log.consume({
    group: 'g',
    retry: refused,
    async deliver(_events, { signal }) {
      if (isBroken) throw new Error('broken');
      carried = signal;
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')));
      });
    },
  });
  await record(thing(1));
  await waitUntil('a letter', async () => (await letters(database)).length === 1);
  isBroken = false;
  await database.query('update events.dead_letter set replay_at = now()');
  log.groupsChanged();
  await waitUntil('its replay', () => carried !== undefined);
  // Another node takes the group over, as after a sleep beyond the lease.
  // It lives: the group of a dead one would be taken back at once.
  await database.query(
    `update events.consumer_group set owner = $1, epoch = epoch + 1,
       lease_until = clock_timestamp() + interval '1 hour'`,
    [await livingNode(database)],
  );
  await database.query(`update events.dead_letter set error = 'as the new owner left it'`);
  await waitUntil('the end of the delivery', () => carried?.aborted);
  await consumer.stop();
  const { rows } = await database.query(
    'select attempts, error, replay_at is not null as asked from events.dead_letter',
  );
  expect(rows).toEqual([{ attempts: 1, error: 'as the new owner left it', asked: true }]);
});

test('one poison event is parked, its key waits behind it, other keys go on', async () => {
  const { log, database, record } = await eventLog();
  const { handle, kept } = await keptWork(database);
  const consumer = log.consume({
    group: 'g',
    retry: { ...quickly, parkAfter: 3 },
    async handle(events, tx) {
      if (events.some((event) => n(event) === 2)) throw new Error('cannot read 2');
      await handle(events, tx);
    },
  });
  await record(thing(1, 'a'), thing(2, 'b'), thing(3, 'a'), thing(4, 'b'), thing(5, 'c'));
  expect(await until(3, kept)).toEqual([1, 3, 5]);
  await waitUntil('two letters', async () => (await letters(database)).length === 2);
  expect(await letters(database)).toMatchObject([
    { position: '2', attempts: 3, error: 'cannot read 2', behind: null },
    { position: '4', attempts: 0, behind: '2' },
  ]);
  // Also after a restart.
  await consumer.stop();
  log.consume({ group: 'g', handle });
  await record(thing(6, 'b'), thing(7, 'a'));
  expect(await until(4, kept)).toEqual([1, 3, 5, 7]);
  expect((await letters(database)).map(({ position }) => position)).toEqual(['2', '4', '6']);
});

test('dead letters are tried again in the order of their key, and then the key is free', async () => {
  const { log, database, record } = await eventLog();
  let broken = true;
  const seen: number[] = [];
  log.consume({
    group: 'g',
    async deliver(events) {
      if (broken && events.some(({ key }) => key === 'b')) throw new TerminalFault('NO', 'broken');
      seen.push(...events.map(n));
    },
  });
  await record(thing(1, 'b'), thing(2, 'b'), thing(3, 'a'), thing(4, 'b'));
  await waitUntil('three letters', async () => (await letters(database)).length === 3);
  const replay = async () => {
    await database.query('update events.dead_letter set replay_at = now()');
    log.groupsChanged();
  };
  await replay();
  await waitUntil('a failed replay', async () => {
    const { rows } = await database.query<{ attempts: number; error: string }>(
      'select * from events.dead_letter where replay_at is null and attempts = 2',
    );
    return rows[0]?.error === 'NO: broken';
  });
  broken = false;
  await replay();
  await waitUntil('all of them', () => seen.length === 4);
  await record(thing(5, 'b'));
  await waitUntil('the next of the key', () => seen.length === 5);
  expect(seen).toEqual([3, 1, 2, 4, 5]);
  expect(await letters(database)).toEqual([]);
});

test('a fault that may pass is never parked, however often it comes', async () => {
  const { log, database, record } = await eventLog();
  let failures = 0;
  const seen: number[] = [];
  log.consume({
    group: 'g',
    retry: { ...quickly, parkAfter: 2 },
    async deliver(events) {
      failures += 1;
      if (failures <= 6) throw new RetryableFault('DOWN', 'the receiver is away');
      seen.push(...events.map(n));
    },
  });
  await record(thing(1), thing(2));
  await waitUntil('the error at the group', async () =>
    (await group(database))?.last_error?.startsWith('DOWN: '),
  );
  await waitUntil('both', () => seen.length === 2);
  expect(await letters(database)).toEqual([]);
  await waitUntil('no error', async () => (await group(database))?.last_error === null);
});

test('what fails for hours in one way is said ever more rarely, and so is that it goes on', async () => {
  const said: unknown[] = [];
  const say = (fields: Record<string, unknown>, message: string) =>
    void said.push([fields.failures, message.replace('a consumer group ', '')]);
  const { log, record } = await eventLog({ log: { ...silentLog, warn: say, info: say } });
  let calls = 0;
  log.consume({
    group: 'g',
    retry: quickly,
    deliver: async () => {
      calls += 1;
      if (calls > 20) return;
      throw new RetryableFault('AWAY', calls < 6 ? 'refused' : 'no route', { retryAfterMs: 1 });
    },
  });
  await record(thing(1));
  await waitUntil('that it goes on', () => said.at(-1)?.toString().includes('goes on'));
  const again = (failures: number) => [failures, 'failed; it tries again'];
  const told = [...[1, 2, 4, 6, 8, 16].map(again), [20, 'goes on after failures']];
  expect(said.filter((one) => /failure|failed/.test(String(one)))).toEqual(told);
});
