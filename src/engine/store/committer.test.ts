/** How groups travel: who comes together does not stay together, and nobody is answered before the commit. */
import { expect, test } from 'vitest';
import type { CommitRecord } from './commit-record.ts';
import { Committer } from './committer.ts';

const record = (id: number): CommitRecord => ({
  id: `00000000-0000-7000-8000-${String(id).padStart(12, '0')}`,
  shard: 0,
  revision: 1,
  at: 0,
  state: '{}',
  status: 'running',
  fromSeq: 1,
  entries: '[]',
  counts: [],
  more: null,
  rare: [],
  large: [],
  thrown: [],
});

/** A committer on statements that are answered by hand. */
function byHand() {
  const sent: { readonly size: number; readonly answer: () => void }[] = [];
  const committer = new Committer({
    db: {
      query: (_text, values = []) =>
        new Promise((resolve) => {
          // The ids of a group, as a binary array: a header of 20 bytes, then 20 for each.
          const ids = values[4] as Buffer;
          sent.push({
            size: (ids.length - 20) / 20,
            answer: () => resolve({ rows: [], rowCount: 1 }),
          });
        }),
    },
    node: '00000000-0000-7000-8000-000000000000',
    leaseOf: (shard) => ({ shard, epoch: 1n }),
  });
  return { committer, sent };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('instances that came in one group travel in two, so that one is under way while the other is worked on', async () => {
  const { committer, sent } = byHand();
  let answered = 0;
  for (let id = 0; id < 100; id += 1) {
    void committer.commit(record(id)).then(() => {
      answered += 1;
      return committer.commit(record(id));
    });
  }
  await turn();
  expect(sent.map(({ size }) => size)).toEqual([100]);
  expect(answered).toBe(0);

  sent[0]?.answer();
  while (sent.length < 3) await turn();
  expect(sent.map(({ size }) => size)).toEqual([100, 50, 50]);
  expect(answered).toBe(100);
});

test('a small group is answered at once', async () => {
  const { committer, sent } = byHand();
  let answered = 0;
  for (let id = 0; id < 50; id += 1) void committer.commit(record(id)).then(() => (answered += 1));
  await turn();
  sent[0]?.answer();
  await turn();
  expect(answered).toBe(50);
});
