/**
 * Fakes of procedures, for tests of processes: what a step is answered with, call by call. A fake of a
 * declared procedure is typed by it: input, output, and the refusals that it may give.
 */
import { z } from 'zod';
import {
  assert,
  defineError,
  Refusal,
  RetryableFault,
  TerminalFault,
} from '../../kernel/errors.ts';
import {
  defineExternal,
  defineTransactional,
  type ExternalProcedure,
  type Procedure,
} from '../../kernel/procedure.ts';

/** What became of one call: its output, a refusal by its code, or a fault that is thrown. */
type Given<Output, Code> =
  | { readonly output: Output }
  | { readonly refuses: Code; readonly why: string };

/** What a fake does with one call. Made by `answers`, `refuses`, `fails`, `breaks` and the others. */
export interface Behaviour<Output, Code extends string = never, Input = never> {
  meets(input: Input, signal: AbortSignal | undefined): Promise<Given<Output, Code>>;
  /** What the outside says when it is asked whether the work was done; null: it was not. */
  readonly asked?: () => { readonly output: Output } | null;
}

/** Answers with an output, given or computed from the input. */
export function answers<Output, Input = never>(
  output: Output | ((input: Input) => Output),
): Behaviour<Output, never, Input> {
  const compute = (input: Input) =>
    typeof output === 'function' ? (output as (input: Input) => Output)(input) : output;
  return { meets: async (input) => ({ output: compute(input) }) };
}

/** Says no, with the code of one of the procedure's refusals. */
export function refuses<const Code extends string>(
  code: Code,
  why = 'the test says no',
): Behaviour<never, Code, unknown> {
  return { meets: async () => ({ refuses: code, why }) };
}

/** Fails in a way that asks for another attempt; the work was not done. */
export function fails(
  code = 'UNREACHABLE',
  options: { readonly retryAfterMs?: number } = {},
): Behaviour<never, never, unknown> {
  return {
    async meets() {
      throw new RetryableFault(code, `${code}: the test lets it fail`, options);
    },
  };
}

/** Fails for good: the step has an incident. */
export function breaks(code = 'BROKEN'): Behaviour<never, never, unknown> {
  return {
    async meets() {
      throw new TerminalFault(code, `${code}: the test lets it break`);
    },
  };
}

/** No answer comes in time, and the work was not done. */
export function timesOut(): Behaviour<never, never, unknown> {
  return { meets: unheard, asked: () => null };
}

/** The work is done, but the answer is lost: the step asks, where the procedure can be asked, or repeats. */
export function succeedsUnheard<Output>(output: Output): Behaviour<Output, never, unknown> {
  return { meets: unheard, asked: () => ({ output }) };
}

function unheard(): Promise<never> {
  const message = 'no answer came in time: the test lets it be lost';
  return Promise.reject(new RetryableFault('TIMEOUT', message, { outcomeUnknown: true }));
}

/** A behaviour that waits until the test lets it go on. */
export interface Held<Output, Code extends string, Input> extends Behaviour<Output, Code, Input> {
  /** Lets the calls that wait, and all later ones, go on. */
  readonly release: () => void;
  /** Calls that wait now. */
  readonly waiting: number;
}

/** Waits for `release`, then does what it was given: for what happens while a step is at work. */
export function holds<Output, Code extends string = never, Input = never>(
  then: Behaviour<Output, Code, Input>,
): Held<Output, Code, Input> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = 0;
  return {
    ...then,
    release: resolve,
    get waiting() {
      return waiting;
    },
    async meets(input, signal) {
      waiting += 1;
      try {
        await Promise.race([promise, aborted(signal)]);
      } finally {
        waiting -= 1;
      }
      return await then.meets(input, signal);
    },
  };
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new RetryableFault('ABORTED', 'told to stop')));
  });
}

