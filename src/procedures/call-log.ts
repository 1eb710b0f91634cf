/** The log of one call: every line carries the procedure and its trace, at no cost until it is used. */
import type { Log } from '../kernel/procedure.ts';
import type { TraceContext } from '../kernel/trace.ts';

/** A log that adds the call's fields to each line. */
export class CallLog implements Log {
  readonly #log: Log;
  readonly #procedure: string;
  readonly #trace: TraceContext;

  constructor(log: Log, procedure: string, trace: TraceContext) {
    this.#log = log;
    this.#procedure = procedure;
    this.#trace = trace;
  }

  debug(fields: Record<string, unknown>, message: string): void {
    this.#log.debug(this.#with(fields), message);
  }

  info(fields: Record<string, unknown>, message: string): void {
    this.#log.info(this.#with(fields), message);
  }

  warn(fields: Record<string, unknown>, message: string): void {
    this.#log.warn(this.#with(fields), message);
  }

  error(fields: Record<string, unknown>, message: string): void {
    this.#log.error(this.#with(fields), message);
  }

  #with(fields: Record<string, unknown>): Record<string, unknown> {
    const { traceId, spanId } = this.#trace;
    return { ...fields, procedure: this.#procedure, traceId, spanId };
  }
}
