/**
 * Executes the procedure of a request and makes its answer; with an idempotency key, at most once.
 *
 * - Same key and input: the same answer again, marked `Idempotency-Replayed`.
 * - Same key, other input: 422. Same key while the first is being worked on: 409.
 *
 * For procedures that write only here, the key, the effect and the kept answer commit together. A
 * refusal of an executed procedure is kept as well; input that was never accepted is not, so that it
 * can be mended and sent again under the same key.
 */
import type { Clock } from '../../kernel/clock.ts';
import { isRefusal, type Refusal, RetryableFault, refuse } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type { CallOptions, Procedure } from '../../kernel/procedure.ts';
import type { Transaction, TransactionRunner } from '../../kernel/transaction.ts';
import { type Runner, refusedBeforeExecution } from '../../procedures/index.ts';
import { type Answer, refusalAnswer, successAnswer } from '../answer.ts';
import { idempotencyInFlight, idempotencyKeyReused } from '../errors.ts';
import { RefusedError } from '../problem.ts';
import type { Sealing } from './sealing.ts';
import {
  type Claim,
  claimKey,
  forgetClaim,
  type KeyRow,
  keepAnswer,
  lockKey,
  type RequestKey,
  readKey,
  releaseClaim,
  type StoredAnswer,
  settleClaim,
} from './store.ts';

/** One request, ready to be executed. */
export interface Execution {
  readonly procedure: Procedure;
  readonly input: unknown;
  readonly options: Pick<CallOptions, 'caller' | 'trace' | 'unknownFields'>;
  /** Caller, method and route; keys of different scopes have nothing to do with each other. */
  readonly scope: string;
  /** As the client sent it; undefined when it sent none. */
  readonly key: string | undefined;
}

/**
 * Executes a request and gives its answer; under one key in one scope, the effect happens at most once.
 * Rejects for faults, and for keys that are in flight or belong to another input.
 */
export type Execute = (execution: Execution) => Promise<Answer>;

/** Beyond the procedure's own limit: time to write the answer down. */
const leaseMarginMs = 30_000;
const defaultTimeoutMs = 10_000;
/** A lost race is looked at again; more than this cannot be lost without a bug. */
const mostRaces = 5;

