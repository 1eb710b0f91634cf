/** What follows from an event of an instance, and what is written down of it. */
import type { InstanceStatus } from './instance-status.ts';
import type { Wait } from './state.ts';

export type { InstanceEvent, JobError, LaterEvent, MigrateRequest } from './instance-event.ts';

/** Kinds of history entries. Stored; never renamed. */
export type HistoryKind =
  | 'process.started'
  | 'process.completed'
  | 'process.failed'
  | 'process.cancelled'
  | 'process.suspended'
  | 'process.resumed'
  | 'process.migrated'
  | 'process.modified'
  | 'cancel.requested'
  | 'activity.started'
  | 'transaction.cancelled'
  | 'element.entered'
  | 'element.completed'
  | 'element.cancelling'
  | 'element.cancelled'
  | 'message.received'
  | 'message.thrown'
  | 'signal.received'
  | 'signal.thrown'
  | 'condition.met'
  | 'escalation.thrown'
  | 'timer.fired'
  | 'timer.moved'
  | 'task.completed'
  | 'update.accepted'
  | 'variables.set'
  | 'job.failed'
  | 'external.completed'
  | 'external.retries'
  | 'error.thrown'
  | 'compensation.started'
  | 'incident.opened'
  | 'incident.retried'
  | 'incident.skipped';

/** One line of an instance's history. `seq` counts from 1 without gaps. */
export interface HistoryEntry {
  readonly seq: number;
  readonly kind: HistoryKind;
  /** Node id; empty for the process. */
  readonly node: string;
  /** Element instance. */
  readonly n: number;
  readonly data?: unknown;
}

/** What the shell has to do, in the same commit or right after it. */
export interface Effects {
  readonly history: HistoryEntry[];
  readonly waitsAdded: { readonly n: number; readonly wait: Wait }[];
  /**
   * Waits that are gone: those of one node, or with `on` null all of the element instance. `parked`:
   * messages and timers do not find it while the instance is suspended; its task stays.
   */
  readonly waitsRemoved: {
    readonly n: number;
    readonly on: string | null;
    readonly parked?: true;
  }[];
  /** `again`: an attempt before a suspension may have begun it. */
  readonly jobs: {
    readonly n: number;
    readonly node: string;
    readonly attempt: number;
    readonly again?: true;
  }[];
  readonly jobsCancelled: number[];
  readonly incidentsOpened: {
    readonly n: number;
    readonly node: string;
    readonly code: string;
    readonly message: string;
    readonly procedure?: string;
  }[];
  readonly incidentsClosed: number[];
  readonly children: {
    readonly n: number;
    readonly process: string;
    readonly version: number | null;
    readonly input: unknown;
    /** How many processes it will lie inside of. */
    readonly depth: number;
  }[];
  /** Messages that were thrown: published as events are, after the commit and because of it. */
  readonly messagesThrown: {
    readonly node: string;
    readonly message: string;
    readonly payload: unknown;
  }[];
  /** Signals that were thrown; the instance's own waits have heard them already. */
  readonly signalsThrown: {
    readonly node: string;
    readonly signal: string;
    readonly payload: unknown;
  }[];
  /** Escalations that nothing in the instance has caught, for the process that called it. */
  readonly escalations: { readonly code: string; readonly payload: unknown }[];
  /** Updates that were taken, with what is answered. */
  readonly updates: { readonly id: string; readonly name: string; readonly output: unknown }[];
  /** Element instances whose child process must be cancelled. */
  readonly childrenCancelled: number[];
  ended: {
    readonly status: Exclude<InstanceStatus, 'active'>;
    readonly output: unknown;
    readonly error: { readonly code: string; readonly message: string } | null;
  } | null;
}
