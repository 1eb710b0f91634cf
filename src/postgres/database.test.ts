/** Transactions on the real PostgreSQL: what is kept, what is not, and what survives a failure. */
import { afterEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../test/support/database.ts';
import { setCrashHook } from '../kernel/crash-point.ts';
import { type Database, openDatabase } from './database.ts';
import {
  isConnectionLoss,
  isSerializationFailure,
  isStatementTimeout,
  isUniqueViolation,
} from './pg-errors.ts';

const { database, connectionString } = await testDatabase({ maxConnections: 4 });
await database.query('create table items (id integer constraint items_id primary key, n integer)');

afterEach(async () => {
  setCrashHook(undefined);
  await database.query('truncate items');
});

async function ids(): Promise<unknown[]> {
  return (await database.query('select id from items order by id')).rows.map((row) => row.id);
}

function insert(id: number) {
  return ['insert into items values ($1, 0)', [id]] as const;
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable('expected a rejection'),
    (error: unknown) => error,
  );
}

test('keeps what a resolved transaction wrote, and gives its result', async () => {
  const result = await database.transaction(async (tx) => {
    await tx.query(...insert(1));
    const { rowCount } = await tx.query('update items set n = 1');
    return rowCount;
  });
  expect(result).toBe(1);
  expect(await ids()).toEqual([1]);
});

test('keeps nothing of a rejected transaction, and rejects with the very error', async () => {
  const reason = new Error('no');
  const failure = await failureOf(
    database.transaction(async (tx) => {
      await tx.query(...insert(1));
      throw reason;
    }),
  );
  expect(failure).toBe(reason);
  expect(await ids()).toEqual([]);
});

test('rejects when a failed statement was swallowed, since nothing was kept', async () => {
  const failure = await failureOf(
    database.transaction(async (tx) => {
      await tx.query(...insert(1));
      await tx.query(...insert(1)).catch(() => undefined);
    }),
  );
  expect(failure).toMatchObject({ message: expect.stringContaining('found ROLLBACK') });
  expect(isUniqueViolation((failure as Error).cause)).toBe(true);
  expect(await ids()).toEqual([]);
});

test('nested calls are separate transactions', async () => {
  await failureOf(
    database.transaction(async () => {
      await database.transaction(async (inner) => {
        await inner.query(...insert(2));
      });
      throw new Error('outer');
    }),
  );
  expect(await ids()).toEqual([2]);
});

test('queries given at the same time all belong to the transaction', async () => {
  await failureOf(
    database.transaction(async (tx) => {
      await Promise.all([tx.query(...insert(1)), tx.query(...insert(2)), tx.query(...insert(3))]);
      throw new Error('no');
    }),
  );
  expect(await ids()).toEqual([]);
});

test('a read-only transaction refuses to write', async () => {
  const failure = await failureOf(
    database.transaction(async (tx) => tx.query(...insert(1)), { readOnly: true }),
  );
  expect(failure).toMatchObject({ code: '25006' });
});

test('after-commit work runs once after the commit, and never after a rollback', async () => {
  const seen: string[] = [];
  await database.transaction(async (tx) => {
    tx.afterCommit(() => seen.push('first'));
    tx.afterCommit(() => seen.push('second'));
    expect(seen).toEqual([]);
  });
  await failureOf(
    database.transaction(async (tx) => {
      tx.afterCommit(() => seen.push('never'));
      throw new Error('no');
    }),
  );
  expect(seen).toEqual(['first', 'second']);
});

test('failing after-commit work is reported, and neither undoes the commit nor stops the rest', async () => {
  const reported: unknown[] = [];
  const silent = () => undefined;
  const log = {
    debug: silent,
    info: silent,
    warn: silent,
    error: (fields: object) => void reported.push(fields),
  };
  const other = openDatabase({ connectionString, maxConnections: 1, applicationName: 'x', log });
  let ran = false;
  const failure = new Error('too late');
  await other.transaction(async (tx) => {
    tx.afterCommit(() => {
      throw failure;
    });
    tx.afterCommit(() => {
      ran = true;
    });
    await tx.query(...insert(1));
  });
  await other.close();
  expect(ran).toBe(true);
  expect(reported).toEqual([{ error: failure }]);
  expect(await ids()).toEqual([1]);
});

