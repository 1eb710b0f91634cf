/**
 * Executes a procedure that reaches outside: no transaction is held while it waits, its time is
 * limited, and when an earlier attempt's outcome is unknown the outside is asked before it is repeated.
 */
import { assert, isRefusal, RetryableFault } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { ExternalContext, ExternalProcedure } from '../kernel/procedure.ts';
import type { Call } from './call.ts';
import { defaultTimeoutMs, timedOut } from './faults.ts';

/** The output or the refusal. What was done outside is done, whatever happens here afterwards. */
export async function executeExternal(call: Call, procedure: ExternalProcedure): Promise<unknown> {
  const { name, timeoutMs = defaultTimeoutMs } = procedure;
  assert(
    call.options.tx === undefined,
    `${name} reaches outside and holds no transaction meanwhile; call it without \`tx\``,
  );
  const limit = startLimit(call, procedure, timeoutMs);
  const context = externalContext(call, limit.signal);
  let result: unknown;
  try {
    result = await Promise.race([limit.exceeded, attempt(call, procedure, context)]);
  } catch (error) {
    // Whoever gave the call up may undo it next, and has to find what it wrote here.
    await context.written();
    await reportFailure(call, error);
    throw error;
  } finally {
    limit.stop();
  }
  if (isRefusal(result)) {
    await reportFailure(call, result);
    return result;
  }
  const output = call.parseOutput(result);
  await writeDownSuccess(call, output);
  return output;
}

async function attempt(
  call: Call,
  procedure: ExternalProcedure,
  context: ExternalContext,
): Promise<unknown> {
  context.signal.throwIfAborted();
  if (call.options.reconcileFirst && procedure.reconcile) {
    const known = await procedure.reconcile(context, call.input);
    if (known !== null) return known;
  }
  return procedure.execute(context, call.input);
}

interface AttemptContext extends ExternalContext {
  /** Resolves when the transactions that are open now have ended. */
  written(): Promise<void>;
}

function externalContext(call: Call, signal: AbortSignal): AttemptContext {
  const { transactions } = call.parts;
  const { name } = call.procedure;
  const underWay = new Set<Promise<unknown>>();
  let opened = 0;
  return {
    ...call.context(),
    idempotencyKey: call.options.idempotencyKey ?? newId(),
    signal,
    transaction(work) {
      opened += 1;
      const ended = transactions.open(`${name}/${opened}`, (tx) =>
        transactions.join(tx, (scope) => work(call.transactionalContext(scope))),
      );
      const forget = () => underWay.delete(ended);
      underWay.add(ended);
      ended.then(forget, forget);
      return ended;
    },
    async written() {
      await Promise.allSettled(underWay);
    },
  };
}

interface Limit {
  readonly signal: AbortSignal;
  /** Rejects when the time is up or the caller gives up; never resolves. */
  readonly exceeded: Promise<never>;
  stop(): void;
}

/** Bounds an attempt also when the procedure does not look at its signal. */
function startLimit(call: Call, procedure: ExternalProcedure, timeoutMs: number): Limit {
  const { promise: exceeded, reject } = Promise.withResolvers<never>();
  exceeded.catch(() => undefined);
  const controller = new AbortController();
  const giveUp = (fault: RetryableFault) => {
    reject(fault);
    controller.abort(fault);
  };
  const timer = setTimeout(() => giveUp(timedOut(procedure, { outcomeUnknown: true })), timeoutMs);
  const outer = call.options.signal;
  const onAbort = () =>
    giveUp(
      new RetryableFault('CALL_ABORTED', `${procedure.name} was given up by its caller`, {
        cause: outer?.reason,
        outcomeUnknown: true,
      }),
    );
  if (outer?.aborted) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    exceeded,
    stop() {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onAbort);
    },
  };
}

async function reportFailure(call: Call, reason: unknown): Promise<void> {
  const failure = call.failure(reason);
  if (failure) await call.parts.transactions.recordFailure(failure);
}

/** The success is written down and announced in a transaction of its own, when anybody wants it. */
async function writeDownSuccess(call: Call, output: unknown): Promise<void> {
  const { transactions, recordTraceEvents } = call.parts;
  const isTraced = call.procedure.trace !== undefined && recordTraceEvents !== undefined;
  if (!isTraced && !call.isListenedTo) {
    await call.parts.listeners?.catchUp();
    if (!call.isListenedTo) return;
  }
  await transactions.open(`${call.procedure.name}/success`, (tx) =>
    transactions.join(tx, async (scope) => call.succeed(scope, output)),
  );
}
