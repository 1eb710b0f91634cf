/**
 * One open transaction on one connection. It can be used only while it is open: a query that comes
 * after its end would run on a connection that may serve somebody else by then, so it is a bug.
 *
 * Statements that need not wait for an answer do not: each wait costs a trip to the server and back,
 * two system calls and a change of process. A plain `select` travels with BEGIN, and what was sent
 * by `send` travels with COMMIT.
 */
import type { ClientBase } from 'pg';
import { assert } from '../kernel/errors.ts';
import type { QueryResult, Transaction } from '../kernel/transaction.ts';
import { isAbortedTransaction } from './pg-errors.ts';
import { isPlainSelect } from './plain-select.ts';
import { runCommand, runQuery } from './run-query.ts';
import {
  type BatchedStatement,
  BatchFailure,
  isPrepared,
  runBatch,
  sendableValues,
} from './statement-batch.ts';

interface UnsentStatement extends BatchedStatement {
  readonly explain: ((error: unknown) => unknown) | undefined;
}

const commit: UnsentStatement = { text: 'COMMIT', values: [], explain: undefined };

/** The transaction as the database layer holds it; others see the kernel's `Transaction`. */
export class OpenTransaction implements Transaction {
  readonly #client: ClientBase;
  readonly #afterCommit: (() => void)[] = [];
  #unsent: UnsentStatement[] = [];
  /** Resolves when BEGIN was answered; undefined from then on. */
  #beginning: Promise<void> | undefined;
  /** A statement waits for BEGIN; those that come after it wait as well, since order counts. */
  #isHeld = false;
  #open = true;
  #failure: { readonly error: unknown } | undefined;

  /** Sends BEGIN, without waiting for its answer. */
  constructor(client: ClientBase, begin: 'BEGIN' | 'BEGIN READ ONLY') {
    this.#client = client;
    const begun = runQuery(client, begin, undefined).then(() => {
      this.#beginning = undefined;
    });
    begun.catch((error: unknown) => this.#note(error));
    this.#beginning = begun;
  }

  /** Resolves when the transaction has certainly begun, rejects when it has not. */
  async begun(): Promise<void> {
    if (this.#beginning) await this.#beginning;
  }

  async query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>> {
    this.#assertOpen();
    // Should BEGIN fail, then what was sent with it has run by itself: harmless for a plain select.
    const mayGoWithBegin = !this.#isHeld && this.#unsent.length === 0 && isPlainSelect(text);
    if (this.#beginning && !mayGoWithBegin) await this.#untilBegun();
    const before = this.#unsent.length > 0 ? this.#deliver(this.#unsent.splice(0)) : undefined;
    try {
      const [answer] = await Promise.all([runQuery<Row>(this.#client, text, values), before]);
      if (this.#beginning) await this.#beginning;
      return answer;
    } catch (error) {
      this.#note(error);
      // "The transaction is aborted" only says that something before it failed; that is the cause.
      throw isAbortedTransaction(error) && this.#failure ? this.#failure.error : error;
    }
  }

  send(text: string, values: readonly unknown[], explain?: (error: unknown) => unknown): void {
    this.#assertOpen();
    this.#unsent.push({ text, values: sendableValues(values), explain });
  }

  /**
   * Sends what is still unsent, and COMMIT with it. Resolves when it is durable; rejects with the
   * failure of a statement, in which case nothing was kept.
   */
  async commit(): Promise<void> {
    const command = await this.#deliver([...this.#unsent.splice(0), commit]);
    if (command !== 'ROLLBACK') return;
    throw new Error(
      'expected COMMIT, found ROLLBACK: a statement of this transaction had failed and its error ' +
        'was swallowed, so nothing was kept; let errors of `query` leave the work',
      { cause: this.#failure?.error },
    );
  }

  /**
   * Sends statements in their order: those that the connection has prepared in one batch, a new one
   * by itself. Gives the command that the last one was answered with.
   */
  async #deliver(statements: readonly UnsentStatement[]): Promise<string> {
    const answers: Promise<string>[] = [];
    for (let from = 0; from < statements.length; ) {
      let to = from;
      while (to < statements.length && isPrepared(this.#client, statements[to]!.text)) to += 1;
      if (to === from) answers.push(this.#deliverAlone(statements[to++]!));
      else answers.push(this.#deliverBatch(statements.slice(from, to)));
      from = to;
    }
    // All are answered before the first failure is told: none may be under way when this is over.
    await Promise.allSettled(answers);
    await Promise.all(answers);
    return (await answers.at(-1)) ?? '';
  }

  async #deliverAlone({ text, values, explain }: UnsentStatement): Promise<string> {
    try {
      const { command } = await runCommand(this.#client, text, values);
      return command;
    } catch (error) {
      throw this.#explained(error, explain);
    }
  }

  async #deliverBatch(batch: readonly UnsentStatement[]): Promise<string> {
    try {
      return await runBatch(this.#client, batch);
    } catch (error) {
      if (!(error instanceof BatchFailure)) throw this.#explained(error, undefined);
      throw this.#explained(error.cause, batch[error.index]?.explain);
    }
  }

  #explained(error: unknown, explain: UnsentStatement['explain']): unknown {
    if (isAbortedTransaction(error) && this.#failure) return this.#failure.error;
    const explained = explain ? explain(error) : error;
    this.#note(explained);
    return explained;
  }

  afterCommit(work: () => void): void {
    this.#assertOpen();
    this.#afterCommit.push(work);
  }

  /** Ends the use of this transaction and hands out what is to run once it has committed. */
  close(): readonly (() => void)[] {
    this.#open = false;
    return this.#afterCommit;
  }

  /** A statement that waited may come too late: after the end it would run by itself. */
  async #untilBegun(): Promise<void> {
    this.#isHeld = true;
    await this.#beginning;
    this.#assertOpen();
  }

  #note(error: unknown): void {
    this.#failure ??= { error };
  }

  #assertOpen(): void {
    assert(
      this.#open,
      'expected an open transaction, found one that has ended; await every query before `work` ends',
    );
  }
}
