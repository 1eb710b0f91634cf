/**
 * Carries an instance over to another version of its process by one commit, and goes on with it there.
 * Its copy in memory, if there is one, is moved by nobody else meanwhile and thrown away afterwards.
 */
import type { MigrateRequest } from '../model/events.ts';
import { StaleInstances, type Statements } from '../store/commit-group.ts';
import type { Committer } from '../store/committer.ts';
import type { InboxRow } from '../store/inbox-store.ts';
import { loadInstance, type StoredInstance } from '../store/instance-store.ts';
import { fitStored, migrationRecord } from '../versions/migrate.ts';
import { ActorGone } from './actor.ts';
import { type InstanceCache, NotHere } from './instance-cache.ts';
import type { ProcessRegistry } from './process-registry.ts';

/** What migrations need of a node. */
export interface InstanceMigrationOptions {
  readonly database: Statements;
  readonly registry: ProcessRegistry;
  readonly instances: InstanceCache;
  readonly committer: Committer;
  /** Takes up what the instance waits for and works on. */
  readonly goOnWith: (instanceId: string) => Promise<unknown>;
}

type Row = InboxRow & { readonly event: MigrateRequest };

/** How often the instance is looked at anew when somebody else moved it meanwhile. */
const mostAttempts = 5;

/** Migrates instances that this node owns. */
export class InstanceMigration {
  readonly #options: InstanceMigrationOptions;

  constructor(options: InstanceMigrationOptions) {
    this.#options = options;
  }

  /**
   * Moves the instance of a committed request when it fits; resolves when that is durable. False: it
   * does not fit any more, and `refuse` was told. Rejects when this node cannot move it.
   */
  async migrate(row: Row, refuse: () => Promise<void>): Promise<boolean> {
    const { database, instances, registry } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const stored = await loadInstance(database, row.instanceId);
      const { process = '', version = 0 } = stored?.identity ?? {};
      const actor = registry.find(process, version) ? await instances.find(row.instanceId) : null;
      try {
        // Without the code of its version nobody here holds it; its revision guards the commit.
        if (!actor) return await this.#migrateNow(row, stored, refuse);
        return await actor.exclusive(async () => {
          const moved = await this.#migrateNow(row, actor, refuse);
          if (moved) instances.forget(actor);
          return moved;
        });
      } catch (error) {
        const isGone = error instanceof ActorGone || error instanceof StaleInstances;
        if (isGone && actor) instances.forget(actor);
        if (!isGone || attempt === mostAttempts) throw error;
      } finally {
        await this.#options.goOnWith(row.instanceId);
      }
    }
  }

  async #migrateNow(
    { id, event: request }: Row,
    stored: Pick<StoredInstance, 'identity' | 'state' | 'revision'> | null,
    refuse: () => Promise<void>,
  ): Promise<boolean> {
    const { database, registry, committer } = this.#options;
    if (stored && !registry.find(stored.identity.process, request.to)) {
      // Whoever asked has that version: the request is kept until a node that has it holds the shard.
      throw new NotHere(`version ${request.to} is not known to this node`);
    }
    const fitted = await fitStored({ database, registry, request, stored });
    if (!stored || fitted.problems.length > 0) {
      await refuse();
      return false;
    }
    const { identity, revision, state: before } = stored;
    const cause = { inbox: id };
    await committer.commit(migrationRecord({ identity, revision, before, fitted, request, cause }));
    return true;
  }
}
