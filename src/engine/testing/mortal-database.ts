/**
 * A database that a test can take away from an engine, as death takes it from a node: from that moment
 * nothing of what the engine does reaches PostgreSQL, its sessions end there, and its locks are free.
 */
import { type Database, openDatabase } from '../../postgres/index.ts';

/** A way to PostgreSQL that can be cut for good. */
export interface MortalDatabase extends Database {
  readonly isDead: boolean;
  /** From now on nothing passes; sessions are still there until `die`. */
  cut(): void;
  /** Cuts it. What is under way is rolled back by the server; all that comes later is refused. */
  die(): Promise<void>;
}

/** Opens a database of its own; sessions are told apart by the application name. */
export function openMortalDatabase(options: {
  readonly connectionString: string;
  readonly applicationName: string;
  readonly maxConnections: number;
}): MortalDatabase {
  const inner = openDatabase(options);
  let isDead = false;
  const alive = () => {
    if (isDead) throw new Error('expected a living node, found one that the test has killed');
  };
  return {
    get isDead() {
      return isDead;
    },
    pool: inner.pool,
    async query(text, values) {
      alive();
      return await inner.query(text, values);
    },
    async transaction(work, transactionOptions) {
      alive();
      return await inner.transaction(async (tx) => {
        const result = await work({
          query: async (text, values) => {
            alive();
            return await tx.query(text, values);
          },
          send(text, values, options) {
            alive();
            tx.send(text, values, options);
          },
          sendLast(text, values, options) {
            alive();
            tx.sendLast(text, values, options);
          },
          afterCommit: (later) => tx.afterCommit(() => !isDead && later()),
        });
        alive();
        return result;
      }, transactionOptions);
    },
    async connect() {
      alive();
      return await inner.connect();
    },
    close: () => inner.close(),
    cut() {
      isDead = true;
    },
    async die() {
      isDead = true;
      const { connectionString, applicationName } = options;
      const admin = openDatabase({
        connectionString,
        applicationName: 'test support: death',
        maxConnections: 1,
      });
      try {
        await endSessions(admin, applicationName);
      } finally {
        await admin.close();
      }
    },
  };
}

/** Ends every session of an application, and resolves when PostgreSQL has forgotten them. */
export async function endSessions(admin: Database, applicationName: string): Promise<void> {
  for (;;) {
    const { rowCount } = await admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = $1 and datname = current_database() and pid <> pg_backend_pid()`,
      [applicationName],
    );
    if (rowCount === 0) return;
  }
}
