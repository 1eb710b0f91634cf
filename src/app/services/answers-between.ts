/**
 * Lets a transaction ask another service without waiting for the network while it holds locks and a
 * connection. Work that needs an answer it does not have is rolled back, the answer is fetched, and the
 * work begins anew with it, as it does after a conflict with another transaction.
 *
 * An answer is as old as the transaction that uses it, as what a transaction reads of another table is
 * without a lock. Only what reads may be asked: it may be asked once more.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { RetryableFault } from '../../kernel/errors.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database, TransactionOptions } from '../../postgres/index.ts';

/** More answers than this within one transaction are a loop. */
const mostAnswers = 10;

/** The answers that one transaction was given so far, by question. */
type Answers = Map<string, unknown>;

/** Leaves a transaction that has to ask first. Retryable, should it ever leave a wrapped database. */
class AskFirst extends RetryableFault {
  readonly question: string;
  readonly fetchAnswer: () => Promise<unknown>;

  constructor(question: string, fetchAnswer: () => Promise<unknown>) {
    super('ANSWER_NEEDED', `the answer of another service is needed first: ${question}`);
    this.question = question;
    this.fetchAnswer = fetchAnswer;
  }
}

/** A database whose transactions may ask, and the way to ask. */
export interface AskingDatabase {
  readonly database: Database;
  /**
   * The answer to a question, within a transaction of `database`. `fetchAnswer` runs outside of it; its
   * faults leave the transaction.
   */
  ask<Answer>(question: string, fetchAnswer: () => Promise<Answer>): Promise<Answer>;
}

/** Wraps a database. What runs in its transactions must bear being run again, as it must anyway. */
export function answersBetween(inner: Database): AskingDatabase {
  const current = new AsyncLocalStorage<Answers>();

  async function transaction<T>(
    work: (tx: Transaction) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> {
    const answers: Answers = new Map();
    for (;;) {
      try {
        return await current.run(answers, () => inner.transaction(work, options));
      } catch (error) {
        if (!(error instanceof AskFirst) || answers.size >= mostAnswers) throw error;
        answers.set(error.question, await current.exit(() => error.fetchAnswer()));
      }
    }
  }

  return {
    database: { ...inner, transaction },
    async ask<Answer>(question: string, fetchAnswer: () => Promise<Answer>): Promise<Answer> {
      const answers = current.getStore();
      if (!answers) return await fetchAnswer();
      if (!answers.has(question)) throw new AskFirst(question, fetchAnswer);
      return answers.get(question) as Answer;
    },
  };
}
