/**
 * The transaction of a step: opened when the step first runs a transactional procedure, and
 * committed together with the step's completion, or not at all.
 */
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';

class RolledBack extends Error {}

export class JobTransaction {
  readonly #database: Database;
  readonly #name: string;
  #open: { tx: Transaction; finish: (commit: boolean) => void; done: Promise<void> } | undefined;

  constructor(database: Database, name: string) {
    this.#database = database;
    this.#name = name;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The open transaction; the first call opens it. */
  async begin(): Promise<Transaction> {
    if (this.#open) return this.#open.tx;
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
      done.catch(reject);
    });
  }

  /** Commits. Rejects when it did not, or when that is not known. */
  async commit(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    open?.finish(true);
    await open?.done;
  }

  /** Rolls back; does nothing when none is open. */
  async rollback(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    open.finish(false);
    await open.done.catch(() => undefined);
  }
}
