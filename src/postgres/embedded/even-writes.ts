/**
 * Has the files of a server written to the disk evenly. PostgreSQL makes a table longer through the system's
 * cache, and Linux keeps what is new there for thirty seconds and then writes all of a file at once. Meanwhile
 * every commit waits in line behind it: measured with 10,000 messages a second, 180 MB in half a second and
 * commits of 120 instead of 4 milliseconds. Here the file that has grown most is brought to the disk ten times
 * a second, a megabyte at a time, which takes it about three milliseconds.
 *
 * Safe: it writes nothing itself. Should the disk refuse, the system tells so only once, and here; so whoever
 * started this has to see to it that the server recovers from its log, as it does when it is told itself.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const everyMs = 100;
/** Less is not worth a trip to the disk; Linux writes it when it thinks fit. */
const leastGrowth = 512 * 1024;
/** Smaller files are looked at by the search alone. */
const leastSize = 1024 * 1024;
/** The start of a program has better to do than to look at hundreds of files. */
const firstSearchMs = 1_000;
/** Between two searches for files that grow: while some do, and while none does. */
const searchEveryMs = 5_000;
const idleSearchEveryMs = 10_000;

/** The writing of one server's files. */
export interface EvenWrites {
  /** Resolves when no file is being written. */
  stop(): Promise<void>;
}

/** A file and how much of it was known to be on its way to the disk. */
interface GrowingFile {
  written: number;
  grows: boolean;
}

/** Begins. `failed` is told of a disk that refuses, and nothing is written after that. */
export function writeEvenly(options: {
  /** The server's data directory. */
  readonly cluster: string;
  readonly failed: (error: Error) => void;
  /** Brings what is new in a file to the disk. @defaultValue fdatasync */
  readonly sync?: (file: FileHandle) => Promise<void>;
}): EvenWrites {
  const { sync = synced } = options;
  const files = new Map<string, GrowingFile>();
  let searchAt = performance.now() + firstSearchMs;
  let stopped = false;
  let turn: Promise<void> = Promise.resolve();
  let isBusy = false;

  const timer = setInterval(() => {
    if (isBusy || stopped) return;
    isBusy = true;
    turn = takeTurn()
      .catch((error: unknown) => {
        if (stopped) return;
        stopped = true;
        options.failed(error as Error);
      })
      .finally(() => {
        isBusy = false;
      });
  }, everyMs);
  timer.unref();

  async function takeTurn(): Promise<void> {
    const now = performance.now();
    if (now >= searchAt) {
      const grow = await search(join(options.cluster, 'base'), files);
      searchAt = now + (grow ? searchEveryMs : idleSearchEveryMs);
    }
    const path = await mostGrown(files);
    if (path !== null) await write(path, files, sync);
  }

  return {
    async stop() {
      stopped = true;
      clearInterval(timer);
      await turn;
    },
  };
}

/** Looks at all files of all databases; true when one has grown since the last time. */
async function search(base: string, files: Map<string, GrowingFile>): Promise<boolean> {
  let grow = false;
  const gone = new Set(files.keys());
  for (const database of await listed(base)) {
    for (const name of await listed(join(base, database))) {
      const path = join(base, database, name);
      const size = await sizeOf(path);
      if (size < leastSize) continue;
      gone.delete(path);
      const known = files.get(path);
      if (!known) files.set(path, { written: size, grows: true });
      else known.grows = size > known.written;
      grow ||= known?.grows ?? true;
    }
  }
  for (const path of gone) files.delete(path);
  return grow;
}

/** The file with the most that is new; null when none has enough. */
async function mostGrown(files: ReadonlyMap<string, GrowingFile>): Promise<string | null> {
  let most = leastGrowth;
  let found: string | null = null;
  for (const [path, { written, grows }] of files) {
    if (!grows) continue;
    const growth = (await sizeOf(path)) - written;
    if (growth < most) continue;
    most = growth;
    found = path;
  }
  return found;
}

async function write(
  path: string,
  files: Map<string, GrowingFile>,
  sync: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const file = await ifThere(open(path, 'r'));
  if (!file) {
    files.delete(path);
    return;
  }
  try {
    const { size } = await file.stat();
    await sync(file);
    files.set(path, { written: size, grows: true });
  } finally {
    await file.close();
  }
}

/** Waits for the disk. A file system that cannot be asked for it is left alone. */
async function synced(file: FileHandle): Promise<void> {
  await file.datasync().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EINVAL' && error.code !== 'ENOSYS') throw error;
  });
}

async function listed(folder: string): Promise<readonly string[]> {
  return (await ifThere(readdir(folder))) ?? [];
}

async function sizeOf(path: string): Promise<number> {
  return (await ifThere(stat(path)))?.size ?? 0;
}

/** Undefined for what the server has removed meanwhile, or keeps from others. */
async function ifThere<Found>(asked: Promise<Found>): Promise<Found | undefined> {
  return await asked.catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes(error.code ?? '')) return undefined;
    throw error;
  });
}
