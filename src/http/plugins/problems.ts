/**
 * Answers everything that goes wrong as `application/problem+json`, and logs what nobody expected,
 * with the trace id that the caller was told.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, RetryableFault, refuse, TerminalFault } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/procedure.ts';
import { newTrace } from '../../kernel/tracing.ts';
import { methodNotAllowed, routeNotFound } from '../errors.ts';
import { isUnexpected, problemMediaType, RefusedError, thrownProblem } from '../problem.ts';
import type { RouteTable } from '../route-table.ts';

/** Sets how errors and unknown paths are answered. */
export function addProblems(
  server: FastifyInstance,
  { log, routes }: { readonly log: Log; readonly routes: RouteTable },
): void {
  server.setErrorHandler((error, request, reply) => answerProblem(error, request, reply, log));
  server.setNotFoundHandler((request) => {
    throw unknownRoute(request, routes);
  });
}

/** Sends the problem of whatever was thrown. */
export function answerProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  // A request that Fastify refuses before any hook has run has no trace yet.
  const { traceId } = request.trace ?? newTrace();
  const { problem, headers } = thrownProblem(error, traceId, request.routeOptions?.bodyLimit);
  const line = { error, traceId, method: request.method, route: request.routeOptions?.url };
  if (isUnexpected(error)) log.error(line, 'a request met a bug');
  else if (isFault(error)) log.warn(line, 'a request met a fault');
  return reply
    .code(problem.status)
    .headers(headers)
    .type(problemMediaType)
    .send(JSON.stringify(problem));
}

function isFault(error: unknown): boolean {
  return !isRefusal(error) && (error instanceof RetryableFault || error instanceof TerminalFault);
}

function unknownRoute({ method, url }: FastifyRequest, routes: RouteTable): RefusedError {
  const path = url.split('?', 1)[0] ?? url;
  const allowed = routes.methodsOf(path);
  if (allowed.length > 0) {
    const allow = allowed.join(', ');
    return new RefusedError(
      refuse(methodNotAllowed, `expected ${allow} for ${path}, found ${method}`, {
        data: { allow: allowed },
      }),
      { allow },
    );
  }
  return new RefusedError(
    refuse(
      routeNotFound,
      `expected a known path, found ${method} ${path}; see /docs for all paths`,
    ),
  );
}
