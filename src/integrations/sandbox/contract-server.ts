/**
 * An HTTP server made from OpenAPI documents. Every operation of the documents has exactly one
 * handler, bound by its `operationId`; one too many or too few fails at start. A request that does
 * not fit the document is answered 400 with what was expected, before any handler sees it, and an
 * answer of a handler that does not fit is a bug. Faults strike the operations of the played
 * system only.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Clock } from '../../kernel/clock.ts';
import { assert, Bug } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/procedure.ts';
import type { ContractIssue } from '../openapi/contract-issue.ts';
import type { Contract, ContractOperation } from '../openapi/document.ts';
import type { FaultPlan } from './faults.ts';

/** Said by a handler that does not want to answer: the caller waits until its own time is up. */
export const neverAnswered = { status: 'never' } as const;

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Html<T> = T extends { content: { 'text/html': infer Body } } ? Body : never;
type Part<Operation, Name extends string> = Operation extends {
  parameters: { [K in Name]?: infer Value };
}
  ? Exclude<Value, undefined>
  : never;

/** What a handler is given: checked against the document. */
export interface HandlerRequest<Operation> {
  readonly path: Part<Operation, 'path'>;
  readonly query: Part<Operation, 'query'>;
  readonly idempotencyKey: string;
  readonly body: Operation extends { requestBody: infer Body } ? Json<Body> : never;
}

type AnswerOf<Responses> = {
  [Status in keyof Responses]: Responses[Status] extends { content: { 'text/html': unknown } }
    ? { readonly status: Status; readonly html: Html<Responses[Status]> }
    : Responses[Status] extends { content: { 'application/json': unknown } }
      ? { readonly status: Status; readonly body: Json<Responses[Status]> }
      : { readonly status: Status };
}[keyof Responses];

/** What a handler may answer: one of the answers in the document, or none at all. */
export type HandlerAnswer<Operation> = Operation extends { responses: infer Responses }
  ? AnswerOf<Responses> | typeof neverAnswered
  : never;

/**
 * One handler for each operation; handlers are synchronous, so that each is one change of state.
 */
export type Handlers<Operations> = {
  readonly [Id in keyof Operations]: (
    request: HandlerRequest<Operations[Id]>,
  ) => HandlerAnswer<Operations[Id]>;
};

interface PlainAnswer {
  readonly status: number | 'never';
  readonly body?: unknown;
  readonly html?: string;
}
type PlainHandler = (request: {
  path: unknown;
  query: unknown;
  idempotencyKey: string;
  body: unknown;
}) => PlainAnswer;

/** What a server is made of. */
export interface ContractServerOptions {
  /** The interface of the system that is played; faults strike here. */
  readonly system?: Contract | undefined;
  /** What the sandbox offers besides. */
  readonly control: readonly Contract[];
  /** Typed by `Handlers` where they are written. */
  readonly handlers: Readonly<Record<string, unknown>>;
  readonly apiKey: string;
  readonly faults: FaultPlan;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes the server; it listens when told. */
export function contractServer(options: ContractServerOptions): FastifyInstance {
  const server = Fastify({ forceCloseConnections: true, logger: false });
  const left = new Set(Object.keys(options.handlers));
  const contracts = options.system ? [options.system, ...options.control] : options.control;
  for (const contract of contracts) {
    for (const operation of contract.operations) {
      const handler = options.handlers[operation.operationId];
      assert(
        typeof handler === 'function',
        `${contract.title}: operation ${operation.operationId} has no handler; write one`,
      );
      left.delete(operation.operationId);
      server.route({
        method: operation.method,
        url: operation.path.replace(/\{(\w+)\}/g, ':$1'),
        handler: route({
          ...options,
          operation,
          handler: handler as PlainHandler,
          faulty: contract === options.system,
        }),
      });
    }
  }
  assert(
    left.size === 0,
    `handlers without an operation: ${[...left].join(', ')}; add them to the OpenAPI document`,
  );
  server.setNotFoundHandler((request, reply) =>
    reply.code(404).send({
      code: 'NO_SUCH_OPERATION',
      message: `expected an operation of ${contracts.map((c) => c.title).join(', ')}, found ${request.method} ${request.url}`,
    }),
  );
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply, options.log));
  return server;
}

function route(options: {
  readonly operation: ContractOperation;
  readonly handler: PlainHandler;
  readonly faulty: boolean;
  readonly apiKey: string;
  readonly faults: FaultPlan;
  readonly clock: Clock;
}): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown> {
  const { operation, handler, faults, clock } = options;
  const changes = operation.method !== 'GET';
  return async (request, reply) => {
    const fault = options.faulty
      ? faults.forCall({
          operationId: operation.operationId,
          changes,
          header: request.headers['sandbox-fault']?.toString(),
        })
      : { latencyMs: 0, status: null, timeoutAfterCommit: false };
    await faults.delayed(clock, fault.latencyMs);
    if (fault.status !== null) {
      const message = `the sandbox was told to answer ${fault.status}; nothing was done`;
      return reply.code(fault.status).send({ code: 'SANDBOX_FAULT', message });
    }
    if (operation.secured && request.headers.authorization !== `Bearer ${options.apiKey}`) {
      const message = "expected the sandbox's API key as a bearer token, found another or none";
      return reply.code(401).send({ code: 'UNAUTHORIZED', message });
    }
    const parts = {
      path: { ...(request.params as object) },
      query: { ...(request.query as object) },
      header: { ...request.headers },
      body: request.body,
    };
    const issues = operation.checkRequest(parts);
    if (issues.length > 0) return reply.code(400).send(problemOf(issues));
    const key = request.headers['idempotency-key']?.toString() ?? '';
    const answer = handler({ ...parts, idempotencyKey: key });
    if (answer.status === 'never' || fault.timeoutAfterCommit) {
      // The connection stays open and silent until the caller leaves or the sandbox stops.
      return reply.hijack();
    }
    return send(reply, operation, { ...answer, status: answer.status });
  };
}

function send(
  reply: FastifyReply,
  operation: ContractOperation,
  answer: PlainAnswer & { status: number },
): FastifyReply {
  if (answer.html !== undefined) {
    return reply.code(answer.status).type('text/html; charset=utf-8').send(answer.html);
  }
  const [issue] = operation.checkResponse(answer.status, answer.body);
  if (issue) {
    throw new Bug(
      `the sandbox's answer ${answer.status} to ${operation.operationId} breaks the document at ` +
        `${issue.pointer}: expected ${issue.expected}, found ${issue.found}`,
    );
  }
  return reply.code(answer.status).send(answer.body);
}

function problemOf(issues: readonly ContractIssue[]): object {
  const [first] = issues;
  return {
    code: 'INVALID_REQUEST',
    message: `expected ${first?.expected} at ${first?.pointer}, found ${first?.found}`,
    issues,
  };
}

function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
): FastifyReply {
  const status =
    error instanceof Error && 'statusCode' in error ? Number(error.statusCode) || 500 : 500;
  const message = error instanceof Error ? error.message : String(error);
  if (status < 500) return reply.code(status).send({ code: 'INVALID_REQUEST', message });
  log.error({ error, method: request.method, url: request.url }, 'a sandbox failed');
  return reply.code(500).send({ code: 'SANDBOX_BROKEN', message });
}