test('a transaction that has ended refuses to be used', async () => {
  const leaked = await database.transaction(async (tx) => tx);
  await expect(leaked.query('select 1')).rejects.toThrow(/found one that has ended/);
  expect(() => leaked.afterCommit(() => undefined)).toThrow(/found one that has ended/);
});

test('passes its crash points around the commit, before after-commit work', async () => {
  const seen: string[] = [];
  setCrashHook((point) => seen.push(point));
  await database.transaction(async (tx) => tx.afterCommit(() => seen.push('work')));
  await database.transaction(async () => undefined, { name: 'group' });
  await database.transaction(async () => undefined, { readOnly: true });
  expect(seen).toEqual([
    'before-commit:transaction',
    'after-commit:transaction',
    'work',
    'before-commit:group',
    'after-commit:group',
  ]);
});

test('a crash before the commit keeps nothing, one after it keeps all', async () => {
  for (const [point, expected] of [
    ['before-commit:transaction', []],
    ['after-commit:transaction', [1]],
  ] as const) {
    setCrashHook((passed) => {
      if (passed === point) throw new Error('crash');
    });
    await failureOf(database.transaction(async (tx) => tx.query(...insert(1))));
    expect(await ids()).toEqual(expected);
  }
});

test('a connection killed inside a transaction is discarded, and the pool goes on', async () => {
  const failure = await failureOf(
    database.transaction(async (tx) => {
      const { rows } = await tx.query('select pg_backend_pid() as pid');
      await database.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await tx.query('select 1');
    }),
  );
  expect(isConnectionLoss(failure)).toBe(true);
  await database.transaction(async (tx) => tx.query(...insert(1)));
  expect(await ids()).toEqual([1]);
});

test('a server that is not there is a connection loss', async () => {
  const nowhere = openDatabase({
    connectionString: 'postgresql://nobody@localhost/none?host=%2Fnonexistent',
    maxConnections: 1,
    applicationName: 'test',
  });
  expect(isConnectionLoss(await failureOf(nowhere.query('select 1')))).toBe(true);
  await nowhere.close();
  await nowhere.close();
});

test('unique violations are told apart by constraint', async () => {
  await database.query(...insert(1));
  const failure = await failureOf(database.query(...insert(1)));
  expect(isUniqueViolation(failure)).toBe(true);
  expect(isUniqueViolation(failure, 'items_id')).toBe(true);
  expect(isUniqueViolation(failure, 'other')).toBe(false);
  expect(isConnectionLoss(failure)).toBe(false);
});

