/** The memory of sandboxes: whole commits or none, also after a crash in the middle of a line. */
import { appendFileSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openJournal } from './journal.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('without a folder it remembers while it lives', () => {
  const journal = openJournal({ name: 'memory' });
  const things = journal.collection<number>('things');
  const change = things.put('a', 1);
  expect(things.get('a')).toBeUndefined();
  journal.commit(change);
  expect(things.values()).toEqual([1]);
});

test('what was committed is there again, in its order; a cut-off line is not', () => {
  const file = join(folder, 'kept.jsonl');
  const first = openJournal({ folder, name: 'kept' });
  const things = first.collection<number>('things');
  const others = first.collection<string>('others');
  first.commit(things.put('a', 1), others.put('x', 'X'));
  first.commit(things.put('b', 2));
  first.commit(things.put('a', 3));
  appendFileSync(file, '[{"collection":"things","id":"c","val');

  const second = openJournal({ folder, name: 'kept' });
  expect(second.collection('things').values()).toEqual([3, 2]);
  expect(second.collection('others').values()).toEqual(['X']);
  second.commit(second.collection<number>('things').put('d', 4));
  expect(openJournal({ folder, name: 'kept' }).collection('things').values()).toEqual([3, 2, 4]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(2);
});
