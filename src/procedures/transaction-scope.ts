/**
 * What belongs to one open transaction while procedures run in it: the events to record, the calls to
 * announce, and the failures to report once it has ended. Procedures that call each other in one
 * transaction share its scope, so that everything is written once, before the commit.
 */
import { assert } from '../kernel/errors.ts';
import type { RecordedEvent } from '../kernel/event.ts';
import type { TraceEventRecord } from '../kernel/trace.ts';
import type { Transaction } from '../kernel/transaction.ts';

/** The state of one transaction. Lives as long as somebody runs procedures in it. */
export class TransactionScope {
  readonly tx: Transaction;
  /** Emitted and not yet recorded. */
  readonly events: RecordedEvent[] = [];
  /** Trace events of calls that succeeded, not yet recorded. */
  readonly traces: TraceEventRecord[] = [];
  /** Announcements of calls that succeeded, not yet made. */
  readonly announcements: (() => Promise<void>)[] = [];
  /** Trace events of calls that failed: recorded after the end, outside of this transaction. */
  readonly failures: TraceEventRecord[] = [];
  /** Calls that are running in this transaction now. */
  running = 0;
  #refusedWrite: string | undefined;

  constructor(tx: Transaction) {
    this.tx = tx;
  }

  /** Remembers where the buffers stand, so that a failed call takes back what it had put there. */
  mark(): () => void {
    const events = this.events.length;
    const traces = this.traces.length;
    const announcements = this.announcements.length;
    return () => {
      this.events.length = Math.min(this.events.length, events);
      this.traces.length = Math.min(this.traces.length, traces);
      this.announcements.length = Math.min(this.announcements.length, announcements);
    };
  }

  /** A call that may have written was refused: this transaction must not commit any more. */
  refuseCommit(procedure: string, code: string): void {
    this.#refusedWrite ??= `${procedure} was refused with ${code}`;
  }

  /** Throws when the transaction would commit the half-done writes of a refused call. */
  assertMayCommit(): void {
    assert(
      this.#refusedWrite === undefined,
      `expected a roll back, found a commit, although ${this.#refusedWrite} inside the transaction; ` +
        'whoever gave the transaction must return the refusal or throw',
    );
  }

  get isEmpty(): boolean {
    return this.events.length === 0 && this.traces.length === 0 && this.announcements.length === 0;
  }
}
