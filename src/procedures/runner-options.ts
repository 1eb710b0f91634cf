/** What the runner is made of, and what it tells to whom. */
import type { Outbox } from '../events/index.ts';
import type { Caller } from '../kernel/caller.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Limits } from '../kernel/limits.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import type { Log, Procedure, ProcedureRunner } from '../kernel/procedure.ts';
import type { RecordTraceEvents, TraceContext } from '../kernel/trace.ts';
import type { Tracing } from '../kernel/tracing.ts';
import type { Transaction } from '../kernel/transaction.ts';
import type { Database } from '../postgres/index.ts';

/** A call that succeeded, told inside the transaction that commits it. */
export interface SuccessfulCall {
  readonly tx: Transaction;
  readonly procedure: Procedure;
  readonly input: unknown;
  readonly output: unknown;
  readonly caller: Caller;
  readonly trace: TraceContext;
  /** The key under which this call may be repeated after a crash, when its caller gave one. */
  readonly idempotencyKey: string | null;
}

/** Where calls are measured; `telemetry/` has it. */
export interface CallMetrics {
  procedureCalled(call: {
    readonly procedure: string;
    readonly outcome: string;
    readonly seconds: number;
  }): void;
}

/** Sees to it that nobody who wants to hear of a success is missed, also if another program has him. */
export interface KnownListeners {
  /** The transaction is to commit only if all are known that there are by then. */
  expectKnown(tx: Transaction): void;
  /** True when a transaction failed because of `expectKnown` and may be run again now. */
  hasLearntAfter(error: unknown): Promise<boolean>;
  /** Learns who there is now, for a success that nothing is committed for. */
  catchUp(): Promise<void>;
}

/** What a runner is made of; it runs the procedures of these modules, and no others. */
export interface RunnerOptions {
  readonly modules: readonly ModuleDefinition[];
  readonly database: Database;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: CallMetrics;
  /** @defaultValue ids travel, nothing is reported */
  readonly tracing?: Tracing;
  readonly recordTraceEvents?: RecordTraceEvents;
  /** What bounds calls that were not admitted by their caller. @defaultValue no bounds */
  readonly limits?: Limits;
  /**
   * Told of every call that succeeded, after its events were recorded, in the transaction that
   * commits it; a rejection rolls all of it back. For an external procedure this is a transaction of
   * its own, after the fact.
   */
  readonly onSuccess?: (call: SuccessfulCall) => Promise<void>;
  /**
   * Procedures whose success `onSuccess` wants to hear of. External procedures that nobody listens
   * to are spared the extra transaction. @defaultValue all
   */
  readonly listensTo?: (procedure: string) => boolean;
  /**
   * Told before it is decided whether anybody wants to hear of a success, since somebody may have begun
   * to whom this program does not know. @defaultValue nobody does
   */
  readonly listeners?: KnownListeners;
  /**
   * Another name of what is asked for by a name that no module has: where services are one program, the
   * name of a service's procedure is that of the module's. @defaultValue none
   */
  readonly alias?: (name: string) => string | undefined;
}

/** The runner as `app/`, HTTP and the engine hold it; modules see the kernel's `ProcedureRunner`. */
export interface Runner extends ProcedureRunner {
  /**
   * Opens a transaction in which several calls may run through `options.tx`: their events are
   * recorded together before the commit. A refusal as the result rolls everything back.
   */
  transaction<T>(name: string, work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Resolves when no report of a failure is on its way any more; to be awaited before closing. */
  settled(): Promise<void>;
}
