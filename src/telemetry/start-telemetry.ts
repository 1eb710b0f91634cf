/**
 * Spans, reported to an OpenTelemetry collector over OTLP/HTTP when an endpoint is configured. When
 * none is, the OpenTelemetry packages are not even loaded, and only the ids travel.
 */
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { TraceContext } from '../kernel/trace.ts';
import { idOnlyTracing, type OpenSpan, type Tracing } from '../kernel/tracing.ts';

/** Running telemetry. */
export interface Telemetry {
  readonly tracing: Tracing;
  /** Sends what is still held back, then stops. Waits at most a few seconds. */
  stop(): Promise<void>;
}

/** Starts reporting spans; the name of the service is what a trace viewer shows. */
export async function startTelemetry(options: {
  /** Base URL of the collector, e.g. `http://localhost:4318`. Absent: nothing is reported. */
  readonly otlpEndpoint?: string;
  readonly serviceName: string;
  /** Takes the place of the OTLP exporter. */
  readonly exporter?: SpanExporter;
}): Promise<Telemetry> {
  if (options.otlpEndpoint === undefined && !options.exporter) {
    return { tracing: idOnlyTracing, stop: () => Promise.resolve() };
  }
  const [api, sdk, resources, otlp] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ]);
  const exporter =
    options.exporter ?? new otlp.OTLPTraceExporter({ url: tracesUrl(options.otlpEndpoint ?? '') });
  const provider = new sdk.NodeTracerProvider({
    resource: resources.resourceFromAttributes({ 'service.name': options.serviceName }),
    spanProcessors: [new sdk.BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('orderloom');
  const kinds = {
    internal: api.SpanKind.INTERNAL,
    server: api.SpanKind.SERVER,
    client: api.SpanKind.CLIENT,
  };
  const parentOf = ({ traceId, spanId }: TraceContext) =>
    api.trace.setSpanContext(api.ROOT_CONTEXT, {
      traceId,
      spanId,
      traceFlags: api.TraceFlags.SAMPLED,
      isRemote: true,
    });
  const tracing: Tracing = {
    startSpan(name, parent, { kind = 'internal', attributes = {} } = {}): OpenSpan {
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes }, parentOf(parent));
      const { traceId, spanId } = span.spanContext();
      return {
        context: { traceId, spanId },
        end({ error, attributes: late } = {}) {
          if (late) span.setAttributes(late);
          if (error !== undefined) {
            if (error instanceof Error) span.recordException(error);
            span.setStatus({ code: api.SpanStatusCode.ERROR, message: messageOf(error) });
          }
          span.end();
        },
      };
    },
  };
  return { tracing, stop: () => provider.shutdown() };
}

/** OTLP over HTTP has a fixed path below the collector's base URL. */
function tracesUrl(endpoint: string): string {
  return /\/v1\/traces\/?$/.test(endpoint) ? endpoint : `${endpoint.replace(/\/$/, '')}/v1/traces`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
