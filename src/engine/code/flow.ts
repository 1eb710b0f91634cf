/**
 * The types by which workflows are written: elements, flows and the bodies of branches. Types only;
 * the builder behind them is `flow-builder.ts`.
 */

import type { z } from 'zod';
import type { Content, Part, Site } from './content.ts';
import type { QueryOptions, Told, UpdateOptions } from './exchange.ts';
import type {
  After,
  AfterCatch,
  Branch,
  Ends,
  Entering,
  Handling,
  Interrupting,
  Known,
  ResultOf,
  Scope,
} from './known.ts';
import type { Migration } from './migration.ts';
import type { StartDefinition } from './start-definition.ts';
import type { Workflow } from './workflow-type.ts';

/**
 * One thing that a workflow does: a step, a wait, a choice, ... Made by `step()`, `when()` and their
 * like; frozen, so that one declaration can be used by many workflows.
 *
 * `In` is what it must be given, `Out` what it hands on, `Provides` the outputs that later steps can
 * read, `E` whether it ends the flow, and `K` what its functions need to know.
 */
export interface Element<
  Id extends string,
  In,
  Out,
  Provides,
  E extends Ends,
  K extends Known = Known,
> {
  readonly id: Id;
  /** Adds this element to a model. For the compiler. */
  readonly compile: Part;
  /** Never there at run time. */
  readonly types?: {
    readonly in: (value: In) => void;
    readonly out: Out;
    readonly provides: Provides;
    readonly ends: E;
    readonly needs: (known: K) => void;
  };
}

/** An element that can be placed where `K` is known. */
export type AnyElement<K extends Known> = Element<string, never, unknown, unknown, Ends, K>;

/** A wait for a message, which can also start a workflow or interrupt one. */
export interface WaitElement<Id extends string, Payload, K extends Known = Known> {
  readonly id: Id;
  /** The message as a start event. For the compiler. */
  readonly start: (site: Site, of: 'process' | 'handler') => StartDefinition;
  /** Never there at run time. */
  readonly waits?: { readonly payload: Payload; readonly needs: (known: K) => void };
}

/** What is written in a body: what came before and whether it ended are types only. */
export interface FlowLike<K extends Known> {
  readonly content: Content;
  /** Never there at run time. */
  readonly known?: K;
}

/** A body: elements after one another, or just one element. */
export type Body<K extends Known> = ((flow: Flow<K>) => FlowLike<Known>) | AnyElement<K>;

/** What is known at the end of a body that began where `K` was known. */
export type BodyResult<K extends Known, B> = B extends (flow: never) => FlowLike<infer Result>
  ? Result
  : B extends Element<string, infer _In, infer Out, infer Provides, infer E, never>
    ? After<K, Out, Provides, E>
    : never;

/** Stands for a body that is not there, and therefore never taken. */
export type NoBody<K extends Known> = (flow: Flow<K>) => FlowLike<never>;

/** A body that does nothing. */
export type EmptyBody<K extends Known> = (flow: Flow<K>) => FlowLike<K>;

/** What a workflow is called and started with. */
export interface WorkflowInfo {
  readonly id: string;
  readonly input: unknown;
}

/** Second argument of `.step`, by what the element needs and what is at hand. */
export type StepArguments<K extends Known, In, Provides> = K['ends'] extends 'yes'
  ? [thisFlowHasEndedAlready: never]
  : keyof Provides & keyof K['steps'] extends never
    ? unknown extends In
      ? []
      : [K['last']] extends [In]
        ? [mapping?: (scope: Scope<K>) => In]
        : [mappingSincePreviousOutputDoesNotFit: (scope: Scope<K>) => In]
    : [idIsUsedAlready: never];

/**
 * Elements after one another. Every method gives a new flow; a flow itself never changes.
 */
export interface Flow<K extends Known, W extends WorkflowInfo | null = null> extends FlowLike<K> {
  /**
   * Does this next. Its input is what the mapping gives, or else the output of the step before,
   * which must then fit.
   */
  step<Id extends string, In, Out, Provides, E extends Ends>(
    element: Element<Id, In, Out, Provides, E, K>,
    ...mapping: StepArguments<K, NoInfer<In>, Provides>
  ): Flow<After<K, Out, Provides, E>, W>;

  /**
   * Handles errors of the element before: it is ended, the body runs instead, and then joins what
   * follows unless it ended. The body finds the error under `id`. Without `code` every code is
   * caught that no other handler of the element names.
   */
  catch<const Id extends string, B extends Body<Handling<K, Id>>>(
    error: { readonly id: Id; readonly name?: string; readonly code?: string | readonly string[] },
    body: B,
  ): Flow<AfterCatch<K, BodyResult<Handling<K, Id>, B>>, W>;

  /**
   * Listens as long as this process or sub-process runs: when the message comes, the body runs, and
   * what else runs is ended (unless `interrupting` is false). `compensate()` in the body undoes the
   * steps of this process or sub-process.
   */
  on<const Id extends string, Out, B extends Body<Interrupting<K, Id, Out>>>(
    event: WaitElement<Id, Out, Entering<K>>,
    body: B,
    options?: { readonly interrupting?: boolean },
  ): Flow<K, W>;

  /** Says what can be asked of an instance: `GET /api/v1/processes/{id}/queries/{query}`. */
  query<const Id extends string, Output extends z.ZodType>(
    query: W extends WorkflowInfo ? QueryOptions<Id, Output, K> : never,
  ): Flow<K, W>;

  /**
   * Says what an instance can be told: `POST /api/v1/processes/{id}/updates/{update}`. It is checked as
   * the instance stands, then taken once, and what is written behind this finds the data in `steps`.
   */
  update<const Id extends string, Input extends z.ZodType, Answer = z.output<Input>>(
    update: W extends WorkflowInfo ? UpdateOptions<Id, Input, K, Answer> : never,
  ): Flow<Told<K, Id, z.output<Input>>, W>;

  /**
   * Says how instances of an earlier version come to this one: which elements have other ids, and
   * what becomes of their variables. They are moved when somebody asks for it (`orderloom migrate`),
   * each only when it fits.
   */
  migrateFrom<OldState extends z.ZodType = z.ZodType<Readonly<Record<string, unknown>>>>(
    this: W extends WorkflowInfo ? Flow<K, W> : never,
    version: number,
    migration: Migration<OldState, K['steps']>,
  ): Flow<K, W>;

  /** Checks and freezes the workflow. Throws an `AuthoringError` that says what to mend. */
  commit(
    this: W extends WorkflowInfo ? unknown : never,
  ): W extends WorkflowInfo ? Workflow<W['id'], W['input'], ResultOf<K>> : never;
}

/** What a branch's body is given. */
export type BranchBody<K extends Known> = Body<Branch<K>>;
