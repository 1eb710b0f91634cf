/**
 * Makes the database cluster (the files of PostgreSQL) of a data folder, whole or not at all: it is
 * made beside its place and renamed when complete, password included. A start that was killed in
 * the middle leaves a draft that the next start removes.
 */
import { randomBytes } from 'node:crypto';
import { chown, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Binaries, isAlive } from './binaries.ts';
import { exists } from './data-folder.ts';
import type { Account } from './run-as.ts';
import { runAs } from './run-as.ts';

/** The superuser of the embedded server, and the name of its database. */
export const databaseName = 'orderloom';

/** A complete cluster. */
export interface Cluster {
  /** PostgreSQL's data directory. */
  readonly folder: string;
  readonly password: string;
  /** True when this call has made it. */
  readonly fresh: boolean;
}

const draftPrefix = '.making-';
/** Drafts that this process is busy with; others under its id are of an earlier process of that id. */
const making = new Set<string>();
const passwordFile = 'orderloom.password';

/** Opens the cluster of a data folder, making it first when there is none. */
export async function openCluster(
  dataFolder: string,
  binaries: Binaries,
  account: Account | null,
): Promise<Cluster> {
  const folder = join(dataFolder, 'cluster');
  const fresh = !(await exists(folder));
  if (fresh) await makeCluster(dataFolder, folder, binaries, account);
  await checkMajorVersion(folder, binaries);
  return { folder, fresh, password: await readPassword(folder) };
}

async function makeCluster(
  dataFolder: string,
  target: string,
  binaries: Binaries,
  account: Account | null,
): Promise<void> {
  await removeAbandonedDrafts(dataFolder);
  const draft = join(dataFolder, `${draftPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  const passwordDraft = `${draft}.password`;
  making.add(basename(draft)).add(basename(passwordDraft));
  try {
    await writeFile(passwordDraft, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
    if (account) await chown(passwordDraft, account.uid, account.gid);
    await initdb(draft, passwordDraft, binaries, account);
    await rename(passwordDraft, join(draft, passwordFile));
    await rename(draft, target);
  } catch (error) {
    // Another Orderloom that started at the same moment may have been quicker; then its cluster is used.
    if (!(await exists(target))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await rm(passwordDraft, { force: true });
  }
}

async function initdb(
  folder: string,
  passwordPath: string,
  binaries: Binaries,
  account: Account | null,
): Promise<void> {
  const { code, output } = await runAs(account, binaries.initdb, [
    '--pgdata',
    folder,
    '--username',
    databaseName,
    '--pwfile',
    passwordPath,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Byte order and Unicode case rules that no update of the system's libraries can change, which
    // would silently break indexes.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    // The caller writes everything through to disk once the server is up; see `start-embedded.ts`.
    '--no-sync',
    '--no-instructions',
  ]);
  if (code === 0) return;
  throw new Error(
    `embedded PostgreSQL: initdb failed in ${folder} (${explain(output)}); ` +
      'free space or correct permissions there, set ORDERLOOM_DATA to another folder, or set DATABASE_URL',
  );
}

function explain(output: string): string {
  return output.split('\n').slice(-3).join(' ') || 'it said nothing';
}

async function checkMajorVersion(folder: string, { version }: Binaries): Promise<void> {
  const found = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  const expected = version.split('.')[0];
  if (found === expected) return;
  throw new Error(
    `embedded PostgreSQL: expected data of PostgreSQL ${expected} in ${folder}, found that of ${found}; ` +
      'dump it with the version that made it and load it into a new folder (ORDERLOOM_DATA)',
  );
}

async function readPassword(folder: string): Promise<string> {
  const path = join(folder, passwordFile);
  const password = await readFile(path, 'utf8').catch(() => '');
  if (password !== '') return password;
  throw new Error(
    `embedded PostgreSQL: expected the password of the data in ${path}, found none; restore that file, ` +
      'or set ORDERLOOM_DATA to a new folder',
  );
}

async function removeAbandonedDrafts(dataFolder: string): Promise<void> {
  for (const name of await readdir(dataFolder)) {
    if (!name.startsWith(draftPrefix)) continue;
    const pid = Number(name.slice(draftPrefix.length).split('-')[0]);
    if (making.has(name) || (pid !== process.pid && isAlive(pid))) continue;
    // An initdb that outlived its program may still be writing there; what cannot be removed now
    // harms nobody and goes at the next start.
    await rm(join(dataFolder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
