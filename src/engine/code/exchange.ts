/**
 * `.query` and `.update`: what can be asked of a running instance, and what it can be told. Both are pure
 * functions of its state; an update is checked as the instance stands before it is taken.
 */
import type { z } from 'zod';
import type { InstanceStatus } from '../model/instance-status.ts';
import type { InstanceFacts, QueryDefinition, UpdateDefinition } from '../model/process-model.ts';
import type { Site } from './content.ts';
import type { Known } from './known.ts';

/** What a query or update sees: an instance at any moment of its life. */
export interface Snapshot<K extends Known> {
  /** What the process was started with: its input, or the payload of its trigger. */
  readonly input: K['input'];
  /** Outputs of steps so far, by step id; those of steps inside of subprocesses are not there. */
  readonly steps: Readonly<Partial<K['steps']>>;
  readonly status: InstanceStatus;
  /** Ids of the elements at which something waits or works. */
  readonly active: readonly string[];
}

/** What can be asked. */
export interface QueryOptions<Id extends string, Output extends z.ZodType, K extends Known> {
  readonly id: Id;
  readonly output: Output;
  /** Pure: no I/O, no clock. Runs whenever somebody asks, also after the instance has ended. */
  readonly read: (snapshot: Snapshot<K>) => z.input<Output>;
}

/** What an instance can be told. Later steps find the data under the id, when it was told. */
export interface UpdateOptions<
  Id extends string,
  Input extends z.ZodType,
  K extends Known,
  Answer,
> {
  readonly id: Id;
  readonly input: Input;
  /**
   * Why it cannot be taken now, for the person who asked; nothing when it can. Pure. A refusal leaves no
   * trace.
   */
  readonly check?: (
    call: Snapshot<Told<K, Id, z.output<Input>>> & { readonly data: z.output<Input> },
  ) => string | null | undefined;
  /** What is answered, kept with the update. Pure; without it the data as it was read. */
  readonly answer?: (
    call: Snapshot<Told<K, Id, z.output<Input>>> & { readonly data: z.output<Input> },
  ) => Answer;
}

/** What is known where an update may have been told before. */
export interface Told<K extends Known, Id extends string, Data> {
  readonly input: K['input'];
  readonly steps: K['steps'] & { readonly [Name in Id]?: Data };
  readonly last: K['last'];
  readonly outer: K['outer'] & { readonly [Name in Id]?: Data };
  readonly ends: K['ends'];
  readonly before: K['before'];
}

type AnyQuery = QueryOptions<string, z.ZodType, never>;
type AnyUpdate = UpdateOptions<string, z.ZodType, never, unknown>;

/** The query as the engine asks it. */
export function queryDefinition(site: Site, query: AnyQuery): QueryDefinition {
  const { output, read } = query;
  return { output, read: (facts) => read(snapshotOf(site, facts) as never) };
}

/** The update as the engine takes it. */
export function updateDefinition(site: Site, update: AnyUpdate): UpdateDefinition {
  const { input, check, answer } = update;
  const call = (facts: InstanceFacts, data: unknown) =>
    ({ ...snapshotOf(site, facts), data }) as never;
  return {
    input,
    check: (facts, data) => check?.(call(facts, data)) ?? null,
    ...(answer && { answer: (facts: InstanceFacts, data: unknown) => answer(call(facts, data)) }),
  };
}

function snapshotOf(site: Site, { status, active, variables }: InstanceFacts) {
  return { input: site.readInput(variables), steps: variables, status, active };
}

/** What was written beside the flow. */
export interface Exchanges {
  readonly queries: readonly AnyQuery[];
  readonly updates: readonly AnyUpdate[];
}
