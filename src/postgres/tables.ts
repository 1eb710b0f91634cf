/**
 * Typed queries inside a transaction: a Kysely whose statements run through the kernel's
 * `Transaction`. Compiler and adapter are shared; per transaction only an executor is made, once.
 *
 * Columns have the names and values of PostgreSQL: snake_case, and the types of `value-types.ts`.
 */
import {
  type ConnectionProvider,
  type DatabaseConnection,
  DefaultQueryExecutor,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  PostgresQueryCompiler,
} from 'kysely';
import { Bug } from '../kernel/errors.ts';
import type { Transaction } from '../kernel/transaction.ts';

const compiler = new PostgresQueryCompiler();
const adapter = new PostgresAdapter();

const noConnections = () =>
  Promise.reject(
    new Bug('expected `database.transaction`, found a transaction or connection asked of Kysely'),
  );

/** Kysely never opens, begins or ends anything here: the transaction is handed in and owned outside. */
const driver: Driver = {
  init: () => Promise.resolve(),
  acquireConnection: noConnections,
  beginTransaction: noConnections,
  commitTransaction: noConnections,
  rollbackTransaction: noConnections,
  releaseConnection: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
};

const dialect = new PostgresDialect({ pool: noConnections });

const made = new WeakMap<Transaction, Kysely<unknown>>();

/** The tables `DB` as seen by this transaction. Its queries commit or vanish with it. */
export function tables<DB>(tx: Transaction): Kysely<DB> {
  let kysely = made.get(tx);
  if (!kysely) {
    const executor = new DefaultQueryExecutor(compiler, adapter, providerOf(tx));
    kysely = new Kysely<unknown>({ config: { dialect }, dialect, driver, executor });
    made.set(tx, kysely);
  }
  return kysely as unknown as Kysely<DB>;
}

function providerOf(tx: Transaction): ConnectionProvider {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) {
      const { rows, rowCount } = await tx.query<Row>(sql, parameters);
      return { rows: rows as Row[], numAffectedRows: BigInt(rowCount) };
    },
    streamQuery() {
      throw new Bug('expected `execute`, found `stream`: read pages by keyset instead');
    },
  };
  return { provideConnection: (consumer) => consumer(connection) };
}
