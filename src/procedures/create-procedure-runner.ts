/**
 * Runs procedures by name. In this order: the name is found, the caller's permission checked, the
 * input parsed; then the procedure is executed in its transaction, its output parsed, and its events,
 * its trace event and its announcement are written before the commit.
 *
 * A refusal is returned and has rolled back a transaction opened here. A transaction that was given
 * (`options.tx`) is its giver's to roll back. Faults and bugs are thrown, and have rolled back too.
 */
import { Bug, isRefusal, RetryableFault, refuse, seeIssues } from '../kernel/errors.ts';
import { fieldIssues, mostIssues } from '../kernel/field-issues.ts';
import { didYouMean } from '../kernel/near-names.ts';
import type { Procedure } from '../kernel/procedure.ts';
import { idOnlyTracing } from '../kernel/tracing.ts';
import { Call } from './call.ts';
import { checkModules } from './check-modules.ts';
import { invalidInput } from './errors.ts';
import { executeExternal } from './execute-external.ts';
import { executeInTransaction } from './execute-in-transaction.ts';
import { databaseFault, errorCodeOf, toFault } from './faults.ts';
import { checkAccess } from './permission.ts';
import type { Runner, RunnerOptions } from './runner-options.ts';
import { ScopedTransactions } from './scoped-transactions.ts';
import { unknownFields } from './unknown-fields.ts';

/** Makes the runner over these modules, after checking that their manifests fit together. */
export function createProcedureRunner(options: RunnerOptions): Runner {
  checkModules(options.modules);
  const { database, outbox, log, recordTraceEvents } = options;
  const { listeners } = options;
  const transactions = new ScopedTransactions({
    ...{ database, outbox, log, recordTraceEvents, listeners },
  });
  const shared = { ...options, transactions, tracing: options.tracing ?? idOnlyTracing };
  const procedures = new Map<string, Procedure>();
  for (const module of options.modules) {
    for (const procedure of module.procedures) procedures.set(procedure.name, procedure);
  }

  function known(name: string): Procedure | undefined {
    const found = procedures.get(name);
    if (found) return found;
    const alias = options.alias?.(name);
    return alias === undefined ? undefined : procedures.get(alias);
  }

  function find(name: string): Procedure {
    const procedure = known(name);
    if (procedure) return procedure;
    const hint = didYouMean(name, procedures.keys());
    throw new Bug(`expected the name of a procedure, found "${name}"${hint}`);
  }

  return {
    find: known,
    list: () => [...procedures.values()],
    run: async (name, input, callOptions) =>
      runCall(new Call(shared, find(name), input, callOptions)),
    transaction: async (name, work) => {
      try {
        return await transactions.open(name, work);
      } catch (error) {
        throw databaseFault(error, name);
      }
    },
    settled: () => transactions.settled(),
  };
}

async function runCall(call: Call): Promise<unknown> {
  try {
    const result = await checkAndExecute(call);
    call.end(isRefusal(result) ? { refusal: result } : {});
    return result;
  } catch (error) {
    const fault = toFault(error, call.procedure);
    call.end({ error: fault, code: errorCodeOf(fault) });
    throw fault;
  }
}

async function checkAndExecute(call: Call): Promise<unknown> {
  const { procedure, options } = call;
  const denied = checkAccess(procedure, options.caller);
  if (denied) return denied;
  const parsed = procedure.input.safeParse(call.input);
  const unknown =
    options.unknownFields === 'refuse' ? unknownFields(procedure.input, call.input) : [];
  if (!parsed.success || unknown.length > 0) {
    const wrong = parsed.success ? [] : fieldIssues(parsed.error, call.input);
    const issues = [...wrong, ...unknown].slice(0, mostIssues);
    const refusal = refuse(
      invalidInput,
      `expected input that matches ${procedure.name}, found ${issues.length} ` +
        `${issues.length === 1 ? 'problem' : 'problems'}: ${seeIssues}`,
      { issues },
    );
    await call.reportUnexecuted(refusal);
    return refusal;
  }
  call.input = parsed.data;
  const leave = options.admitted ? null : await enter(call);
  try {
    return await (procedure.effect === 'external'
      ? executeExternal(call, procedure)
      : executeInTransaction(call, procedure, options.tx));
  } finally {
    leave?.();
  }
}

/** Nobody stands in line here: a caller who finds a limit reached is told when to come again. */
async function enter({ parts, procedure, input }: Call): Promise<(() => void) | null> {
  if (!parts.limits) return null;
  const entered = await parts.limits.enter(procedure, input);
  if ('leave' in entered) return entered.leave;
  throw new RetryableFault(
    'PROCEDURE_BUSY',
    `${procedure.name} is called as often as its limits allow; try again`,
    { retryAfterMs: entered.retryAfterMs },
  );
}
