/**
 * What is told to all at once: signals, and values that conditions are read with. Every process that begins by
 * it is started, and a signal is heard by every wait that is open, all in the transaction of whoever tells.
 */
import type { Clock } from '../../kernel/clock.ts';
import { newId } from '../../kernel/ids.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { asJson } from '../model/json.ts';
import { broadcast, type Thrown } from '../store/thrown-store.ts';
import { type ReadConditions, readConditions } from './conditional-starts.ts';
import type { EngineNode } from './engine-node.ts';
import type { ProcessRegistry, Start } from './process-registry.ts';

/** A signal from outside. */
export interface ToldSignal {
  readonly signal: string;
  readonly payload: unknown;
  readonly traceId: string;
}

/** What heard a signal. */
export interface HeardSignal {
  readonly id: string;
  /** Open waits that hear it. */
  readonly waits: number;
  /** Ids of the instances that began by it. */
  readonly started: string[];
}

/** Values that conditions of start events are read with. */
export interface ToldConditions {
  readonly given: unknown;
  /** Reads the conditions of this process alone; null: of all. */
  readonly process: string | null;
  readonly traceId: string;
}

/** What began by a condition, and which conditions could not be read. */
export interface StartedByConditions extends Pick<ReadConditions, 'failed'> {
  /** Ids of the instances that began. */
  readonly started: string[];
}

/** What broadcasting needs. */
export interface BroadcastsOptions {
  readonly clock: Clock;
  readonly registry: ProcessRegistry;
  readonly node: Pick<EngineNode, 'prepare' | 'startIn' | 'signalCommitted'>;
  /** Sees to it that the transaction does not commit past a drawing that this node does not know. */
  readonly expectKnown: (tx: Transaction) => void;
}

/** Tells all processes. */
export class Broadcasts {
  readonly #options: BroadcastsOptions;

  constructor(options: BroadcastsOptions) {
    this.#options = options;
  }

  /** A signal from outside: each wait that is open at the commit hears it once, and what begins by it is started. */
  async signal(tx: Transaction, { signal, payload, traceId }: ToldSignal): Promise<HeardSignal> {
    const { clock, node } = this.#options;
    const id = newId();
    const waits = await broadcast(tx, { id, signal, payload: asJson(payload), at: clock.now() });
    const started = await this.startBySignal(tx, { name: signal, payload, traceId });
    tx.afterCommit(() => node.signalCommitted(id));
    return { id, waits, started };
  }

  /** Starts what begins by a signal, whose waits have heard of it already; gives the ids of the instances. */
  async startBySignal(
    tx: Transaction,
    { name, payload, traceId }: Pick<Thrown, 'name' | 'payload' | 'traceId'>,
  ): Promise<string[]> {
    const { expectKnown, registry } = this.#options;
    expectKnown(tx);
    return await this.#startEach(tx, registry.signalStarts(name), { payload, traceId });
  }

  /** Reads the conditions by which processes begin, with what is given, and starts those that hold. */
  async startByConditions(
    tx: Transaction,
    { given, process, traceId }: ToldConditions,
  ): Promise<StartedByConditions> {
    const { clock, expectKnown, registry } = this.#options;
    expectKnown(tx);
    const starts = registry.conditionalStarts();
    const asked = starts.filter(({ model }) => process === null || model.key === process);
    const { held, failed } = readConditions(asked, given, clock.now().getTime());
    return { started: await this.#startEach(tx, held, { payload: given, traceId }), failed };
  }

  async #startEach(
    tx: Transaction,
    starts: readonly Start[],
    { payload, traceId }: Pick<Thrown, 'payload' | 'traceId'>,
  ): Promise<string[]> {
    const { node } = this.#options;
    const started: string[] = [];
    for (const { model, start, part } of starts) {
      const of = part === undefined ? {} : { part };
      const prepared = await node.prepare({ model, node: start.id, ...of, payload, traceId });
      await node.startIn(tx, prepared);
      started.push(prepared.id);
    }
    return started;
  }
}