test('a statement over its time limit is a statement timeout', async () => {
  const hasty = openDatabase({
    connectionString,
    maxConnections: 1,
    applicationName: 'hasty',
    statementTimeoutMs: 200,
  });
  const failure = await failureOf(hasty.query('select pg_sleep(60)'));
  expect(isStatementTimeout(failure)).toBe(true);
  expect((await hasty.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  await hasty.close();
});

test('a deadlock is a serialization failure of one side', async () => {
  await database.query('insert into items values (1, 0), (2, 0)');
  const update = (id: number) => ['update items set n = n + 1 where id = $1', [id]] as const;
  const met = Promise.withResolvers<void>();
  let waiting = 0;
  const cross = (first: number, second: number) =>
    database.transaction(async (tx) => {
      await tx.query(`set local deadlock_timeout = '10ms'`);
      await tx.query(...update(first));
      waiting += 1;
      if (waiting === 2) met.resolve();
      await met.promise;
      await tx.query(...update(second));
    });
  const outcomes = await Promise.allSettled([cross(1, 2), cross(2, 1)]);
  const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(rejected).toHaveLength(1);
  expect(isSerializationFailure(rejected[0]?.reason)).toBe(true);
});

test('values come back whole: numeric and bigint as text, timestamps as dates, json parsed', async () => {
  const { rows } = await database.query(
    `select 12345678901234.10::numeric as amount, 9007199254740993::bigint as big, 7 as small,
       $1::timestamptz as at, date '2026-01-31' as day, '{"a":[1]}'::jsonb as data,
       $2::jsonb as given, $3::text[] as list, current_setting('TimeZone') as zone`,
    [new Date('2026-03-29T01:30:00.123Z'), { b: 'ü' }, ['x', 'y']],
  );
  expect(rows).toEqual([
    {
      amount: '12345678901234.10',
      big: '9007199254740993',
      small: 7,
      at: new Date('2026-03-29T01:30:00.123Z'),
      day: '2026-01-31',
      data: { a: [1] },
      given: { b: 'ü' },
      list: ['x', 'y'],
      zone: 'UTC',
    },
  ]);
});

async function preparedCount(one: Database, fragment: string): Promise<unknown> {
  const { rows } = await one.query(
    `select count(*)::integer as n from pg_prepared_statements where statement like '%${fragment}%'`,
  );
  return rows[0]?.n;
}

test('a text is prepared from its second run on, so that single texts leave nothing behind', async () => {
  const one = openDatabase({ connectionString, maxConnections: 1, applicationName: 'prepared' });
  await one.query('select $1::integer as once', [1]);
  for (const n of [1, 2, 3]) {
    expect((await one.query('select $1::integer as often', [n])).rows).toEqual([{ often: n }]);
  }
  expect(await preparedCount(one, 'as once')).toBe(0);
  expect(await preparedCount(one, 'as often')).toBe(1);
  await one.close();
});

test('a prepared statement whose table changed fails once; the next connection prepares anew', async () => {
  await database.query('create table shapes (a integer)');
  const one = openDatabase({ connectionString, maxConnections: 1, applicationName: 'shapes' });
  const read = () => one.query('select * from shapes where a = $1', [1]);
  await database.query('insert into shapes values (1)');
  await read();
  await read();
  await read();
  await database.query('alter table shapes add column b integer');
  await expect(read()).rejects.toThrow(/cached plan/);
  expect((await read()).rows).toEqual([{ a: 1, b: null }]);
  await one.close();
});

test('a value that cannot be sent fails its query alone', async () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (let run = 0; run < 3; run += 1) {
    await expect(database.query('select $1::jsonb as data', [circular])).rejects.toThrow(
      /circular/,
    );
  }
  const results = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => database.query('select $1::integer as n', [n])),
  );
  expect(results.map(({ rows }) => rows[0]?.n)).toEqual([1, 2, 3, 4, 5]);
});

