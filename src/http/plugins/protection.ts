/**
 * Protects the server and the browsers of its users: security headers, cross-origin rules, a limit of
 * requests per address, and turning requests away while the machine cannot keep up.
 */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from '../../kernel/errors.ts';
import { overloaded, rateLimited } from '../errors.ts';
import type { HttpConfig } from '../options.ts';
import { RefusedError } from '../problem.ts';

/** Registers all four. Probes and scrapes are neither limited nor turned away. */
export function addProtection(server: FastifyInstance, config: HttpConfig): void {
  server.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: [`'self'`],
        styleSrc: [`'self'`, `'unsafe-inline'`],
        imgSrc: [`'self'`, 'data:'],
        // Whether to speak TLS is the gateway's choice; on plain HTTP this would break every link.
        upgradeInsecureRequests: null,
      },
    },
  });
  server.register(cors, {
    origin: config.corsOrigins.length > 0 ? [...config.corsOrigins] : false,
    exposedHeaders: [
      'traceparent',
      'x-trace-id',
      'x-span-id',
      'retry-after',
      'idempotency-replayed',
    ],
  });
  server.register(underPressure, {
    maxEventLoopDelay: config.overloadDelayMs ?? 2000,
    pressureHandler: (request, _reply, _type, delayMs) => {
      if (isProbe(request) || !isOverload(delayMs)) return;
      throw new RefusedError(
        refuse(overloaded, 'expected a machine with time to spare, found none; try again shortly'),
        { 'retry-after': '2' },
      );
    },
  });
  if (config.rateLimit) addRateLimit(server, config.rateLimit);
}

/**
 * Whether a measured event loop delay, already above the limit, is one. A single long pause can leave
 * a span without any sample, which is reported as infinite: that says nothing, and a newcomer's first
 * request must not be turned away because the program has just started.
 */
export function isOverload(delayMs: number | undefined): boolean {
  return delayMs !== undefined && Number.isFinite(delayMs);
}

function addRateLimit(
  server: FastifyInstance,
  { max, windowMs }: { readonly max: number; readonly windowMs: number },
): void {
  server.register(rateLimit, {
    max,
    timeWindow: windowMs,
    allowList: isProbe,
    errorResponseBuilder: (_request, { ttl }) => {
      const seconds = Math.ceil(ttl / 1000);
      return new RefusedError(
        refuse(
          rateLimited,
          `expected at most ${max} requests in ${windowMs / 1000} s from one address, found more; ` +
            `wait ${seconds} s`,
        ),
        { 'retry-after': String(seconds) },
      );
    },
  });
}

function isProbe({ url }: FastifyRequest): boolean {
  return url.startsWith('/actuator/');
}
