/** Measures and logs every answer once, under its route's pattern, and ends its span. */
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../kernel/procedure.ts';
import type { Metrics } from '../../telemetry/index.ts';

/** Watches every answer leave. */
export function addMeasurements(
  server: FastifyInstance,
  { metrics, log }: { readonly metrics: Metrics; readonly log: Log },
): void {
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const { method } = request;
    const { statusCode: status, elapsedTime } = reply;
    metrics.requestAnswered({ method, route, status, seconds: elapsedTime / 1000 });
    request.span.end({
      attributes: { 'http.response.status_code': status, 'http.route': route },
      ...(status >= 500 ? { error: `status ${status}` } : {}),
    });
    const line = { method, route, status, durationMs: Math.round(elapsedTime * 10) / 10 };
    log.info({ ...line, caller: request.identity, traceId: request.trace.traceId }, 'answered');
    done();
  });
}
