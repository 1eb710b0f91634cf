/**
 * How Orderloom says no, and how it says that the world failed.
 *
 * - A **refusal** is a business no. It is returned, never thrown, carries a stable code, and maps to
 *   one HTTP status; a process can catch the same code with a boundary error event.
 * - A **fault** is the world failing. It is thrown: `RetryableFault` asks for another attempt,
 *   `TerminalFault` says that another attempt cannot help, so a person must look.
 * - A **bug** is an assertion. The transaction around it rolls back.
 */

/** One kind of refusal. Codes are unique across the program and never reused for another meaning. */
export interface ErrorDefinition<Code extends string = string> {
  /** Stable, upper snake case, e.g. `ORDER_ALREADY_SHIPPED`. */
  readonly code: Code;
  /** The one HTTP status of this code. */
  readonly status: number;
  /** A short sentence that is the same for every occurrence (`title` of RFC 9457). */
  readonly title: string;
}

/** Declares a kind of refusal. The definition is frozen. */
export function defineError<const Code extends string>(
  definition: ErrorDefinition<Code>,
): ErrorDefinition<Code> {
  return Object.freeze(definition);
}

/** What is wrong with one field of the input: where, what was expected, what was found. */
export interface FieldIssue {
  /** JSON pointer into the request, e.g. `/items/0/quantity`. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
  readonly message: string;
}

/** A business no, ready to be returned from a procedure. */
export class Refusal<Code extends string = string> {
  readonly definition: ErrorDefinition<Code>;
  /** What was expected, what was found and what to do, for this occurrence. */
  readonly detail: string;
  readonly issues: readonly FieldIssue[];
  /** Machine-readable facts of this occurrence, e.g. both totals. Never secret. */
  readonly data: Readonly<Record<string, unknown>>;
  /**
   * Facts that staff may see but the caller must not, e.g. whether it was the user or the password
   * that was wrong. The runner merges them into the details of the trace event of a failed call;
   * they never enter an answer, a stored answer or a process's state.
   */
  readonly traceDetails: Readonly<Record<string, unknown>>;

  constructor(
    definition: ErrorDefinition<Code>,
    options: {
      detail: string;
      issues?: readonly FieldIssue[];
      data?: Readonly<Record<string, unknown>>;
      traceDetails?: Readonly<Record<string, unknown>>;
    },
  ) {
    this.definition = definition;
    this.detail = options.detail;
    this.issues = options.issues ?? [];
    this.data = options.data ?? {};
    this.traceDetails = options.traceDetails ?? {};
  }

  get code(): Code {
    return this.definition.code;
  }
}

/** Makes a refusal; `detail` says what was expected, what was found, and what to do. */
export function refuse<Code extends string>(
  definition: ErrorDefinition<Code>,
  detail: string,
  more: {
    issues?: readonly FieldIssue[];
    data?: Readonly<Record<string, unknown>>;
    traceDetails?: Readonly<Record<string, unknown>>;
  } = {},
): Refusal<Code> {
  return new Refusal(definition, { detail, ...more });
}

/** True when a result is a refusal; narrows the type. */
export function isRefusal(value: unknown): value is Refusal {
  return value instanceof Refusal;
}

/** Ends the detail of a refusal that says in its issues what is wrong. */
export const seeIssues = 'see "errors"';

/** More issues than are read in a line. */
const mostInLine = 3;

/** A refusal in one line, for where its issues would be lost: a dead letter, an incident, a log. */
export function refusalText({ detail, issues }: Refusal): string {
  if (!detail.endsWith(seeIssues)) return detail;
  const said = issues
    .slice(0, mostInLine)
    .map(
      ({ pointer, expected, found }) => `${pointer || '/'} (expected ${expected}, found ${found})`,
    );
  const more = issues.length > mostInLine ? ` and ${issues.length - mostInLine} more` : '';
  return detail.slice(0, -seeIssues.length) + said.join(', ') + more;
}

/** The world failed in a way that may pass: the caller should try again, with the same key. */
export class RetryableFault extends Error {
  override readonly name = 'RetryableFault';
  /** Stable code for grouping, e.g. `GATEWAY_TIMEOUT`. */
  readonly code: string;
  /** The earliest moment that another attempt makes sense, in milliseconds from now. */
  readonly retryAfterMs: number | undefined;
  /**
   * True when the outside may have done the work although no answer came (a timeout after a
   * possible charge). The engine then asks (`reconcile`) before it repeats.
   */
  readonly outcomeUnknown: boolean;

  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number; outcomeUnknown?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.outcomeUnknown = options.outcomeUnknown ?? false;
  }

  /** What `Retry-After` says over HTTP: whole seconds, one at least. */
  get retryAfterSeconds(): number {
    return Math.max(1, Math.ceil((this.retryAfterMs ?? 1000) / 1000));
  }
}

/** The world failed in a way that another attempt cannot mend: an incident for a person. */
export class TerminalFault extends Error {
  override readonly name = 'TerminalFault';
  readonly code: string;

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
  }
}

/** A broken assumption of the program itself. */
export class Bug extends Error {
  override readonly name = 'Bug';
}

/** Throws a `Bug` unless the condition holds. Never used for input from outside. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}
