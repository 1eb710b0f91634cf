/**
 * The PostgreSQL that Orderloom brings along: started with the program when no `DATABASE_URL` is
 * set, in a data folder of its own, reachable through a Unix socket only, with a random password.
 *
 * Guarantees: a data folder has one living Orderloom at a time; a server that outlived its
 * Orderloom (kill -9) is adopted, one that died with it recovers, and one that dies under it is
 * started again; commits are durable exactly as on any other PostgreSQL. Linux and macOS, as an ordinary user and as root.
 */
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../kernel/procedure.ts';
import { findAccount } from './account.ts';
import { findNativePackage, prepareBinaries } from './binaries.ts';
import { bringUp, logFileOf, type Place, type Running } from './bring-up.ts';
import { databaseName, openCluster } from './cluster.ts';
import { prepareDataFolder } from './data-folder.ts';
import { type EvenWrites, writeEvenly } from './even-writes.ts';
import { stopPostmaster } from './postmaster.ts';
import { runAs } from './run-as.ts';
import { leastBuffersMiB, mostLog, sharedBuffers } from './sizes.ts';
import { removeSocketFolder } from './socket-folder.ts';

/** What the embedded server needs to know. */
export interface EmbeddedOptions {
  /** Everything of this server lives here; see `defaultDataFolder`. */
  readonly dataFolder: string;
  readonly log: Log;
  /**
   * `false` gives up safety against a crash of the machine for speed. For data that is thrown away,
   * such as that of tests. @defaultValue true
   */
  readonly durable?: boolean;
}

/** A running embedded server, owned by this program. */
export interface EmbeddedServer {
  /** For `openDatabase`, psql and every other client on this machine. */
  readonly connectionString: string;
  readonly dataFolder: string;
  /** The process id of the server at first; a server that died and was started again has another. */
  readonly pid: number;
  /** True when a server that was already running was taken over. */
  readonly adopted: boolean;
  /** Stops the server cleanly and resolves when it is gone. Close the database first. */
  stop(): Promise<void>;
}

const settings: Readonly<Record<string, string>> = {
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: sharedBuffers(),
  max_connections: '60',
  min_wal_size: '160MB',
  checkpoint_timeout: '10min',
  // It takes a sixth of a core at most while the program shares the cores, instead of two fifths for a shorter time.
  autovacuum_vacuum_cost_delay: '5ms',
  // Short statements only: compiling them costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  unix_socket_permissions: '0700',
};

const throwAwaySettings: Readonly<Record<string, string>> = {
  ...settings,
  shared_buffers: `${leastBuffersMiB}MB`,
  min_wal_size: '64MB',
  max_wal_size: '256MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** Between attempts to bring a server back that cannot start, e.g. on a full disk. */
const retryMs = 1_000;

/** Starts or adopts the server of the data folder, takes ownership of it and keeps it running. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataFolder = resolve(options.dataFolder);
  const { log, durable = true } = options;
  const account = await findAccount();
  const native = await findNativePackage();
  await prepareDataFolder(dataFolder, account);
  const binaries = await prepareBinaries(native, account);
  const cluster = await openCluster(dataFolder, binaries, account);
  const logFile = logFileOf(dataFolder);
  let stopped: Promise<void> | undefined;
  let restarting: Promise<void> = Promise.resolve();

  const place: Place = {
    ...{ dataFolder, logFile, cluster, binaries, account, log },
    settings: durable
      ? { ...settings, max_wal_size: await mostLog(dataFolder) }
      : throwAwaySettings,
    onLost(error) {
      log.error({ error: error.message, log: logFile }, 'the embedded PostgreSQL went away');
      restarting = restart();
    },
  };
  let running: Running = await bringUp(place);
  const { pid, socketFolder } = running.postmaster;
  const { adopted } = running;
  const synced = cluster.fresh && durable ? syncToDisk(place) : Promise.resolve();
  let writes = durable ? writeItsFiles() : undefined;

  /** Files that the disk refused are made whole from the log by a server that starts again. */
  function writeItsFiles(): EvenWrites | undefined {
    // Measured on Linux; others write their caches in their own ways.
    if (process.platform !== 'linux') return undefined;
    return writeEvenly({
      cluster: cluster.folder,
      failed(error) {
        log.error({ error: error.message }, 'the disk refused data of the embedded PostgreSQL');
        signal(running.postmaster.pid, 'SIGQUIT');
      },
    });
  }

  /** Connections of the database find the server again at the same socket. */
  async function restart(): Promise<void> {
    while (!stopped) {
      try {
        running = await bringUp(place, socketFolder);
        await writes?.stop();
        writes = durable ? writeItsFiles() : undefined;
        log.info({ pid: running.postmaster.pid }, 'the embedded PostgreSQL is back');
        return;
      } catch (error) {
        log.error({ error }, `the embedded PostgreSQL is not back; next attempt in ${retryMs} ms`);
        await delay(retryMs);
      }
    }
  }

  async function stopServer(): Promise<void> {
    await synced;
    await restarting;
    await writes?.stop();
    await running.ownership.release();
    await stopPostmaster(cluster.folder, running.postmaster.pid);
    await removeSocketFolder(socketFolder, dataFolder);
  }

  return {
    connectionString: connectionStringOf(socketFolder, cluster.password),
    dataFolder,
    pid,
    adopted,
    stop() {
      stopped ??= stopServer();
      return stopped;
    },
  };
}

/**
 * initdb does not wait for the disk, which saves a second at the first start. What it wrote is
 * brought to the disk beside the running server instead.
 */
async function syncToDisk({ binaries, account, cluster, log }: Place): Promise<void> {
  const { code, output } = await runAs(account, binaries.initdb, [
    '--sync-only',
    '--pgdata',
    cluster.folder,
  ]);
  if (code !== 0) log.warn({ output }, 'the new database could not be synced to disk');
}

/** The process may have ended by itself. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function connectionStringOf(socketFolder: string, password: string): string {
  return `postgresql://${databaseName}:${password}@localhost/${databaseName}?host=${encodeURIComponent(socketFolder)}`;
}
