/**
 * The folder of the server's Unix socket: the data folder, unless that path is too long for a
 * socket address (about 100 bytes); then a private folder in the temporary one.
 */
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Account } from './run-as.ts';

/** macOS allows 104 bytes and Linux 108, both with the final zero. */
const longestSocketPath = 100;
const temporaryPrefix = 'orderloom-socket-';

/** A folder that only this program and the server's account can enter. */
export async function makeSocketFolder(
  dataFolder: string,
  account: Account | null,
): Promise<string> {
  if (fits(dataFolder)) return dataFolder;
  // Root's own temporary folder may be closed to the account.
  const own = !account && fits(join(tmpdir(), `${temporaryPrefix}XXXXXX`));
  const base = own ? tmpdir() : '/tmp';
  const folder = await mkdtemp(join(base, temporaryPrefix));
  if (account) await chown(folder, account.uid, account.gid);
  return folder;
}

/** Removes the folder if it was one in the temporary folder. */
export async function removeSocketFolder(folder: string, dataFolder: string): Promise<void> {
  if (folder === dataFolder || !folder.includes(`/${temporaryPrefix}`)) return;
  await rm(folder, { recursive: true, force: true });
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, '.s.PGSQL.5432')) <= longestSocketPath;
}
