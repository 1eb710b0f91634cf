/**
 * The way to PostgreSQL: a pool of connections, and transactions on it.
 *
 * A transaction commits when its work resolves and rolls back when it rejects. When the promise of
 * `transaction` resolves, the commit is durable. When it rejects, nothing was kept, with one
 * exception that no client of a database can avoid: if the connection is lost during COMMIT
 * itself, the outcome is unknown. A connection that is in doubt is closed, never reused.
 *
 * Nothing is waited for that need not be: the first statements travel with BEGIN, and what was sent
 * without waiting travels with COMMIT (see `open-transaction.ts`).
 */
import pg, { type Pool } from 'pg';
import { crashPoint } from '../kernel/crash-point.ts';
import type { Log } from '../kernel/procedure.ts';
import type { QueryResult, Transaction, TransactionRunner } from '../kernel/transaction.ts';
import { type Connection, wrapConnection } from './connection.ts';
import { OpenTransaction } from './open-transaction.ts';
import { isConnectionLoss, isStalePlan } from './pg-errors.ts';
import { runQuery } from './run-query.ts';
import { valueTypes } from './value-types.ts';

/** How to reach PostgreSQL, and the limits kept towards it. */
export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database`, or with `?host=/folder` for a Unix socket. */
  readonly connectionString: string;
  /** Most connections at a time; more work waits in line. Each costs the server a process. */
  readonly maxConnections: number;
  /** What `pg_stat_activity` shows of these connections. */
  readonly applicationName: string;
  /** Longest time of one statement. @defaultValue no limit */
  readonly statementTimeoutMs?: number;
  /** Longest wait for a free connection. @defaultValue 10000 */
  readonly acquireTimeoutMs?: number;
  /** Told of idle connections that were lost and of failing after-commit work. */
  readonly log?: Log;
}

/** How one transaction differs from the usual. */
export interface TransactionOptions {
  /** Lets PostgreSQL refuse every write. Passes no crash point. @defaultValue false */
  readonly readOnly?: boolean;
  /** Names the crash points: `before-commit:<name>`, `after-commit:<name>`. @defaultValue 'transaction' */
  readonly name?: string;
}

/** An open database. Everything that is not in a `transaction` commits statement by statement. */
export interface Database extends TransactionRunner {
  readonly pool: Pool;
  /** Runs one statement that commits by itself, on any free connection. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  transaction<T>(work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Takes a connection out of the pool until it is released. */
  connect(): Promise<Connection>;
  /** Waits for the connections in use, then closes all. May be called twice. */
  close(): Promise<void>;
}

/** Opens a database. Nothing is connected before the first use. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = openPool(options);
  let closed: Promise<void> | undefined;

  async function query<Row>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    const client = await pool.connect();
    let failure: unknown;
    try {
      return await runQuery<Row>(client, text, values);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      client.release(isInDoubt(failure));
    }
  }

  async function transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    transactionOptions: TransactionOptions = {},
  ): Promise<T> {
    const client = await pool.connect();
    const tx = new OpenTransaction(
      client,
      transactionOptions.readOnly ? 'BEGIN READ ONLY' : 'BEGIN',
    );
    let afterCommit: readonly (() => void)[];
    let result: T;
    try {
      ({ result, afterCommit } = await runTransaction(tx, work, transactionOptions));
    } catch (error) {
      client.release(isInDoubt(error) || !(await rolledBack(tx)));
      throw error;
    }
    client.release();
    runAfterCommit(afterCommit, options.log);
    return result;
  }

  return {
    pool,
    query,
    transaction,
    connect: async () => wrapConnection(await pool.connect()),
    close() {
      closed ??= pool.end();
      return closed;
    },
  };
}

function openPool(options: DatabaseOptions): Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.maxConnections,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    pipeline: true,
    types: valueTypes,
    options: '-c TimeZone=UTC',
    ...(options.statementTimeoutMs === undefined
      ? {}
      : { statement_timeout: options.statementTimeoutMs }),
  });
  pool.on('error', (error) => {
    options.log?.warn({ error: error.message }, 'lost an idle connection to PostgreSQL');
  });
  // The pool listens only on idle clients, and an error event without a listener ends the program.
  // Whoever holds the client learns of the loss from its query.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function runTransaction<T>(
  tx: OpenTransaction,
  work: (tx: Transaction) => Promise<T>,
  { readOnly = false, name = 'transaction' }: TransactionOptions,
): Promise<{ result: T; afterCommit: readonly (() => void)[] }> {
  let result: T;
  let afterCommit: readonly (() => void)[] = [];
  try {
    result = await work(tx);
  } finally {
    afterCommit = tx.close();
  }
  if (!readOnly) crashPoint(`before-commit:${name}`);
  await tx.commit();
  if (!readOnly) crashPoint(`after-commit:${name}`);
  return { result, afterCommit };
}

/** True when the session is certainly outside a transaction again. */
async function rolledBack(tx: OpenTransaction): Promise<boolean> {
  try {
    await tx.rollback();
    return true;
  } catch {
    return false;
  }
}

function isInDoubt(error: unknown): boolean {
  return isConnectionLoss(error) || isStalePlan(error);
}

/** The commit has happened: failing work may neither undo it nor keep the rest from running. */
function runAfterCommit(afterCommit: readonly (() => void)[], log: Log | undefined): void {
  for (const work of afterCommit) {
    try {
      work();
    } catch (error) {
      if (log) log.error({ error }, 'work registered with afterCommit failed');
      else process.emitWarning(error instanceof Error ? error : String(error));
    }
  }
}
