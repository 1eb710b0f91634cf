/**
 * Several statements in one message: the server answers all of them at once instead of one by one, and
 * the driver makes one query of them instead of one of each. For statements whose answers nobody reads,
 * and the COMMIT behind them.
 *
 * PostgreSQL skips what follows a failed statement up to the end of the batch, COMMIT included, so a
 * batch never commits a part of itself.
 */
import pg, { type ClientBase } from 'pg';
import utils from 'pg/lib/utils.js';
import { statementName } from './statement-names.ts';

/** One statement of a batch, with values as they travel. */
export interface BatchedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What the driver's connection offers to its own queries. */
interface DriverConnection {
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  readonly stream: { cork(): void; uncork(): void };
  bind(message: {
    readonly portal: '';
    readonly statement: string;
    readonly values: readonly unknown[];
    readonly binary: false;
  }): void;
  execute(message: { readonly portal: ''; readonly rows: 0 }): void;
  sync(): void;
}

/** A statement of a batch failed; `index` says which. */
export class BatchFailure extends Error {
  override readonly name = 'BatchFailure';
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super('a statement of a batch failed', { cause });
    this.index = index;
  }
}

/**
 * The values as they travel. Throws for one that cannot, which must come before anything is sent: the
 * statements around it would take effect without it.
 */
export function sendableValues(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => utils.prepareValue(value));
}

/** True when this connection has prepared the statement, so that it may be part of a batch. */
export function isPrepared(client: ClientBase, text: string): boolean {
  const name = statementName(text);
  return name !== undefined && connectionOf(client).parsedStatements[name] === text;
}

/**
 * Sends prepared statements in one message. Resolves to the command that the last one was answered
 * with; rejects with a `BatchFailure` for the first that failed, or with the loss of the connection.
 */
export function runBatch(
  client: ClientBase,
  statements: readonly BatchedStatement[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    client.query(new Batch(statements, resolve, reject) as unknown as pg.Query);
  });
}

function connectionOf(client: ClientBase): DriverConnection {
  return (client as unknown as { readonly connection: DriverConnection }).connection;
}

/** Its types know the methods of a query as properties, which no class could override. */
const DriverQuery = pg.Query as unknown as new (text: string) => object;

/** The driver takes only its own queries when it does not wait between them, hence the base class. */
class Batch extends DriverQuery {
  readonly callback: (error: unknown) => void;
  readonly #statements: readonly BatchedStatement[];
  readonly #resolve: (command: string) => void;
  #answered = 0;
  #lastCommand = '';

  constructor(
    statements: readonly BatchedStatement[],
    resolve: (command: string) => void,
    reject: (error: unknown) => void,
  ) {
    super('');
    this.#statements = statements;
    this.#resolve = resolve;
    this.callback = (error) => reject(this.#failureOf(error));
  }

  /** An error of the server belongs to the statement after those that were answered. */
  #failureOf(error: unknown): unknown {
    const isOfStatement =
      error instanceof pg.DatabaseError && this.#answered < this.#statements.length;
    return isOfStatement ? new BatchFailure(this.#answered, error) : error;
  }

  submit(connection: unknown): void {
    const driver = connection as DriverConnection;
    driver.stream.cork();
    try {
      for (const { text, values } of this.#statements) {
        const statement = statementName(text) ?? '';
        driver.bind({ portal: '', statement, values, binary: false });
        driver.execute({ portal: '', rows: 0 });
      }
    } finally {
      driver.sync();
      driver.stream.uncork();
    }
  }

  handleRowDescription(): void {}

  handleDataRow(): void {}

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#answered += 1;
    this.#lastCommand = text;
  }

  handleEmptyQuery(): void {
    this.#answered += 1;
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#lastCommand);
  }
}
