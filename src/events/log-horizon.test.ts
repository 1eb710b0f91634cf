/** Reading up to the horizon misses nothing and changes no order, however transactions overlap. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { newId } from '../kernel/ids.ts';
import type { Connection, Database } from '../postgres/index.ts';
import { eventMigrations } from './index.ts';
import { createLogHorizon, type LogHorizon } from './log-horizon.ts';

const migrations = [eventMigrations];

const insert = `insert into events.event (id, name, version, key, payload, occurred_at)
  values ($1, 'thing.happened', 1, $2, '{}', now()) returning position`;

async function record(connection: Pick<Connection, 'query'>, key = 'k'): Promise<bigint> {
  const { rows } = await connection.query<{ position: string }>(insert, [newId(), key]);
  return BigInt(rows[0]!.position);
}

/**
 * The horizon once nothing of this database is in progress. Other tests' databases are on the same
 * server, and their transactions hold a snapshot up as well.
 */
async function settled(horizon: LogHorizon): Promise<bigint> {
  return await waitUntil('a settled horizon', async () => {
    const position = await horizon.look();
    return horizon.isBehind ? null : position;
  });
}

async function connections(database: Database, count: number): Promise<readonly Connection[]> {
  return await Promise.all(Array.from({ length: count }, () => database.connect()));
}

test('an empty log, and one without anything in progress: the horizon is the end at once', async () => {
  const { database } = await testDatabase({ migrations });
  const horizon = createLogHorizon({ query: database.query });
  expect(await horizon.look()).toBe(0n);
  await record(database);
  const last = await record(database);
  expect(await settled(horizon)).toBe(last);
});

test('a later position that commits first waits for the earlier one', async () => {
  const { database } = await testDatabase({ migrations });
  const [early, late] = (await connections(database, 2)) as [Connection, Connection];
  const horizon = createLogHorizon({ query: database.query });
  await early.begin();
  const first = await record(early);
  await late.begin();
  const second = await record(late);
  await late.commit();
  expect(await horizon.look()).toBeLessThan(first);
  expect(horizon.isBehind).toBe(true);
  await early.commit();
  expect(await settled(horizon)).toBe(second);
  early.release();
  late.release();
});

test('the newest transaction of all, alone in progress, is waited for', async () => {
  // Its id lies above `pg_snapshot_xmax`, which a careless reader would take for the next id.
  const { database } = await testDatabase({ migrations });
  const [only] = (await connections(database, 1)) as [Connection];
  const horizon = createLogHorizon({ query: database.query });
  await only.begin();
  const position = await record(only);
  expect(await horizon.look()).toBeLessThan(position);
  await only.rollback();
  expect(await settled(horizon)).toBe(position);
  only.release();
});

test('a long transaction that never touches the log holds readers up for a moment only', async () => {
  const { database } = await testDatabase({ migrations });
  const [long, writer] = (await connections(database, 2)) as [Connection, Connection];
  const time = { ms: 0 };
  const horizon = createLogHorizon({
    query: database.query,
    nowMs: () => time.ms,
    longWaitMs: 1_000,
  });
  await long.query('create table elsewhere (n int)');
  await long.begin();
  await long.query('insert into elsewhere values (1)');
  await writer.begin();
  const first = await record(writer);
  expect(await horizon.look()).toBe(0n);
  time.ms = 1_000;
  // Both are in progress; the writer's row is not final yet, whatever else is going on.
  expect(await horizon.look()).toBe(0n);
  const [another] = (await connections(database, 1)) as [Connection];
  await another.begin();
  const second = await record(another);
  await writer.commit();
  expect(await horizon.look()).toBe(first);
  await another.commit();
  time.ms = 3_000;
  expect(await horizon.look()).toBe(second);
  await long.rollback();
  for (const connection of [long, writer, another]) connection.release();
});

/** One thing that happens on one of the connections, or a look of the reader. */
type Happening =
  | { readonly does: 'write' | 'commit' | 'rollback' | 'other'; readonly on: number }
  | { readonly does: 'look' };

