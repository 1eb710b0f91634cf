/**
 * `step`: work that is done, retried, and undone when need be. Its functions run when the step runs,
 * on every attempt, with its real input; never while the workflow is being written down.
 */
import type { z } from 'zod';
import type { Log, Procedure } from '../../kernel/procedure.ts';
import { expectAuthored } from '../model/authoring-error.ts';
import type { JobContext, JobHandler } from '../model/job.ts';
import type { ServiceTask } from '../model/process-model.ts';
import { type Duration, durationMs } from '../time/duration.ts';
import { type AuthoredFunction, authored, inputOf, placeAfter, type Site } from './content.ts';
import type { Element } from './flow.ts';
import type { Known } from './known.ts';
import { checkId, nameOf } from './names.ts';
import { type Retry, retryPolicy } from './retry.ts';
import { assertJson, parsed } from './step-data.ts';

declare const unparsed: unique symbol;

/** Output of a procedure that was called by name: nobody knows its type until a schema has read it. */
export interface Unparsed {
  readonly [unparsed]: true;
}

/** Through which a step does its work. */
export interface Engine {
  /** Runs a procedure. Its refusals end the step with their code, which `.catch` may handle. */
  run<Input extends z.ZodType, Output extends z.ZodType>(
    procedure: Procedure<string, Input, Output, string>,
    input: z.input<Input>,
  ): Promise<z.output<Output>>;
  /** Runs a procedure by name, also one of another service. The step's output schema reads its output. */
  run(procedure: string, input: unknown): Promise<Unparsed>;
}

/** What a step's functions are given. */
export interface StepCall<Input, Steps> {
  readonly engine: Engine;
  readonly inputData: Input;
  /** Outputs of earlier steps; prefer a mapping, which says what the step needs. */
  readonly steps: Readonly<Steps>;
  readonly instanceId: string;
  readonly businessKey: string | null;
  /** The same on every attempt of this step of this instance. */
  readonly idempotencyKey: string;
  /** Aborted when the time is up, the step is cancelled, or the program stops. */
  readonly signal: AbortSignal;
  /** Counts from 1. */
  readonly attempt: number;
  readonly log: Log;
}

/** What a compensation is given. */
export interface CompensateCall<Input, Steps, Output> extends StepCall<Input, Steps> {
  /** Undefined when the step was interrupted, so that nobody knows how far it came. */
  readonly output: Output | undefined;
}

type InputType<Input, K extends Known> = Input extends z.ZodType ? z.output<Input> : K['last'];
type OutputType<Output> = Output extends z.ZodType ? z.output<Output> : null;
type Returned<Output> = Output extends z.ZodType ? z.input<Output> | Unparsed : unknown;

/** One piece of work. */
export interface StepOptions<
  Id extends string,
  Input extends z.ZodType | undefined,
  Output extends z.ZodType | undefined,
  K extends Known,
> {
  /** Never changed once released: the output of running instances is kept under it. */
  readonly id: Id;
  readonly name?: string;
  /** Reads the input; without it the step is given the output of the step before as it is. */
  readonly input?: Input;
  /** Reads what `execute` gives; without it the result is dropped. Its output must be JSON. */
  readonly output?: Output;
  readonly execute: (
    call: StepCall<InputType<Input, K>, K['steps']>,
  ) => Returned<Output> | Promise<Returned<Output>>;
  /** `false`: one attempt. */
  readonly retry?: Retry | false;
  /**
   * Longest time of one attempt.
   *
   * @defaultValue 30 seconds
   */
  readonly timeout?: Duration;
  /** Undoes the step. It must bear being run although the step did nothing or only half. */
  readonly compensate?: (
    call: CompensateCall<InputType<Input, K>, K['steps'], OutputType<Output>>,
  ) => unknown;
  /**
   * How many of this step one node has at work at the same time: a number, or with `key` that many for
   * each value of the key, e.g. one at a time for each customer. Those that wait hold nothing.
   *
   * @defaultValue as many as the node has places
   */
  readonly concurrency?:
    | number
    | {
        readonly limit: number;
        readonly key: (scope: {
          /** What the instance began with. */
          readonly input: unknown;
          readonly steps: Readonly<K['steps']>;
        }) => string | number;
      };
  /** Why the step needs no compensation. */
  readonly irreversible?: string;
  /**
   * Asked before another attempt when the one before may have done its work although no answer
   * came: gives the output when it was done, and `null` when it certainly was not.
   */
  readonly reconcile?: (
    call: StepCall<InputType<Input, K>, K['steps']>,
  ) => Returned<Output> | null | Promise<Returned<Output> | null>;
}

/** A step whose input need not be mapped when `Input` is undefined. */
export type Step<
  Id extends string,
  Input extends z.ZodType | undefined,
  Output extends z.ZodType | undefined,
  K extends Known,
