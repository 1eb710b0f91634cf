/**
 * Several prepared statements in one message: the server answers all of them at once instead of one by
 * one, with one system call on either side, and the driver makes one query of them instead of one of
 * each. What the rows of a statement look like is asked for once per connection.
 *
 * PostgreSQL skips what follows a failed statement up to the end of the batch, so nothing that stands
 * behind a BEGIN runs without it, and a COMMIT at the end never commits a part of the batch.
 */
import pg, { type ClientBase } from 'pg';
import utils from 'pg/lib/utils.js';
import { serialize } from 'pg-protocol';
import { knownStatementName } from './statement-names.ts';
import { valueTypes } from './value-types.ts';

/** One statement of a batch, with values as they travel. */
export interface BatchedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** False when nobody reads the rows: then they are not asked what they look like. */
  readonly isRead: boolean;
  /** Told of the rows when the statement has ended, while those behind it are carried out. */
  readonly early?: ((rows: readonly never[]) => void) | undefined;
}

/** What the server answered to one statement. */
export interface StatementAnswer {
  /** `SELECT 3`, `INSERT 0 1`, `COMMIT`. */
  readonly command: string;
  /** Empty when nobody reads them. */
  readonly rows: readonly Record<string, unknown>[];
}

/** A statement of a batch failed; `index` says which. Those before it were answered. */
export class BatchFailure extends Error {
  override readonly name = 'BatchFailure';
  readonly index: number;
  readonly answers: readonly StatementAnswer[];

  constructor(answers: readonly StatementAnswer[], cause: unknown) {
    super('a statement of a batch failed', { cause });
    this.index = answers.length;
    this.answers = answers;
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
  const name = knownStatementName(text);
  return name !== undefined && connectionOf(client).parsedStatements[name] === text;
}

/**
 * Sends prepared statements in one message. Resolves to their answers, in order; rejects with a
 * `BatchFailure` for the first that failed, or with the loss of the connection.
 */
export function runBatch(
  client: ClientBase,
  statements: readonly BatchedStatement[],
): Promise<readonly StatementAnswer[]> {
  return new Promise((resolve, reject) => {
    client.query(new Batch(statements, resolve, reject) as unknown as pg.Query);
  });
}

/** What the driver's connection offers to its own queries. */
interface DriverConnection {
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  readonly stream: { write(bytes: Buffer): void };
}

function connectionOf(client: ClientBase): DriverConnection {
  return (client as unknown as { readonly connection: DriverConnection }).connection;
}

/** How one column of a result is called and read. */
interface Column {
  readonly name: string;
  readonly read: (value: string) => unknown;
}

/** Of each connection, the columns of the statements that it has prepared, by their text. */
const knownColumns = new WeakMap<DriverConnection, Map<string, readonly Column[]>>();

function columnsOf(connection: DriverConnection): Map<string, readonly Column[]> {
  let columns = knownColumns.get(connection);
  if (!columns) {
    columns = new Map();
    knownColumns.set(connection, columns);
  }
  return columns;
}

/** What the server says of the columns, as far as it is read here. */
interface RowDescription {
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

/** Its types know the methods of a query as properties, which no class could override. */
const DriverQuery = pg.Query as unknown as new (text: string) => object;

const ignore = () => undefined;

/** Columns of a statement that has none, and of one whose rows nobody reads. */
const noColumns: readonly Column[] = [];

/** The driver takes only its own queries when it does not wait between them, hence the base class. */
class Batch extends DriverQuery {
  callback: (error: unknown) => void;
  #statements: readonly BatchedStatement[];
  #resolve: (answers: readonly StatementAnswer[]) => void;
  #answers: StatementAnswer[] = [];
  #known: Map<string, readonly Column[]> | undefined;
  /** Of the statement that is being answered. */
  #columns: readonly Column[] | undefined;
  #rows: Record<string, unknown>[] = [];

  constructor(
    statements: readonly BatchedStatement[],
    resolve: (answers: readonly StatementAnswer[]) => void,
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
      error instanceof pg.DatabaseError && this.#answers.length < this.#statements.length;
    return isOfStatement ? new BatchFailure(this.#answers, error) : error;
  }

  submit(connection: unknown): void {
    const driver = connection as DriverConnection;
    const known = columnsOf(driver);
    const messages: Buffer[] = [];
    for (const { text, values, isRead, early } of this.#statements) {
      const statement = knownStatementName(text) ?? '';
      messages.push(serialize.bind({ statement, values: values as unknown[] }));
      if (isRead && !known.has(text)) messages.push(serialize.describe({ type: 'P' }));
      messages.push(serialize.execute());
      if (early) messages.push(serialize.flush());
    }
    messages.push(serialize.sync());
    this.#known = known;
    driver.stream.write(Buffer.concat(messages));
  }

  get #current(): BatchedStatement | undefined {
    return this.#statements[this.#answers.length];
  }

  handleRowDescription({ fields }: RowDescription): void {
    const columns = fields.map(({ name, dataTypeID }) => ({
      name,
      read: valueTypes.getTypeParser(dataTypeID, 'text') as (value: string) => unknown,
    }));
    this.#learn(columns);
  }

  #learn(columns: readonly Column[]): void {
    this.#columns = columns;
    const statement = this.#current;
    if (statement) this.#known?.set(statement.text, columns);
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#columns ??= this.#columnsOfCurrent();
    if (this.#columns.length === 0) return;
    const row: Record<string, unknown> = {};
    let index = 0;
    for (const { name, read } of this.#columns) {
      const value = fields[index] ?? null;
      row[name] = value === null ? null : read(value);
      index += 1;
    }
    this.#rows.push(row);
  }

  #columnsOfCurrent(): readonly Column[] {
    const statement = this.#current;
    if (!statement?.isRead) return noColumns;
    return this.#known?.get(statement.text) ?? noColumns;
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#answered(text);
  }

  handleEmptyQuery(): void {
    this.#answered('');
  }

  #answered(command: string): void {
    const statement = this.#current;
    // It was asked for its columns and said that it has none.
    if (statement?.isRead && !this.#columns && !this.#known?.has(statement.text)) {
      this.#learn(noColumns);
    }
    const rows: readonly Record<string, unknown>[] = this.#rows;
    this.#answers.push({ command, rows });
    this.#columns = undefined;
    this.#rows = [];
    statement?.early?.(rows as readonly never[]);
  }

  handleError(error: unknown): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    const [resolve, answers] = [this.#resolve, this.#answers];
    this.#letGo();
    resolve(answers);
  }

  /**
   * The driver's queries outlive their answers, by references of each to the next that only a full garbage
   * collection ends. Rows and values would stay with them: with 10,000 messages a second four fifths of what was
   * under way at a collection grew old, and a full one followed every second.
   */
  #letGo(): void {
    this.callback = ignore;
    this.#resolve = ignore;
    this.#statements = [];
    this.#answers = [];
    this.#known = undefined;
  }
}