const lanes = 5;
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ does: fc.constant('write' as const), on: fc.nat(lanes - 1) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('commit' as const), on: fc.nat(lanes - 1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('rollback' as const), on: fc.nat(lanes - 1) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('other' as const), on: fc.nat(lanes - 1) }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('look' as const) }) },
);

/** Reads on from where it stands, as every consumer does. */
function readerOf(database: Database, horizon: LogHorizon) {
  const seen: string[] = [];
  let cursor = 0n;
  return {
    seen,
    async read(look = () => horizon.look()) {
      const end = await look();
      const { rows } = await database.query<{ position: string }>(
        'select position from events.event where position > $1 and position <= $2 order by position',
        [cursor.toString(), end.toString()],
      );
      seen.push(...rows.map(({ position }) => position));
      cursor = end;
    },
  };
}

test('random overlapping transactions: the reader sees every committed row once, in order', async () => {
  const { database } = await testDatabase({ migrations, maxConnections: lanes + 2 });
  const open = await connections(database, lanes);
  await database.query('create table elsewhere (n int)');
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 10, maxLength: 60 }),
      fc.boolean(),
      async (happenings, byLocks) => {
        await database.query('delete from events.event');
        const horizon = createLogHorizon({
          query: database.query,
          longWaitMs: byLocks ? 0 : Number.MAX_SAFE_INTEGER,
        });
        const reader = readerOf(database, horizon);
        const isOpen = new Array<boolean>(lanes).fill(false);
        const end = async (on: number, does: 'commit' | 'rollback') => {
          if (isOpen[on]) await open[on]![does]();
          isOpen[on] = false;
        };
        for (const step of happenings) {
          if (step.does === 'look') {
            await reader.read();
          } else if (step.does === 'write' || step.does === 'other') {
            if (!isOpen[step.on]) await open[step.on]!.begin();
            isOpen[step.on] = true;
            if (step.does === 'write') await record(open[step.on]!);
            else await open[step.on]!.query('insert into elsewhere values (1)');
          } else {
            await end(step.on, step.does);
          }
        }
        for (let on = 0; on < lanes; on += 1) await end(on, 'commit');
        await reader.read(() => settled(horizon));
        const { rows } = await database.query<{ position: string }>(
          'select position from events.event order by position',
        );
        expect(reader.seen).toEqual(rows.map(({ position }) => position));
      },
    ),
    { numRuns: 60 },
  );
  for (const connection of open) connection.release();
});

test('writers at full speed: nothing is missed, and the order of each key is kept', async () => {
  const { database } = await testDatabase({ migrations, maxConnections: 8 });
  await database.query('create table aggregate (key text primary key, n int not null default 0)');
  await database.query(
    `insert into aggregate (key) select 'k' || n from generate_series(0, 3) as n`,
  );
  const horizon = createLogHorizon({ query: database.query });
  const reader = readerOf(database, horizon);
  let writing = true;
  const write = async (worker: number) => {
    for (let turn = 0; turn < 60; turn += 1) {
      await database.transaction(async (tx) => {
        // Half of them write the log first, so that the event's row is what gives them their id.
        const key = `k${(worker + turn) % 4}`;
        const bump = 'update aggregate set n = n + 1 where key = $1 returning n';
        const n = turn % 2 === 0 ? (await tx.query<{ n: number }>(bump, [key])).rows[0]!.n : 0;
        await tx.query(
          `insert into events.event (id, name, version, key, payload, occurred_at)
           values ($1, 'thing.happened', 1, $2, to_jsonb($3::int), now())`,
          [newId(), n === 0 ? `free ${worker}` : key, n],
        );
      });
    }
  };
  const reading = (async () => {
    while (writing) await reader.read();
  })();
  await Promise.all([0, 1, 2, 3].map(write));
  writing = false;
  await reading;
  await reader.read(() => settled(horizon));
  const { rows } = await database.query<{ position: string; key: string; n: number }>(
    `select position, key, payload as n from events.event order by position`,
  );
  expect(reader.seen).toEqual(rows.map(({ position }) => position));
  for (const key of ['k0', 'k1', 'k2', 'k3']) {
    const numbers = rows.filter((row) => row.key === key).map(({ n }) => n);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
});