> = Element<
  Id,
  Input extends z.ZodType ? z.input<Input> : unknown,
  OutputType<Output>,
  { readonly [Name in Id]: OutputType<Output> },
  'no',
  K
>;

const usualTimeout: Duration = '30s';
const usualAttempts = 10;
const usualCompensationAttempts = 20;

/**
 * Declares a piece of work. It is repeated until it is done, under one idempotency key; its output is kept under
 * its id, and no later step begins before that is durable.
 */
export function step<
  const Id extends string,
  Input extends z.ZodType | undefined = undefined,
  Output extends z.ZodType | undefined = undefined,
  K extends Known = Known,
>(options: StepOptions<Id, Input, Output, K>): Step<Id, Input, Output, K> {
  const { id, output = null } = options;
  checkId(id);
  expectAuthored(
    options.compensate === undefined || options.irreversible === undefined,
    `expected step "${id}" to have either a compensation or a reason why it needs none, found both`,
  );
  const plain = options as unknown as PlainOptions;
  const retry = retryPolicy(options.retry ?? {}, usualAttempts);
  const compensationRetry = retryPolicy(options.retry || {}, usualCompensationAttempts);
  const timeoutMs = durationMs(options.timeout ?? usualTimeout);
  checkConcurrency(id, options.concurrency);
  return Object.freeze({
    id,
    compile: (site: Site) => {
      const name = options.name ?? nameOf(id);
      const common = { type: 'serviceTask' as const, parent: site.container, timeoutMs };
      const compensation = options.compensate && `${id}.compensate`;
      const exit = site.graph.add(
        {
          ...common,
          id,
          name,
          result: id,
          retry,
          job: executing(plain, site),
          ...concurrencyOf(plain, site),
          input: { value: inputOf(site), ...(options.input && { schema: options.input }) },
          ...(compensation !== undefined && { compensation }),
          ...(options.irreversible !== undefined && { irreversible: options.irreversible }),
        },
        site.entry,
      );
      if (compensation !== undefined) {
        site.graph.add({
          ...common,
          id: compensation,
          name: `Undo: ${name}`,
          retry: compensationRetry,
          job: compensating(plain, site),
          forCompensation: true,
        });
      }
      return placeAfter(site, exit, output);
    },
  });
}

/** The options without what only the compiler of TypeScript needs. */
interface PlainOptions {
  readonly id: string;
  readonly input?: z.ZodType;
  readonly output?: z.ZodType;
  readonly concurrency?: number | { readonly limit: number; readonly key: AuthoredFunction };
  readonly execute: (call: StepCall<unknown, object>) => unknown;
  readonly compensate?: (call: CompensateCall<unknown, object, unknown>) => unknown;
  readonly reconcile?: (call: StepCall<unknown, object>) => unknown;
}

function checkConcurrency(
  id: string,
  given: number | { readonly limit: number } | undefined,
): void {
  const limit = typeof given === 'object' ? given.limit : given;
  expectAuthored(
    limit === undefined || (Number.isSafeInteger(limit) && limit >= 1),
    `expected the concurrency of step "${id}" to be a whole number of 1 or more, found ${limit}`,
  );
}

function concurrencyOf(
  { concurrency }: PlainOptions,
  site: Site,
): Pick<ServiceTask, 'concurrency'> {
  if (concurrency === undefined) return {};
  if (typeof concurrency === 'number') return { concurrency: { limit: concurrency } };
  return { concurrency: { limit: concurrency.limit, key: authored(site, concurrency.key) } };
}

function executing(options: PlainOptions, site: Site): JobHandler {
  const { id, output, execute, reconcile } = options;
  const call = calling(options, site);
  return async (context) => {
    const made = call(context);
    const known = context.outcomeUnknown && reconcile ? await reconcile(made) : null;
    const result = known ?? (await execute(made));
    if (!output) return null;
    const name = `the output of step "${id}"`;
    const read = parsed(output, result, { code: 'STEP_OUTPUT_INVALID', name });
    assertJson(read, name);
    return read;
  };
}

function compensating(options: PlainOptions, site: Site): JobHandler {
  const { id, compensate } = options;
  const call = calling(options, site);
  return async (context) => {
    await compensate?.({ ...call(context), output: context.variables[id] });
    return null;
  };
}

/** Makes what a step's functions are given, input read by its schema. */
function calling(options: PlainOptions, site: Site) {
  const { id, input } = options;
  const mapped = inputOf(site);
  return (context: JobContext): StepCall<unknown, object> => {
    const value = mapped.evaluate(context.variables);
    const name = `the input of step "${id}"`;
    const { instanceId, businessKey, idempotencyKey, signal, attempt, log } = context;
    return {
      engine: { run: context.run.bind(context) as Engine['run'] },
      inputData: input ? parsed(input, value, { code: 'STEP_INPUT_INVALID', name }) : value,
      steps: context.variables,
      instanceId,
      businessKey,
      idempotencyKey,
      signal,
      attempt,
      log,
    };
  };
}
