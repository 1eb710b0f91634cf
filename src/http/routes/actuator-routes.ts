/** Health, liveness, readiness and metrics, where operators and Kubernetes look for them. */
import type { FastifyInstance } from 'fastify';
import { type Metrics, redact } from '../../telemetry/index.ts';
import type { HealthCheck, HttpServerOptions } from '../options.ts';

/** A component that does not answer within this time is down. */
const longestCheckMs = 2_000;

type Component = Awaited<ReturnType<HealthCheck>>;

/** Mounts everything below `/actuator`. */
export function addActuatorRoutes(
  server: FastifyInstance,
  { healthChecks = {}, metrics }: Pick<HttpServerOptions, 'healthChecks' | 'metrics'>,
): void {
  const health = async () => {
    const entries = Object.entries(healthChecks);
    const checks = await Promise.all(
      entries.map(async ([name, check]) => [name, await checked(check)] as const),
    );
    const isUp = checks.every(([, { status, essential = true }]) => status === 'UP' || !essential);
    const components = Object.fromEntries(
      checks.map(([name, { essential: _, ...component }]) => [name, component]),
    );
    return { status: isUp ? 'UP' : 'DOWN', components };
  };
  for (const path of ['/actuator/health', '/actuator/health/readiness']) {
    server.get(path, async (_request, reply) => {
      const answer = await health();
      return reply.code(answer.status === 'UP' ? 200 : 503).send(answer);
    });
  }
  server.get('/actuator/health/liveness', async () => ({ status: 'UP' }));
  server.get('/actuator/metrics', async () => metricsAsJson(metrics));
  server.get('/actuator/prometheus', async (_request, reply) => {
    const { registry } = metrics;
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

async function checked(check: HealthCheck): Promise<Component> {
  const { promise: late, resolve } = Promise.withResolvers<Component>();
  const timer = setTimeout(
    () => resolve(down(`no answer within ${longestCheckMs} ms`)),
    longestCheckMs,
  );
  try {
    return await Promise.race([late, check()]);
  } catch (error) {
    return down(String(redact(error instanceof Error ? error.message : String(error))));
  } finally {
    clearTimeout(timer);
  }
}

function down(reason: string): Component {
  return { status: 'DOWN', details: { reason } };
}

async function metricsAsJson({ registry }: Metrics) {
  const metrics = await registry.getMetricsAsJSON();
  return {
    names: metrics.map(({ name }) => name),
    metrics: metrics.map(({ name, help, values }) => ({ name, help, values })),
  };
}
