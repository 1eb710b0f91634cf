/** What can happen to an instance. */

import type { InstanceStatus } from './instance-status.ts';
import type { Instruction } from './modification.ts';

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
      /** Of a start event with several definitions: the index of the one that happened. */
      readonly part?: number;
      readonly payload: unknown;
      /** How many processes it lies inside of, by calls; absent when nothing called it. */
      readonly depth?: number;
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
      readonly type: 'signal';
      readonly at: number;
      readonly n: number;
      /** Node whose wait is met. */
      readonly on: string;
      readonly signal: string;
      readonly payload: unknown;
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
      /** A worker outside did the work. */
      readonly type: 'external-completed';
      readonly at: number;
      readonly n: number;
      readonly attempt: number;
      readonly variables: Readonly<Record<string, unknown>>;
      /** Seen by the mapping of the outputs, and by nothing else. */
      readonly local?: Readonly<Record<string, unknown>>;
      /** The worker. */
      readonly by: string;
    }
  | {
      /** A worker outside could not do it. */
      readonly type: 'external-failed';
      readonly at: number;
      readonly n: number;
      readonly attempt: number;
      readonly message: string;
      readonly details: string | null;
      /** Attempts that are left; 0 opens an incident. */
      readonly retries: number;
      /** How long nobody else is handed it. */
      readonly delayMs: number;
      readonly variables?: Readonly<Record<string, unknown>>;
      readonly by: string;
    }
  | {
      /** A worker outside raised an error that the process may catch. */
      readonly type: 'external-error';
      readonly at: number;
      readonly n: number;
      readonly attempt: number;
      readonly code: string;
      readonly message: string;
      readonly variables: Readonly<Record<string, unknown>>;
      readonly by: string;
    }
  | {
      /** A person says how many attempts are left; more than 0 ends the incident of its failure. */
      readonly type: 'external-retries';
      readonly at: number;
      readonly n: number;
      readonly retries: number;
      readonly by: string;
    }
  | {
      readonly type: 'child-ended';
      readonly at: number;
      readonly n: number;
      readonly status: InstanceStatus;
      readonly output: unknown;
      readonly error: { readonly code: string; readonly message: string } | null;
    }
  | {
      /** A child threw an escalation that nothing in it catches. */
      readonly type: 'child-escalated';
      readonly at: number;
      readonly n: number;
      readonly code: string;
      readonly payload: unknown;
    }
  | {
      readonly type: 'update';
      readonly at: number;
      /** The same for every repetition: it acts once. */
      readonly id: string;
      readonly name: string;
      readonly data: unknown;
      readonly by: string;
    }
  | {
      /** A person sets a timer to another moment. */
      readonly type: 'timer-moved';
      readonly at: number;
      readonly n: number;
      readonly on: string;
      /** Milliseconds since 1970 in UTC. */
      readonly due: number;
      readonly by: string;
    }
  | {
      readonly type: 'activity-start';
      readonly at: number;
      /** An activity of an ad-hoc sub-process that no flow leads to. */
      readonly node: string;
      /** Number of the sub-process, when several run; null: the oldest that can take it. */
      readonly scope: number | null;
      readonly by: string;
    }
  | {
      /** A person moves the instance by hand. */
      readonly type: 'modify';
      readonly at: number;
      readonly instructions: readonly Instruction[];
      readonly reason: string;
      readonly by: string;
    }
  | {
      /** A person sets variables of a scope, or takes some away. */
      readonly type: 'variables-set';
      readonly at: number;
      /** Number of the scope; the process itself when absent. */
      readonly n?: number;
      readonly variables: Readonly<Record<string, unknown>>;
      readonly removed: readonly string[];
      readonly by: string;
    }
  | { readonly type: 'cancel'; readonly at: number; readonly reason: string; readonly by: string }
  | { readonly type: 'suspend'; readonly at: number; readonly reason: string; readonly by: string }
  | { readonly type: 'resume'; readonly at: number; readonly by: string }
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

/**
 * Asks that an instance is carried over to another version. No event of `advance`, which knows one
 * version only; it comes the same way as what people ask.
 */
export interface MigrateRequest {
  readonly type: 'migrate';
  readonly at: number;
  /** Nothing happens when the instance is on another version by then. */
  readonly from: number;
  readonly to: number;
  readonly by: string;
  /** What the person who asked adds to the plan that the version declares. */
  readonly elements?: Readonly<Record<string, string | null>>;
  readonly restartTimers?: readonly string[];
}

/** An event of an instance that has started. */
export type LaterEvent = Exclude<InstanceEvent, { type: 'start' }>;

/** Why an attempt of a job failed. */
export interface JobError {
  /**
   * `retry`: the world may be better next time. `terminal`: it will not. `error`: a business error
   * that the process may catch.
   */
  readonly kind: 'retry' | 'terminal' | 'error';
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
  /** The procedure that failed, when it was one. */
  readonly procedure?: string;
  /** The work may have been done outside although no answer came. */
  readonly outcomeUnknown?: boolean;
  /** Not before this many milliseconds. */
  readonly retryAfterMs?: number;
}
