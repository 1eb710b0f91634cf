/**
 * Carries out bulk operations, on the node that keeps house. Every step of it is a transaction of its
 * own under the lock of the operation's row, so that a restart, a take-over, and two nodes that both
 * believe to keep house change nothing: an instance is asked in the commit that marks its item as
 * asked, once; what came of it is told from the database.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import type { LaterEvent } from '../model/events.ts';
import { type KnownModels, searchInstances } from '../search/instance-search.ts';
import { type InboxRow, insertInbox } from '../store/inbox-store.ts';
import { shardOf } from '../store/shard.ts';
import type { MigrateInstanceOptions, MigrationResult } from '../versions/migrate-instance.ts';
import { type BulkOperation, filterFor } from './bulk-operation.ts';
import * as store from './bulk-store.ts';
import { outcomeOf } from './item-outcome.ts';

/** Instances that are written down by one transaction. */
const collectedAtOnce = 1_000;
/** Items that one step takes up, and outcomes that it looks at. */
const mostAtOnce = 500;
/** A migration that was begun this long ago and has no outcome is tried again; it is idempotent. */
const forgottenMs = 60_000;
/** Most items of one operation. */
export const mostItems = 1_000_000;

/** What a runner is made of. */
export interface BulkRunnerOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly engine: KnownModels & {
    migrateInstance(options: MigrateInstanceOptions): Promise<MigrationResult | null>;
  };
  /** Requests were committed: has them handled now rather than by the next sweep. */
  readonly committed: (rows: readonly InboxRow[]) => void;
}

/** Carries out open operations, a step at a time. */
export class BulkRunner {
  readonly #options: BulkRunnerOptions;
  #running: Promise<void> | undefined;

  constructor(options: BulkRunnerOptions) {
    this.#options = options;
  }

  /** Brings every open operation on by one step; those who ask meanwhile get the same. */
  step(): Promise<void> {
    this.#running ??= this.#stepAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #stepAll(): Promise<void> {
    for (const id of await store.openOperations(this.#options.database)) await this.#stepOne(id);
  }

  async #stepOne(id: string): Promise<void> {
    const { database, clock, committed } = this.#options;
    const asked = await database.transaction(async (tx) => {
      const operation = await store.lockOperation(tx, id);
      if (!operation) return null;
      if (operation.status === 'collecting') await this.#collect(tx, operation);
      const isOfVersions = operation.action === 'migrate';
      if (!isOfVersions) await this.#settle(tx, operation);
      const rows =
        operation.status === 'running' && !isOfVersions ? await this.#ask(tx, operation) : [];
      const migrating = isOfVersions ? await this.#takeMigrations(tx, operation) : [];
      if (rows.length === 0 && migrating.length === 0) {
        await store.endIfDone(tx, id, clock.now());
      }
      return { operation, rows, migrating };
    });
    if (!asked) return;
    committed(asked.rows);
    if (asked.migrating.length > 0) await this.#migrate(asked.operation, asked.migrating);
  }

  async #collect(tx: Transaction, operation: BulkOperation): Promise<void> {
    const { id, action, filter, collected_to: after, total } = operation;
    const search = await searchInstances(tx, this.#options.engine, filterFor(action, filter));
    const { text, values } = search.page({
      columns: 'i.id',
      after: after ?? undefined,
      order: 'oldest first',
      limit: collectedAtOnce,
    });
    const { rows } = await tx.query<{ id: string }>(text, values);
    // What began after the operation was asked for is not meant.
    const meant = rows.map((row) => row.id).filter((instanceId) => instanceId < id);
    const added = await store.addItems(tx, operation, meant);
    const isLast = meant.length < collectedAtOnce || total + added >= mostItems;
    await store.noteCollected(tx, id, { added, to: meant.at(-1) ?? null, isLast });
  }

  async #settle(tx: Transaction, { id, action }: BulkOperation): Promise<void> {
    const settled: store.SettledItem[] = [];
    for (const item of await store.readAsked(tx, id, mostAtOnce)) {
      const outcome = outcomeOf(action, item);
      if (outcome) settled.push({ instance_id: item.instance_id, n: item.n, ...outcome });
    }
    await store.settleItems(tx, id, settled);
  }

  async #ask(tx: Transaction, operation: BulkOperation): Promise<readonly InboxRow[]> {
    const at = this.#options.clock.now();
    const taken = await store.takeItems(tx, operation, { most: mostAtOnce, withInbox: true });
    const rows = taken.map(({ instance_id: instanceId, n, inbox_id }): InboxRow => {
      const event = requestOf(operation, n, at.getTime());
      return { id: inbox_id ?? newId(), instanceId, event };
    });
    for (const row of rows) await insertInbox(tx, { ...row, shard: shardOf(row.instanceId), at });
    return rows;
  }

  async #takeMigrations(tx: Transaction, operation: BulkOperation) {
    const forgotten = await store.takeForgotten(tx, operation.id, forgottenMs, mostAtOnce);
    if (forgotten.length > 0 || operation.status !== 'running') return forgotten;
    return await store.takeItems(tx, operation, { most: mostAtOnce, withInbox: false });
  }

  async #migrate(operation: BulkOperation, items: readonly store.TakenItem[]): Promise<void> {
    const { database, engine } = this.#options;
    const { id, parameters, asked_by } = operation;
    const { to, elements } = parameters;
    for (const { instance_id: instanceId, n } of items) {
      const result = await engine.migrateInstance({
        ...{ instanceId, by: `${asked_by}, bulk operation ${id}` },
        ...(to === undefined ? {} : { to }),
        ...(elements === undefined ? {} : { elements }),
      });
      if (result?.outcome === 'pending') continue;
      const settled: store.SettledItem = {
        ...{ instance_id: instanceId, n },
        ...(result === null
          ? { status: 'skipped', message: 'the instance is gone' }
          : result.outcome === 'migrated'
            ? { status: 'done', message: null }
            : { status: 'failed', message: result.problems.map((p) => p.message).join('; ') }),
      };
      await store.settleItems(database, id, [settled]);
    }
  }
}

/** What each instance is asked. Its history names the operation. */
function requestOf(operation: BulkOperation, n: number, at: number): LaterEvent {
  const { id, action, asked_by, reason } = operation;
  const by = `${asked_by}, bulk operation ${id}`;
  switch (action) {
    case 'cancel':
    case 'suspend':
      return { type: action, at, by, reason };
    case 'retry':
      return { type: 'incident-retry', at, n, by };
    default:
      return { type: 'resume', at, by };
  }
}
