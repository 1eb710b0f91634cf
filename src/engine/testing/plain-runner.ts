/**
 * A runner of procedures with the promises that the engine relies on and nothing else: input and
 * output parsed, one transaction for what writes, one key for what reaches outside, and `reconcile`
 * asked first. For tests of the engine, which may not know the layer that runs procedures.
 */
import type { Clock } from '../../kernel/clock.ts';
import { Bug, isRefusal } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import type {
  CallContext,
  CallOptions,
  ExternalContext,
  Procedure,
  ProcedureRunner,
  TransactionalContext,
} from '../../kernel/procedure.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import type { Database } from '../../postgres/index.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Makes the runner. Events are judged by their definitions, and not recorded. */
export function plainRunner(options: {
  readonly database: Database;
  readonly procedures: readonly Procedure[];
  readonly clock: Clock;
}): ProcedureRunner {
  const { database, clock } = options;
  const procedures = new Map(options.procedures.map((one) => [one.name, one]));

  async function run(name: string, input: unknown, call: CallOptions): Promise<unknown> {
    const procedure = procedures.get(name);
    if (!procedure) throw new Bug(`expected the name of a procedure, found "${name}"`);
    const parsed: unknown = procedure.input.parse(input);
    const context: CallContext = {
      caller: call.caller,
      clock,
      trace: call.trace,
      log: silent,
      newId,
    };
    const inTransaction = (tx: Transaction): TransactionalContext => ({
      ...context,
      tx,
      async emit(event, payload) {
        event.payload.parse(payload);
      },
    });
    if (procedure.effect !== 'external') {
      const work = (tx: Transaction) => procedure.execute(inTransaction(tx), parsed);
      const result = await (call.tx ? work(call.tx) : database.transaction(work));
      return isRefusal(result) ? result : procedure.output.parse(result);
    }
    const outside: ExternalContext = {
      ...context,
      idempotencyKey: call.idempotencyKey ?? newId(),
      signal: call.signal ?? new AbortController().signal,
      transaction: (work) => database.transaction((tx) => work(inTransaction(tx))),
    };
    const known = call.reconcileFirst ? await procedure.reconcile?.(outside, parsed) : null;
    const result = known ?? (await procedure.execute(outside, parsed));
    return isRefusal(result) ? result : procedure.output.parse(result);
  }

  return { find: (name) => procedures.get(name), list: () => [...procedures.values()], run };
}
