/**
 * One PostgreSQL for the whole test run, in a folder that is gone afterwards. It does
 * without fsync: what it holds is thrown away. A run that was killed leaves its server behind; the
 * next run stops and removes it.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import type { Log } from '../../src/kernel/procedure.ts';
import { startEmbedded } from '../../src/postgres/index.ts';
import { throwAwayBase, throwAwayBases } from './throw-away-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this test run; use `testDatabase` to get a database on it. */
    readonly serverConnectionString: string;
    /** For what is put together once for the run; where imports of packages find them. */
    readonly bundleFolder: string;
    /** A folder that PostgreSQL's account can reach, gone after the run. */
    readonly runFolder: string;
  }
}

const prefix = 'orderloom-test-';
/** In the project, so that what is put together there finds the packages that it leaves outside. */
const bundles = fileURLToPath(new URL('../../node_modules/.cache/test-bundles', import.meta.url));

const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => console.warn(message, fields),
  error: (fields, message) => console.error(message, fields),
};

/** Starts the server; the function that it returns stops it and removes its folder. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandoned();
  const dataFolder = await mkdtemp(join(throwAwayBase, `${prefix}${process.pid}-`));
  const server = await startEmbedded({ dataFolder, log, durable: false });
  project.provide('serverConnectionString', server.connectionString);
  const bundleFolder = join(bundles, String(process.pid));
  project.provide('bundleFolder', bundleFolder);
  project.provide('runFolder', dataFolder);
  return async () => {
    await rm(bundleFolder, { recursive: true, force: true });
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
}

/** Stops and removes what earlier runs left behind when they were killed. */
async function removeAbandoned(): Promise<void> {
  for (const run of await readdir(bundles).catch(() => [])) {
    if (!isAlive(Number(run))) await rm(join(bundles, run), { recursive: true, force: true });
  }
  for (const dataFolder of await abandonedServers()) {
    try {
      const server = await startEmbedded({ dataFolder, log, durable: false });
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
    } catch (error) {
      console.warn(`could not remove ${dataFolder} of an earlier test run:`, error);
    }
  }
}

async function abandonedServers(): Promise<string[]> {
  const found: string[] = [];
  for (const base of throwAwayBases) {
    for (const name of await readdir(base).catch(() => [])) {
      const isServer = name.startsWith(prefix);
      if (isServer && !isAlive(Number(name.slice(prefix.length).split('-')[0]))) {
        found.push(join(base, name));
      }
    }
  }
  return found;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
