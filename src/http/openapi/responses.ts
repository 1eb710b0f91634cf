/** The answers of an operation: its success, and a problem for every status that it may end with. */
import type { ErrorDefinition } from '../../kernel/errors.ts';
import type { HttpBinding, Procedure } from '../../kernel/procedure.ts';
import { forbidden, invalidInput, unauthenticated } from '../../procedures/index.ts';
import {
  bodyTooLarge,
  idempotencyInFlight,
  idempotencyKeyReused,
  internal,
  malformedJson,
  overloaded,
  rateLimited,
  tooManyStreams,
  unsupportedMediaType,
} from '../errors.ts';
import { problemType } from '../problem.ts';
import type { JsonSchema, SchemaComponents } from './schemas.ts';

/** The schema of every problem. */
export const problemSchema: JsonSchema = {
  type: 'object',
  description:
    'Why a request was not done (RFC 9457). Further members give facts of the occurrence.',
  required: ['type', 'title', 'status', 'detail', 'code', 'traceId'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Where the code is explained' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was expected, what was found, what to do' },
    code: { type: 'string', description: 'Stable; act upon this, not upon texts' },
    traceId: { type: 'string', pattern: '^[0-9a-f]{32}$' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'expected', 'found', 'message'],
        properties: {
          pointer: { type: 'string', description: 'JSON pointer into the input' },
          expected: { type: 'string' },
          found: { type: 'string' },
          message: { type: 'string' },
        },
      },
    },
  },
};

/** Which refusals an operation may answer with, beyond those that it declares. */
function builtInErrors(http: HttpBinding, procedure: Procedure): readonly ErrorDefinition[] {
  const hasBody = http.method !== 'GET' && http.method !== 'DELETE';
  const isWrite = http.method !== 'GET';
  return [
    invalidInput,
    ...(hasBody ? [malformedJson, bodyTooLarge, unsupportedMediaType] : []),
    ...(procedure.access === 'public' ? [] : [unauthenticated]),
    ...(Array.isArray(procedure.access) ? [forbidden] : []),
    ...(isWrite ? [idempotencyInFlight, idempotencyKeyReused] : []),
    rateLimited,
    internal,
    overloaded,
  ];
}

/** The `responses` of the operation of a procedure. */
export function responsesOf(
  procedure: Procedure,
  http: HttpBinding,
  components: SchemaComponents,
  { name, second }: { readonly name: string; readonly second?: Procedure | undefined },
): JsonSchema {
  const own = components.convert(procedure.output, 'output', `${name}Output`);
  const output = second
    ? { anyOf: [own, components.convert(second.output, 'output', `${name}SecondOutput`)] }
    : own;
  if (http.stream) return streamResponses(procedure, http);
  const status = http.status ?? 200;
  const isEmpty = status === 204 || Object.keys(output).length === 0 || 'not' in output;
  const success = isEmpty
    ? { description: 'Done; there is nothing to tell' }
    : {
        description: 'Done',
        content: { [http.mediaType ?? 'application/json']: { schema: output } },
      };
  return {
    [isEmpty && status === 200 ? 204 : status]: { ...success, headers: traceHeaders },
    ...problemResponses([
      ...procedure.errors,
      ...(second?.errors ?? []),
      ...builtInErrors(http, procedure),
    ]),
  };
}

/** What a stream sends is described by the contract of the events, `contracts/asyncapi.yaml`. */
function streamResponses(procedure: Procedure, http: HttpBinding): JsonSchema {
  return {
    200: {
      description: 'Server-sent events, until one side closes',
      headers: traceHeaders,
      content: { 'text/event-stream': { schema: { type: 'string' } } },
    },
    ...problemResponses([...procedure.errors, ...builtInErrors(http, procedure), tooManyStreams]),
  };
}

const traceHeaders = {
  'X-Trace-ID': { schema: { type: 'string' }, description: 'The trace to ask about' },
};

/** One response for each status, naming the codes that come with it. */
export function problemResponses(errors: readonly ErrorDefinition[]): JsonSchema {
  const byStatus = new Map<number, ErrorDefinition[]>();
  for (const error of new Map(errors.map((one) => [one.code, one])).values()) {
    byStatus.set(error.status, [...(byStatus.get(error.status) ?? []), error]);
  }
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, list]) => [status, problemResponse(list)]),
  );
}

function problemResponse(errors: readonly ErrorDefinition[]): JsonSchema {
  const codes = errors.map(({ code }) => code);
  return {
    description: errors.map(({ code, title }) => `\`${code}\`: ${title}`).join('\n\n'),
    headers: traceHeaders,
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { type: 'string', enum: codes } } },
          ],
        },
        examples: Object.fromEntries(
          errors.map((error) => [error.code, { value: example(error) }]),
        ),
      },
    },
  };
}

function example({ code, status, title }: ErrorDefinition): JsonSchema {
  return {
    type: problemType(code),
    title,
    status,
    detail: 'expected one thing, found another; what to do',
    code,
    traceId: '0af7651916cd43dd8448eb211c80319c',
  };
}
