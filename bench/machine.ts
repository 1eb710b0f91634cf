/** What the figures were measured on: without it a figure means nothing. */
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { openDatabase } from '../src/postgres/index.ts';
import { startScratchServer } from './scratch-server.ts';

/** The machine and the programs of one run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  /** What PostgreSQL itself says of its durability. */
  readonly durability: string;
  /** Load of the last minute when the run began: above 0.5 somebody else was using the machine. */
  readonly loadBefore: number;
}

/** Describes this machine and the embedded PostgreSQL, which it starts and asks. */
export async function describeMachine(): Promise<Machine> {
  const loadBefore = loadavg()[0] ?? 0;
  const server = await startScratchServer();
  const database = openDatabase({
    connectionString: server.connectionString,
    maxConnections: 1,
    applicationName: 'bench',
  });
  const { rows } = await database.query<{ version: string; fsync: string; sync: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as sync`,
  );
  await database.close();
  await server.stop();
  const { version = '', fsync = '', sync = '' } = rows[0] ?? {};
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    postgres: version,
    durability: `fsync ${fsync}, synchronous_commit ${sync}`,
    loadBefore: Math.round(loadBefore * 100) / 100,
  };
}
