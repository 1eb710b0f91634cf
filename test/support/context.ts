/**
 * Calls one procedure the way the program does, with nothing around it: input parsed by its schema,
 * one transaction that rolls back on a refusal, output parsed by its schema, events collected in the
 * order of their emission. For the tests of a module's own use cases.
 */
import type { z } from 'zod';
import { type Caller, processCaller, type Role } from '../../src/kernel/caller.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { isRefusal, Refusal } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/ids.ts';
import type { ModuleDefinition } from '../../src/kernel/module.ts';
import type {
  CallContext,
  ExternalContext,
  Procedure,
  TransactionalContext,
} from '../../src/kernel/procedure.ts';
import type { Transaction, TransactionRunner } from '../../src/kernel/transaction.ts';
import type { MigrationSet } from '../../src/postgres/index.ts';

/** An event as a use case emitted it, with the payload as it would be published. */
export interface EmittedEvent {
  readonly name: string;
  readonly payload: unknown;
}

/** A clock that stands still until it is set. Nothing may be scheduled on it. */
export interface FixedClock extends Clock {
  set(now: Date | string): void;
}

/** A clock at this moment. */
export function fixedClock(start: Date | string = '2026-03-01T12:00:00.000Z'): FixedClock {
  let now = new Date(start);
  return {
    now: () => new Date(now),
    set: (next) => {
      now = new Date(next);
    },
    schedule() {
      throw new Error('expected a use case without timers, found one that schedules a wake-up');
    },
  };
}

/** A logged-in user with these roles; `customer` when none is given. */
export function userCaller(userId: string, ...roles: readonly Role[]): Caller {
  return {
    kind: 'user',
    userId,
    roles: roles.length === 0 ? ['customer'] : roles,
    demo: false,
  };
}

/** Who calls and when. */
export interface TestCall {
  /** @defaultValue a process */
  readonly caller?: Caller;
  readonly clock?: Clock;
  /** For external procedures. @defaultValue a new one */
  readonly idempotencyKey?: string;
}

const silent = () => undefined;

/** A context for one call; `transaction` is what the procedure's effect needs. */
function callContext(call: TestCall): CallContext {
  return {
    caller: call.caller ?? processCaller,
    clock: call.clock ?? fixedClock(),
    trace: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    newId,
  };
}

/** A context on an open transaction that adds emitted events to `events`. */
export function transactionalContext(
  tx: Transaction,
  events: EmittedEvent[],
  call: TestCall = {},
): TransactionalContext {
  return {
    ...callContext(call),
    tx,
    async emit(event, payload) {
      events.push({ name: event.name, payload: event.payload.parse(payload) });
    },
  };
}

/** Carries a refusal out of the transaction, so that it rolls back. */
class RolledBack extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
}

async function inTransaction<T>(
  runner: TransactionRunner,
  work: (tx: Transaction) => Promise<T | Refusal>,
): Promise<T | Refusal> {
  try {
    return await runner.transaction(async (tx) => {
      const result = await work(tx);
      if (isRefusal(result)) throw new RolledBack(result);
      return result;
    });
  } catch (error) {
    if (error instanceof RolledBack) return error.refusal;
    throw error;
  }
}

function externalContext(
  runner: TransactionRunner,
  events: EmittedEvent[],
  call: TestCall,
): ExternalContext {
  return {
    ...callContext(call),
    idempotencyKey: call.idempotencyKey ?? newId(),
    signal: new AbortController().signal,
    transaction: (work) => inOwnTransaction(runner, events, call, work),
  };
}

/** As the program does it: what resolves to a refusal is rolled back, with what it has emitted. */
async function inOwnTransaction<T>(
  runner: TransactionRunner,
  events: EmittedEvent[],
  call: TestCall,
  work: (inner: TransactionalContext) => Promise<T>,
): Promise<T> {
  const emitted: EmittedEvent[] = [];
  const result = await inTransaction<T>(runner, (tx) =>
    work(transactionalContext(tx, emitted, call)),
  );
  if (!isRefusal(result)) events.push(...emitted);
  return result as T;
}

/** What a call came to: its output or refusal, and the events that were committed with it. */
export interface CallResult<Output> {
  readonly result: Output | Refusal;
  readonly events: readonly EmittedEvent[];
}

/** Calls the procedure; input that its schema refuses is thrown as a `ZodError`. */
export async function callProcedure<Input extends z.ZodType, Output extends z.ZodType>(
  runner: TransactionRunner,
  procedure: Procedure<string, Input, Output, string>,
  input: z.input<Input>,
  call: TestCall = {},
): Promise<CallResult<z.output<Output>>> {
  const parsed = procedure.input.parse(input);
  const events: EmittedEvent[] = [];
  const result =
    procedure.effect === 'external'
      ? await procedure.execute(externalContext(runner, events, call), parsed)
      : await inTransaction<unknown>(runner, (tx) =>
          procedure.execute(transactionalContext(tx, events, call), parsed),
        );
  if (!isRefusal(result)) return { result: procedure.output.parse(result), events };
  return { result, events: procedure.effect === 'external' ? events : [] };
}

/** The output of a call that must succeed. */
export async function mustSucceed<Output>(call: Promise<CallResult<Output>>): Promise<Output> {
  const { result } = await call;
  if (result instanceof Refusal) {
    throw new Error(`expected success, found the refusal ${result.code}: ${result.detail}`);
  }
  return result;
}

/** The refusal of a call that must be refused. */
export async function mustRefuse(call: Promise<CallResult<unknown>>): Promise<Refusal> {
  const { result } = await call;
  if (!isRefusal(result)) {
    throw new Error(`expected a refusal, found success: ${JSON.stringify(result)}`);
  }
  return result;
}

/** The migrations of one module, for `testDatabase`. */
export function migrationsOf(module: ModuleDefinition): MigrationSet[] {
  const { schema, migrations } = module;
  return schema === undefined || migrations === undefined ? [] : [{ schema, folder: migrations }];
}
