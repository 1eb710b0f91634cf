/**
 * A folder for the embedded data of a test, in a place that PostgreSQL's account can reach, gone when
 * the test is over, together with a PostgreSQL that outlived its program.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { laterCleanup } from './cleanup.ts';
import { throwAwayBase } from './throw-away-folder.ts';
import { waitUntil } from './wait-until.ts';

/** Makes an empty folder. */
export async function temporaryDataFolder(): Promise<string> {
  const folder = await mkdtemp(join(throwAwayBase, 'orderloom-data-'));
  laterCleanup(async () => {
    await killPostgres(folder);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The process of the PostgreSQL that serves the folder; null when none does. */
export async function postgresPid(dataFolder: string): Promise<number | null> {
  const file = join(dataFolder, 'cluster', 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return pid > 0 && isAlive(pid) ? pid : null;
}

/**
 * Ends the PostgreSQL of the folder as `kill -9` does, its children included: they notice that their
 * parent is gone. Resolves when it is gone.
 */
export async function killPostgres(dataFolder: string): Promise<void> {
  const pid = await postgresPid(dataFolder);
  if (pid === null) return;
  process.kill(pid, 'SIGKILL');
  await waitUntil('PostgreSQL to be gone', () => !isAlive(pid));
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
