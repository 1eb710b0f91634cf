/** Files that grow are brought to the disk while they grow, one at a time; others are left to the system. */
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { waitUntil } from '../../../test/support/wait-until.ts';
import { writeEvenly } from './even-writes.ts';

const mebibyte = Buffer.alloc(1024 * 1024);

/** A data directory with a file of a table. */
async function clusterWith(size: number) {
  const cluster = await mkdtemp(join(tmpdir(), 'even-writes-'));
  onTestFinished(() => rm(cluster, { recursive: true, force: true }));
  await mkdir(join(cluster, 'base', '5'), { recursive: true });
  const table = join(cluster, 'base', '5', '16384');
  await writeFile(table, Buffer.alloc(size));
  return { cluster, table };
}

test('what a table grows by goes to the disk, again and again, until it is stopped', async () => {
  const { cluster, table } = await clusterWith(2 * mebibyte.length);
  await writeFile(join(cluster, 'base', '5', '16385'), Buffer.alloc(8_192));
  const sizes: number[] = [];
  let atOnce = 0;
  const writes = writeEvenly({
    cluster,
    failed: (error) => expect.fail(error.message),
    async sync(file) {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await file.datasync();
      sizes.push((await file.stat()).size);
      atOnce -= 1;
    },
  });
  for (const count of [1, 2, 3]) {
    await waitUntil(`the table to be written ${count} times`, async () => {
      await appendFile(table, mebibyte);
      return sizes.length >= count;
    });
  }
  await writes.stop();
  const before = sizes.length;
  expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
  await appendFile(table, mebibyte);
  expect([sizes.length, sizes[0]! > 2 * mebibyte.length]).toEqual([before, true]);
});

test('a disk that refuses is told of once, and a table that is gone not at all', async () => {
  const { cluster, table } = await clusterWith(2 * mebibyte.length);
  const other = join(cluster, 'base', '5', '16390');
  await writeFile(other, Buffer.alloc(2 * mebibyte.length));
  const failures: string[] = [];
  let synced = 0;
  const writes = writeEvenly({
    cluster,
    failed: ({ message }) => failures.push(message),
    async sync() {
      synced += 1;
      throw new Error('EIO: i/o error');
    },
  });
  await rm(other);
  await waitUntil('the refusal', async () => {
    await appendFile(table, mebibyte);
    return failures.length > 0;
  });
  await appendFile(table, mebibyte);
  await writes.stop();
  expect([failures, synced]).toEqual([['EIO: i/o error'], 1]);
});
