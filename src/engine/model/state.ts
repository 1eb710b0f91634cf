/**
 * The state of one instance: a tree of element instances, as in the standard's execution semantics.
 * It is plain JSON, so that it is stored as one row and any node can go on with it.
 *
 * Element instance 1 is the process itself. Each token is an element instance whose parent is the
 * scope that it runs in; when a scope has lost its last child it is done.
 */
import type { CorrelatedMessage } from './correlation.ts';
import type { PatternMoments } from './event-definitions.ts';
import type { LaterEvent } from './instance-event.ts';
import type { InstanceStatus } from './instance-status.ts';

export type { InstanceStatus } from './instance-status.ts';

/** All that is known of an instance; plain JSON. */
export interface InstanceState {
  readonly status: InstanceStatus;
  /** Number of the next element instance; numbers are never used twice. */
  readonly next: number;
  /** Sequence number of the next history entry. */
  readonly seq: number;
  readonly elements: Readonly<Record<number, ElementInstance>>;
  /** Set while a person holds the instance. */
  readonly suspended?: Suspension;
}

/** Nothing moves; what comes to its end meanwhile is kept, and handled in order on resume. */
export interface Suspension {
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970 in UTC. */
  readonly at: number;
  readonly held: readonly LaterEvent[];
}

/** One running element. Absent fields mean "none". */
export interface ElementInstance {
  readonly n: number;
  /** Id of the node in the model; empty for the process itself. */
  readonly node: string;
  /** Number of the enclosing element instance; 0 for the process itself. */
  readonly parent: number;
  /** Number under which the outside knows its work, when that is not `n`: an undo begun before. */
  readonly key?: number;
  /** Id under which the outside knows its work, when a migration has given its node another id. */
  readonly keyNode?: string;
  /** Own variables, when the element is a scope. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Running children, when the element is a scope. */
  readonly live?: number;
  /** What has been completed in this scope and can be undone, oldest first. */
  readonly done?: readonly Completed[];
  readonly job?: JobState;
  readonly loop?: LoopState;
  /** Arrivals by sequence flow, at a gateway that joins and an activity that needs several tokens. */
  readonly arrived?: Readonly<Record<string, number>>;
  /** Flows by which a complex gateway began; it waits for the others until it is reset. */
  readonly began?: readonly string[];
  readonly waits?: readonly Wait[];
  /** What has come of events that need all of their definitions, by node and index. */
  readonly gathered?: Readonly<Record<string, Readonly<Record<number, unknown>>>>;
  readonly compensating?: Compensating;
  readonly incident?: Incident;
  /** On an ad-hoc sub-process: activities that wait for their turn, and whether it needs no more of them. */
  readonly adHoc?: { readonly queue: readonly string[]; readonly enough?: true };
  /** On a transaction: it was cancelled, and leaves by its cancel event when all is undone. */
  readonly revoked?: true;
  /** On a call activity: the process that it called has not told of its end. */
  readonly called?: true;
  /** On a call activity: it was interrupted, and stays until the process that it called has ended. */
  readonly lingering?: true;
  /** A token that goes on once these activities linger no more. `via`: the sequence flow it came by. */
  readonly held?: { readonly after: readonly number[]; readonly via?: string };
  /** On the process itself: it ends like this once nothing lingers in it any more. */
  readonly ending?: {
    readonly status: Exclude<InstanceStatus, 'active'>;
    readonly output: unknown;
    readonly error: { readonly code: string; readonly message: string } | null;
  };
  /** On the process itself: how many processes it lies inside of, by calls; absent when nothing called it. */
  readonly depth?: number;
  /** On the process itself: somebody cancelled it, and it undoes what was done. */
  readonly cancelling?: { readonly reason: string; readonly by: string };
}

/** A completed activity that has an undo, or a completed sub-process that holds some. */
export interface Completed {
  readonly node: string;
  /** Variables of scopes that are gone by now and that the undo may read. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** What was completed inside of a sub-process. */
  readonly inner?: readonly Completed[];
  /** What was completed inside of a sub-process that undoes itself, for its own handler to undo. */
  readonly within?: readonly Completed[];
  /** Set when its undo was begun and interrupted: the undo goes on under the same key. */
  readonly key?: number;
}

/** One undo that is due. */
export interface Undo {
  /** Id of the compensation handler. */
  readonly handler: string;
  readonly vars?: Readonly<Record<string, unknown>>;
  /** What the handler of a sub-process may undo in turn. */
  readonly within?: readonly Completed[];
  /** Key of an earlier run of this undo that was interrupted. */
  readonly key?: number;
}

/** Undoing, one after the other, last completed first. */
export interface Compensating {
  /** Element instance of the scope whose completed activities are undone. */
  readonly scope: number;
  /** The first one is under way. */
  readonly queue: readonly Undo[];
}

