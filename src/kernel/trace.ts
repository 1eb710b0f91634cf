/**
 * Trace context (W3C) and the trace events of the order processing flow: facts that say "this kind
 * of operation succeeded or failed, for this reason, as part of this trace".
 */

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
