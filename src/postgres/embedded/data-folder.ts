/**
 * Where the embedded server keeps its data, and whether the account it runs under can get there.
 *
 * An ordinary user has it inside the project. Root has it in a folder of the system, because root's
 * projects often lie in places (`/root`) that no other account may enter.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Account } from './run-as.ts';
import { accountCan } from './run-as.ts';

/**
 * The data folder when none is named: `<project>/.orderloom/<port>`, or for root
 * `/var/lib/orderloom/<hash of the project folder>-<port>`. The same arguments give the same folder.
 */
export function defaultDataFolder(options: {
  readonly projectFolder: string;
  readonly port: number;
  readonly asRoot: boolean;
}): string {
  const project = resolve(options.projectFolder);
  if (!options.asRoot) return join(project, '.orderloom', String(options.port));
  const hash = createHash('sha256').update(project).digest('hex').slice(0, 10);
  return join(systemFolder(), `${hash}-${options.port}`);
}

/**
 * Root's folder for what other accounts must reach: `/var/lib/orderloom`, or one in the temporary
 * folder where the system's is read-only. Belongs to root and is writable by nobody else, since
 * programs are run from it.
 */
export function systemFolder(): string {
  for (const folder of ['/var/lib/orderloom', join(tmpdir(), 'orderloom-root')]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 });
    } catch {
      continue;
    }
    const { uid, mode } = statSync(folder);
    if (uid === 0 && (mode & 0o022) === 0) return folder;
  }
  throw new Error(
    `embedded PostgreSQL: expected /var/lib/orderloom or ${tmpdir()} to be writable, found neither; ` +
      'set ORDERLOOM_DATA to a folder that PostgreSQL can use, or DATABASE_URL to a server',
  );
}

/**
 * Makes the data folder if it is missing and proves that the account can work in it. A new or
 * empty folder is given to the account; one with content is never changed.
 */
export async function prepareDataFolder(folder: string, account: Account | null): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(
      `embedded PostgreSQL: the data folder ${folder} cannot be created (${(error as Error).message}); ` +
        'set ORDERLOOM_DATA to a folder that can be written',
      { cause: error },
    );
  }
  if (account && (await readdir(folder)).length === 0) {
    await chown(folder, account.uid, account.gid);
    await chmod(folder, 0o700);
  }
  if (await accountCan(account, ['-r', folder], ['-w', folder], ['-x', folder])) return;
  throw new Error(await explainNoAccess(folder, account));
}

async function explainNoAccess(folder: string, account: Account | null): Promise<string> {
  if (!account) {
    return (
      `embedded PostgreSQL: expected the data folder ${folder} to be readable and writable, found that ` +
      'it is not; set ORDERLOOM_DATA to a folder of your own, or correct its owner'
    );
  }
  const closed = await firstClosed(folder, account);
  return (
    `embedded PostgreSQL: expected a data folder that the account "${account.name}" can enter and ` +
    `write (PostgreSQL refuses to run as root, so it runs under that account), found ${folder}, where ` +
    `${closed} is closed to it; set ORDERLOOM_DATA to another folder, leave it unset for ` +
    `/var/lib/orderloom, or open the way: chmod o+x for folders on the way, chown ${account.name} for the last`
  );
}

/** The outermost folder on the way that stops the account. */
async function firstClosed(folder: string, account: Account): Promise<string> {
  const parents: string[] = [];
  for (let path = dirname(folder); path !== dirname(path); path = dirname(path))
    parents.unshift(path);
  for (const parent of parents) {
    if (!(await accountCan(account, ['-x', parent]))) return parent;
  }
  return folder;
}

/** True when the path exists. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
