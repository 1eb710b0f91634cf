/**
 * What events wait for and what they throw: the definitions of the standard as frozen data. Where each
 * may stand is said by the nodes in `process-model.ts`.
 */
import type { z } from 'zod';
import type { Expression } from './expression.ts';

/** What an event waits for or throws; position times definition, as in the standard. */
export type EventDefinitionModel = SingleEventDefinition | MultipleEventDefinition;

/** One definition. */
export type SingleEventDefinition =
  | AwaitedDefinition
  | CycleEventDefinition
  | ErrorEventDefinition
  | EscalationEventDefinition
  | CompensationEventDefinition
  | LinkEventDefinition
  | CancelEventDefinition
  | { readonly type: 'terminate' };

/** What comes from outside of the token: something is waited for until it happens. */
export type AwaitedDefinition =
  | MessageEventDefinition
  | TimerEventDefinition
  | SignalEventDefinition
  | ConditionalEventDefinition;

/** An event that a token waits for. */
export type CatchDefinition = AwaitedDefinition | LinkEventDefinition | MultipleEventDefinition;

/** An event that a token brings about and goes on behind. */
export type ThrowDefinition =
  | MessageEventDefinition
  | SignalEventDefinition
  | EscalationEventDefinition
  | CompensationEventDefinition
  | LinkEventDefinition
  | MultipleEventDefinition;

/** What is told to others and needs nothing back. */
export type ToldDefinition =
  | MessageEventDefinition
  | SignalEventDefinition
  | EscalationEventDefinition;

/** An event beside an activity. */
export type BoundaryDefinition =
  | AwaitedDefinition
  | ErrorEventDefinition
  | EscalationEventDefinition
  | CancelEventDefinition
  | MultipleEventDefinition;

/**
 * Several definitions at one event. Waited for: any one of them, or all of them (`parallel`), in any
 * order. Thrown: all of them.
 */
export interface MultipleEventDefinition {
  readonly type: 'multiple';
  readonly parallel: boolean;
  readonly events: readonly SingleEventDefinition[];
}

/** Which message is meant, and by which fields it finds its instance. */
export interface MessageEventDefinition {
  readonly type: 'message';
  /** Name of the event or procedure that is waited for. */
  readonly message: string;
  /**
   * The payload fields by which a message finds its instance, sorted by name. Compiled to an
   * indexed key, so that no predicate is run over waiting instances. Empty at start events.
   */
  readonly correlation: readonly CorrelationField[];
  /** Validates and narrows the payload before it becomes a variable. */
  readonly payload?: z.ZodType;
  /** What it carries, where it is thrown. */
  readonly content?: Expression;
}

/** A broadcast: heard by everything in the engine that waits for its name at that moment. */
export interface SignalEventDefinition {
  readonly type: 'signal';
  readonly signal: string;
  /** What it carries, where it is thrown. */
  readonly content?: Expression;
}

/** Told outwards, to the nearest event that catches it; the thrower goes on unless that one interrupts. */
export interface EscalationEventDefinition {
  readonly type: 'escalation';
  /** Code that is caught or thrown; absent on a catching event: any code. */
  readonly code?: string;
  /** What it carries, where it is thrown. */
  readonly content?: Expression;
}

/** Happens when the condition becomes true; again only after it was false in between. */
export interface ConditionalEventDefinition {
  readonly type: 'conditional';
  /** Read whenever variables have changed. Null is false: what it asks for may not be there yet. */
  readonly condition: Expression;
}

/** Two ends of one way: a token that comes to a throwing link goes on behind the catching one. */
export interface LinkEventDefinition {
  readonly type: 'link';
  readonly link: string;
}

/** One field of a correlation, and the value that it must have. */
export interface CorrelationField {
  /** Top-level field of the message's payload. */
  readonly field: string;
  readonly value: Expression;
}

/** When a timer is due. */
export interface TimerEventDefinition {
  readonly type: 'timer';
  /** Milliseconds from the moment the event is entered, a moment in UTC, or moments at equal distances. */
  readonly due: Expression<number | Date | TimerCycle>;
}

/** Moments that repeat. An event that happens once happens at the first of them. */
export type TimerCycle = EqualMoments | PatternMoments;

/** Moments of a pattern of cron, without end. */
export interface PatternMoments {
  readonly cron: string;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Moments at equal distances. */
export interface EqualMoments {
  readonly everyMs: number;
  /** How many there are; null: without end. */
  readonly times: number | null;
  /** The first one, in milliseconds since 1970; null: one distance after the event is entered. */
  readonly firstAt: number | null;
}

/** When processes begin by the clock; only at start events at the top of a process. */
export interface CycleEventDefinition {
  readonly type: 'cycle';
  /** A pattern of cron; in drawings also a date, a duration or a cycle of ISO 8601. */
  readonly cron: string;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
  /** What becomes of moments at which no program was there. */
  readonly catchUp: 'skip' | 'once' | 'all';
  /** Moments that `all` catches up with at most, the latest ones. */
  readonly most: number;
}

/** Which error is caught or thrown. */
export interface ErrorEventDefinition {
  readonly type: 'error';
  /** Code that is caught or thrown; absent on a catching event: any code. */
  readonly code?: string;
  /** Message of a thrown error. */
  readonly message?: Expression<string>;
}

/** A transaction is cancelled: thrown by an end inside of it, caught at its edge once all is undone. */
export interface CancelEventDefinition {
  readonly type: 'cancel';
}

/** What is to be undone. */
export interface CompensationEventDefinition {
  readonly type: 'compensation';
  /** The activity to compensate; absent: every completed activity of the scope, last first. */
  readonly activity?: string;
}

/** The definitions of an event: one, several, or none. */
export function definitionsIn(
  event: EventDefinitionModel | null,
): readonly SingleEventDefinition[] {
  if (event === null) return [];
  return event.type === 'multiple' ? event.events : [event];
}
