/**
 * The steps of the drawings that reach outside: one declaration each. What they share is here: they run for
 * processes only, note in the order how far it is, and turn a system's no into a refusal that the error
 * events of the drawings catch. Times out after the slowest system, asked once before it is repeated.
 */
import type { z } from 'zod';
import { type ErrorDefinition, isRefusal, type Refusal, refuse } from '../../kernel/errors.ts';
import {
  defineExternal,
  type ExternalContext,
  type Procedure,
  type TransactionalContext,
} from '../../kernel/procedure.ts';
import type { BillingSystems, Outcome, SystemCall } from './provider.ts';
import type { BillingStep } from './steps.ts';
import { beginStep, completeStep } from './store.ts';

/** The biller may take ten seconds, and is asked before it is told again. */
const workTimeoutMs = 25_000;

/** What one step does outside. */
export interface OutsideWork<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Code extends string,
> {
  readonly name: `billing-orders.${string}`;
  readonly summary: string;
  /** The outside system that its calls count for. */
  readonly system: string;
  readonly input: Input;
  readonly output: Output;
  readonly errors: readonly ErrorDefinition<Code>[];
  /** Where the order stands while this is done; absent for undoing. */
  readonly step?: BillingStep;
  execute(
    systems: BillingSystems,
    input: z.output<Input>,
    call: SystemCall,
    context: ExternalContext,
  ): Promise<z.input<Output> | Refusal<Code>>;
  /** Asks what became of an attempt nobody heard of: its output, or null when nothing was done. */
  reconcile?(
    systems: BillingSystems,
    input: z.output<Input>,
    call: SystemCall,
  ): Promise<z.input<Output> | null>;
  /** Writes down what came of it. */
  record?(
    context: TransactionalContext,
    input: z.output<Input>,
    output: z.input<Output>,
  ): Promise<void>;
}

/** Makes the procedure of a step; its input names the order. */
export function outsideWork<
  Input extends z.ZodType<{ orderId: string }>,
  Output extends z.ZodType,
  const Code extends string = never,
>(systems: BillingSystems, work: OutsideWork<Input, Output, Code>): Procedure {
  const { step, record } = work;
  async function written(
    context: ExternalContext,
    input: z.output<Input>,
    output: z.input<Output>,
  ): Promise<void> {
    if (!step && !record) return;
    await context.transaction(async (inner) => {
      if (step) await completeStep(inner, input.orderId, step);
      await record?.(inner, input, output);
    });
  }
  return defineExternal<string, Input, Output, Code>({
    name: work.name,
    summary: work.summary,
    input: work.input,
    output: work.output,
    access: ['service'],
    errors: work.errors,
    timeoutMs: workTimeoutMs,
    limits: { system: work.system },
    async execute(context, input) {
      if (step) await context.transaction((inner) => beginStep(inner, input.orderId, step));
      const output = await work.execute(systems, input, callOf(context), context);
      if (isRefusal(output)) return output as Refusal<NoInfer<Code>>;
      await written(context, input, output as z.input<Output>);
      return output as z.input<Output>;
    },
    ...(work.reconcile
      ? {
          async reconcile(context: ExternalContext, input: z.output<Input>) {
            const known = await work.reconcile?.(systems, input, callOf(context));
            if (known === null || known === undefined) return null;
            await written(context, input, known);
            return known;
          },
        }
      : {}),
  }) as Procedure;
}

function callOf({ idempotencyKey, signal, trace }: ExternalContext): SystemCall {
  return { idempotencyKey, signal, traceparent: `00-${trace.traceId}-${trace.spanId}-01` };
}

/** The same call under a key of its own, for a step that tells one system several things. */
export function partOf(call: SystemCall, part: string): SystemCall {
  return { ...call, idempotencyKey: `${call.idempotencyKey}/${part}` };
}

/** A system's no, as the refusal of the step. */
export function refusedBy<Code extends string>(
  definition: ErrorDefinition<Code>,
  { code, message }: Extract<Outcome<unknown>, { status: 'refused' }>,
): Refusal<Code> {
  return refuse(definition, `Expected the system to do it, found ${code}: ${message}.`, {
    data: { systemCode: code },
  });
}
