/**
 * Trace contexts: making, reading and writing them (W3C Trace Context), and the port through which
 * spans are reported. Without a place to report to, spans cost nothing but a fresh id, and the ids
 * still travel through HTTP, events, process state and logs.
 */
import { randomFillSync } from 'node:crypto';
import type { TraceContext } from './trace.ts';

/** A span that has begun. `end` is called exactly once; with an error the span is marked failed. */
export interface OpenSpan {
  /** What everything that happens within this span carries on. */
  readonly context: TraceContext;
  end(outcome?: { readonly error?: unknown; readonly attributes?: SpanAttributes }): void;
}

/** Facts about a span; never secret. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Reports spans. `telemetry/` implements it over OpenTelemetry. */
export interface Tracing {
  /** Begins a span below `parent`; the trace id is the parent's. */
  startSpan(
    name: string,
    parent: TraceContext,
    options?: {
      readonly kind?: 'internal' | 'server' | 'client';
      readonly attributes?: SpanAttributes;
    },
  ): OpenSpan;
}

/** Random bytes are drawn in bulk: one draw for 512 span ids. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  for (;;) {
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const hex = pool.toString('hex', used, used + bytes);
    used += bytes;
    // All zeros is the one value that the standard forbids.
    if (!/^0+$/.test(hex)) return hex;
  }
}

/** A new trace, with its first span. */
export function newTrace(): TraceContext {
  return { traceId: randomHex(16), spanId: randomHex(8) };
}

/** A new span of the same trace. */
export function childTrace(parent: TraceContext): TraceContext {
  return { traceId: parent.traceId, spanId: randomHex(8) };
}

/** Tracing that reports nowhere: only the ids move on. */
export const idOnlyTracing: Tracing = {
  startSpan: (_name, parent) => ({ context: childTrace(parent), end: () => undefined }),
};

const traceparentPattern = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const onlyZeros = /^0+$/;

/** Reads a `traceparent` header; null for anything that the standard tells to ignore. */
export function parseTraceparent(header: string | undefined): TraceContext | null {
  const [, traceId, spanId] = traceparentPattern.exec(header ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) return null;
  return onlyZeros.test(traceId) || onlyZeros.test(spanId) ? null : { traceId, spanId };
}

/** The `traceparent` header of a context; its sampled flag is set. */
export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-01`;
}

/** Reads a bare trace id (`X-Trace-ID`): 32 hex digits, or a UUID. Null when it is neither. */
export function parseTraceId(header: string | undefined): string | null {
  const plain = (header ?? '').trim().toLowerCase().replaceAll('-', '');
  return /^[0-9a-f]{32}$/.test(plain) && !onlyZeros.test(plain) ? plain : null;
}

/** Reads a bare span id (`X-Span-ID`): 16 hex digits. Null when it is not. */
export function parseSpanId(header: string | undefined): string | null {
  const plain = (header ?? '').trim().toLowerCase();
  return /^[0-9a-f]{16}$/.test(plain) && !onlyZeros.test(plain) ? plain : null;
}
