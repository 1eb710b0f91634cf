/**
 * One attempt of one job: gives the handler its context, and tells what became of it. Transactional
 * procedures of the attempt share one transaction, which the engine commits with the step.
 */
import { processCaller } from '../../kernel/caller.ts';
import type { Clock } from '../../kernel/clock.ts';
import {
  assert,
  isRefusal,
  RetryableFault,
  refusalText,
  TerminalFault,
} from '../../kernel/errors.ts';
import type { Log, Procedure, ProcedureRunner } from '../../kernel/procedure.ts';
import { childTrace } from '../../kernel/tracing.ts';
import { type Database, isConnectionLoss } from '../../postgres/index.ts';
import type { JobError } from '../model/events.ts';
import { type JobContext, ProcessError } from '../model/job.ts';
import { asJson } from '../model/json.ts';
import type { ServiceTask } from '../model/process-model.ts';
import { longestValue } from '../store/value-measure.ts';
import type { InstanceActor } from './actor.ts';
import { Deferred, type HeldLimits } from './held-limits.ts';
import { JobTransaction } from './job-transaction.ts';
import type { Permits } from './permits.ts';
import { variablesOf } from './variables.ts';

/** What jobs need of the program. */
export interface JobServices {
  readonly database: Database;
  /** Bounds the steps that hold a transaction at the same time. */
  readonly transactions: Permits;
  readonly runner: ProcedureRunner;
  readonly clock: Clock;
  readonly log: Log;
}

/** One attempt of one job. */
export interface JobAttempt {
  readonly actor: InstanceActor;
  readonly n: number;
  readonly node: ServiceTask;
  readonly attempt: number;
  /** The last attempt may have done its work: the outside is asked before it is done again. */
  readonly outcomeUnknown: boolean;
  readonly signal: AbortSignal;
  /** What it holds of the limits. */
  readonly held: HeldLimits;
}

/** What became of an attempt; a success may have left a transaction to be committed with it. */
export type JobOutcome =
  | { readonly ok: true; readonly output: unknown; readonly transaction: JobTransaction }
  | { readonly ok: false; readonly error: JobError };

/** What an attempt met on its way. */
interface Met {
  deferred?: Deferred;
  /** Which procedure runs, for incidents; a job that catches a failure goes on to another one. */
  procedure?: string;
}

/**
 * Runs the handler. With an open transaction left behind, the caller commits or rolls back. `Deferred`:
 * it met a limit before it did anything.
 */
export async function callJob(
  services: JobServices,
  attempt: JobAttempt,
): Promise<JobOutcome | Deferred> {
  const transaction = new JobTransaction(
    services.database,
    services.transactions,
    `step:${attempt.node.id}`,
  );
  const met: Met = {};
  try {
    const output = await attempt.node.job(contextOf(services, attempt, transaction, met));
    // A handler that swallowed it went on without what it had asked for.
    if (met.deferred) throw met.deferred;
    return { ok: true, output: asJson(output, longestValue), transaction };
  } catch (error) {
    await transaction.rollback();
    const { procedure } = met;
    return (
      met.deferred ?? {
        ok: false,
        error: { ...jobError(error), ...(procedure === undefined ? {} : { procedure }) },
      }
    );
  }
}

function contextOf(
  { runner, clock, log }: JobServices,
  attempt: JobAttempt,
  transaction: JobTransaction,
  met: Met,
): JobContext {
  const { actor, n, node, signal, held } = attempt;
  const { identity } = actor;
  const { key = n, keyNode = node.id } = actor.state.elements[n] ?? {};
  const idempotencyKey = `${identity.id}/${keyNode}/${key}`;
  const trace = childTrace({ traceId: identity.traceId, spanId: '' });
  let externalCalls = 0;
  let written = false;

  async function enter(procedure: Procedure, input: unknown): Promise<() => void> {
    const mayDefer = externalCalls === 0 && !transaction.isOpen;
    try {
      return await held.enter(procedure, input, { mayDefer, signal });
    } catch (error) {
      if (error instanceof Deferred) met.deferred = error;
      throw error;
    }
  }

  async function runTransactional(name: string, input: unknown): Promise<unknown> {
    assert(
      externalCalls === 0,
      `step "${node.id}" runs "${name}", which writes here, after a procedure that reaches outside; put ` +
        'the two into two steps, so that what was done outside is not lost with what is written here',
    );
    const tx = await transaction.begin();
    const options = { caller: processCaller, trace, tx, signal, admitted: true };
    const result = await runner.run(name, input, options);
    if (isRefusal(result)) {
      await transaction.rollback();
      assert(
        !written,
        `step "${node.id}" ran a procedure, then "${name}" refused with ${result.code}: what the first ` +
          'wrote is rolled back; put the two into two steps',
      );
      throw new ProcessError(result.code, refusalText(result), result.data);
    }
    written = true;
    return result;
  }

  async function runOther(procedure: Procedure, input: unknown): Promise<unknown> {
    if (procedure.effect === 'external') {
      assert(
        !transaction.isOpen,
        `step "${node.id}" runs "${procedure.name}", which reaches outside, after a procedure that ` +
          'writes here; put the two into two steps, so that no transaction waits for the outside',
      );
      externalCalls += 1;
    }
    const key = externalCalls > 1 ? `${idempotencyKey}.${externalCalls}` : idempotencyKey;
    const result = await runner.run(procedure.name, input, {
      caller: processCaller,
      trace,
      signal,
      admitted: true,
      ...(procedure.effect === 'external'
        ? { idempotencyKey: key, reconcileFirst: attempt.outcomeUnknown }
        : {}),
      ...(procedure.effect === 'read' && transaction.isOpen
        ? { tx: await transaction.begin() }
        : {}),
    });
    if (isRefusal(result)) throw new ProcessError(result.code, refusalText(result), result.data);
    return result;
  }

  return {
    variables: variablesOf(actor.state.elements, n),
    instanceId: identity.id,
    businessKey: identity.businessKey,
    elementId: node.id,
    attempt: attempt.attempt,
    at: clock.now().getTime(),
    outcomeUnknown: attempt.outcomeUnknown,
    idempotencyKey,
    signal,
    trace,
    log,
    async run(named: string | Procedure, input: unknown): Promise<never> {
      const name = typeof named === 'string' ? named : named.name;
      const procedure = runner.find(name);
      assert(procedure, `step "${node.id}" runs "${name}", but no module offers that procedure`);
      const leave = held.isLimited(procedure) ? await enter(procedure, input) : null;
      met.procedure = name;
      try {
        const result =
          procedure.effect === 'transactional'
            ? await runTransactional(name, input)
            : await runOther(procedure, input);
        delete met.procedure;
        return result as never;
      } finally {
        leave?.();
      }
    },
  };
}

/** What a thrown thing means for the step. */
export function jobError(error: unknown): JobError {
  if (error instanceof ProcessError) {
    return { kind: 'error', code: error.code, message: error.message, data: asJson(error.data) };
  }
  if (error instanceof RetryableFault) {
    return {
      kind: 'retry',
      code: error.code,
      message: error.message,
      outcomeUnknown: error.outcomeUnknown,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  if (error instanceof TerminalFault) {
    return { kind: 'terminal', code: error.code, message: error.message };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (isConnectionLoss(error)) return { kind: 'retry', code: 'DATABASE_UNREACHABLE', message };
  const name = error instanceof Error ? error.name : 'Error';
  // A broken assumption stays broken; anything else unknown may pass.
  if (name === 'Bug') return { kind: 'terminal', code: 'BUG', message };
  return { kind: 'retry', code: 'STEP_FAILED', message: `${name}: ${message}` };
}
