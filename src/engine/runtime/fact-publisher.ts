/**
 * Events and successes of procedures, told to the processes in the transaction of the fact: it starts what
 * begins by it, and is kept as a message for each process that may wait for it. A fact acts once, however
 * often it is told.
 */
import type { Clock } from '../../kernel/clock.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { payloadKey } from '../model/correlation.ts';
import { startedBy } from '../store/instance-store.ts';
import { keepMessages, type Match, type MessageRow } from '../store/message-store.ts';
import type { EngineNode } from './engine-node.ts';
import { goesToOther } from './gathering-starts.ts';
import { gathers, type Interests, type ProcessRegistry } from './process-registry.ts';

/** Something that happened: an event, or the success of a procedure. */
export interface Fact {
  /** The same for every telling of one fact, which is what makes it act once. */
  readonly id: string;
  readonly name: string;
  readonly payload: unknown;
  readonly traceId: string;
  /** True: nobody can have told of it before. */
  readonly isNew: boolean;
}

/** What publishing needs. */
export interface FactPublisherOptions {
  readonly clock: Clock;
  readonly registry: ProcessRegistry;
  readonly node: Pick<
    EngineNode,
    'prepare' | 'startIn' | 'loadsAhead' | 'messagesMet' | 'messagesCommitted'
  >;
  /** Sees to it that the transaction does not commit past a drawing that this node does not know. */
  readonly expectKnown: (tx: Transaction) => void;
  /** How long a message without a wait is kept. */
  readonly messageRetentionMs: number;
}

/** Tells processes of facts. */
export class FactPublisher {
  readonly #options: FactPublisherOptions;

  constructor(options: FactPublisherOptions) {
    this.#options = options;
  }

  /** Starts what begins by the facts, and keeps them for what waits for them. */
  async publish(tx: Transaction, facts: readonly Fact[]): Promise<void> {
    if (facts.length > 0) this.#options.expectKnown(tx);
    const rows: MessageRow[] = [];
    for (const fact of facts) {
      const { starts, waits } = this.#options.registry.interests(fact.name);
      const gathering = await this.#start(tx, fact, starts);
      const others =
        gathering.size === 0 ? waits : waits.filter(({ process }) => !gathering.has(process));
      rows.push(...messagesOf(fact, others));
    }
    if (rows.length > 0) this.#keep(tx, rows);
  }

  /** Gives the processes that need further messages and that this one has begun: it is not kept for them. */
  async #start(
    tx: Transaction,
    fact: Fact,
    starts: Interests['starts'],
  ): Promise<ReadonlySet<string>> {
    const { node } = this.#options;
    const gathering = new Set<string>();
    for (const { model, start, part } of starts) {
      if (gathers(start)) {
        if (await goesToOther(tx, { process: model.key, start, part, fact })) continue;
        // It acts once in a process: what began with it is not to find it among what is kept.
        gathering.add(model.key);
      }
      if (!fact.isNew && (await startedBy(tx, model.key, fact.id))) continue;
      const prepared = await node.prepare({
        ...{ model, node: start.id, payload: fact.payload, traceId: fact.traceId },
        ...(part === undefined ? {} : { part }),
        startKey: fact.id,
      });
      await node.startIn(tx, prepared);
    }
    return gathering;
  }

  #keep(tx: Transaction, rows: readonly MessageRow[]): void {
    const { clock, messageRetentionMs, node } = this.#options;
    const now = clock.now();
    let matches: readonly Match[] = [];
    keepMessages(tx, rows, {
      receivedAt: now,
      expiresAt: new Date(now.getTime() + messageRetentionMs),
      met: (found) => {
        matches = found;
        node.messagesMet(found);
      },
      early: node.loadsAhead,
    });
    tx.afterCommit(() => node.messagesCommitted(rows, matches));
  }
}

/** A fact as it is kept for those who wait for it; nothing when nobody can. */
function messagesOf({ id, name, payload }: Fact, waits: Interests['waits']): readonly MessageRow[] {
  const keys = waits.flatMap(({ process, signature }) => {
    const key = payloadKey(signature, payload);
    return key === null ? [] : [{ process, key }];
  });
  if (keys.length === 0) return [];
  const text = JSON.stringify(payload) ?? 'null';
  return keys.map(({ process, key }) => ({ id, process, name, key, payload: text }));
}
