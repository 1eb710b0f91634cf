/**
 * What the disk alone does to durability: the time after which something that happens at a random moment is
 * durable when nothing but small writes goes on. No figure of a program that waits for its disk can be better,
 * and a shared disk may stand still for a tenth of a second now and then.
 */
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quantile } from './statistics.ts';

/** So much is written and synchronised each time: what PostgreSQL logs for about 30 messages of `parked`. */
const writeBytes = 128 * 1_024;
/** Between two writes, which makes about 300 a second on an idle disk: as many as `parked` has commits. */
const pauseMs = 3;
/** The writes go around in so much, which is allocated before. */
const fileBytes = 64 * writeBytes;

/** In milliseconds, over all moments: how long each has to wait for the end of the next write. */
export interface DiskWaits {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Write {
  readonly begin: number;
  readonly end: number;
}

/** Writes to a new file in this folder for so long, and removes it. */
export async function diskWaits(folder: string, forMs: number): Promise<DiskWaits> {
  const path = join(folder, 'bench-disk');
  const file = await open(path, 'w');
  try {
    await file.write(Buffer.alloc(fileBytes, 1));
    await file.sync();
    return waitsOf(await writeFor(file, forMs));
  } finally {
    await file.close();
    await rm(path);
  }
}

async function writeFor(
  file: Awaited<ReturnType<typeof open>>,
  forMs: number,
): Promise<readonly Write[]> {
  const bytes = Buffer.alloc(writeBytes, 2);
  const writes: Write[] = [];
  const until = performance.now() + forMs;
  for (let begin = performance.now(); begin < until; begin = performance.now()) {
    await file.write(bytes, 0, bytes.length, (writes.length * writeBytes) % fileBytes);
    await file.datasync();
    writes.push({ begin, end: performance.now() });
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return writes;
}

/** Each millisecond is a moment: what happens then is part of the first write that begins afterwards. */
function waitsOf(writes: readonly Write[]): DiskWaits {
  const waits: number[] = [];
  let moment = writes[0]?.begin ?? 0;
  for (const { begin, end } of writes) {
    for (; moment <= begin; moment += 1) waits.push(end - moment);
  }
  const at = (share: number) => Number(quantile(waits, share).toFixed(2));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
