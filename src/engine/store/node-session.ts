/**
 * The session by which a node lives: one connection that holds the node's advisory lock, hears the
 * notices of other nodes, and renews the leases. When the node dies, PostgreSQL frees the lock with the
 * session, and others see at once that it is gone. A session that was lost, or that does not answer in
 * time, is opened anew by the next statement.
 *
 * Connects directly or through a pooler in session mode: locks and notices belong to the session.
 */
import type { QueryResult } from '../../kernel/transaction.ts';
import type { Connection, Database } from '../../postgres/index.ts';

/** First key of the advisory locks that say "this node lives"; the second follows from the id. */
const livenessLocks = 28_524;

/** Channel of the notices that nodes send each other. */
export const engineChannel = 'orderloom_engine';

/** What a session is made of. */
export interface NodeSessionOptions {
  readonly database: Database;
  readonly node: string;
  /** A statement that takes longer has failed, and the session with it. */
  readonly timeoutMs: number;
  readonly onNotice: (payload: string) => void;
  /** Told when a session that was open is gone. */
  readonly onLost: () => void;
}

/** The one session of a node. */
export class NodeSession {
  readonly #options: NodeSessionOptions;
  #connection: Connection | undefined;
  #hasLock = false;
  #closed = false;
  #openings = 0;

  constructor(options: NodeSessionOptions) {
    this.#options = options;
  }

  /** How often a session was opened; more than once says that one was lost. */
  get openings(): number {
    return this.#openings;
  }

  /** True while the session is there. */
  get isOpen(): boolean {
    return this.#connection !== undefined;
  }

  /** Runs a statement in the session, which is opened first when there is none. */
  async query<Row>(text: string, values: readonly unknown[]): Promise<QueryResult<Row>> {
    const connection = await this.#open();
    try {
      return await this.#inTime(connection.query<Row>(text, values));
    } catch (error) {
      this.#drop(connection);
      throw error;
    }
  }

  /** Ends the session, and with it the lock. */
  close(): void {
    this.#closed = true;
    if (this.#connection) this.#drop(this.#connection);
  }

  async #open(): Promise<Connection> {
    if (this.#closed) throw new Error('the session of this node is closed');
    const connection = this.#connection ?? (await this.#connect());
    if (!this.#hasLock) await this.#inTime(this.#lock(connection));
    return connection;
  }

  async #connect(): Promise<Connection> {
    const { database, onNotice, onLost } = this.#options;
    const connecting = database.connect();
    const connection = await this.#inTime(connecting).catch((error: unknown) => {
      // One that comes after all is of no use: the next statement has opened another.
      void connecting.then((late) => late.release({ close: true })).catch(() => undefined);
      throw error;
    });
    this.#hasLock = false;
    this.#connection = connection;
    connection.onLost(() => {
      if (this.#connection !== connection) return;
      this.#drop(connection);
      onLost();
    });
    try {
      await this.#inTime(connection.listen(engineChannel, onNotice));
    } catch (error) {
      this.#drop(connection);
      throw error;
    }
    this.#openings += 1;
    return connection;
  }

  /**
   * Not waited for: while PostgreSQL has not noticed that the session before is gone, that one still
   * holds the lock, and the node counts as living. Tried again with the next statement.
   */
  async #lock(connection: Connection): Promise<void> {
    try {
      const { rows } = await connection.query<{ taken: boolean }>(
        `select pg_try_advisory_lock(${livenessLocks}, hashtext($1::text)) as taken`,
        [this.#options.node],
      );
      this.#hasLock = rows[0]?.taken === true;
    } catch (error) {
      this.#drop(connection);
      throw error;
    }
  }

  #drop(connection: Connection): void {
    if (this.#connection === connection) {
      this.#connection = undefined;
      this.#hasLock = false;
    }
    connection.release({ close: true });
  }

  async #inTime<T>(work: Promise<T>): Promise<T> {
    const { timeoutMs } = this.#options;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () =>
        reject(new Error(`expected an answer of PostgreSQL within ${timeoutMs} ms, found none`)),
      timeoutMs,
    );
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      // Whichever comes second is of no interest any more.
      work.catch(() => undefined);
    }
  }
}
