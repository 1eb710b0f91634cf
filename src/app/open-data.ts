/** Opens the database that the configuration names: a server, or the embedded one, which is started. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import {
  type Database,
  defaultDataFolder,
  openDatabase,
  startEmbedded,
} from '../postgres/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { Config } from './config.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Resolves when the database answers. What must be closed is added to `closers`, to be called last
 * first. `dataFolder` is null when a server is used.
 */
export async function openData(
  config: Config,
  log: Logger,
  closers: (() => Promise<unknown>)[],
): Promise<{
  database: Database;
  dataFolder: string | null;
  /** What PostgreSQL calls the sessions of this program and of no other. */
  sessionName: string;
}> {
  let connectionString = config.DATABASE_URL;
  let dataFolder: string | null = null;
  if (connectionString === undefined) {
    dataFolder =
      config.ORDERLOOM_DATA ??
      defaultDataFolder({
        projectFolder,
        port: config.PORT,
        asRoot: process.getuid?.() === 0,
      });
    const server = await startEmbedded({ dataFolder, log });
    closers.push(() => server.stop());
    connectionString = server.connectionString;
    dataFolder = server.dataFolder;
  }
  const sessionName = `orderloom ${randomBytes(6).toString('hex')}`;
  const database = openDatabase({
    connectionString,
    maxConnections: config.DATABASE_MAX_CONNECTIONS,
    applicationName: sessionName,
    log,
  });
  closers.push(() => database.close());
  return { database, dataFolder, sessionName };
}