/** Makes the one function that all routes of procedures execute through. */
export function createExecute(parts: {
  readonly runner: Runner;
  readonly database: TransactionRunner;
  readonly clock: Clock;
  readonly sealing: Sealing;
}): Execute {
  const { runner, database, clock, sealing } = parts;

  async function executeOnce(execution: Execution, key: RequestKey): Promise<Answer> {
    for (let race = 1; ; race++) {
      const answer =
        execution.procedure.effect === 'external'
          ? await onceExternal(execution, key)
          : await onceHere(execution, key);
      if (answer !== 'raced') return answer;
      if (race === mostRaces) throw inFlight();
    }
  }

  /** The key, the effect and the answer in one transaction. */
  async function onceHere(execution: Execution, key: RequestKey): Promise<Answer | 'raced'> {
    const { procedure, input, options } = execution;
    try {
      const outcome = await runner.transaction(procedure.name, async (tx) => {
        const { locked, row } = await lockKey(tx, key, clock.now());
        if (!locked) throw inFlight();
        if (row) return replay(row, key);
        const output = await runner.run(procedure.name, input, { ...options, tx });
        if (isRefusal(output)) return output;
        const answer = successAnswer(procedure, output);
        if (!(await keepAnswer(tx, key, toStored(answer), clock.now()))) throw new Raced();
        return answer;
      });
      return isRefusal(outcome) ? await keepRefusal(execution, key, outcome) : outcome;
    } catch (error) {
      if (error instanceof Raced) return 'raced';
      throw error;
    }
  }

  /** The effect is rolled back; what was answered is kept, unless the procedure never ran. */
  async function keepRefusal(
    { options }: Execution,
    key: RequestKey,
    refusal: Refusal,
  ): Promise<Answer | 'raced'> {
    const answer = refusalAnswer(refusal, options.trace.traceId);
    if (refusedBeforeExecution(refusal.code)) return answer;
    const kept = await database.transaction((tx) =>
      keepAnswer(tx, key, toStored(answer), clock.now()),
    );
    return kept ? answer : 'raced';
  }

  /** A committed claim first, since what happens outside cannot be rolled back. */
  async function onceExternal(execution: Execution, key: RequestKey): Promise<Answer | 'raced'> {
    const { procedure } = execution;
    const now = clock.now();
    const leaseMs = (procedure.timeoutMs ?? defaultTimeoutMs) + leaseMarginMs;
    const leaseUntil = new Date(now.getTime() + leaseMs);
    const outwardKey = newId();
    const claim = await database.transaction((tx) =>
      claimKey(tx, key, { outwardKey, now, leaseUntil }),
    );
    if (claim) return executeClaim(execution, key, claim);
    const row = await database.transaction((tx) => readKey(tx, key, now));
    if (!row) return 'raced';
    return replay(row, key);
  }

  async function executeClaim(
    { procedure, input, options }: Execution,
    key: RequestKey,
    claim: Claim,
  ): Promise<Answer> {
    const inTransaction = (work: (tx: Transaction) => Promise<void>) => database.transaction(work);
    let result: unknown;
    try {
      result = await runner.run(procedure.name, input, {
        ...options,
        idempotencyKey: claim.outwardKey,
        reconcileFirst: claim.attempt > 1,
      });
    } catch (error) {
      const outcomeUnknown = !(error instanceof RetryableFault) || error.outcomeUnknown;
      await inTransaction((tx) =>
        releaseClaim(tx, key, claim, { now: clock.now(), outcomeUnknown }),
      );
      throw error;
    }
    if (isRefusal(result) && refusedBeforeExecution(result.code)) {
      await inTransaction((tx) =>
        claim.attempt === 1
          ? forgetClaim(tx, key, claim)
          : releaseClaim(tx, key, claim, { now: clock.now(), outcomeUnknown: true }),
      );
      return refusalAnswer(result, options.trace.traceId);
    }
    const answer = isRefusal(result)
      ? refusalAnswer(result, options.trace.traceId)
      : successAnswer(procedure, result);
    await inTransaction((tx) => settleClaim(tx, key, claim, toStored(answer)));
    return answer;
  }

  function replay({ requestHash, answer }: KeyRow, key: RequestKey): Answer {
    if (!requestHash.equals(key.hash)) throw new RefusedError(keyReused(key.key));
    if (!answer) throw inFlight();
    const { status, body, sealed } = answer;
    return {
      status,
      body: body === null ? null : sealing.open(body, sealed),
      headers: { 'idempotency-replayed': 'true' },
    };
  }

  function toStored({ status, body }: Answer): StoredAnswer {
    return { status, ...(body === null ? { body, sealed: false } : sealing.seal(body)) };
  }

  return async (execution) => {
    const { procedure, input, options, scope, key } = execution;
    if (key !== undefined) {
      return executeOnce(execution, { scope, key, hash: sealing.digest(input) });
    }
    const output = await runner.run(procedure.name, input, options);
    return isRefusal(output)
      ? refusalAnswer(output, options.trace.traceId)
      : successAnswer(procedure, output);
  };
}

/** Somebody else kept an answer first: roll back and look again. */
class Raced extends Error {}

function inFlight(): RefusedError {
  const refusal = refuse(
    idempotencyInFlight,
    'expected one request at a time for an idempotency key, found another one being worked on; ' +
      'wait for its answer, or send the same request again later',
  );
  return new RefusedError(refusal, { 'retry-after': '1' });
}

function keyReused(key: string): Refusal {
  return refuse(
    idempotencyKeyReused,
    `expected the same input as in the first request with the idempotency key "${key}", found ` +
      'another; use a new key for a new request',
  );
}
