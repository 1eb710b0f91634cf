/**
 * Says who asks: a bearer token, an API key, the identity that demo mode lends, or nobody. Whether
 * they may do what they ask for is not judged here but by the procedure's `access`.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { anonymousCaller, type Caller } from '../../kernel/caller.ts';
import { isRefusal, refuse } from '../../kernel/errors.ts';
import { forbidden, unauthenticated } from '../../procedures/index.ts';
import { apiKeyInvalid } from '../errors.ts';
import type { ApiKey, HttpServerOptions } from '../options.ts';
import { RefusedError } from '../problem.ts';
import { headerOf } from '../request.ts';
import { isOwnPage } from './own-page.ts';

type Identified = Pick<FastifyRequest, 'caller' | 'identity' | 'callerOf'>;

/** Puts the caller on every request; wrong credentials are refused, never taken for none. */
export function addAuthentication(
  server: FastifyInstance,
  { authenticate, config }: Pick<HttpServerOptions, 'authenticate' | 'config'>,
): void {
  server.decorateRequest('caller');
  server.decorateRequest('callerOf');
  server.decorateRequest('identity', 'unknown');

  async function identify(request: FastifyRequest): Promise<Identified> {
    const { authorization } = request.headers;
    if (authorization !== undefined) return identified(await bearer(authorization));
    const apiKey = headerOf(request.headers['x-api-key']);
    if (apiKey !== undefined) {
      const { procedure, alsoRuns = [] } = request.routeOptions.config;
      const runs = procedure === undefined ? [] : [procedure, ...alsoRuns];
      return holderOf(apiKey, config.apiKeys, runs);
    }
    const { access } = request.routeOptions.config;
    if (config.demo && access !== undefined && isOwnPage(request, config.corsOrigins)) {
      const { callerFor } = config.demo;
      return {
        ...identified(callerFor(access)),
        callerOf: (procedure) => callerFor(procedure.access),
      };
    }
    const caller = anonymousCaller;
    return { caller, identity: `anonymous:${request.ip}`, callerOf: () => caller };
  }

  async function bearer(authorization: string): Promise<Caller> {
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined) {
      throw new RefusedError(
        refuse(unauthenticated, 'expected "Authorization: Bearer <token>", found another scheme'),
      );
    }
    const caller = await authenticate(token);
    if (isRefusal(caller)) throw new RefusedError(caller);
    return caller;
  }

  // After the hooks of `onRequest`, so that floods are limited before tokens are checked, and before
  // the body is read.
  server.addHook('preParsing', async (request) => {
    Object.assign(request, await identify(request));
  });
}

function identified(caller: Caller): Identified {
  const identity = `${caller.kind}:${caller.userId ?? caller.roles.join('+')}`;
  return { caller, identity, callerOf: () => caller };
}

function holderOf(
  apiKey: string,
  known: readonly ApiKey[],
  procedures: readonly string[],
): Identified {
  const digest = createHash('sha256').update(apiKey).digest();
  let holder: ApiKey | undefined;
  for (const one of known) {
    const expected = Buffer.from(one.sha256, 'hex');
    if (expected.length === digest.length && timingSafeEqual(expected, digest)) holder = one;
  }
  if (!holder) {
    throw new RefusedError(
      refuse(apiKeyInvalid, 'expected a known X-API-Key, found another; ask the operators for one'),
    );
  }
  const closed = procedures.find((name) => holder.only && !holder.only.includes(name));
  if (closed !== undefined) {
    throw new RefusedError(
      refuse(
        forbidden,
        `expected one of the procedures that the key of "${holder.name}" opens, found ${closed}; ` +
          'ask the operators to widen it',
      ),
    );
  }
  const { only, roles, name } = holder;
  const caller: Caller = { kind: 'service', userId: null, roles, demo: false };
  return {
    ...{ caller, identity: `api-key:${name}` },
    callerOf: (procedure) => (!only || only.includes(procedure.name) ? caller : null),
  };
}
