/** Answers as they leave, or as they are kept to be given again: a status and a finished text. */
import type { FastifyReply } from 'fastify';
import type { Refusal } from '../kernel/errors.ts';
import { assert } from '../kernel/errors.ts';
import type { HttpBinding, Procedure } from '../kernel/procedure.ts';
import { headersOf, problemMediaType, refusalProblem } from './problem.ts';

/** A finished answer: sending it twice sends the same bytes, so it can be kept and replayed. */
export interface Answer {
  readonly status: number;
  /** JSON, or text of the procedure's own media type; null for an answer without a body. */
  readonly body: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to a call that succeeded. */
export function successAnswer(procedure: Procedure, output: unknown): Answer {
  const status = procedure.http?.status ?? 200;
  if (procedure.http?.mediaType) {
    assert(typeof output === 'string', `${procedure.name} gives a text of its media type`);
    return { status, body: output };
  }
  const body = output === undefined || status === 204 ? null : JSON.stringify(output);
  return { status: body === null && status === 200 ? 204 : status, body };
}

/** The answer to a call that was refused. */
export function refusalAnswer(refusal: Refusal, traceId: string): Answer {
  return {
    status: refusal.definition.status,
    body: JSON.stringify(refusalProblem(refusal, traceId)),
    headers: headersOf(refusal),
  };
}

/** Sends an answer; problems get their media type, what succeeded that of its procedure. */
export function sendAnswer(
  reply: FastifyReply,
  { status, body, headers = {} }: Answer,
  mediaType: HttpBinding['mediaType'] | 'application/json' = 'application/json',
) {
  reply.code(status).headers(headers);
  if (body === null) return reply.send();
  return reply.type(status >= 400 ? problemMediaType : `${mediaType}; charset=utf-8`).send(body);
}
