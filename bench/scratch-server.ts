/**
 * An embedded PostgreSQL for one run: the same server with the same durability as the product's, in
 * a new folder that is removed afterwards.
 */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Log } from '../src/kernel/procedure.ts';
import {
  type Database,
  defaultDataFolder,
  openDatabase,
  startEmbedded,
} from '../src/postgres/index.ts';

/** A running server and how to make further databases on it. */
export interface ScratchServer {
  readonly connectionString: string;
  /** A folder on the same disk for whatever else the run has to store. */
  readonly folder: string;
  /** Makes an empty database and gives its connection string. */
  createDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Warnings and errors go to stderr; the rest would only cost time. */
export const quietLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (fields, message) => console.error('warning:', message, fields),
  error: (fields, message) => console.error('error:', message, fields),
};

/** A new name for a data folder, beside the product's own. */
export function scratchFolder(): string {
  const usual = defaultDataFolder({
    projectFolder: join(import.meta.dirname, '..'),
    port: 0,
    asRoot: process.getuid?.() === 0,
  });
  return join(dirname(usual), `bench-${randomBytes(4).toString('hex')}`);
}

/** Starts a durable server in a folder of its own. */
export async function startScratchServer(): Promise<ScratchServer> {
  const dataFolder = scratchFolder();
  const server = await startEmbedded({ dataFolder, log: quietLog });
  return {
    connectionString: server.connectionString,
    folder: dataFolder,
    async createDatabase(name) {
      const admin = open(server.connectionString, 1);
      await admin.query(`create database ${name}`);
      await admin.close();
      const url = new URL(server.connectionString);
      url.pathname = `/${name}`;
      return url.href;
    },
    async stop() {
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

function open(connectionString: string, maxConnections: number): Database {
  return openDatabase({ connectionString, maxConnections, applicationName: 'bench' });
}
