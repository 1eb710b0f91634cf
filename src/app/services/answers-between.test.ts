/** A transaction may ask another service, and holds nothing while it waits for the answer. */
import { expect, test } from 'vitest';
import { testDatabase } from '../../../test/support/database.ts';
import { answersBetween } from './answers-between.ts';

async function openTransactions(inner: Awaited<ReturnType<typeof testDatabase>>['database']) {
  const { rows } = await inner.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and state = 'idle in transaction'`,
  );
  return rows[0]!.n;
}

test('work is rolled back, the answer is fetched outside, and the work begins anew with it', async () => {
  const { database: inner } = await testDatabase();
  await inner.query('create table note (text text)');
  const { database, ask } = answersBetween(inner);
  const openWhileAsked: number[] = [];
  let runs = 0;
  const result = await database.transaction(async (tx) => {
    runs += 1;
    await tx.query(`insert into note values ('written')`);
    const answers: string[] = [];
    for (const question of ['one', 'two', 'one']) {
      answers.push(
        await ask(question, async () => {
          openWhileAsked.push(await openTransactions(inner));
          return `answer to ${question}`;
        }),
      );
    }
    return answers;
  });
  expect(result).toEqual(['answer to one', 'answer to two', 'answer to one']);
  expect(runs).toBe(3);
  expect(openWhileAsked).toEqual([0, 0]);
  expect((await inner.query('select * from note')).rows).toHaveLength(1);
});

test('a fault of the other service leaves the transaction, and nothing is kept', async () => {
  const { database: inner } = await testDatabase();
  await inner.query('create table note (text text)');
  const { database, ask } = answersBetween(inner);
  const work = database.transaction(async (tx) => {
    await tx.query(`insert into note values ('written')`);
    await ask('anything', () => Promise.reject(new Error('it is down')));
  });
  await expect(work).rejects.toThrow('it is down');
  expect((await inner.query('select * from note')).rows).toEqual([]);
});

test('transactions side by side have answers of their own; endless questions end', async () => {
  const { database: inner } = await testDatabase();
  const { database, ask } = answersBetween(inner);
  const both = await Promise.all(
    ['a', 'b'].map((name) => database.transaction(() => ask('who?', async () => name))),
  );
  expect(both).toEqual(['a', 'b']);
  let asked = 0;
  const endless = database.transaction(async () => {
    asked += 1;
    for (;;) await ask(`question ${Math.random()}`, async () => null);
  });
  await expect(endless).rejects.toMatchObject({ code: 'ANSWER_NEEDED' });
  expect(asked).toBe(11);
});
