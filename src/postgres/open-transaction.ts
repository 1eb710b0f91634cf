/**
 * One open transaction on one connection. It can be used only while it is open: a query that comes
 * after its end would run on a connection that may serve somebody else by then, so it is a bug.
 *
 * What need not wait for an answer does not: each wait costs a trip to the server and back, two
 * system calls and a change of process. Statements of one turn travel together, the first of them
 * with BEGIN, and what was given to `send` travels with the next that waits, at last with COMMIT.
 */
import type { ClientBase } from 'pg';
import { assert } from '../kernel/errors.ts';
import type {
  QueryResult,
  SendLastOptions,
  SendOptions,
  Transaction,
} from '../kernel/transaction.ts';
import { isAbortedTransaction } from './pg-errors.ts';
import { answered, pointHere, runQuery, runUnprepared, toResult } from './run-query.ts';
import {
  type BatchedStatement,
  BatchFailure,
  isPrepared,
  runBatch,
  type StatementAnswer,
  sendableValues,
} from './statement-batch.ts';

interface UnsentStatement extends BatchedStatement {
  readonly explain?: ((error: unknown) => unknown) | undefined;
  readonly answered?: ((rows: readonly never[]) => void) | undefined;
  /** A text without values may hold several statements, which cannot be prepared. */
  readonly isSimple?: boolean;
  /** Absent when nobody waits for the answer. */
  readonly waiter?: {
    resolve(result: QueryResult<never>, command: string): void;
    reject(error: unknown): void;
  };
}

/** The transaction as the database layer holds it; others see the kernel's `Transaction`. */
export class OpenTransaction implements Transaction {
  readonly #client: ClientBase;
  readonly #afterCommit: (() => void)[] = [];
  #unsent: UnsentStatement[];
  /** What goes in front of COMMIT, by its text. */
  readonly #last = new Map<string, UnsentStatement>();
  #isDue = false;
  #isOpen = true;
  /** What comes behind a BEGIN in another message waits until it was answered. */
  #beginning: 'unsent' | 'sent' | 'answered' = 'unsent';
  #failure: { readonly error: unknown } | undefined;
  /** The failure of a statement that nobody waits for; it is told by the next that somebody does. */
  #unasked: { readonly error: unknown } | undefined;
  /** Answers are told in the order of their statements, so that a failure is known to what follows. */
  #told: Promise<boolean> | undefined;

  /** Sends nothing yet. */
  constructor(client: ClientBase, begin: 'BEGIN' | 'BEGIN READ ONLY') {
    this.#client = client;
    this.#unsent = [{ text: begin, values: [], isRead: false }];
  }

  async query<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<QueryResult<Row>> {
    this.#assertOpen();
    const sendable = sendableValues(values);
    try {
      return await new Promise<QueryResult<Row>>((resolve, reject) => {
        const waiter = { resolve, reject };
        const isSimple = values.length === 0 && text.includes(';');
        this.#unsent.push({ text, values: sendable, isRead: true, isSimple, waiter });
        this.#deliverSoon();
      });
    } catch (error) {
      throw pointHere(error);
    }
  }

  send<Row = Record<string, unknown>>(
    text: string,
    values: readonly unknown[],
    { explain, answered, early = false }: SendOptions<Row> = {},
  ): void {
    this.#assertOpen();
    const isRead = answered !== undefined;
    const told = early ? { early: answered } : { answered };
    this.#unsent.push({ text, values: sendableValues(values), isRead, explain, ...told });
  }

