/**
 * A database of its own for a test or a test file: a clone of a template into which the migrations
 * ran once per test run. It is closed and dropped when the test (or, asked for outside a test, the
 * file) is over, and a connection that was never given back fails it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import {
  type Database,
  type MigrationSet,
  migrate,
  openDatabase,
  readMigrations,
} from '../../src/postgres/index.ts';
import { cleanUpWithFile, laterCleanup } from './cleanup.ts';

/** What `testDatabase` hands out. */
export interface TestDatabase {
  readonly database: Database;
  /** For opening further databases or programs on the same data. */
  readonly connectionString: string;
  readonly name: string;
  /** Closes and drops it now; rejects when a connection was not given back. Further calls do nothing. */
  close(): Promise<void>;
}

/** What the database of a test contains and allows. */
export interface TestDatabaseOptions {
  /** Run in the order given. @defaultValue none: an empty database */
  readonly migrations?: readonly MigrationSet[];
  /** @defaultValue 10 */
  readonly maxConnections?: number;
}

/** A connection still out after this time is called leaked. */
const longestReturnMs = 2_000;
/** Looked at so often: a machine that stood still meanwhile has let nobody give one back. */
const lookEveryMs = 100;

/** Gives a migrated database that no other test sees. Callable anywhere: file, hook or test. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { migrations = [], maxConnections = 10 } = options;
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  const template = await templateOf(migrations);
  await adminOfFile().query(`create database ${name} template ${template}`);
  const connectionString = connectionStringOf(name);
  const database = openDatabase({ connectionString, maxConnections, applicationName: name });
  let closed = false;
  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    await closeAndDrop(database, name);
  }
  laterCleanup(close);
  return { database, connectionString, name, close };
}

async function closeAndDrop(database: Database, name: string): Promise<void> {
  const leaked = await endPool(database);
  await adminOfFile().query(`drop database ${name} with (force)`);
  if (leaked === 0) return;
  throw new Error(
    `expected every connection to be given back, found ${leaked} still taken out ` +
      `${longestReturnMs} ms after the test; release it, or await the transaction`,
  );
}

/** Closes the pool and returns how many connections were never given back. */
async function endPool(database: Database): Promise<number> {
  let isClosed = false;
  const closing = database.close().then(() => {
    isClosed = true;
  });
  for (let waitedMs = 0; !isClosed && waitedMs < longestReturnMs; waitedMs += lookEveryMs) {
    const { promise: looked, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, lookEveryMs);
    await Promise.race([closing, looked]);
    clearTimeout(timer);
  }
  return isClosed ? 0 : database.pool.totalCount - database.pool.idleCount;
}

/** Templates that this process knows to be there. */
const templates = new Map<string, Promise<string>>();

function templateOf(migrations: readonly MigrationSet[]): Promise<string> {
  const key = JSON.stringify(migrations.map(({ schema, folder }) => [schema, String(folder)]));
  const known = templates.get(key);
  if (known) return known;
  const template = ensureTemplate(migrations);
  templates.set(key, template);
  template.catch(() => templates.delete(key));
  return template;
}

/** The name of a template with these migrations, made by whichever worker comes first. */
async function ensureTemplate(migrations: readonly MigrationSet[]): Promise<string> {
  if (migrations.length === 0) return 'template0';
  const files = await readMigrations(migrations);
  const identity = files.map(({ schema, number, checksum }) => [schema, number, checksum]);
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
  const template = `template_${hash}`;
  await asAdmin((admin) =>
    admin.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock(hashtext($1))', [template]);
      const found = await tx.query('select 1 from pg_database where datname = $1', [template]);
      if (found.rowCount === 0) await makeTemplate(template, migrations);
    }),
  );
  return template;
}

/** Made under another name and renamed when complete, so that a killed worker leaves no half one. */
async function makeTemplate(template: string, migrations: readonly MigrationSet[]): Promise<void> {
  const draft = `${template}_draft`;
  await asAdmin(async (admin) => {
    await admin.query(`drop database if exists ${draft} with (force)`);
    await admin.query(`create database ${draft} template template0`);
    const database = openDatabase({
      connectionString: connectionStringOf(draft),
      maxConnections: 2,
      applicationName: draft,
    });
    try {
      await migrate(database, migrations);
    } finally {
      await database.close();
    }
    await admin.query(`alter database ${draft} rename to ${template}`);
  });
}

async function asAdmin<T>(work: (admin: Database) => Promise<T>): Promise<T> {
  const admin = openAdmin();
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}

let ofFile: Database | undefined;

/** Makes and drops the databases of a test file; closed after the last of them. */
function adminOfFile(): Database {
  if (ofFile) return ofFile;
  const admin = openAdmin();
  ofFile = admin;
  cleanUpWithFile(async () => {
    ofFile = undefined;
    await admin.close();
  });
  return admin;
}

function openAdmin(): Database {
  return openDatabase({
    connectionString: connectionStringOf('postgres'),
    maxConnections: 4,
    applicationName: 'test support',
  });
}

function connectionStringOf(name: string): string {
  const url = new URL(inject('serverConnectionString'));
  url.pathname = `/${name}`;
  return url.href;
}
