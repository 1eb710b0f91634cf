/**
 * What a person may ask of an instance, and how it is asked: the request is a row of the inbox before anybody
 * handles it, so that it outlives the node that took it in, and the node that owns the instance handles it once.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';
import type { InstanceEvent } from '../model/events.ts';
import { asJson } from '../model/json.ts';
import type { Instruction } from '../model/modification.ts';
import { type InboxRow, insertInbox } from '../store/inbox-store.ts';
import { shardOf } from '../store/shard.ts';
import type { EngineNode } from './engine-node.ts';
import type { RequestOutcome } from './peers.ts';

/** What a person may ask of an instance. */
export type InstanceRequest =
  | {
      readonly type: 'task-completed';
      readonly n: number;
      readonly output: unknown;
      readonly by: string;
    }
  | {
      readonly type: 'activity-start';
      readonly node: string;
      readonly scope: number | null;
      readonly by: string;
    }
  | {
      readonly type: 'modify';
      readonly instructions: readonly Instruction[];
      readonly reason: string;
      readonly by: string;
    }
  | { readonly type: 'cancel' | 'suspend'; readonly reason: string; readonly by: string }
  | { readonly type: 'resume'; readonly by: string }
  | {
      readonly type: 'variables-set';
      /** Number of the scope. @defaultValue the process itself */
      readonly n?: number;
      readonly variables: Readonly<Record<string, unknown>>;
      readonly removed: readonly string[];
      readonly by: string;
    }
  | {
      /** A message for this instance alone, whatever it is correlated by. */
      readonly type: 'message';
      readonly n: number;
      readonly on: string;
      readonly message: string;
      readonly payload: unknown;
    }
  | {
      readonly type: 'timer-moved';
      readonly n: number;
      readonly on: string;
      /** Milliseconds since 1970 in UTC. */
      readonly due: number;
      readonly by: string;
    }
  | { readonly type: 'incident-retry'; readonly n: number; readonly by: string }
  | {
      readonly type: 'incident-skip';
      readonly n: number;
      readonly by: string;
      readonly reason: string;
      readonly output: unknown;
    };

/** What asking needs. */
export interface InstanceRequestsOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly node: Pick<EngineNode, 'id' | 'request'>;
}

/** Asks instances, here or at the nodes that own them. */
export class InstanceRequests {
  readonly #options: InstanceRequestsOptions;

  constructor(options: InstanceRequestsOptions) {
    this.#options = options;
  }

  /** Asks at once; what is given says what became of it. */
  async ask(instanceId: string, request: InstanceRequest): Promise<RequestOutcome> {
    const { database, node } = this.#options;
    return await node.request(await this.#write(database, instanceId, request));
  }

  /** Writes the request in somebody's transaction. What is given has it handled, once that is committed. */
  async askIn(
    tx: Transaction,
    instanceId: string,
    request: InstanceRequest,
  ): Promise<() => Promise<RequestOutcome>> {
    const row = await this.#write(tx, instanceId, request);
    return () => this.#options.node.request(row);
  }

  async #write(
    db: Database | Transaction,
    instanceId: string,
    request: InstanceRequest,
  ): Promise<InboxRow> {
    const { clock, node } = this.#options;
    const at = clock.now();
    const event = asJson({ ...request, at: at.getTime() }) as InstanceEvent;
    const row = { id: newId(), instanceId, event, askedBy: node.id };
    await insertInbox(db, { ...row, shard: shardOf(instanceId), at });
    return row;
  }
}
