/**
 * Executes a read or transactional procedure in one transaction: its own, or the one it was given.
 * A read in a transaction of its own is read-only for PostgreSQL too, and limited in time there; in a
 * given one it simply reads, without any statement more.
 */
import { isRefusal } from '../kernel/errors.ts';
import type { ReadProcedure, TransactionalProcedure } from '../kernel/procedure.ts';
import type { Transaction } from '../kernel/transaction.ts';
import type { Call } from './call.ts';
import { defaultTimeoutMs } from './faults.ts';
import type { TransactionScope } from './transaction-scope.ts';

type InTransaction = ReadProcedure | TransactionalProcedure;

/** The output, or the refusal; what was to be written is written or rolled back. */
export function executeInTransaction(
  call: Call,
  procedure: InTransaction,
  given: Transaction | undefined,
): Promise<unknown> {
  const { transactions, recordTraceEvents, onSuccess } = call.parts;
  if (given) return transactions.join(given, (scope) => execute(call, procedure, scope));
  // A read that is to be written down needs a transaction that can write.
  const isTraced = procedure.trace !== undefined && recordTraceEvents !== undefined;
  const readOnly = procedure.effect === 'read' && !isTraced && !(onSuccess && call.isListenedTo);
  return transactions.open(
    procedure.name,
    (tx) =>
      limited(tx, timeLimitMs(procedure), () =>
        transactions.join(tx, (scope) => execute(call, procedure, scope)),
      ),
    { readOnly },
  );
}

/** A transactional procedure without a limit of its own is limited by the pool's. */
function timeLimitMs({ effect, timeoutMs }: InTransaction): number | undefined {
  return effect === 'read' ? (timeoutMs ?? defaultTimeoutMs) : timeoutMs;
}

const setTimeLimit = `select set_config('statement_timeout', $1, true)`;

/** The limit travels together with the first statement instead of being waited for. */
async function limited<T>(
  tx: Transaction,
  limitMs: number | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (limitMs === undefined) return work();
  const set = tx.query(setTimeLimit, [String(limitMs)]);
  set.catch(() => undefined);
  const result = await work();
  await set;
  return result;
}

async function execute(
  call: Call,
  procedure: InTransaction,
  scope: TransactionScope,
): Promise<unknown> {
  const takeBack = scope.mark();
  try {
    const result = await procedure.execute(call.transactionalContext(scope), call.input);
    if (!isRefusal(result)) {
      const output = call.parseOutput(result);
      call.succeed(scope, output);
      return output;
    }
    fail(call, scope, result, result.code);
    takeBack();
    return result;
  } catch (error) {
    fail(call, scope, error, 'a fault');
    takeBack();
    throw error;
  }
}

function fail(call: Call, scope: TransactionScope, reason: unknown, code: string): void {
  const failure = call.failure(reason);
  if (failure) scope.failures.push(failure);
  if (call.procedure.effect !== 'read') scope.refuseCommit(call.procedure.name, code);
}
