/** What the embedded server may take follows from the machine, within bounds. */
import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { mostLog, sharedBuffers } from './sizes.ts';

const mebibytes = (setting: string) => {
  expect(setting).toMatch(/^\d+MB$/);
  return Number.parseInt(setting, 10);
};

test('the cache is an eighth of the memory, and no more than helps', () => {
  const most = mebibytes(sharedBuffers());
  expect(most).toBeGreaterThanOrEqual(128);
  expect(most).toBeLessThanOrEqual(2_048);
  expect(most).toBeLessThanOrEqual(Math.max(128, totalmem() / 8 / 2 ** 20));
});

test('the log is a tenth of what is free on its disk, and neither too small nor endless', async () => {
  const folder = import.meta.dirname;
  const most = mebibytes(await mostLog(folder));
  expect(most).toBeGreaterThanOrEqual(2_048);
  expect(most).toBeLessThanOrEqual(8_192);
  const { bavail, bsize } = await statfs(folder);
  const tenth = (bavail * bsize) / 10 / 2 ** 20;
  // Others write to the disk meanwhile.
  if (tenth > 3_000 && tenth < 8_000) expect(Math.abs(most - tenth)).toBeLessThan(200);
});