describe('statements that are sent without waiting', () => {
  /** Twice before the third time, so that the statements are prepared and travel in one batch. */
  const runs = [1, 2, 3, 4];

  test.each(runs)('commit with the rest, in their order (run %i)', async () => {
    await database.transaction(async (tx) => {
      tx.send(...insert(1));
      tx.send('update items set n = n + $1 where id = 1', [5]);
      tx.send(...insert(2));
      tx.send('update items set n = n * $1', [2]);
    });
    const { rows } = await database.query('select id, n from items order by id');
    expect(rows).toEqual([
      { id: 1, n: 10 },
      { id: 2, n: 0 },
    ]);
  });

  test.each(runs)('are answered before what runs after the commit (run %i)', async () => {
    const told: unknown[] = [];
    const answered = (rows: readonly unknown[]) => told.push(rows);
    const more = 'insert into items (id, n) values ($1, 7) on conflict do nothing returning id, n';
    await database.transaction(async (tx) => {
      tx.afterCommit(() => told.push('committed'));
      tx.send(...insert(1));
      tx.send(more, [2], { answered });
      tx.send(...insert(3));
      tx.send(more, [3], { answered });
    });
    expect(told).toEqual([[{ id: 2, n: 7 }], [], 'committed']);
  });

  test.each(runs)('are answered early if asked to, while others run (run %i)', async () => {
    const other = await database.connect();
    await other.query('select pg_advisory_lock(7)');
    const told: unknown[] = [];
    await database.transaction(async (tx) => {
      tx.send('insert into items (id, n) values ($1, 7) returning id', [1], {
        early: true,
        answered: (rows) => {
          told.push(rows);
          void other.query('select pg_advisory_unlock(7)');
        },
      });
      // Ends when the first was told, and never else.
      tx.send('select pg_advisory_xact_lock($1)', [7]);
    });
    expect(told).toEqual([[{ id: 1 }]]);
    other.release();
  });

  test.each(runs)('are told of no answer when they fail (run %i)', async () => {
    const told: unknown[] = [];
    const answered = (rows: readonly unknown[]) => told.push(rows);
    const failure = await failureOf(
      database.transaction(async (tx) => {
        tx.send(...insert(1));
        tx.send('insert into items (id, n) values ($1, 7) returning id', [1], { answered });
      }),
    );
    expect(isUniqueViolation(failure)).toBe(true);
    expect(told).toEqual([]);
  });

  test.each(runs)('are seen by the queries after them (run %i)', async () => {
    const seen = await database.transaction(async (tx) => {
      tx.send(...insert(1));
      const first = await tx.query('select count(*)::int as n from items where id > $1', [0]);
      tx.send(...insert(2));
      tx.send(...insert(3));
      const second = await tx.query('select count(*)::int as n from items where id > $1', [0]);
      return [first.rows[0]?.n, second.rows[0]?.n];
    });
    expect(seen).toEqual([1, 3]);
  });

  test.each(runs)('are not sent at all when the work fails (run %i)', async () => {
    const failure = await failureOf(
      database.transaction(async (tx) => {
        tx.send(...insert(1));
        throw new Error('no');
      }),
    );
    expect(failure).toMatchObject({ message: 'no' });
    expect(await ids()).toEqual([]);
  });

  test.each(runs)(
    'fail the commit with their own error, and nothing is kept (run %i)',
    async () => {
      const later: string[] = [];
      const failure = await failureOf(
        database.transaction(async (tx) => {
          tx.afterCommit(() => later.push('committed'));
          tx.send(...insert(1));
          tx.send(...insert(1));
          tx.send(...insert(2));
        }),
      );
      expect(isUniqueViolation(failure, 'items_id')).toBe(true);
      expect(await ids()).toEqual([]);
      expect(later).toEqual([]);
    },
  );

  test.each(runs)('the error is explained by whoever sent that statement (run %i)', async () => {
    const wrong = (name: string) => ({
      explain: (error: unknown) => new Error(name, { cause: error }),
    });
    const failure = await failureOf(
      database.transaction(async (tx) => {
        tx.send(...insert(1), wrong('the first'));
        tx.send(...insert(2), wrong('the second'));
        tx.send(...insert(1), wrong('the third'));
        tx.send(...insert(2), wrong('the fourth'));
      }),
    );
    expect(failure).toMatchObject({ message: 'the third' });
    expect(isUniqueViolation((failure as Error).cause)).toBe(true);
  });

  test.each(runs)('a query behind a failed one gets its error, not its echo (run %i)', async () => {
    const failure = await failureOf(
      database.transaction(async (tx) => {
        tx.send(...insert(1));
        tx.send(...insert(1));
        await tx.query('select count(*)::int as n from items where id > $1', [0]);
      }),
    );
    expect(isUniqueViolation(failure)).toBe(true);
    expect(await ids()).toEqual([]);
  });

  test.each(runs)('a value that cannot be sent fails the transaction alone (run %i)', async () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    await expect(
      database.transaction(async (tx) => {
        tx.send(...insert(1));
        tx.send('insert into items values ($1, $2)', [2, circle]);
      }),
    ).rejects.toThrow(/circular/i);
    await Promise.all(
      [1, 2, 3, 4].map((id) => database.transaction(async (tx) => tx.send(...insert(id)))),
    );
    expect(await ids()).toEqual([1, 2, 3, 4]);
  });

  test('a connection killed before the commit: nothing is kept, and the pool goes on', async () => {
    const failure = await failureOf(
      database.transaction(async (tx) => {
        tx.send(...insert(1));
        const { rows } = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
        await database.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
        tx.send(...insert(2));
      }),
    );
    expect(isConnectionLoss(failure)).toBe(true);
    expect(await ids()).toEqual([]);
  });

  test('many transactions beside each other mix nothing up', async () => {
    const moves = Array.from({ length: 200 }, (_, id) => id);
    const outcomes = await Promise.all(
      moves.map((id) =>
        database
          .transaction(async (tx) => {
            const { rows } = await tx.query('select $1::int as id', [id]);
            tx.send(...insert(id));
            tx.send('update items set n = $2 where id = $1', [id, id * 2]);
            // Every third one fails by its last statement.
            if (id % 3 === 0) tx.send(...insert(id));
            return rows[0]?.id;
          })
          .catch((error: unknown) => isUniqueViolation(error) && 'refused'),
      ),
    );
    expect(outcomes).toEqual(moves.map((id) => (id % 3 === 0 ? 'refused' : id)));
    const { rows } = await database.query('select id, n from items order by id');
    expect(rows).toEqual(moves.filter((id) => id % 3 !== 0).map((id) => ({ id, n: id * 2 })));
  });
});

