/** What can happen to an instance, what follows from it, and what is written down of it. */
import type { InstanceStatus, Wait } from './state.ts';

/**
 * The only inputs of `advance`. Each carries the moment it happened; where a choice needs chance
 * (jitter), the chance is in the event, so that a replay chooses the same.
 */
export type InstanceEvent =
  | {
      readonly type: 'start';
      readonly at: number;
      /** The start event; absent: the one that waits for nothing. */
      readonly node?: string;
      readonly payload: unknown;
    }
  | {
      readonly type: 'message';
      readonly at: number;
      readonly n: number;
      /** Node whose wait is met. */
      readonly on: string;
      readonly payload: unknown;
      readonly message: string;
    }
  | {
      readonly type: 'timer';
      readonly at: number;
      readonly n: number;
      readonly on: string;
      /** The moment the timer was set to; one that was set anew since then is another timer. */
      readonly due: number;
    }
  | {
      readonly type: 'task-completed';
      readonly at: number;
      readonly n: number;
      readonly output: unknown;
      readonly by: string;
    }
  | {
      readonly type: 'job-completed';
      readonly at: number;
      readonly n: number;
      readonly attempt: number;
      readonly output: unknown;
    }
  | {
      readonly type: 'job-failed';
      readonly at: number;
      readonly n: number;
      readonly attempt: number;
      readonly error: JobError;
      /** 0 to 1, drawn by the caller. */
      readonly chance: number;
    }
  | {
      readonly type: 'child-ended';
      readonly at: number;
      readonly n: number;
      readonly status: InstanceStatus;
      readonly output: unknown;
      readonly error: { readonly code: string; readonly message: string } | null;
    }
  | { readonly type: 'cancel'; readonly at: number; readonly reason: string; readonly by: string }
  | {
      readonly type: 'incident-retry';
      readonly at: number;
      readonly n: number;
      readonly by: string;
    }
  | {
      readonly type: 'incident-skip';
      readonly at: number;
      readonly n: number;
      readonly by: string;
      readonly reason: string;
      /** Stands for the result that the step did not give. */
      readonly output: unknown;
    };

/** An event of an instance that has started. */
export type LaterEvent = Exclude<InstanceEvent, { type: 'start' }>;

export interface JobError {
  /**
   * `retry`: the world may be better next time. `terminal`: it will not. `error`: a business error
   * that the process may catch.
   */
  readonly kind: 'retry' | 'terminal' | 'error';
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
  /** The work may have been done outside although no answer came. */
  readonly outcomeUnknown?: boolean;
  /** Not before this many milliseconds. */
  readonly retryAfterMs?: number;
}

/** Kinds of history entries. Stored; never renamed. */
export type HistoryKind =
  | 'process.started'
  | 'process.completed'
  | 'process.failed'
  | 'process.cancelled'
  | 'cancel.requested'
  | 'element.entered'
  | 'element.completed'
  | 'element.cancelled'
  | 'message.received'
  | 'timer.fired'
  | 'task.completed'
  | 'job.failed'
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
  /** Waits that are gone: those of one node, or with `on` null all of the element instance. */
  readonly waitsRemoved: { readonly n: number; readonly on: string | null }[];
  readonly jobs: { readonly n: number; readonly node: string; readonly attempt: number }[];
  readonly jobsCancelled: number[];
  readonly incidentsOpened: {
    readonly n: number;
    readonly node: string;
    readonly code: string;
    readonly message: string;
  }[];
  readonly incidentsClosed: number[];
  readonly children: {
    readonly n: number;
    readonly process: string;
    readonly version: number | null;
    readonly input: unknown;
  }[];
  /** Element instances whose child process must be cancelled. */
  readonly childrenCancelled: number[];
  ended: {
    readonly status: Exclude<InstanceStatus, 'active'>;
    readonly output: unknown;
    readonly error: { readonly code: string; readonly message: string } | null;
  } | null;
}
