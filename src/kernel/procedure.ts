/**
 * Procedures: named, typed operations. From one declaration follow an HTTP route and its OpenAPI
 * operation, validation, permission, idempotency, metrics, a trace span, a process step and a CLI
 * call.
 *
 * The `effect` of a procedure says what the runner may promise:
 *
 * - `read`: changes nothing; runs in a read-only transaction.
 * - `transactional`: writes only to this database, through `context.tx`; runs exactly once as a
 *   process step, since its writes, its events and the step commit together.
 * - `external`: reaches outside; runs at least once with one idempotency key that is the same on
 *   every attempt. It opens its own short transactions and holds none while it waits outside.
 */
import type { z } from 'zod';
import type { Caller, Role } from './caller.ts';
import type { Clock } from './clock.ts';
import type { ErrorDefinition, Refusal } from './errors.ts';
import type { EventDefinition } from './event.ts';
import type { ProcedureLimits } from './limits.ts';
import type { TraceContext, TraceDeclaration } from './trace.ts';
import type { Transaction } from './transaction.ts';

/** `public`: anybody. `authenticated`: any user. A role list: a caller with one of them. */
export type Access = 'public' | 'authenticated' | readonly [Role, ...Role[]];

/** Where a procedure is found over HTTP. */
export interface HttpBinding {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /**
   * Path below `/api/v1`, parameters in braces: `/orders/{orderId}`. Path parameters, query and
   * body are merged into one input object, so that each input field has one place of origin.
   */
  readonly path: string;
  /**
   * Path of another procedure with the same method that reads things of another kind: there, this one
   * is asked when the other finds nothing. For kinds of things that share a path and not a procedure.
   * @defaultValue none
   */
  readonly alsoAt?: string;
  /** Status of success. @defaultValue 200 */
  readonly status?: number;
  /**
   * Set where the route answers with server-sent events. The procedure then only judges the request
   * and says where its stream begins; what it answers is not sent.
   */
  readonly stream?: true;
  /**
   * Type of what is answered, where that is not JSON: the output of the procedure is then a text, which is
   * sent as it is. Problems are answered as everywhere.
   * @defaultValue application/json
   */
  readonly mediaType?: 'image/svg+xml' | 'application/xml';
  /**
   * Largest body in bytes, where more is to be taken than by other routes; where the server takes more
   * anyway (`BODY_LIMIT`), that holds here, too.
   * @defaultValue the limit of the server
   */
  readonly bodyLimit?: number;
}

/** The most that a binding may take as a body in bytes: a body is in memory as a whole. */
export const mostBodyBytes = 100_000_000;

/** Structured log of one call. Fields named like secrets are redacted before they are written. */
export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

/** What every call is given, whatever its effect. */
export interface CallContext {
  readonly caller: Caller;
  readonly clock: Clock;
  readonly trace: TraceContext;
  readonly log: Log;
  /** A new UUIDv7. */
  newId(): string;
}

/** A call in a read-only transaction. */
export interface ReadContext extends CallContext {
  readonly tx: Transaction;
}

/** A call whose writes and events commit together, or not at all. */
export interface TransactionalContext extends ReadContext {
  /**
   * Records an event in this transaction: it is published if, and only if, the transaction commits.
   * The payload is validated against the definition; a mismatch is a bug.
   */
  emit<P extends z.ZodType>(event: EventDefinition<string, P>, payload: z.input<P>): Promise<void>;
}

/** A call that may take long and be repeated: it holds no transaction while it is outside. */
export interface ExternalContext extends CallContext {
  /** The same on every attempt of one call; to be sent to the outside system. */
  readonly idempotencyKey: string;
  /** Aborted when the call's time is up or the program stops. */
  readonly signal: AbortSignal;
  /** Runs `work` in a transaction of its own, which commits before this resolves. */
  transaction<T>(work: (inner: TransactionalContext) => Promise<T>): Promise<T>;
}

interface ProcedureCommon<
  Name extends string,
  Input extends z.ZodType,
  Output extends z.ZodType,
  Code extends string,
> {
  /** `module.verb-noun`, e.g. `orders.create`. Unique across the program. */
  readonly name: Name;
  /** One sentence, imperative: the operation's summary in OpenAPI and `--help`. */
  readonly summary: string;
  readonly description?: string;
  readonly input: Input;
  readonly output: Output;
  readonly access: Access;
  /** Absent: callable by processes and other code, but not over HTTP. */
  readonly http?: HttpBinding;
  /** The refusals that `execute` may return. */
  readonly errors: readonly ErrorDefinition<Code>[];
  readonly emits?: readonly EventDefinition[];
  readonly trace?: TraceDeclaration;
  /** Longest time of one attempt in milliseconds. @defaultValue 10000 */
  readonly timeoutMs?: number;
  /** How much of it is done at the same time. @defaultValue no limit but those of the node */
  readonly limits?: ProcedureLimits;
  /**
   * Set where it stops or holds work, or ends such a hold: over HTTP it is taken however much there is to do,
   * since that is when whoever looks after the program needs it.
   * @defaultValue turned away with 503 when more is asked for than can be done
   */
  readonly steersLoad?: true;
}

