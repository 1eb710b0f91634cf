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
import type { DataSettings } from './config.ts';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** A database that answers. */
export interface OpenData {
  readonly database: Database;
  /** Null when a server is used. */
  readonly dataFolder: string | null;
  /** What PostgreSQL calls the sessions of this program and of no other. */
  readonly sessionName: string;
  /** Closes the connections, and stops the server that was started for them. */
  close(): Promise<void>;
}

/** Resolves when the database answers. */
export async function openData(config: DataSettings, log: Logger): Promise<OpenData> {
  let connectionString = config.DATABASE_URL;
  let dataFolder: string | null = null;
  let stopServer: (() => Promise<unknown>) | undefined;
  if (connectionString === undefined) {
    dataFolder =
      config.ORDERLOOM_DATA ??
      defaultDataFolder({
        projectFolder,
        port: config.PORT,
        asRoot: process.getuid?.() === 0,
      });
    const server = await startEmbedded({ dataFolder, log });
    stopServer = () => server.stop();
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
  return {
    database,
    dataFolder,
    sessionName,
    async close() {
      await database.close();
      await stopServer?.();
    },
  };
}
