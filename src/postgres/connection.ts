/**
 * A connection taken out of the pool for long: to listen for notifications, to hold session locks,
 * or to run the few hot statements of a loop without going through the pool each time.
 *
 * A connection that has listened, was lost or is inside a transaction is closed on release instead
 * of going back into the pool, so no session state ever reaches another user of the pool.
 */
import pg, { type PoolClient } from 'pg';
import { assert } from '../kernel/errors.ts';
import type { QueryResult } from '../kernel/transaction.ts';
import { isConnectionLoss, isStalePlan } from './pg-errors.ts';
import { runQuery } from './run-query.ts';

/** A connection of one's own. Statements run in the order in which they are given. */
export interface Connection {
  /** Runs one statement; outside `begin` and `commit` it commits by itself. */
  query<Row = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<QueryResult<Row>>;
  begin(): Promise<void>;
  /** Rejects when PostgreSQL had to roll back because an earlier statement failed. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Calls back with the payload of every `NOTIFY` on the channel that commits from now on. */
  listen(channel: string, onMessage: (payload: string) => void): Promise<void>;
  /** Calls back once when the server went away; the connection is then of no further use. */
  onLost(callback: (error: Error) => void): void;
  /**
   * Gives the connection back to the pool; afterwards it may not be used. With `close`, or when it
   * carries session state, it is closed instead. Further calls do nothing.
   */
  release(options?: { readonly close?: boolean }): void;
}

/** Wraps a checked-out client of the pool. */
export function wrapConnection(client: PoolClient): Connection {
  const listeners = new Map<string, (payload: string) => void>();
  let reusable = true;
  let inTransaction = false;
  let released = false;
  let lost: Error | undefined;
  const onLostCallbacks: ((error: Error) => void)[] = [];

  const lose = (error: Error) => {
    if (lost || released) return;
    lost = error;
    for (const callback of onLostCallbacks) callback(error);
  };
  const onError = (error: Error) => lose(error);
  const onEnd = () => lose(new Error('Connection terminated unexpectedly'));
  const onNotification = (message: pg.Notification) =>
    listeners.get(message.channel)?.(message.payload ?? '');
  client.on('error', onError).on('end', onEnd).on('notification', onNotification);

  async function run<Row>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
    assert(!released, 'expected a connection in use, found one that was released');
    try {
      return await runQuery<Row>(client, text, values);
    } catch (error) {
      if (isConnectionLoss(error) || isStalePlan(error)) reusable = false;
      throw error;
    }
  }

  return {
    query: run,
    async begin() {
      inTransaction = true;
      await run('BEGIN');
    },
    async commit() {
      const { command } = await client.query('COMMIT');
      inTransaction = false;
      if (command === 'ROLLBACK') {
        throw new Error(
          'expected COMMIT, found ROLLBACK: a statement of this transaction had failed; nothing was kept',
        );
      }
    },
    async rollback() {
      await run('ROLLBACK');
      inTransaction = false;
    },
    async listen(channel, onMessage) {
      reusable = false;
      listeners.set(channel, onMessage);
      await run(`LISTEN ${pg.escapeIdentifier(channel)}`);
    },
    onLost(callback) {
      if (lost) callback(lost);
      else onLostCallbacks.push(callback);
    },
    release({ close = false } = {}) {
      if (released) return;
      released = true;
      client.off('error', onError).off('end', onEnd).off('notification', onNotification);
      client.release(close || !reusable || inTransaction || lost !== undefined);
    },
  };
}
