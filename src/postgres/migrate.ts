/**
 * Brings the database up to the program: forward only, each file once, each in a transaction of its
 * own, with its checksum. When everything is in place this costs one query. Two nodes that start
 * together do not collide: an advisory lock lets one migrate and the other find nothing to do.
 *
 * Refused, before anything is changed: a released file that was edited, and a database whose newer,
 * `--! breaking` migrations this program does not know. Newer ones that are not breaking are
 * tolerated, so that an old node may live on while a new one is rolled out.
 */
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { type Migration, type MigrationSet, readMigrations } from './migration-files.ts';

/** Runs what is missing and returns the files that were run, as `schema/000001_name.sql`. */
export async function migrate(
  database: Database,
  sets: readonly MigrationSet[],
): Promise<readonly string[]> {
  const migrations = await readMigrations(sets);
  const schemas = sets.map(({ schema }) => schema);
  const planned = plan(migrations, await readApplied(database, schemas));
  if (planned.length === 0) return [];
  const connection = await database.connect();
  try {
    return await migrateLocked(connection, migrations, schemas);
  } finally {
    // Closing the session gives its lock back, also when the session is broken.
    connection.release({ close: true });
  }
}

interface Applied {
  readonly schema: string;
  readonly number: number;
  readonly file: string;
  readonly checksum: string;
  readonly breaking: boolean;
}

/** Any constant will do, as long as it never changes: every version of the program must agree. */
const lockKey = '7305808869221237';

const bookkeeping = `
  create schema if not exists orderloom;
  create table if not exists orderloom.orderloom_migrations (
    schema_name text not null,
    number integer not null,
    file text not null,
    checksum text not null,
    breaking boolean not null,
    applied_at timestamptz not null default now(),
    primary key (schema_name, number)
  )`;

async function migrateLocked(
  connection: Connection,
  migrations: readonly Migration[],
  schemas: readonly string[],
): Promise<readonly string[]> {
  await connection.query('set statement_timeout = 0');
  await connection.query('select pg_advisory_lock($1)', [lockKey]);
  await connection.query(bookkeeping);
  const planned = plan(migrations, await readApplied(connection, schemas));
  for (const migration of planned) await apply(connection, migration);
  return planned.map(({ schema, file }) => `${schema}/${file}`);
}

async function apply(connection: Connection, migration: Migration): Promise<void> {
  const { schema, number, file, checksum, breaking, sql } = migration;
  await connection.begin();
  try {
    await connection.query(`create schema if not exists "${schema}"`);
    await connection.query(`set local search_path to "${schema}", public`);
    await connection.query(sql);
    await connection.query(
      `insert into orderloom.orderloom_migrations (schema_name, number, file, checksum, breaking)
       values ($1, $2, $3, $4, $5)`,
      [schema, number, file, checksum, breaking],
    );
    await connection.commit();
  } catch (error) {
    await connection.rollback();
    throw new Error(
      `migration ${schema}/${file} failed and was rolled back${placeOf(error, sql)}: ` +
        (error instanceof Error ? error.message : String(error)),
      { cause: error },
    );
  }
}

/** Where in the file PostgreSQL stumbled, when it says so. */
function placeOf(error: unknown, sql: string): string {
  const position = Number((error as { position?: string }).position);
  if (!Number.isInteger(position)) return '';
  return ` at line ${sql.slice(0, position).split('\n').length}`;
}

async function readApplied(
  database: Pick<Database, 'query'>,
  schemas: readonly string[],
): Promise<readonly Applied[]> {
  try {
    const { rows } = await database.query<Applied>(
      `select schema_name as schema, number, file, checksum, breaking
       from orderloom.orderloom_migrations where schema_name = any($1) order by number`,
      [schemas],
    );
    return rows;
  } catch (error) {
    const undefinedTable = '42P01';
    if ((error as { code?: string }).code === undefinedTable) return [];
    throw error;
  }
}

/** Compares files with what was applied: refuses what does not fit, and returns what is missing. */
function plan(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  const key = (item: { schema: string; number: number }) => `${item.schema}/${item.number}`;
  const known = new Map(migrations.map((migration) => [key(migration), migration]));
  for (const row of applied) checkApplied(row, known.get(key(row)));
  const done = new Set(applied.map(key));
  return migrations.filter((migration) => !done.has(key(migration)));
}

function checkApplied(row: Applied, migration: Migration | undefined): void {
  if (!migration) {
    if (!row.breaking) return;
    throw new Error(
      `database is newer than this program: it has the breaking migration ${row.schema}/${row.file}, ` +
        'which this program does not know and must not run on; start the newer version of Orderloom, ' +
        'or restore a backup made before it',
    );
  }
  if (migration.checksum === row.checksum) return;
  throw new Error(
    `migration ${row.schema}/${migration.file} was changed after it had been applied: expected checksum ` +
      `${row.checksum} (of ${row.file} in the database), found ${migration.checksum}; ` +
      'restore the file as it was released and put the change into a new migration',
  );
}
