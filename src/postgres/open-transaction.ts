/**
 * One open transaction on one connection. It can be used only while it is open: a query that comes
 * after its end would run on a connection that may serve somebody else by then, so it is a bug.
 */
import type { ClientBase } from 'pg';
import { assert } from '../kernel/errors.ts';
import type { QueryResult, Transaction } from '../kernel/transaction.ts';
import { runQuery } from './run-query.ts';

/** The transaction as the database layer holds it; others see the kernel's `Transaction`. */
export class OpenTransaction implements Transaction {
  readonly #client: ClientBase;
  readonly #afterCommit: (() => void)[] = [];
  #open = true;
  #firstError: unknown;

  constructor(client: ClientBase) {
    this.#client = client;
  }

  /** The error of the first statement that failed, after which PostgreSQL accepts no other. */
  get firstError(): unknown {
    return this.#firstError;
  }

  async query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    assert(
      this.#open,
      'expected an open transaction, found one that has ended; await every query before `work` ends',
    );
    try {
      return await runQuery<Row>(this.#client, text, values);
    } catch (error) {
      this.#firstError ??= error;
      throw error;
    }
  }

  afterCommit(work: () => void): void {
    assert(this.#open, 'expected an open transaction, found one that has ended');
    this.#afterCommit.push(work);
  }

  /** Ends the use of this transaction and hands out what is to run once it has committed. */
  close(): readonly (() => void)[] {
    this.#open = false;
    return this.#afterCommit;
  }
}
