/**
 * Trace context (W3C) and the trace events of the order processing flow: facts that say "this kind
 * of operation succeeded or failed, for this reason, as part of this trace".
 */
import type { Transaction } from './transaction.ts';

/** Where in a trace something happens: the trace, and the span within it. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
}

/** The event types of the order processing flow. */
export const traceEventTypes = [
  'user_login',
  'order_creation',
  'payment_processing',
  'order_fulfillment',
  'data_lookup',
] as const;
export type TraceEventType = (typeof traceEventTypes)[number];

/** The services of the order processing flow that trace events are reported for. */
export type TracedService = 'User Service' | 'Order Service' | 'Payment Service' | 'Data Service';

/** What a procedure says of the trace event that each of its calls records. */
export interface TraceDeclaration {
  readonly type: TraceEventType;
  readonly service: TracedService;
  /**
   * Picks ids and facts worth keeping from input and output; never secrets, never card data. The
   * ids let all events of one order be found. Called for successes (with output) and failures.
   */
  readonly describe?: (call: { input: unknown; output?: unknown }) => {
    readonly orderId?: string;
    readonly userId?: string;
    readonly [fact: string]: unknown;
  };
}

/** How a traced operation ended. */
export const traceEventStatuses = ['success', 'failed'] as const;
export type TraceEventStatus = (typeof traceEventStatuses)[number];

/** One trace event as the runner hands it over to be kept. */
export interface TraceEventRecord extends TraceContext {
  readonly type: TraceEventType;
  readonly service: TracedService;
  /** Name of the procedure that was called. */
  readonly procedure: string;
  readonly status: TraceEventStatus;
  readonly orderId?: string;
  readonly userId?: string;
  /** What `describe` picked, and for a refusal its detail and `traceDetails`. Never a secret. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Code of the refusal or fault; present exactly when the status is `failed`. */
  readonly errorCode?: string;
  /** When the call began. */
  readonly at: Date;
  readonly durationMs: number;
}

/**
 * Keeps trace events with the given transaction. A success is kept in the call's own transaction; a
 * failure needs another one, since a refusal rolls the call's back.
 */
export type RecordTraceEvents = (tx: Transaction, events: readonly TraceEventRecord[]) => void;
