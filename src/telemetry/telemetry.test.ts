/** Spans keep the caller's trace, failures are marked, and metrics can be scraped. */
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-node';
import { expect, test } from 'vitest';
import { newTrace } from '../kernel/tracing.ts';
import { createMetrics } from './metrics.ts';
import { startTelemetry } from './start-telemetry.ts';

test('a span belongs to the trace of its parent and reports its failure', async () => {
  const exporter = new InMemorySpanExporter();
  const shutdown = exporter.shutdown.bind(exporter);
  exporter.shutdown = () => Promise.resolve();
  const telemetry = await startTelemetry({ serviceName: 'test', exporter });
  const parent = newTrace();
  const { tracing } = telemetry;
  tracing.startSpan('failing', parent).end({ error: new Error('no answer') });
  const inner = tracing.startSpan('working', parent);
  inner.end();
  await telemetry.stop();
  const spans = exporter.getFinishedSpans();
  expect(spans.map((span) => [span.name, span.spanContext().traceId])).toEqual([
    ['failing', parent.traceId],
    ['working', parent.traceId],
  ]);
  expect(spans[0]!.status).toMatchObject({ message: 'no answer' });
  expect(spans[1]!.spanContext().spanId).toBe(inner.context.spanId);
  expect(spans[1]!.parentSpanContext?.spanId).toBe(parent.spanId);
  await shutdown();
});

test('without an endpoint ids still travel', async () => {
  const { tracing, stop } = await startTelemetry({ serviceName: 'test' });
  const parent = newTrace();
  const { context } = tracing.startSpan('x', parent);
  expect(context.traceId).toBe(parent.traceId);
  expect(context.spanId).not.toBe(parent.spanId);
  await stop();
});

test('measurements and gauges appear in a scrape', async () => {
  const metrics = createMetrics();
  metrics.procedureCalled({ procedure: 'orders.create', outcome: 'success', seconds: 0.004 });
  metrics.requestAnswered({ method: 'POST', route: '/api/v1/orders', status: 201, seconds: 0.01 });
  metrics.addGauge({
    name: 'orderloom_engine_instances',
    help: 'Instances by state',
    labels: ['state'],
    read: () => [{ labels: { state: 'running' }, value: 3 }],
  });
  const count = metrics.addCounter({ name: 'orderloom_things_total', help: 'Things' });
  count();
  count({}, 2);
  const text = await metrics.registry.metrics();
  expect(text).toContain(
    'orderloom_procedure_seconds_count{procedure="orders.create",outcome="success"} 1',
  );
  expect(text).toContain('status="201"} 1');
  expect(text).toContain('orderloom_engine_instances{state="running"} 3');
  expect(text).toContain('orderloom_things_total 3');
  expect(text).toContain('process_cpu_seconds_total');
});
