/**
 * Modules: manifests as data. The HTTP API, the contracts, the permission matrix, migrations and the
 * documentation are derived from them, never written twice.
 */
import type { ErrorDefinition } from './errors.ts';
import type { EventDefinition } from './event.ts';
import type { Procedure } from './procedure.ts';
import type { StateMachine } from './state-machine.ts';
import type { TopicTrigger } from './topic-trigger.ts';
import type { WebhookDefinition } from './webhook.ts';

/** A manifest: all that the rest of the program needs to know of a module. */
export interface ModuleDefinition {
  /** Lower case, plural where it is a collection: `orders`. */
  readonly name: string;
  readonly summary: string;
  /** The PostgreSQL schema that this module alone reads and writes; absent when it stores nothing. */
  readonly schema?: string;
  /** Folder with `000001_name.sql` files. */
  readonly migrations?: URL;
  readonly procedures: readonly Procedure[];
  readonly events: readonly EventDefinition[];
  readonly errors: readonly ErrorDefinition[];
  readonly webhooks?: readonly WebhookDefinition[];
  /** What messages of Kafka topics set off. */
  readonly triggers?: readonly TopicTrigger[];
  readonly stateMachines?: readonly StateMachine[];
}

/** Declares a module. The manifest is frozen. */
export function defineModule(definition: ModuleDefinition): ModuleDefinition {
  return Object.freeze(definition);
}
