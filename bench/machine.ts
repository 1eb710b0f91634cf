/** What the figures were measured on: without it a figure means nothing. */
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import type { Database } from '../src/postgres/index.ts';

/** The machine and the programs of one run. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  /** What PostgreSQL itself says of its durability. */
  readonly fsync: string;
  readonly synchronousCommit: string;
  /** Load of the last minute when the run began: above 0.5 somebody else was using the machine. */
  readonly loadBefore: number;
}

/** Describes this machine and the server that the database is on. */
export async function describeMachine(database: Database): Promise<Machine> {
  const { rows } = await database.query<{ version: string; fsync: string; sync: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
            current_setting('synchronous_commit') as sync`,
  );
  const { version = '', fsync = '', sync = '' } = rows[0] ?? {};
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    postgres: version,
    fsync,
    synchronousCommit: sync,
    loadBefore: round(loadavg()[0] ?? 0, 2),
  };
}

/** Rounds for people; figures keep what they can stand for. */
export function round(value: number, digits = 0): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
