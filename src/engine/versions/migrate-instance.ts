/**
 * Asks that one instance is moved to another version. It is tried first on what is stored, so that
 * what cannot move leaves no trace; then the request goes to the inbox of the instance, and whoever
 * owns it commits the move.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Database } from '../../postgres/index.ts';
import type { MigrateRequest } from '../model/events.ts';
import type { EngineNode } from '../runtime/engine-node.ts';
import type { ProcessRegistry } from '../runtime/process-registry.ts';
import { insertInbox } from '../store/inbox-store.ts';
import { loadInstance } from '../store/instance-store.ts';
import { shardOf } from '../store/shard.ts';
import type { FitChanges } from './fit-instance.ts';
import { fitStored, type Migrated } from './migrate.ts';
import type { Problem } from './problem.ts';

/** Which instance, and whereto. */
export interface MigrateInstanceOptions {
  readonly instanceId: string;
  /** @defaultValue the newest version that the program has */
  readonly to?: number;
  /** New id by old id, besides what the version declares by `.migrateFrom`. */
  readonly elements?: Readonly<Record<string, string | null>>;
  /** Timers (ids of the new version) that begin anew. */
  readonly restartTimers?: readonly string[];
  /** Who asks, for the history. */
  readonly by: string;
  /** Only says what would come of it. @defaultValue false */
  readonly dryRun?: boolean;
}

/** What came of it. */
export interface MigrationResult {
  /**
   * `migrated`: done, and durable. `fits`: a dry run found nothing against it. `refused`: it stays as
   * it is, for the reasons in `problems`. `pending`: the request is kept, and the node that holds the
   * instance has not answered in time.
   */
  readonly outcome: 'migrated' | 'fits' | 'refused' | 'pending';
  readonly instanceId: string;
  readonly from: number;
  readonly to: number;
  readonly changes: FitChanges;
  readonly problems: readonly Problem[];
}

/** Moves the instance when it fits; null when there is none. */
export async function migrateInstance(
  parts: {
    readonly database: Database;
    readonly clock: Clock;
    readonly registry: ProcessRegistry;
    readonly node: EngineNode;
  },
  options: MigrateInstanceOptions,
): Promise<MigrationResult | null> {
  const { database, clock, registry, node } = parts;
  const { instanceId, by, elements, restartTimers, dryRun = false } = options;
  const stored = await loadInstance(database, instanceId);
  if (!stored) return null;
  const { process, version: from } = stored.identity;
  const to = options.to ?? registry.newest(process)?.version ?? from;
  const request: MigrateRequest = {
    ...{ type: 'migrate', at: clock.now().getTime(), from, to, by },
    ...(elements && { elements }),
    ...(restartTimers && { restartTimers }),
  };
  const answer = (outcome: MigrationResult['outcome'], { changes, problems }: Migrated) => ({
    ...{ outcome, instanceId, from, to, changes, problems },
  });
  const tried = await fitStored({ database, registry, request, stored });
  if (tried.problems.length > 0) return answer('refused', tried);
  if (dryRun) return answer('fits', tried);
  // Already there: nothing is to be moved, and nothing is to be written.
  if (from === to) return answer('migrated', tried);

  const row = { id: newId(), instanceId, event: request, askedBy: node.id };
  await insertInbox(database, { ...row, shard: shardOf(instanceId), at: clock.now() });
  const isTaken = await node.request(row);
  const now = await loadInstance(database, instanceId);
  if (now?.identity.version === to) return answer('migrated', tried);
  // Taken, but not moved: the node that holds it has not answered in time.
  if (isTaken) return answer('pending', tried);
  return answer('refused', await fitStored({ database, registry, request, stored: now }));
}
