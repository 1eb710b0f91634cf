/**
 * The transaction of a step: opened when the step first runs a transactional procedure, and
 * committed together with the step's completion, or not at all.
 */
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import type { Permits } from './permits.ts';

class RolledBack extends Error {}

/** The transaction of one attempt; opened when it is first needed. */
export class JobTransaction {
  readonly #database: Database;
  readonly #permits: Permits;
  readonly #name: string;
  #open: { tx: Transaction; finish: (commit: boolean) => void; done: Promise<void> } | undefined;

  #opening: Promise<Transaction> | undefined;

  constructor(database: Database, permits: Permits, name: string) {
    this.#database = database;
    this.#permits = permits;
    this.#name = name;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The open transaction; the first call opens it, and calls beside it wait for the same one. */
  async begin(): Promise<Transaction> {
    this.#opening ??= this.#openOne().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return await this.#opening;
  }

  async #openOne(): Promise<Transaction> {
    await this.#permits.take();
    return await new Promise<Transaction>((resolve, reject) => {
      const done = this.#database.transaction(
        (tx) =>
          new Promise<void>((commit, rollback) => {
            const finish = (ok: boolean) => (ok ? commit() : rollback(new RolledBack()));
            this.#open = { tx, finish, done };
            resolve(tx);
          }),
        { name: this.#name },
      );
      done.catch(reject).finally(() => this.#permits.give());
    });
  }

  /** Commits. Rejects when it did not, or when that is not known. */
  async commit(): Promise<void> {
    const open = this.#take();
    open?.finish(true);
    await open?.done;
  }

  /** Rolls back; does nothing when none is open. */
  async rollback(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    const open = this.#take();
    if (!open) return;
    open.finish(false);
    await open.done.catch(() => undefined);
  }

  #take() {
    const open = this.#open;
    this.#open = undefined;
    this.#opening = undefined;
    return open;
  }
}
