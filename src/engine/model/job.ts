/** Jobs: the work of a service task, which runs outside of the commit path. */

import type { z } from 'zod';
import type { Log, Procedure } from '../../kernel/procedure.ts';
import type { TraceContext } from '../../kernel/trace.ts';
import type { Variables } from './expression.ts';

/**
 * What a job is given.
 *
 * A job does one of two kinds of work. When it runs transactional procedures, their writes, their
 * events and the step's completion commit in one transaction, exactly once. When it runs external
 * procedures, or reaches outside by itself, it runs at least once with one `idempotencyKey`. Mixing
 * both in one job is refused, since no transaction is held open while the outside answers.
 */
export interface JobContext {
  readonly variables: Variables;
  readonly instanceId: string;
  readonly businessKey: string | null;
  /** Id of the service task in the model. */
  readonly elementId: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** When this attempt began, in milliseconds since 1970: what expressions of the step see as now. */
  readonly at: number;
  /** The same on every attempt of this step of this instance. */
  readonly idempotencyKey: string;
  /**
   * True when the attempt before may have done its work although no answer came. A step that
   * declares `reconcile` asks first then.
   */
  readonly outcomeUnknown: boolean;
  /** Aborted when the step's time is up, the step is cancelled, or the program stops. */
  readonly signal: AbortSignal;
  readonly trace: TraceContext;
  readonly log: Log;
  /**
   * Runs a procedure. A refusal ends the job with that code, which an error boundary event may
   * catch; uncaught it becomes an incident.
   */
  run<Input extends z.ZodType, Output extends z.ZodType>(
    procedure: Procedure<string, Input, Output, string>,
    input: z.input<Input>,
  ): Promise<z.output<Output>>;
  run(procedure: string, input: unknown): Promise<unknown>;
}

/** Resolves to the step's result, which must be JSON; throws faults and `ProcessError`s. */
export type JobHandler = (context: JobContext) => Promise<unknown>;

/** An error with a code that a process may catch (BPMN error): not retried. */
export class ProcessError extends Error {
  override readonly name = 'ProcessError';
  readonly code: string;
  /** Facts for the handler of the error; JSON. */
  readonly data: unknown;

  constructor(code: string, message: string, data: unknown = null) {
    super(message);
    this.code = code;
    this.data = data;
  }
}
