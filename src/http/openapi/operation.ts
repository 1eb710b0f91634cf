/** One operation of the OpenAPI document, from the declaration of its procedure. */
import type { HttpBinding, Procedure } from '../../kernel/procedure.ts';
import { responsesOf } from './responses.ts';
import type { JsonSchema, SchemaComponents } from './schemas.ts';

/** The operation object of a procedure with an HTTP binding. */
export function operationOf(
  procedure: Procedure,
  http: HttpBinding,
  options: {
    readonly tag: string;
    readonly components: SchemaComponents;
    /** Asked at the same path when the first one finds nothing. */
    readonly second?: Procedure | undefined;
  },
): JsonSchema {
  const { tag, components, second } = options;
  const name = componentName(procedure.name);
  const input = components.convert(procedure.input, 'request', `${name}Input`);
  const { parameters: own, body } = splitInput(http, input);
  const parameters = second ? eitherParameter(own, second, http, components) : own;
  const roles = typeof procedure.access === 'string' ? undefined : procedure.access;
  return {
    operationId: procedure.name,
    summary: procedure.summary,
    ...description(procedure, roles, second),
    tags: [tag],
    parameters: [
      ...parameters,
      ...(http.method === 'GET' ? [] : [idempotencyParameter]),
      ...(http.stream ? [lastEventParameter] : []),
    ],
    ...(body ? { requestBody: requestBody(body, procedure) } : {}),
    responses: responsesOf(procedure, http, components, { name, second }),
    security: procedure.access === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }],
    ...(roles ? { 'x-roles': roles } : {}),
  };
}

/** `orders.create` is called `OrdersCreate` among the components. */
export function componentName(procedure: string): string {
  return procedure.replace(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_, letter: string) =>
    letter.toUpperCase(),
  );
}

/** Path parameters as either of two procedures takes them. */
function eitherParameter(
  own: readonly JsonSchema[],
  second: Procedure,
  http: HttpBinding,
  components: SchemaComponents,
): readonly JsonSchema[] {
  const input = components.convert(second.input, 'request', `${componentName(second.name)}Input`);
  const others = splitInput(http, input).parameters;
  return own.map((parameter) => {
    const other = others.find(({ name }) => name === parameter.name);
    if (parameter.in !== 'path' || !other) return parameter;
    return { ...parameter, schema: { anyOf: [parameter.schema, other.schema] } };
  });
}

function description(
  procedure: Procedure,
  roles: readonly string[] | undefined,
  second: Procedure | undefined,
): JsonSchema {
  const parts = [
    procedure.description,
    second && `Where it finds nothing, \`${second.name}\` is asked by those who may.`,
    roles && `For callers with the role ${roles.map((role) => `\`${role}\``).join(' or ')}.`,
    procedure.http?.bodyLimit !== undefined &&
      `Takes a body of up to ${procedure.http.bodyLimit / 1_000_000} MB, whatever \`BODY_LIMIT\` says.`,
    procedure.emits?.length &&
      `Emits ${procedure.emits.map(({ name }) => `\`${name}\``).join(', ')}.`,
  ].filter((part) => typeof part === 'string');
  return parts.length === 0 ? {} : { description: parts.join('\n\n') };
}

const lastEventParameter: JsonSchema = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'Where the client was; sent by browsers when they connect again',
  schema: { type: 'string' },
};

const idempotencyParameter: JsonSchema = { $ref: '#/components/parameters/IdempotencyKey' };

function requestBody(schema: JsonSchema, { input }: Procedure): JsonSchema {
  const examples = input.meta()?.examples;
  const [example] = Array.isArray(examples) ? examples : [];
  return {
    required: Array.isArray(schema.required) && schema.required.length > 0,
    content: {
      'application/json': { schema, ...(example === undefined ? {} : { example }) },
    },
  };
}

/**
 * Path parameters are taken out of the input by name. What remains is the query of a GET or DELETE,
 * and the body of everything else. An input that is no plain object is a body as a whole.
 */
function splitInput(
  http: HttpBinding,
  input: JsonSchema,
): { readonly parameters: readonly JsonSchema[]; readonly body?: JsonSchema } {
  const inPath = [...http.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const properties = (input.properties ?? {}) as Record<string, JsonSchema>;
  const required = new Set((input.required ?? []) as string[]);
  const pathParameters = inPath.map((name) =>
    parameter('path', name, properties[name] ?? { type: 'string' }, true),
  );
  const rest = Object.keys(properties).filter((name) => !inPath.includes(name));
  if (http.method === 'GET' || http.method === 'DELETE') {
    const query = rest.map((name) =>
      parameter('query', name, properties[name]!, required.has(name)),
    );
    return { parameters: [...pathParameters, ...query] };
  }
  if (input.type !== 'object' || !input.properties)
    return { parameters: pathParameters, body: input };
  if (rest.length === 0) return { parameters: pathParameters };
  const body = {
    ...input,
    properties: Object.fromEntries(rest.map((name) => [name, properties[name]])),
    required: rest.filter((name) => required.has(name)),
  };
  return { parameters: pathParameters, body };
}

function parameter(
  place: 'path' | 'query',
  name: string,
  { description: text, ...schema }: JsonSchema,
  required: boolean,
): JsonSchema {
  return {
    name,
    in: place,
    required,
    ...(text === undefined ? {} : { description: text }),
    schema,
  };
}
