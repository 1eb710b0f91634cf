/**
 * How much of the machine the embedded server takes: memory for its cache, and disk for the log of changes
 * between two checkpoints. Both are bounds; what is not needed is not taken.
 */
import { statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';

const mebibyte = 2 ** 20;
/** What a small machine can spare. */
export const leastBuffersMiB = 128;
/** More was not measured to help, and makes a checkpoint longer. */
const mostBuffersMiB = 2_048;

/**
 * PostgreSQL's own cache: an eighth of the memory that this program may use. It is taken only as data is
 * read. With a million parked instances, 2 GB of tables, and 128 MB each message cost the server 340
 * microseconds instead of 200, since nearly each page was fetched from the system and written back.
 */
export function sharedBuffers(): string {
  const memory = Math.min(totalmem(), process.constrainedMemory() || totalmem());
  return within(memory / 8, leastBuffersMiB, mostBuffersMiB);
}

/** Whoever runs the program has so much; with less left PostgreSQL would stop for other reasons. */
const leastLogMiB = 2_048;
/** A crash is followed by replaying so much at most, and no start should wait for minutes. */
const mostLogMiB = 8_192;

/**
 * The most that the log of changes may take: a tenth of what is free on the disk of this folder. PostgreSQL makes
 * a checkpoint each time that half of it is full, and writes each page in full when it is first changed
 * after one. With 2 GB and 10,000 messages a second for a million parked instances one checkpoint followed the
 * other, every 18 seconds, and each wrote 1.2 GB.
 */
export async function mostLog(folder: string): Promise<string> {
  const { bavail, bsize } = await statfs(folder);
  return within((bavail * bsize) / 10, leastLogMiB, mostLogMiB);
}

/** Bytes as PostgreSQL's settings have them, within bounds in MiB. */
function within(bytes: number, least: number, most: number): string {
  return `${Math.min(most, Math.max(least, Math.floor(bytes / mebibyte)))}MB`;
}