  sendLast(text: string, values: readonly unknown[], { explain }: SendLastOptions = {}): void {
    this.#assertOpen();
    if (this.#last.has(text)) return;
    this.#last.set(text, { text, values: sendableValues(values), isRead: false, explain });
  }

  /**
   * Sends what is still unsent, and COMMIT with it. Resolves when it is durable; rejects with the
   * failure of a statement, in which case nothing was kept.
   */
  async commit(): Promise<void> {
    this.#unsent.push(...this.#last.values());
    // Nothing was asked and nothing is to be kept.
    if (this.#beginning === 'unsent' && this.#unsent.length === 1) return;
    const command = await new Promise<string>((resolve, reject) => {
      const waiter = { resolve: (_: unknown, answer: string) => resolve(answer), reject };
      this.#unsent.push({ text: 'COMMIT', values: [], isRead: false, waiter });
      this.#deliver();
    });
    if (command !== 'ROLLBACK') return;
    await this.#told;
    if (this.#unasked) throw this.#unasked.error;
    throw new Error(
      'expected COMMIT, found ROLLBACK: a statement of this transaction had failed and its error ' +
        'was swallowed, so nothing was kept; let errors of `query` leave the work',
      { cause: this.#failure?.error },
    );
  }

  /** Ends the transaction without keeping anything; what was not sent yet never is. */
  async rollback(): Promise<void> {
    const given = this.#unsent.splice(0);
    for (const { waiter } of given) waiter?.reject(this.#failure?.error ?? endedTooEarly());
    if (this.#beginning !== 'unsent') await this.#client.query('ROLLBACK');
  }

  afterCommit(work: () => void): void {
    this.#assertOpen();
    this.#afterCommit.push(work);
  }

  /** Ends the use of this transaction and hands out what is to run once it has committed. */
  close(): readonly (() => void)[] {
    this.#isOpen = false;
    return this.#afterCommit;
  }

  /** At the end of this turn, so that its other statements come along. */
  #deliverSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    process.nextTick(() => {
      this.#isDue = false;
      this.#deliver();
    });
  }

  /**
   * Sends what is unsent, in its order, up to the last statement that somebody waits for: those that
   * the connection has prepared in one batch, another one by itself. While BEGIN stands alone and
   * unanswered nothing follows it: should it fail, what follows would run without a transaction.
   */
  #deliver(): void {
    while (this.#beginning !== 'sent') {
      const count = this.#unsent.findLastIndex(({ waiter }) => waiter !== undefined) + 1;
      if (count === 0) return;
      const group = this.#unsent.splice(0, this.#preparedAmong(count) || 1);
      const isFirst = this.#beginning === 'unsent';
      if (isFirst) this.#beginning = 'sent';
      const [only] = group;
      const told =
        group.length === 1 && only && !this.#canBatch(only)
          ? this.#deliverAlone(only, this.#told)
          : this.#deliverBatch(group, this.#told);
      this.#told = told;
      if (isFirst) void told.then((hasBegun) => this.#begun(hasBegun));
    }
  }

  #begun(hasBegun: boolean): void {
    this.#beginning = 'answered';
    if (hasBegun) this.#deliver();
    // What waited for BEGIN must not run without it.
    else for (const { waiter } of this.#unsent.splice(0)) waiter?.reject(this.#failure?.error);
  }

  #preparedAmong(most: number): number {
    const end = this.#unsent.findIndex((statement) => !this.#canBatch(statement));
    return end === -1 ? most : Math.min(end, most);
  }

  #canBatch({ text, isSimple }: UnsentStatement): boolean {
    return !isSimple && isPrepared(this.#client, text);
  }

  /** Never rejects; true when the statement was carried out. */
  async #deliverAlone(statement: UnsentStatement, before?: Promise<boolean>): Promise<boolean> {
    const { text, values, waiter, isSimple } = statement;
    try {
      if (isSimple) {
        const result = await runQuery<never>(this.#client, text, undefined);
        await before;
        waiter?.resolve(result, '');
        return true;
      }
      const answer = await runUnprepared(this.#client, text, values);
      await before;
      const result = toResult<never>(answer);
      (statement.answered ?? statement.early)?.(result.rows);
      waiter?.resolve(result, answer.command);
      return true;
    } catch (error) {
      await before;
      this.#fail(error, statement, [statement]);
      return false;
    }
  }

  /** Never rejects; true when at least the first statement was carried out. */
  async #deliverBatch(
    batch: readonly UnsentStatement[],
    before?: Promise<boolean>,
  ): Promise<boolean> {
    let answers: readonly StatementAnswer[] = [];
    try {
      answers = await runBatch(this.#client, batch);
      await before;
      this.#answer(batch, answers);
    } catch (error) {
      await before;
      if (error instanceof BatchFailure) {
        answers = error.answers;
        this.#answer(batch, answers);
        this.#fail(error.cause, batch[error.index], batch.slice(error.index));
      } else {
        this.#fail(error, undefined, batch);
      }
    }
    return answers.length > 0;
  }

  #answer(batch: readonly UnsentStatement[], answers: readonly StatementAnswer[]): void {
    for (const [index, answer] of answers.entries()) {
      const statement = batch[index];
      statement?.answered?.(answer.rows as readonly never[]);
      statement?.waiter?.resolve(answered<never>(answer), answer.command);
    }
  }

  /** One statement failed, and with it those that stood behind it in its message. */
  #fail(
    error: unknown,
    statement: UnsentStatement | undefined,
    failed: readonly UnsentStatement[],
  ): void {
    const explained = this.#explained(error, statement);
    for (const { waiter } of failed) waiter?.reject(explained);
  }

  /** "The transaction is aborted" only says that something before it failed; that is the cause. */
  #explained(error: unknown, statement: UnsentStatement | undefined): unknown {
    if (isAbortedTransaction(error) && this.#failure) return this.#failure.error;
    const explained = statement?.explain ? statement.explain(error) : error;
    this.#failure ??= { error: explained };
    if (statement && !statement.waiter) this.#unasked ??= { error: explained };
    return explained;
  }

  #assertOpen(): void {
    assert(
      this.#isOpen,
      'expected an open transaction, found one that has ended; await every query before `work` ends',
    );
  }
}

function endedTooEarly(): Error {
  return new Error(
    'expected every query of a transaction to be awaited, found one that its end had overtaken',
  );
}
