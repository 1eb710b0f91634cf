/**
 * The server process: reads its pid file, tells a living server from a stale file, starts and stops
 * it.
 *
 * The server is started in a session of its own, so that Ctrl-C in a terminal reaches Orderloom
 * alone, which then drains before it stops the server. It also survives a kill -9 of Orderloom; the
 * next start adopts it.
 */
import { execFile, spawn } from 'node:child_process';
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Binaries, isAlive } from './binaries.ts';
import type { Account } from './run-as.ts';
import { cleanEnvironment, identityOf } from './run-as.ts';

/** What a server's pid file says. */
export interface PidFile {
  readonly pid: number;
  readonly socketFolder: string;
  /** `starting`, `ready` or `stopping`. */
  readonly status: string;
}

/** A server that lives. */
export interface Postmaster {
  readonly pid: number;
  readonly socketFolder: string;
}

/** How often states without a notification are looked at; a look costs some microseconds. */
const lookEveryMs = 10;
/** Crash recovery replays at most `max_wal_size` of log; more time than that needs on a slow disk. */
const longestStartMs = 300_000;
const longestStopMs = 60_000;
const largestLogBytes = 10_000_000;

/** Reads the pid file of a cluster; null when there is none or it is being written. */
export async function readPidFile(cluster: string): Promise<PidFile | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  return { pid, socketFolder: lines[4] ?? '', status: lines[7]?.trim() ?? '' };
}

/** The living server of this cluster, whoever started it; null when there is none. */
export async function findPostmaster(cluster: string): Promise<PidFile | null> {
  const file = await readPidFile(cluster);
  return file && (await isPostmasterOf(cluster, file.pid)) ? file : null;
}

/**
 * True when this process really is the server of this cluster. A number alone proves nothing:
 * after a restart of the machine or container it may belong to somebody else.
 */
export async function isPostmasterOf(cluster: string, pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false;
  return (await commandOf(pid)).includes(` -D ${cluster} `);
}

/** The command line of a process, empty for one that has ended but was not yet collected. */
async function commandOf(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text.replaceAll('\0', ' ');
  }
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], (error, stdout) =>
      resolve(error ? '' : `${stdout.trim()} `),
    );
  });
}

/** Starts the server and resolves when it accepts connections. */
export async function startPostmaster(options: {
  readonly cluster: string;
  readonly socketFolder: string;
  readonly binaries: Binaries;
  readonly account: Account | null;
  readonly logFile: string;
  readonly settings: Readonly<Record<string, string>>;
}): Promise<Postmaster> {
  const { cluster, socketFolder, binaries, account, logFile } = options;
  await disarmStalePidFile(cluster);
  await rotate(logFile);
  const log = await open(logFile, 'a', 0o600);
  const logStart = (await log.stat()).size;
  const settings = Object.entries(options.settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]);
  const child = spawn(
    binaries.postgres,
    // `-D` is followed by another option: `isPostmasterOf` looks for it with a blank on both sides.
    ['-D', cluster, '-k', quoteForList(socketFolder), '-p', '5432', '-h', '', ...settings],
    {
      cwd: '/',
      env: cleanEnvironment,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      ...identityOf(account),
    },
  );
  let failure: string | undefined;
  child.on('error', (error) => {
    failure = error.message;
  });
  child.on('exit', (code, signal) => {
    failure ??= `it ended with ${signal ?? code}`;
  });
  await log.close();
  const deadline = Date.now() + longestStartMs;
  while (failure === undefined && Date.now() < deadline) {
    const file = await readPidFile(cluster);
    if (file?.pid === child.pid && file?.status === 'ready') {
      child.unref();
      return { pid: file.pid, socketFolder };
    }
    await delay(lookEveryMs);
  }
  if (failure === undefined) {
    child.kill('SIGINT');
    failure = `it was not ready within ${longestStartMs / 1000} s`;
  }
  throw new StartFailure(
    `embedded PostgreSQL did not start: ${failure}; its log ${logFile} says: ` +
      (await readSince(logFile, logStart)),
  );
}

/** The server could not be started; perhaps because another one is already there. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/**
 * Stops the server quickly but cleanly (open transactions roll back, everything is written) and
 * resolves when it is gone.
 */
export async function stopPostmaster(cluster: string, pid: number): Promise<void> {
  if (!(await isPostmasterOf(cluster, pid))) return;
  process.kill(pid, 'SIGINT');
  if (await isGone(cluster, pid, longestStopMs)) return;
  // Without its goodbye to the disk; the next start recovers from the log.
  process.kill(pid, 'SIGQUIT');
  if (await isGone(cluster, pid, longestStopMs)) return;
  throw new Error(
    `embedded PostgreSQL: expected process ${pid} to stop, found it alive after ` +
      `${(2 * longestStopMs) / 1000} s; look into its log and end it with kill -QUIT ${pid}`,
  );
}

/** Waits until the server is gone; false when it still lives after the time given. */
async function isGone(cluster: string, pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (await isPostmasterOf(cluster, pid)) {
    if (Date.now() > deadline) return false;
    await delay(lookEveryMs);
  }
  return true;
}

/**
 * PostgreSQL clears away a stale pid file itself, unless the number in it now belongs to another
 * process: then it fears a living server and refuses to start. It never fears its own parent, so the
 * number is replaced by ours; its second check, for shared memory still in use by left-over server
 * processes, stays in force.
 */
async function disarmStalePidFile(cluster: string): Promise<void> {
  const file = await readPidFile(cluster);
  if (!file || !isAlive(file.pid) || (await isPostmasterOf(cluster, file.pid))) return;
  for (const path of [
    join(cluster, 'postmaster.pid'),
    join(file.socketFolder, '.s.PGSQL.5432.lock'),
  ]) {
    const text = await readFile(path, 'utf8').catch(() => '');
    if (Number(text.split('\n')[0]) !== file.pid) continue;
    await writeFile(path, [process.pid, ...text.split('\n').slice(1)].join('\n'));
  }
}

/** Quotes one folder for PostgreSQL's comma-separated list of socket folders. */
function quoteForList(folder: string): string {
  return `"${folder.replaceAll('"', '""')}"`;
}

async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size < largestLogBytes) return;
  await rm(`${logFile}.old`, { force: true });
  await rename(logFile, `${logFile}.old`);
}

async function readSince(logFile: string, start: number): Promise<string> {
  const text = await readFile(logFile).catch(() => Buffer.alloc(0));
  return text.subarray(start).toString('utf8').trim().slice(-1_500) || '(nothing)';
}
