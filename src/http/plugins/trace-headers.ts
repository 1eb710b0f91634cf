/**
 * Carries the trace through HTTP: reads `traceparent`, or `X-Trace-ID` and `X-Span-ID`, begins the
 * request's own span below it, and tells the ids in the answer.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TraceContext } from '../../kernel/trace.ts';
import {
  formatTraceparent,
  newTrace,
  parseSpanId,
  parseTraceId,
  parseTraceparent,
  type Tracing,
} from '../../kernel/tracing.ts';
import { headerOf } from '../request.ts';

/** Puts a trace on every request and its headers on every answer. */
export function addTraceHeaders(server: FastifyInstance, tracing: Tracing): void {
  server.decorateRequest('trace');
  server.decorateRequest('span');
  server.addHook('onRequest', (request, reply, done) => {
    request.span = tracing.startSpan(
      `${request.method} ${request.routeOptions.url ?? 'unknown'}`,
      incoming(request) ?? newTrace(),
      { kind: 'server' },
    );
    const { context } = request.span;
    request.trace = context;
    reply.headers({
      traceparent: formatTraceparent(context),
      'x-trace-id': context.traceId,
      'x-span-id': context.spanId,
    });
    done();
  });
}

function incoming({ headers }: FastifyRequest): TraceContext | null {
  const standard = parseTraceparent(headerOf(headers.traceparent));
  if (standard) return standard;
  const traceId = parseTraceId(headerOf(headers['x-trace-id']));
  if (!traceId) return null;
  return { traceId, spanId: parseSpanId(headerOf(headers['x-span-id'])) ?? newTrace().spanId };
}
