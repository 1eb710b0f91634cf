/**
 * Where tests put the data of PostgreSQL, which is thrown away: in memory where the machine has such a
 * folder, else on the disk. A test run makes and deletes several hundred databases of 240 files each,
 * and ext4 avoids for minutes the number of every file that was deleted: the more were deleted, the
 * longer it looks for another one. On the disk a database costs 0.2 s and more of system time for that,
 * in memory less than 0.03 s.
 */
import { accessSync, constants, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Linux' own folder in memory, open to every account. */
const inMemory = '/dev/shm';
/** What `statfs` calls a folder in memory. */
const tmpfs = 0x01021994;
/** Several times what a run needs at its peak. */
const enough = 4 * 2 ** 30;

/** Root's own temporary folder may be closed to the account that PostgreSQL runs under. */
export const folderOnDisk = process.getuid?.() === 0 ? '/tmp' : tmpdir();

/** Where a folder for data of PostgreSQL is made; its account can reach it. */
export const throwAwayBase = hasRoomInMemory() ? inMemory : folderOnDisk;

/** Every place that an earlier run may have left something in. */
export const throwAwayBases: readonly string[] = [inMemory, folderOnDisk];

function hasRoomInMemory(): boolean {
  try {
    accessSync(inMemory, constants.W_OK);
    const { type, bavail, bsize } = statfsSync(inMemory);
    return type === tmpfs && bavail * bsize >= enough && process.availableMemory() >= enough;
  } catch {
    return false;
  }
}
