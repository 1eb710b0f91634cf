/**
 * Mounts the dialect under `/engine-rest`, in a scope of its own: whatever goes wrong there, before an
 * operation or in it, is answered in the words of the dialect. Who asks, how much is taken of them and how
 * answers are measured is the server's business, as for every other route.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Engine } from '../engine/index.ts';
import { isRefusal } from '../kernel/errors.ts';
import type { ModuleDefinition } from '../kernel/module.ts';
import type { Access, Log, Procedure, ProcedureRunner } from '../kernel/procedure.ts';
import { readForm } from './multipart.ts';
import type { Operation, RestAnswer, RestRequest } from './operation.ts';
import { operations } from './operations/index.ts';
import { invalid, knownError, missing, restErrorOf } from './rest-error.ts';
import { answerForTenants, listPaths, withoutTenants } from './tenants.ts';

/** Where the dialect is spoken. */
export const engineRestPath = '/engine-rest';

/** What the routes are made of. */
export interface EngineRestOptions {
  readonly engine: () => Engine;
  readonly runner: ProcedureRunner;
  readonly modules: readonly ModuleDefinition[];
  readonly log: Log;
  /** Whether a procedure begins something new, which is turned away first when there is too much. */
  readonly startsWork: (procedure: Procedure) => boolean;
}

const lists = listPaths(operations);

/** Clients of this dialect compare the type as a whole, so no charset may stand behind it. */
const jsonType = 'application/json';

/** Mounts every operation. */
export function addEngineRestRoutes(server: FastifyInstance, options: EngineRestOptions): void {
  server.register(
    async (scope) => {
      scope.setErrorHandler((error, request, reply) => answerError(error, request, reply, options));
      scope.setNotFoundHandler(({ method, url }) => {
        throw missing(
          `expected an operation that is supported (docs/reference/engine-rest.md), found ${method} ` +
            (url.split('?', 1)[0] ?? url),
        );
      });
      scope.addContentTypeParser('multipart/form-data', { parseAs: 'buffer' }, parseForm);
      for (const operation of operations) addRoute(scope, operation, options);
    },
    { prefix: engineRestPath },
  );
}

async function parseForm({ headers }: FastifyRequest, body: string | Buffer): Promise<FormData> {
  return await readForm(Buffer.from(body), headers['content-type'] ?? '');
}

function addRoute(scope: FastifyInstance, operation: Operation, options: EngineRestOptions): void {
  const all = options.modules.flatMap(({ procedures }) => procedures);
  const known = new Map(all.map((procedure) => [procedure.name, procedure]));
  const run = operation.procedures.map((name) => known.get(name));
  const procedures = run.filter((procedure) => procedure !== undefined);
  // A program that is only a part of the whole has no processes, and nothing to say here.
  if (procedures.length < run.length) return;
  const [first, ...others] = procedures;
  const work = workOf(procedures, options.startsWork);
  scope.route({
    method: operation.method,
    url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
    // As much as is taken where the procedures themselves are called.
    bodyLimit: Math.max(
      scope.initialConfig.bodyLimit ?? 0,
      ...procedures.map(({ http }) => http?.bodyLimit ?? 0),
    ),
    config: {
      access: first?.access ?? ('public' satisfies Access),
      ...(first ? { procedure: first.name } : {}),
      alsoRuns: others.map(({ name }) => name),
      ...(work === undefined ? {} : { work }),
    },
    async handler(request, reply) {
      const asked = withoutTenants(restRequest(request, reply, options));
      const none = answerForTenants(operation, lists, asked);
      return send(reply, none ?? (await operation.answer(asked)));
    },
  });
}

function workOf(
  procedures: readonly Procedure[],
  startsWork: (procedure: Procedure) => boolean,
): 'new' | 'under way' | undefined {
  if (procedures.every(({ effect }) => effect === 'read')) return undefined;
  return procedures.some(startsWork) ? 'new' : 'under way';
}

function restRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  { engine, runner }: EngineRestOptions,
): RestRequest {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  const { body, caller, trace } = request;
  const form = body instanceof FormData ? body : undefined;
  return {
    params: request.params as Record<string, string>,
    query: queryOf(request.query as Record<string, string | readonly string[]>),
    body: form ? {} : bodyOf(body),
    ...(form ? { form } : {}),
    signal: gone.signal,
    async run<Output>(procedure: string, input: object): Promise<Output> {
      const options = { caller, trace, signal: gone.signal };
      const output = await runner.run(procedure, input, options);
      if (isRefusal(output)) throw restErrorOf(output);
      return output as Output;
    },
    engine: engine(),
    baseUrl: `${request.protocol}://${request.host}${engineRestPath}`,
  };
}

function queryOf(query: Record<string, string | readonly string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => {
      if (typeof value === 'string') return [name, value];
      throw invalid(`expected "${name}" once, found it ${value.length} times; separate by commas`);
    }),
  );
}

function bodyOf(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body as Record<string, unknown>;
  throw invalid('expected a JSON object as the body');
}

function send(reply: FastifyReply, { status, json, text, type }: RestAnswer): FastifyReply {
  if (json === undefined && text === undefined) return reply.code(status ?? 204).send();
  const sent = text ?? JSON.stringify(json);
  const sentType = text === undefined ? jsonType : (type ?? 'text/plain; charset=utf-8');
  // Text would be given a charset; bytes are sent as they are labelled.
  return reply
    .code(status ?? 200)
    .header('content-type', sentType)
    .send(Buffer.from(sent));
}

function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: EngineRestOptions,
): FastifyReply {
  const known = knownError(error);
  const { traceId } = request.trace;
  if (!known && !request.raw.destroyed) {
    const route = request.routeOptions.url;
    log.error({ error, traceId, method: request.method, route }, 'a request met a bug');
  }
  const { headers = {} } = error as { headers?: Readonly<Record<string, string>> };
  return send(reply.headers({ ...headers, ...known?.headers }), {
    status: known?.status ?? 500,
    json: {
      type: known?.type ?? 'RestException',
      message:
        known?.message ??
        `this is a fault of the server, not of the request; report it with the trace id ${traceId}`,
      code: null,
    },
  });
}
