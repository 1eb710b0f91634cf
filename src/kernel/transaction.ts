/**
 * The transaction that a procedure, its events and a process step share. The port lives here so that
 * a procedure's signature needs no database layer; `postgres/` implements it.
 */

/** What one statement gave. */
export interface QueryResult<Row> {
  readonly rows: readonly Row[];
  /** Rows read or changed. */
  readonly rowCount: number;
}

/** What becomes of a statement that is sent in front of COMMIT. */
export interface SendLastOptions {
  /** Makes of PostgreSQL's error the one to be thrown. */
  readonly explain?: (error: unknown) => unknown;
}

/** What becomes of a statement that nobody waits for. */
export interface SendOptions<Row> extends SendLastOptions {
  /** Told of its rows, before what runs after the commit. It must not throw. */
  readonly answered?: (rows: readonly Row[]) => void;
  /**
   * The rows are told when the statement has ended, while the rest of the message is carried out: for what can
   * be prepared while the commit is made durable. It costs the server a message of its own.
   */
  readonly early?: boolean;
}

/** An open transaction at READ COMMITTED. Everything run through it commits or vanishes together. */
export interface Transaction {
  /** Runs one statement with `$1`-style parameters. Faults are thrown; the transaction is then lost. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  /**
   * Runs one statement whose answer nobody waits for: a write that either succeeds or is a fault. It
   * travels with what comes after it, the COMMIT included, instead of being waited for. When it fails,
   * nothing of the transaction is kept, and whoever opened it gets that failure.
   */
  send<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[],
    options?: SendOptions<Row>,
  ): void;
  /**
   * Runs one statement in front of COMMIT, in the same message and after whatever else was sent, so that
   * what it checks or locks is checked or locked for that moment only. Otherwise as `send`. The same text
   * runs once in a transaction, with the values that were given first.
   */
  sendLast(text: string, values: readonly unknown[], options?: SendLastOptions): void;
  /** Registers work that runs once after a successful commit, and never when it rolls back. */
  afterCommit(work: () => void): void;
}

/** Opens transactions. Nested calls are separate transactions. */
export interface TransactionRunner {
  /** Commits when `work` resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
}