/** How far the job of a service task is. */
export interface JobState {
  /** Counts from 1. */
  readonly attempt: number;
  /**
   * `running`: a handler works on it, or will after a restart. `backoff`: the next attempt waits for
   * its timer. `stopped`: an incident waits for a person.
   */
  readonly phase: 'running' | 'backoff' | 'stopped';
  /** Attempts before this one do not count for the retry policy: a person asked anew. */
  readonly countsFrom?: number;
  /** True when the last attempt may have done its work outside although no answer came. */
  readonly unknown?: boolean;
  /** True when the work said no, so that there is nothing to undo. */
  readonly refused?: boolean;
  /** How the last attempt failed, while the step is tried again. */
  readonly failed?: { readonly code: string; readonly message: string };
}

/** How far a loop is. */
export interface LoopState {
  /** Set for a standard loop, which counts runs and keeps no results; its total is 0. */
  readonly standard?: true;
  readonly total: number;
  /** Index of the next run to start. */
  readonly next: number;
  readonly completed: number;
  /** Set when the loop needs no more runs, and waits for what lingers in it. */
  readonly enough?: true;
  /** Results by index. */
  readonly results: readonly unknown[];
  /** Items yet to come, kept only by sequential loops. */
  readonly items?: readonly unknown[];
}

/** Something that can move the instance while nothing in it moves. */
export type Wait = MessageWait | TimerWait | TaskWait | ExternalWait | SignalWait | ConditionWait;

interface WaitCommon {
  /** Id of the node that is triggered: the element itself, a boundary event, a start event. */
  readonly on: string;
  /** Of an event with several definitions: the index of the one that waits. */
  readonly part?: number;
}

/** Waits for a correlated message. */
export interface MessageWait extends CorrelatedMessage, WaitCommon {
  readonly kind: 'message';
  /**
   * Number of the element instance that began to wait, when that was left and another one waits for the same since:
   * in a loop. The row of the wait has this number, and stays as it is.
   */
  readonly since?: number;
}

/** Hears a broadcast. */
export interface SignalWait extends WaitCommon {
  readonly kind: 'signal';
  readonly signal: string;
}

/** Looks at variables; nothing outside of the instance knows of it. */
export interface ConditionWait extends WaitCommon {
  readonly kind: 'condition';
  /** Whether the condition held when it was last read: it happens again only after it did not. */
  readonly met: boolean;
}

/** Waits for a moment. */
export interface TimerWait extends WaitCommon {
  readonly kind: 'timer';
  /** Milliseconds since 1970 in UTC. */
  readonly due: number;
  /** Comes again after it; `left` counts the times behind this one, null is without end. */
  readonly again?: { readonly everyMs: number; readonly left: number | null } | PatternMoments;
}

/** Waits for a person; one row in the list of tasks. */
export interface TaskWait extends WaitCommon {
  readonly kind: 'task';
  readonly roles: readonly string[];
  readonly title: string;
  readonly subject: unknown;
  /** Milliseconds since 1970 in UTC. */
  readonly dueAt: number | null;
  /** Who has it from the beginning. */
  readonly assignee?: string;
  /** Who may do it beside those with one of the roles. */
  readonly users?: readonly string[];
  readonly groups?: readonly string[];
  /** Ids of user tasks whose doer may not do this one. */
  readonly notDoneBy?: readonly string[];
  /** Absent: the usual one. */
  readonly priority?: number;
  readonly followUpAt?: number;
  readonly formKey?: string;
  /** What happens when it is still open at some moments, in their order. */
  readonly escalations?: readonly TaskEscalation[];
}

/** What happens to a task that is still open at a moment. */
export interface TaskEscalation {
  /** Milliseconds since 1970 in UTC. */
  readonly at: number;
  /** Who may do it from then on; both absent: whoever may already. */
  readonly groups?: readonly string[];
  readonly users?: readonly string[];
  readonly priority?: number;
}

/** Waits for a worker outside of the program; one row in the list of external tasks. */
export interface ExternalWait extends WaitCommon {
  readonly kind: 'external';
  readonly topic: string;
  /** Higher is handed out first. */
  readonly priority: number;
  /** Counts from 1, and grows with each failure: what an earlier attempt gives comes too late. */
  readonly attempt: number;
  /** Attempts that are left, as the last failure said; null before. 0: only a person goes on with it. */
  readonly retries: number | null;
  /** Not handed out before, in milliseconds since 1970 in UTC; absent: at once. */
  readonly freeAt?: number;
  /** How the last attempt failed. */
  readonly failed?: string;
}

/** Something that only a person can decide. */
export interface Incident {
  readonly code: string;
  readonly message: string;
  /** The procedure that failed, when it was one. */
  readonly procedure?: string;
  readonly resume: Resume;
}

/**
 * What a retry of an incident does.
 *
 * `job`: another attempt. `external`: another attempt of a worker outside. `enter`: the element is entered again (the process itself: by its start
 * event). `leave`: the element is left with the result that it had. `scope`: what comes when the
 * scope's children are done is computed again. `event`: the event that could not be handled is
 * handled again. `wait`: nothing, the element still waits. `dismiss`: nothing, and skipping does
 * nothing either, since the element itself is well; what failed was an event beside it.
 */
export type Resume =
  | { readonly type: 'job' | 'external' | 'scope' | 'wait' | 'dismiss' }
  | { readonly type: 'enter'; readonly start?: string; readonly part?: number }
  | { readonly type: 'leave'; readonly result: unknown }
  | { readonly type: 'event'; readonly event: LaterEvent };