describe('statements of one turn travel together', () => {
  test('a statement that must wait for BEGIN keeps its place before a read', async () => {
    const seen = await database.transaction(async (tx) => {
      const [, count] = await Promise.all([
        tx.query(...insert(1)),
        tx.query('select count(*)::int as n from items'),
      ]);
      return count.rows[0]?.n;
    });
    expect(seen).toBe(1);
  });

  test('work that fails while a write waits for BEGIN writes nothing', async () => {
    const failure = await failureOf(
      database.transaction(async (tx) => {
        tx.query(...insert(1)).catch(() => undefined);
        throw new Error('no');
      }),
    );
    expect(failure).toMatchObject({ message: 'no' });
    // The same connection once more: what was left over would run now.
    await Promise.all([1, 2, 3, 4].map(() => database.query('select 1')));
    expect(await ids()).toEqual([]);
  });

  test.each([1, 2, 3, 4])('the failure of one is that of those behind it (run %i)', async () => {
    const failures = await database
      .transaction(async (tx) => {
        const count = 'select count(*)::int as n from items where n >= $1';
        const answers = await Promise.allSettled([
          tx.query(count, [0]),
          tx.query(...insert(1)),
          tx.query(...insert(1)),
          tx.query(count, [0]),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([
          'fulfilled',
          'fulfilled',
          'rejected',
          'rejected',
        ]);
        throw answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      })
      .catch((reasons: unknown[]) => reasons);
    expect(failures.map((failure) => isUniqueViolation(failure, 'items_id'))).toEqual([true, true]);
    expect((failures[0] as Error).stack).toContain('database.test.ts');
    expect(await ids()).toEqual([]);
  });

  test.each([1, 2, 3, 4])('each gets its own answer (run %i)', async () => {
    const answers = await database.transaction((tx) =>
      Promise.all([
        tx.query('select $1::int as id, null as gone, $2::timestamptz as at', [7, new Date(0)]),
        tx.query(...insert(1)),
        tx.query('select id from items where id > $1', [5]),
        tx.query('update items set n = n + $1 returning id, n', [2]),
        tx.query('select 1 as one; select 2 as two'),
        tx.query("select 'last' as name"),
      ]),
    );
    expect(answers).toEqual([
      { rows: [{ id: 7, gone: null, at: new Date(0) }], rowCount: 1 },
      { rows: [], rowCount: 1 },
      { rows: [], rowCount: 0 },
      { rows: [{ id: 1, n: 2 }], rowCount: 1 },
      { rows: [{ two: 2 }], rowCount: 1 },
      { rows: [{ name: 'last' }], rowCount: 1 },
    ]);
  });

  // Prepared from the second run on a connection on, so both ways of travelling are met.
  test.each([1, 2, 3, 4])('what is sent last runs once, after all else (run %i)', async () => {
    const copyAll = 'insert into items select id + $1, n from items';
    await database.transaction(async (tx) => {
      tx.sendLast(copyAll, [10]);
      tx.sendLast(copyAll, [20]);
      tx.send(...insert(1));
      await tx.query(...insert(2));
    });
    expect(await ids()).toEqual([1, 2, 11, 12]);
  });

  test.each([1, 2, 3, 4])(
    'when it fails nothing is kept, and its failure is told (run %i)',
    async () => {
      const failure = await failureOf(
        database.transaction(async (tx) => {
          tx.sendLast('insert into items values ($1, 1)', [1], {
            explain: (error) => ['explained', error],
          });
          await tx.query(...insert(1));
        }),
      );
      expect(failure).toMatchObject(['explained', { code: '23505' }]);
      expect(await ids()).toEqual([]);
    },
  );

  test('a transaction in which nothing is asked sends nothing', async () => {
    const nowhere = openDatabase({
      connectionString,
      maxConnections: 1,
      applicationName: 'nothing asked',
    });
    const sent: unknown[] = [];
    nowhere.pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...given: unknown[]) => unknown;
      Object.assign(client, {
        query: (...given: unknown[]) => {
          sent.push(given[0]);
          return query(...given);
        },
      });
    });
    expect(await nowhere.transaction(async () => 'nothing')).toBe('nothing');
    expect(sent).toEqual([]);
    await nowhere.transaction((tx) => tx.query('select 1 as n'));
    expect(sent).not.toEqual([]);
    await nowhere.close();
  });
});