/** A procedure that changes nothing; made by `defineRead`. */
export interface ReadProcedure<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Code extends string = string,
> extends ProcedureCommon<Name, Input, Output, Code> {
  readonly effect: 'read';
  execute(
    context: ReadContext,
    input: z.output<Input>,
  ): Promise<z.input<Output> | Refusal<NoInfer<Code>>>;
}

/** A procedure that writes to this database only; made by `defineTransactional`. */
export interface TransactionalProcedure<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Code extends string = string,
> extends ProcedureCommon<Name, Input, Output, Code> {
  readonly effect: 'transactional';
  execute(
    context: TransactionalContext,
    input: z.output<Input>,
  ): Promise<z.input<Output> | Refusal<NoInfer<Code>>>;
}

/** A procedure that reaches outside; made by `defineExternal`. */
export interface ExternalProcedure<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Code extends string = string,
> extends ProcedureCommon<Name, Input, Output, Code> {
  readonly effect: 'external';
  execute(
    context: ExternalContext,
    input: z.output<Input>,
  ): Promise<z.input<Output> | Refusal<NoInfer<Code>>>;
  /**
   * Asks the outside what became of an attempt whose outcome is unknown. Returns the output when
   * the work was done, and `null` when it certainly was not, so that it may be repeated.
   */
  reconcile?(
    context: ExternalContext,
    input: z.output<Input>,
  ): Promise<z.input<Output> | Refusal<NoInfer<Code>> | null>;
}

/** Any procedure; `effect` tells which. */
export type Procedure<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
  Code extends string = string,
> =
  | ReadProcedure<Name, Input, Output, Code>
  | TransactionalProcedure<Name, Input, Output, Code>
  | ExternalProcedure<Name, Input, Output, Code>;

/** Declares a procedure that changes nothing. */
export function defineRead<
  const Name extends string,
  Input extends z.ZodType,
  Output extends z.ZodType,
  const Code extends string = never,
>(
  definition: Omit<ReadProcedure<Name, Input, Output, Code>, 'effect'>,
): ReadProcedure<Name, Input, Output, Code> {
  return Object.freeze({ ...definition, effect: 'read' });
}

/** Declares a procedure that writes to this database only. */
export function defineTransactional<
  const Name extends string,
  Input extends z.ZodType,
  Output extends z.ZodType,
  const Code extends string = never,
>(
  definition: Omit<TransactionalProcedure<Name, Input, Output, Code>, 'effect'>,
): TransactionalProcedure<Name, Input, Output, Code> {
  return Object.freeze({ ...definition, effect: 'transactional' });
}

/** Declares a procedure that reaches outside. */
export function defineExternal<
  const Name extends string,
  Input extends z.ZodType,
  Output extends z.ZodType,
  const Code extends string = never,
>(
  definition: Omit<ExternalProcedure<Name, Input, Output, Code>, 'effect'>,
): ExternalProcedure<Name, Input, Output, Code> {
  return Object.freeze({ ...definition, effect: 'external' });
}

/** What identifies and bounds one call. */
export interface CallOptions {
  readonly caller: Caller;
  readonly trace: TraceContext;
  /** Sent outward by external procedures; a new one is made when absent. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
  /**
   * For read and transactional procedures: run inside this open transaction instead of a new one.
   * The caller commits.
   */
  readonly tx?: Transaction;
  /** True when the last attempt's outcome is unknown: `reconcile` is asked first. */
  readonly reconcileFirst?: boolean;
  /** True when the caller has passed the limits of the procedure already. */
  readonly admitted?: boolean;
  /**
   * What becomes of fields that the input's schema does not know. What comes over the API is refused with them, so
   * that a misspelt name is no silence; processes and this program's own code have been checked by types.
   * @defaultValue 'drop'
   */
  readonly unknownFields?: 'drop' | 'refuse';
}

/**
 * Runs procedures by name: validates, checks permission, opens the transaction, records events and
 * trace events. The port through which HTTP, processes and the CLI all call.
 */
export interface ProcedureRunner {
  find(name: string): Procedure | undefined;
  list(): readonly Procedure[];
  /** Resolves to the parsed output or a refusal; faults and bugs are thrown. */
  run(name: string, input: unknown, options: CallOptions): Promise<unknown | Refusal>;
}
