/**
 * Transactions in which procedures run: what was emitted is recorded once, before the commit; a
 * refusal rolls back; what failed is reported after the end, in a transaction of its own.
 *
 * A transaction is either opened here, or given by somebody else (the engine). In a given one the
 * outermost call records its events when it ends, since nobody tells when the giver commits.
 */

import type { Outbox } from '../events/index.ts';
import { isRefusal, type Refusal } from '../kernel/errors.ts';
import type { Log } from '../kernel/procedure.ts';
import type { RecordTraceEvents, TraceEventRecord } from '../kernel/trace.ts';
import type { Transaction } from '../kernel/transaction.ts';
import { type Database, isSerializationFailure } from '../postgres/index.ts';
import type { KnownListeners } from './runner-options.ts';
import { TransactionScope } from './transaction-scope.ts';

/** A refused transaction leaves by this, so that the database layer rolls back. */
class RolledBack extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super('rolled back after a refusal');
    this.refusal = refusal;
  }
}

/** Transactions that got in each other's way are run again this many times before that is a fault. */
const mostAttempts = 4;

/** Opens transactions with a scope, and joins those that are open already. */
export class ScopedTransactions {
  readonly #database: Database;
  readonly #outbox: Outbox;
  readonly #recordTraceEvents: RecordTraceEvents | undefined;
  readonly #log: Log;
  readonly #listeners: KnownListeners | undefined;
  readonly #scopes = new WeakMap<Transaction, TransactionScope>();
  readonly #background = new Set<Promise<void>>();

  constructor(options: {
    readonly database: Database;
    readonly outbox: Outbox;
    readonly recordTraceEvents: RecordTraceEvents | undefined;
    readonly log: Log;
    readonly listeners?: KnownListeners | undefined;
  }) {
    this.#database = options.database;
    this.#outbox = options.outbox;
    this.#recordTraceEvents = options.recordTraceEvents;
    this.#log = options.log;
    this.#listeners = options.listeners;
  }

  /**
   * Runs `work` in a transaction of its own and commits, or rolls back when it rejects or resolves
   * to a refusal. `work` is run again when other transactions got in its way.
   */
  async open<T>(
    name: string,
    work: (tx: Transaction) => Promise<T>,
    options: { readonly readOnly?: boolean } = {},
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let scope: TransactionScope | undefined;
      let again = false;
      try {
        return await this.#database.transaction(
          (tx) => {
            scope = new TransactionScope(tx);
            return this.#runScoped(scope, work);
          },
          { name, readOnly: options.readOnly ?? false },
        );
      } catch (error) {
        if (error instanceof RolledBack) return error.refusal as T;
        again = attempt < mostAttempts && (await this.#mayRunAgain(error));
        if (!again) throw error;
      } finally {
        if (!again && scope) await this.#recordFailures(scope.failures);
      }
    }
  }

  async #mayRunAgain(error: unknown): Promise<boolean> {
    return (
      isSerializationFailure(error) || ((await this.#listeners?.hasLearntAfter(error)) ?? false)
    );
  }

  async #runScoped<T>(scope: TransactionScope, work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#scopes.set(scope.tx, scope);
    const result = await work(scope.tx);
    if (isRefusal(result)) throw new RolledBack(result);
    scope.assertMayCommit();
    await this.#flush(scope);
    return result;
  }

  /** Runs one call in an open transaction, in the scope that it has or that begins with this call. */
  async join<T>(tx: Transaction, call: (scope: TransactionScope) => Promise<T>): Promise<T> {
    const known = this.#scopes.get(tx);
    if (known) return call(known);
    const scope = new TransactionScope(tx);
    this.#scopes.set(tx, scope);
    try {
      const result = await call(scope);
      if (!isRefusal(result)) {
        scope.assertMayCommit();
        await this.#flush(scope);
      }
      return result;
    } finally {
      this.#scopes.delete(tx);
      // The giver still holds its connection: waiting for another one here could wait for ever.
      if (scope.failures.length > 0) this.#inBackground(this.#recordFailures(scope.failures));
    }
  }

  /** Resolves when no report of a failure is on its way any more. */
  async settled(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  /** Keeps the trace events of failed calls. Never throws: a lost report must not fail an answer. */
  async #recordFailures(failures: readonly TraceEventRecord[]): Promise<void> {
    const record = this.#recordTraceEvents;
    if (!record || failures.length === 0) return;
    try {
      await this.#database.transaction(async (tx) => record(tx, failures), {
        name: 'trace-events.record-failure',
      });
    } catch (error) {
      this.#log.warn({ error, failures }, 'the trace events of failed calls could not be kept');
    }
  }

  /** Reports one failed call that had no transaction. */
  recordFailure(failure: TraceEventRecord): Promise<void> {
    return this.#recordFailures([failure]);
  }

  #inBackground(work: Promise<void>): void {
    this.#background.add(work);
    void work.finally(() => this.#background.delete(work));
  }

  /** Announcements may make events and calls of their own, so this goes on until nothing is left. */
  async #flush(scope: TransactionScope): Promise<void> {
    while (!scope.isEmpty) {
      const events = scope.events.splice(0);
      const traces = scope.traces.splice(0);
      const announcements = scope.announcements.splice(0);
      if (traces.length > 0) this.#recordTraceEvents?.(scope.tx, traces);
      await this.#outbox.append(scope.tx, events);
      for (const announce of announcements) await announce();
    }
  }
}
