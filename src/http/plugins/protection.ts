/**
 * Protects the server and the browsers of its users: security headers, cross-origin rules, a limit of
 * requests per address, and turning requests away while the machine cannot keep up.
 */
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { refuse } from '../../kernel/errors.ts';
import { overloaded, rateLimited } from '../errors.ts';
import type { LoopDelay } from '../loop-delay.ts';
import type { HttpServerOptions } from '../options.ts';
import { RefusedError } from '../problem.ts';

/** From here on an answer comes too late to be of use, whatever it is. */
const longestLoopDelayMs = 2_000;

/** Registers all four. Probes and scrapes are neither limited nor turned away. */
export function addProtection(
  server: FastifyInstance,
  { config, loopDelay }: Pick<HttpServerOptions, 'config' | 'loopDelay'>,
): void {
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
  if (loopDelay) addTurningAway(server, loopDelay);
  if (config.rateLimit) addRateLimit(server, config.rateLimit);
}

function addTurningAway(server: FastifyInstance, loopDelay: Pick<LoopDelay, 'read'>): void {
  server.addHook('onRequest', async (request) => {
    if (loopDelay.read() <= longestLoopDelayMs || isProbe(request)) return;
    throw new RefusedError(
      refuse(overloaded, 'expected a machine with time to spare, found none; try again shortly'),
      { 'retry-after': '2' },
    );
  });
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
