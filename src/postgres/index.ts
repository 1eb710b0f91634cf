/** The public face of the PostgreSQL layer. */
export { cappedCount } from './capped-count.ts';
export type { Connection } from './connection.ts';
export {
  type Database,
  type DatabaseOptions,
  openDatabase,
  type TransactionOptions,
} from './database.ts';
export { defaultDataFolder } from './embedded/data-folder.ts';
export {
  type EmbeddedOptions,
  type EmbeddedServer,
  startEmbedded,
} from './embedded/start-embedded.ts';
export { type KeysetPage, readKeysetPage } from './keyset-page.ts';
export { migrate } from './migrate.ts';
export { type Migration, type MigrationSet, readMigrations } from './migration-files.ts';
export {
  isConnectionLoss,
  isSerializationFailure,
  isStatementTimeout,
  isUniqueViolation,
} from './pg-errors.ts';
export { tables } from './tables.ts';
