/**
 * What a workflow knows at each place, as types: which steps have certainly run with which output,
 * which only perhaps, and what the last one gave. This is the whole of the type inference from each
 * step's schemas to the next; nothing in this file exists at run time.
 */

/** Whether a flow comes to its enclosing process's end before what would follow it. */
export type Ends = 'no' | 'maybe' | 'yes';

/** What is known at one place of a workflow. */
export interface Known {
  readonly input: unknown;
  /** Outputs by step id; those that may not have run are optional. */
  readonly steps: object;
  /** Output of the step before. */
  readonly last: unknown;
  /** The steps that had certainly run when the enclosing process or sub-process began. */
  readonly outer: object;
  readonly ends: Ends;
  /** What was known before the last element, for error handlers; null at the beginning. */
  readonly before: { readonly steps: object; readonly last: unknown } | null;
}

/** What every function of a workflow reads. */
export interface Scope<K extends Known> {
  /** What the process was started with: its input, or the payload of its trigger. */
  readonly input: K['input'];
  /** Outputs by step id. */
  readonly steps: Readonly<K['steps']>;
  /** Output of the step before. */
  readonly inputData: K['last'];
}

/** What is known after an element of this output, with these newly known steps. */
export interface After<K extends Known, Out, Provides, E extends Ends> {
  readonly input: K['input'];
  readonly steps: K['steps'] & Provides;
  readonly last: Out;
  readonly outer: K['outer'];
  readonly ends: E extends 'no' ? K['ends'] : E;
  readonly before: { readonly steps: K['steps']; readonly last: K['last'] };
}

/** What is known where a branch or an embedded body begins. */
export interface Branch<K extends Known> {
  readonly input: K['input'];
  readonly steps: K['steps'];
  readonly last: K['last'];
  readonly outer: K['outer'];
  readonly ends: 'no';
  readonly before: null;
}

/** What is known where a sub-process begins. */
export interface Inner<K extends Known> {
  readonly input: K['input'];
  readonly steps: K['steps'];
  readonly last: K['last'];
  readonly outer: K['steps'];
  readonly ends: 'no';
  readonly before: null;
}

/** What is known where the body of a loop begins. */
export interface Iteration<K extends Known, Id extends string, Item> {
  readonly input: K['input'];
  readonly steps: K['steps'] & { readonly [Name in `${Id}.item`]: Item };
  readonly last: Item;
  readonly outer: K['steps'];
  readonly ends: 'no';
  readonly before: null;
}

/** What the handler of an error is given. */
export interface ErrorInfo {
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

/** What is known where an error handler begins: the failed element gave nothing. */
export interface Handling<K extends Known, Id extends string> {
  readonly input: K['input'];
  readonly steps: StepsBefore<K> & { readonly [Name in Id]: ErrorInfo };
  readonly last: ErrorInfo;
  readonly outer: K['outer'];
  readonly ends: 'no';
  readonly before: null;
}

type StepsBefore<K extends Known> = K['before'] extends { readonly steps: infer Steps }
  ? Steps
  : never;

/** What is known where an event handler begins: at any moment of its process or sub-process. */
export interface Interrupting<K extends Known, Id extends string, Payload> {
  readonly input: K['input'];
  readonly steps: K['outer'] &
    Partial<Omit<K['steps'], keyof K['outer']>> & { readonly [Name in Id]: Payload };
  readonly last: Payload;
  readonly outer: K['outer'];
  readonly ends: 'no';
  readonly before: null;
}

/** What is known where an event handler's wait begins: when its process or sub-process begins. */
export interface Entering<K extends Known> {
  readonly input: K['input'];
  readonly steps: K['outer'];
  readonly last: unknown;
  readonly outer: K['outer'];
  readonly ends: 'no';
  readonly before: null;
}

/** The ways that go on: those that did not end. */
type Live<Way extends Known> = Way extends { readonly ends: 'yes' } ? never : Way;

type NamesOf<Way extends Known> = Way extends { readonly steps: infer Steps } ? keyof Steps : never;

/** Output of one step after any of the ways: undefined where a way does not know the step. */
type OutputAfter<Way extends Known, Name extends PropertyKey> = Way extends {
  readonly steps: infer Steps;
}
  ? Name extends keyof Steps
    ? Steps[Name]
    : undefined
  : never;

/** Steps known after several ways (a union) meet, besides those of `Base`. Ended ways do not count. */
export type JoinSteps<Base, Way extends Known> = {
  readonly [Name in Exclude<NamesOf<Live<Way>>, keyof Base>]: OutputAfter<Live<Way>, Name>;
};

/** Output of whichever way was taken. */
export type JoinLast<Way extends Known> = Live<Way>['last'];

/** A meeting of ways ends when all of them do. */
export type JoinEnds<Way extends Known> = [Way['ends']] extends ['yes']
  ? 'yes'
  : [Way['ends']] extends ['no']
    ? 'no'
    : 'maybe';

/** What is known after an element of which one kind of failure is handled by way `R`. */
export interface AfterCatch<K extends Known, R extends Known> {
  readonly input: K['input'];
  readonly steps: R['ends'] extends 'yes'
    ? K['steps']
    : StepsBefore<K> & JoinSteps<StepsBefore<K>, K | R>;
  readonly last: JoinLast<K | R>;
  readonly outer: K['outer'];
  readonly ends: R['ends'] extends 'no' ? K['ends'] : 'maybe';
  readonly before: K['before'];
}

/** Result of a scope that ran to its last element, or ended on the way with no result. */
export type ResultOf<R extends Known> = R['ends'] extends 'no'
  ? R['last']
  : R['ends'] extends 'yes'
    ? null
    : R['last'] | null;