/** A procedure that the test answers for. */
export interface Fake<Input = unknown> {
  readonly name: string;
  readonly procedure: Procedure;
  /** Inputs of the calls so far. */
  readonly calls: readonly Input[];
  /** Keys of the calls so far: attempts of one step have the same. Empty for one that writes here. */
  readonly idempotencyKeys: readonly string[];
  /** How often it was asked what became of a call. */
  readonly asked: number;
  /** Calls that wait for the test. */
  readonly waiting: number;
}

/** The types of a declared procedure, for its fake. */
type InputOf<P> =
  P extends Procedure<string, infer Input, z.ZodType, string> ? z.output<Input> : never;
type OutputOf<P> =
  P extends Procedure<string, z.ZodType, infer Output, string> ? z.input<Output> : never;
type CodeOf<P> = P extends Procedure<string, z.ZodType, z.ZodType, infer Code> ? Code : never;

/**
 * Makes a fake. Each call has the next behaviour; the last one stays. A procedure that is given by name
 * alone takes and gives anything, and counts as one that reaches outside.
 */
export function fake<P extends Procedure>(
  procedure: P,
  ...behaviours: readonly Behaviour<OutputOf<P>, CodeOf<P>, InputOf<P>>[]
): Fake<InputOf<P>>;
export function fake(
  name: string,
  ...behaviours: readonly Behaviour<unknown, string, unknown>[]
): Fake;
export function fake(
  given: string | Procedure,
  ...behaviours: readonly Behaviour<unknown, string, never>[]
): Fake {
  const declared = typeof given === 'string' ? undeclared(given) : given;
  const inLine = [...behaviours] as Behaviour<unknown, string, unknown>[];
  assert(inLine.length > 0, `the fake of "${declared.name}" needs to be told what to do`);
  const calls: unknown[] = [];
  const idempotencyKeys: string[] = [];
  let asked = 0;
  let last = inLine[0];

  async function meet(input: unknown, signal?: AbortSignal): Promise<unknown> {
    calls.push(input);
    last = inLine.length > 1 ? inLine.shift() : inLine[0];
    const met = await last?.meets(input, signal);
    if (met && 'refuses' in met) return refusal(declared, met.refuses, met.why);
    return met?.output;
  }

  const { name, summary, input, output, access, errors } = declared;
  const common = { name, summary, input, output, access, errors };
  const external: Omit<ExternalProcedure, 'effect'> = {
    ...common,
    execute: async ({ idempotencyKey, signal }, value) => {
      idempotencyKeys.push(idempotencyKey);
      return (await meet(value, signal)) as never;
    },
  };
  const reconcile: NonNullable<ExternalProcedure['reconcile']> = async () => {
    asked += 1;
    return (last?.asked?.()?.output ?? null) as never;
  };
  const canBeAsked =
    typeof given === 'string' || ('reconcile' in declared && declared.reconcile !== undefined);
  const procedure: unknown =
    declared.effect === 'external'
      ? defineExternal(canBeAsked ? { ...external, reconcile } : external)
      : defineTransactional({
          ...common,
          execute: async (_, value) => (await meet(value)) as never,
        });
  return {
    name,
    procedure: procedure as Procedure,
    calls,
    idempotencyKeys,
    get asked() {
      return asked;
    },
    get waiting() {
      return behaviours.reduce((sum, one) => sum + ((one as { waiting?: number }).waiting ?? 0), 0);
    },
  };
}

function undeclared(name: string): Procedure {
  const anything = z.unknown();
  return defineExternal({
    ...{ name, summary: 'A fake', input: anything, output: anything, access: ['service'] },
    errors: [],
    execute: async () => null,
  }) as unknown as Procedure;
}

function refusal(procedure: Procedure, code: string, why: string): Refusal {
  const known = procedure.errors.find((error) => error.code === code);
  const definition = known ?? defineError({ code, status: 409, title: 'Refused by a fake' });
  return new Refusal(definition, { detail: why });
}
