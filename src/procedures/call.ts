/** One call of one procedure: its context, its span, its measurements and how it ends. */
import { Bug, isRefusal, type Refusal } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type {
  CallContext,
  CallOptions,
  Procedure,
  TransactionalContext,
} from '../kernel/procedure.ts';
import type { TraceContext, TraceEventRecord } from '../kernel/trace.ts';
import type { OpenSpan, Tracing } from '../kernel/tracing.ts';
import { CallLog } from './call-log.ts';
import { recordedEvent } from './emit.ts';
import { toFault } from './faults.ts';
import type { RunnerOptions } from './runner-options.ts';
import type { ScopedTransactions } from './scoped-transactions.ts';
import { failureRecord, successRecord } from './trace-record.ts';
import type { TransactionScope } from './transaction-scope.ts';

/** What all calls of one runner share. */
export interface RunnerParts extends RunnerOptions {
  readonly transactions: ScopedTransactions;
  readonly tracing: Tracing;
}

/** Every call has one span, and is counted once; what it records commits or vanishes with its scope. */
export class Call {
  readonly parts: RunnerParts;
  readonly procedure: Procedure;
  readonly options: CallOptions;
  /** As it came, and as the schema made it once it was parsed. */
  input: unknown;
  readonly trace: TraceContext;
  readonly #span: OpenSpan;
  readonly #at: Date;
  readonly #startedMs = performance.now();

  constructor(parts: RunnerParts, procedure: Procedure, input: unknown, options: CallOptions) {
    this.parts = parts;
    this.procedure = procedure;
    this.input = input;
    this.options = options;
    this.#at = parts.clock.now();
    this.#span = parts.tracing.startSpan(procedure.name, options.trace);
    this.trace = this.#span.context;
  }

  /** What every kind of procedure is given. */
  context(): CallContext {
    const { clock, log } = this.parts;
    return {
      caller: this.options.caller,
      clock,
      trace: this.trace,
      log: new CallLog(log, this.procedure.name, this.trace),
      newId,
    };
  }

  /** What a procedure is given to work in this transaction. */
  transactionalContext(scope: TransactionScope): TransactionalContext {
    const emit: TransactionalContext['emit'] = async (event, payload) => {
      const at = { occurredAt: this.parts.clock.now(), traceId: this.trace.traceId };
      scope.events.push(recordedEvent(this.procedure, event, payload, at));
    };
    return { ...this.context(), tx: scope.tx, emit };
  }

  /** The output as the schema makes it. An output that does not match is a bug. */
  parseOutput(output: unknown): unknown {
    const parsed = this.procedure.output.safeParse(output);
    if (parsed.success) return parsed.data;
    const problems = parsed.error.issues.map(
      ({ path, message }) => `/${path.join('/')}: ${message}`,
    );
    throw new Bug(
      `${this.procedure.name} returned what its output schema does not allow: ${problems.join('; ')}`,
    );
  }

  /** Has the success written down and announced before the transaction of the scope commits. */
  succeed(scope: TransactionScope, output: unknown): void {
    const { onSuccess, recordTraceEvents } = this.parts;
    const { procedure, input, trace } = this;
    // A read that nobody is known to wait for changes nothing, and is spared the statement.
    if (procedure.effect !== 'read' || this.isListenedTo) {
      this.parts.listeners?.expectKnown(scope.tx);
    }
    const declaration = procedure.trace;
    if (declaration && recordTraceEvents) {
      scope.traces.push(successRecord({ ...this.#ended(), declaration }, output));
    }
    if (!onSuccess || !this.isListenedTo) return;
    const { caller, idempotencyKey = null } = this.options;
    scope.announcements.push(() =>
      onSuccess({ tx: scope.tx, procedure, input, output, caller, trace, idempotencyKey }),
    );
  }

  /** Whether a success of this call has to be announced, which needs a transaction. */
  get isListenedTo(): boolean {
    return (
      this.parts.onSuccess !== undefined && (this.parts.listensTo?.(this.procedure.name) ?? true)
    );
  }

  /** The trace event of this call's failure; undefined when it declares none. */
  failure(reason: unknown): TraceEventRecord | undefined {
    const declaration = this.procedure.trace;
    if (!declaration || !this.parts.recordTraceEvents) return undefined;
    const cause = isRefusal(reason) ? reason : toFault(reason, this.procedure);
    return failureRecord({ ...this.#ended(), declaration }, cause);
  }

  /** Reports a call that was refused before it had a transaction. */
  async reportUnexecuted(refusal: Refusal): Promise<void> {
    const failure = this.failure(refusal);
    if (!failure) return;
    const { tx } = this.options;
    const { transactions } = this.parts;
    if (!tx) return transactions.recordFailure(failure);
    await transactions.join(tx, async (scope) => {
      scope.failures.push(failure);
    });
  }

  /** Ends the span and counts the call. */
  end(outcome: { refusal?: Refusal; error?: unknown; code?: string }): void {
    const code = outcome.refusal?.code ?? outcome.code;
    this.#span.end({
      ...(outcome.error === undefined ? {} : { error: outcome.error }),
      ...(code === undefined ? {} : { attributes: { 'orderloom.code': code } }),
    });
    this.parts.metrics?.procedureCalled({
      procedure: this.procedure.name,
      outcome: code ?? 'success',
      seconds: (performance.now() - this.#startedMs) / 1000,
    });
  }

  #ended() {
    return {
      procedure: this.procedure.name,
      caller: this.options.caller,
      trace: this.trace,
      input: this.input,
      at: this.#at,
      durationMs: performance.now() - this.#startedMs,
    };
  }
}
