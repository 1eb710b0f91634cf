/**
 * The PostgreSQL that Orderloom brings along: started with the program when no `DATABASE_URL` is
 * set, in a data folder of its own, reachable through a Unix socket only, with a random password.
 *
 * Guarantees: a data folder has one living Orderloom at a time; a server that outlived its
 * Orderloom (kill -9) is adopted, and one that died with it recovers; commits are durable exactly as
 * on any other PostgreSQL. Linux and macOS, as an ordinary user and as root.
 */
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../kernel/procedure.ts';
import { isConnectionLoss } from '../pg-errors.ts';
import { type Account, findAccount } from './account.ts';
import { type Binaries, findNativePackage, prepareBinaries } from './binaries.ts';
import { type Cluster, databaseName, openCluster } from './cluster.ts';
import { prepareDataFolder } from './data-folder.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import {
  findPostmaster,
  type Postmaster,
  readPidFile,
  StartFailure,
  startPostmaster,
  stopPostmaster,
} from './postmaster.ts';
import { runAs } from './run-as.ts';
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts';

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
  /** The server's process id. */
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
  shared_buffers: '128MB',
  max_connections: '60',
  min_wal_size: '160MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '10min',
  // Short statements only: compiling them costs more than it saves.
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  unix_socket_permissions: '0700',
};

const throwAwaySettings: Readonly<Record<string, string>> = {
  ...settings,
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** A server that shuts down or recovers is waited for; this long, one that gives no answer at all. */
const longestAdoptionMs = 30_000;

/** Starts or adopts the server of the data folder and takes ownership of it. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataFolder = resolve(options.dataFolder);
  const { log, durable = true } = options;
  const account = await findAccount();
  const native = await findNativePackage();
  await prepareDataFolder(dataFolder, account);
  const binaries = await prepareBinaries(native, account);
  const cluster = await openCluster(dataFolder, binaries, account);
  const place: Place = { dataFolder, cluster, binaries, account, durable, log };

  const { postmaster, ownership, adopted } = (await adopt(place)) ?? (await start(place));
  const synced = cluster.fresh && durable ? syncToDisk(place) : Promise.resolve();
  let stopped: Promise<void> | undefined;

  async function stopServer(): Promise<void> {
    await synced;
    await ownership.release();
    await stopPostmaster(cluster.folder, postmaster.pid);
    await removeSocketFolder(postmaster.socketFolder, dataFolder);
  }
  return {
    connectionString: connectionStringOf(postmaster.socketFolder, cluster.password),
    dataFolder,
    pid: postmaster.pid,
    adopted,
    stop() {
      stopped ??= stopServer();
      return stopped;
    },
  };
}

/** All that the steps of a start share. */
interface Place {
  readonly dataFolder: string;
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly account: Account | null;
  readonly durable: boolean;
  readonly log: Log;
}

interface Running {
  readonly postmaster: Postmaster;
  readonly ownership: Ownership;
  readonly adopted: boolean;
}

/** Takes over a living server; null when there is none, or it went away while being asked. */
async function adopt(place: Place): Promise<Running | null> {
  const cluster = place.cluster.folder;
  const deadline = Date.now() + longestAdoptionMs;
  for (;;) {
    const postmaster = await findPostmaster(cluster);
    if (!postmaster) return null;
    try {
      const ownership = await own(place, postmaster.socketFolder);
      place.log.info({ pid: postmaster.pid }, 'adopted the embedded PostgreSQL of an earlier run');
      return { postmaster, ownership, adopted: true };
    } catch (error) {
      if (!isConnectionLoss(error)) throw error;
      if (Date.now() > deadline) {
        throw new Error(
          `embedded PostgreSQL: process ${postmaster.pid} serves ${cluster} but accepts no connections ` +
            `(${(error as Error).message}); end it with kill -INT ${postmaster.pid} and start again`,
          { cause: error },
        );
      }
    }
    await delay(50);
  }
}

/** Starts a server; when another program did so at the same moment, its server decides who owns it. */
async function start(place: Place): Promise<Running> {
  const { dataFolder, account, binaries } = place;
  const cluster = place.cluster.folder;
  const stale = await readPidFile(cluster);
  if (stale) await removeSocketFolder(stale.socketFolder, dataFolder);
  const socketFolder = await makeSocketFolder(dataFolder, account);
  try {
    const postmaster = await startPostmaster({
      cluster,
      socketFolder,
      binaries,
      account,
      logFile: join(dataFolder, 'postgres.log'),
      settings: place.durable ? settings : throwAwaySettings,
    });
    return { postmaster, ownership: await own(place, socketFolder), adopted: false };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    await removeSocketFolder(socketFolder, dataFolder);
    const running = await adopt(place);
    if (!running) throw error;
    return running;
  }
}

function own({ dataFolder, cluster, log }: Place, socketFolder: string): Promise<Ownership> {
  return takeOwnership({
    socketFolder,
    password: cluster.password,
    dataFolder,
    onLost: (error) =>
      log.error(
        { error: error.message, log: join(dataFolder, 'postgres.log') },
        'the embedded PostgreSQL went away; restart Orderloom',
      ),
  });
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

function connectionStringOf(socketFolder: string, password: string): string {
  return `postgresql://${databaseName}:${password}@localhost/${databaseName}?host=${encodeURIComponent(socketFolder)}`;
}
