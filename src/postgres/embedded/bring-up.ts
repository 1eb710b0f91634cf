/** Brings the server of a data folder up, by adopting a living one or starting one, and owns it. */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from '../../kernel/procedure.ts';
import { isConnectionLoss } from '../pg-errors.ts';
import type { Binaries } from './binaries.ts';
import type { Cluster } from './cluster.ts';
import { type Ownership, takeOwnership } from './owner.ts';
import {
  findPostmaster,
  type Postmaster,
  readPidFile,
  StartFailure,
  startPostmaster,
} from './postmaster.ts';
import type { Account } from './run-as.ts';
import { makeSocketFolder, removeSocketFolder } from './socket-folder.ts';

/** Everything that is known before the server runs. */
export interface Place {
  readonly dataFolder: string;
  readonly logFile: string;
  readonly cluster: Cluster;
  readonly binaries: Binaries;
  readonly account: Account | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: Log;
  /** Called when the server, and with it the ownership, is lost. */
  readonly onLost: (error: Error) => void;
}

/** A server that runs and is owned by this program. */
export interface Running {
  readonly postmaster: Postmaster;
  readonly ownership: Ownership;
  readonly adopted: boolean;
}

/** A server that shuts down or recovers is waited for; this long, one that gives no answer at all. */
const longestAdoptionMs = 30_000;

/**
 * Adopts the living server or starts one. With `socketFolder` a server that is started answers
 * there, so that a connection string stays true; otherwise a folder is chosen.
 */
export async function bringUp(place: Place, socketFolder?: string): Promise<Running> {
  return (await adopt(place)) ?? (await start(place, socketFolder));
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
      place.log.info({ pid: postmaster.pid }, 'adopted the running embedded PostgreSQL');
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

/** Starts a server; when another program did so at the same moment, that server decides who owns it. */
async function start(place: Place, given: string | undefined): Promise<Running> {
  const { dataFolder, cluster, binaries, account, logFile, settings } = place;
  const stale = await readPidFile(cluster.folder);
  if (stale && stale.socketFolder !== given) {
    await removeSocketFolder(stale.socketFolder, dataFolder);
  }
  const socketFolder = given ?? (await makeSocketFolder(dataFolder, account));
  try {
    const postmaster = await startPostmaster({
      cluster: cluster.folder,
      socketFolder,
      binaries,
      account,
      logFile,
      settings,
    });
    return { postmaster, ownership: await own(place, socketFolder), adopted: false };
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    const running = await adopt(place);
    // One that was given is needed for the next attempt: clients know it, and look there for the server.
    if (!given && running?.postmaster.socketFolder !== socketFolder) {
      await removeSocketFolder(socketFolder, dataFolder);
    }
    if (!running) throw error;
    return running;
  }
}

function own({ dataFolder, cluster, onLost }: Place, socketFolder: string): Promise<Ownership> {
  return takeOwnership({ socketFolder, password: cluster.password, dataFolder, onLost });
}

/** Where the server of a data folder writes its log. */
export function logFileOf(dataFolder: string): string {
  return join(dataFolder, 'postgres.log');
}
