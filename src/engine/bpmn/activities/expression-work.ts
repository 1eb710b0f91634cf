/** Work of steps that expressions do: the whole of it, or what goes into a procedure and comes out of it. */
import { TerminalFault } from '../../../kernel/errors.ts';
import { retryPolicy } from '../../code/retry.ts';
import { atMoment } from '../../expressions/moment.ts';
import type { Expression, Variables } from '../../model/expression.ts';
import type { JobContext, JobHandler } from '../../model/job.ts';
import type { ServiceTask } from '../../model/process-model.ts';
import type { Body } from './activity-body.ts';

/** How long a step may take where the drawing says nothing of it. */
export const usualTimeoutMs = 30_000;

/** A task whose result is the value of an expression. */
export function evaluating(script: Expression): Body<ServiceTask> {
  return {
    type: 'serviceTask',
    job: async ({ variables, elementId, at }) =>
      evaluated(script, variables, at, `script "${elementId}"`),
    retry: retryPolicy(false, 1),
    timeoutMs: usualTimeoutMs,
  };
}

/** Work on what an expression makes of the variables; `output` makes the result of what it gives. */
export function calling(
  work: (context: JobContext, given: unknown) => Promise<unknown>,
  input: Expression,
  output: Expression | null,
): JobHandler {
  return async (context) => {
    const { variables } = context;
    const given = evaluated(input, variables, context.at, `the input of "${context.elementId}"`);
    const found = await work(context, given);
    if (!output) return found;
    const name = `the output of "${context.elementId}"`;
    return evaluated(output, { ...variables, output: found }, context.at, name);
  };
}

/** An expression that fails now fails again: a person must look. */
function evaluated(
  expression: Expression,
  variables: Variables,
  at: number,
  name: string,
): unknown {
  try {
    return atMoment(at, () => expression.evaluate(variables));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TerminalFault('EXPRESSION_FAILED', `${name}: ${message}`);
  }
}
