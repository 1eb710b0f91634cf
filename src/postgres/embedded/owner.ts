/**
 * Who owns a data folder: the program that holds one advisory lock on a connection of its own. The
 * lock dies with that program, however it ends, so a dead owner never stands in the way and a
 * living one is never pushed aside.
 */
import pg from 'pg';
import { databaseName } from './cluster.ts';

/** The lock, held until released. */
export interface Ownership {
  release(): Promise<void>;
}

/** Never changes: programs of different versions must agree. */
const lockKey = '4713996253120891';
const namePrefix = 'orderloom owner, process ';

/**
 * Takes the lock and makes sure that the program's database exists. Refuses when another living
 * program has it, naming that program's process.
 */
export async function takeOwnership(options: {
  readonly socketFolder: string;
  readonly password: string;
  readonly dataFolder: string;
  /** Called when the server goes away while it is owned. */
  readonly onLost: (error: Error) => void;
}): Promise<Ownership> {
  const client = new pg.Client({
    host: options.socketFolder,
    user: databaseName,
    password: options.password,
    database: 'postgres',
    application_name: `${namePrefix}${process.pid}`,
    connectionTimeoutMillis: 10_000,
  });
  let owned = false;
  // A dying server says so more than once, and before the lock is had there is nothing to lose.
  client.on('error', (error) => {
    if (!owned) return;
    owned = false;
    options.onLost(error);
  });
  await client.connect();
  try {
    await lock(client, options.dataFolder);
    await createDatabase(client);
    owned = true;
  } catch (error) {
    await client.end();
    throw error;
  }
  return {
    async release() {
      owned = false;
      await client.end();
    },
  };
}

async function lock(client: pg.Client, dataFolder: string): Promise<void> {
  const { rows } = await client.query<{ taken: boolean; holder: string | null }>(
    `select pg_try_advisory_lock($1) as taken,
       (select a.application_name from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and l.granted
          and l.classid::bigint << 32 | l.objid::bigint = $1::bigint limit 1) as holder`,
    [lockKey],
  );
  if (rows[0]?.taken) return;
  const holder = rows[0]?.holder?.replace(namePrefix, '') ?? 'unknown';
  throw new Error(
    `another Orderloom (process ${holder}) is using the data folder ${dataFolder}; stop it first, or ` +
      'start this one with another PORT, or another folder in ORDERLOOM_DATA; to run several nodes ' +
      'on the same data, give all of them the DATABASE_URL of one PostgreSQL server',
  );
}

async function createDatabase(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select 1 from pg_database where datname = $1', [
    databaseName,
  ]);
  if (rows.length > 0) return;
  await client.query(`create database ${databaseName}`);
}
