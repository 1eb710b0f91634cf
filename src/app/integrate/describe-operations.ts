/**
 * Reads the operations of an OpenAPI document as what a remote procedure needs: its input as one object,
 * where each field goes in the request, its output, and the refusals that it may answer with.
 */
import { httpErrors } from '../../http/index.ts';
import { runnerErrors } from '../../procedures/index.ts';
import { isJson, type Json } from './read-service-document.ts';
import type { ReferencedDocument } from './references.ts';
import { identifier, text, type ZodSource } from './zod-source.ts';

/** The methods that an operation may have. */
export const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** A refusal of another service. */
export interface DescribedError {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** True when the service says the code itself; else the status alone stands for it. */
  readonly named: boolean;
}

/** One operation. Schemas are source. */
export interface DescribedOperation {
  /** Without the service's name. */
  readonly name: string;
  readonly summary: string;
  readonly description: string | null;
  readonly method: (typeof methods)[number];
  readonly path: string;
  readonly input: string;
  readonly output: string;
  readonly placement: {
    readonly path: readonly string[];
    readonly query: readonly string[];
    readonly headers: Readonly<Record<string, string>>;
    readonly body: 'none' | 'rest' | 'field';
  };
  readonly errors: readonly DescribedError[];
  readonly repeatable: boolean;
}

/** Headers that the transport itself sends. */
const ownHeaders = new Set([
  'idempotency-key',
  'authorization',
  'x-api-key',
  'traceparent',
  'tracestate',
  'content-type',
  'content-length',
  'accept',
]);

/** Codes that any call of an Orderloom service may meet; the transport handles them. */
const generalCodes = new Set([...runnerErrors, ...httpErrors].map(({ code }) => code));

/** An operation as it stands in the document. */
export interface PlacedOperation {
  readonly name: string;
  readonly method: (typeof methods)[number];
  readonly path: string;
  readonly item: Json;
  readonly operation: Json;
}

/** Describes one operation; what cannot be mapped goes to the document's problems. */
export function describeOperation(
  { name, method, path, item, operation }: PlacedOperation,
  document: ReferencedDocument,
  schemas: ZodSource,
  service: string,
): DescribedOperation {
  const place = `${method.toUpperCase()} ${path}`;
  const { problems } = document;
  const fields = new Map<string, string>();
  const placement = {
    path: [] as string[],
    query: [] as string[],
    headers: {} as Record<string, string>,
  };
  let honoursKey = false;
  for (const parameter of parametersOf(document, item, operation, place)) {
    const { name: named, in: where, required } = parameter;
    if (typeof named !== 'string') {
      problems.add(place, 'a parameter has no name');
      continue;
    }
    if (where === 'header' && named.toLowerCase() === 'idempotency-key') honoursKey = true;
    if (where === 'header' && ownHeaders.has(named.toLowerCase())) continue;
    if (where === 'cookie' && required !== true) continue;
    const at = `${place} parameter ${named}`;
    const found = parameterProblem(parameter);
    if (found) {
      problems.add(at, found);
      continue;
    }
    if (fields.has(named))
      problems.add(at, 'two parameters have this name; one of them must be renamed');
    const source = schemas.of(parameter.schema, 'input', at);
    fields.set(named, required === true ? source : `${source}.optional()`);
    if (where === 'path') placement.path.push(named);
    else if (where === 'query') placement.query.push(named);
    else placement.headers[named] = named;
  }
  for (const [, wanted = ''] of path.matchAll(/\{([^}]+)\}/g)) {
    if (!placement.path.includes(wanted))
      problems.add(place, `{${wanted}} is no parameter of the path`);
  }
  const body = bodyOf(document, schemas, operation, place, fields);
  const input = `z.object({ ${[...fields].map(([field, source]) => `${text(field)}: ${source}`).join(', ')} })`;
  return {
    name,
    ...wordsOf(operation, name),
    method,
    path,
    input,
    output: outputOf(document, schemas, operation, place),
    placement: { ...placement, body },
    errors: errorsOf(document, operation, place, service),
    repeatable: honoursKey || method !== 'post',
  };
}

/** The procedure's name: `x-procedure`, the operation's id, or one made of method and path. */
export function nameOfOperation(operation: Json, method: string, path: string): string {
  const given = operation['x-procedure'] ?? operation.operationId;
  if (typeof given === 'string' && given !== '') return given;
  const words = path.replace(/\{([^}]+)\}/g, 'by-$1').match(/[A-Za-z0-9-]+/g) ?? [];
  return [method, ...words].join('-').toLowerCase();
}

function wordsOf(operation: Json, name: string): { summary: string; description: string | null } {
  const { summary, description } = operation;
  return {
    summary: typeof summary === 'string' && summary.trim() !== '' ? firstLine(summary) : name,
    description: typeof description === 'string' ? description.slice(0, 2_000) : null,
  };
}

function firstLine(words: string): string {
  return (words.trim().split('\n')[0] ?? '').slice(0, 200);
}

/** Parameters of the path apply to each of its operations, unless the operation has its own. */
function parametersOf(
  document: ReferencedDocument,
  item: Json,
  operation: Json,
  place: string,
): readonly Json[] {
  const found = new Map<string, Json>();
  for (const list of [item.parameters, operation.parameters]) {
    if (!Array.isArray(list)) continue;
    for (const one of list) {
      const parameter = document.resolve(one, place);
      if (parameter) found.set(`${parameter.in} ${parameter.name}`, parameter);
    }
  }
  return [...found.values()];
}

function parameterProblem({ in: where, content, style, explode, schema }: Json): string | null {
  if (where === 'cookie') return 'a required cookie cannot be sent';
  if (where !== 'path' && where !== 'query' && where !== 'header') return 'has no known place';
  if (content !== undefined) return 'a parameter of a media type cannot be mapped';
  const usual = where === 'query' ? 'form' : 'simple';
  if (style !== undefined && style !== usual) return `style "${style}" cannot be mapped`;
  if (where === 'query' && explode === false) return '"explode: false" cannot be mapped';
  const type = isJson(schema) ? schema.type : undefined;
  return type === 'object' ? 'a parameter that is an object cannot be mapped' : null;
}

const jsonMedia = /^application\/(?:[\w.-]+\+)?json(?:;|$)/;

/** Adds the fields of the body to those of the parameters, or the body as a field of its own. */
function bodyOf(
  document: ReferencedDocument,
  schemas: ZodSource,
  operation: Json,
  place: string,
  fields: Map<string, string>,
): 'none' | 'rest' | 'field' {
  if (operation.requestBody === undefined) return 'none';
  const body = document.resolve(operation.requestBody, `${place} body`);
  if (!body) return 'none';
  const media = isJson(body.content) ? body.content : {};
  const kind = Object.keys(media).find((one) => jsonMedia.test(one));
  if (kind === undefined) {
    if (body.required === true) {
      document.problems.add(
        place,
        `the body is ${Object.keys(media).join(', ')}; only JSON can be sent`,
      );
    }
    return 'none';
  }
  const { schema } = media[kind] as Json;
  const own = schemas.fields(schema, 'input', `${place} body`);
  if (own && ![...own.keys()].some((name) => fields.has(name))) {
    for (const [name, source] of own) fields.set(name, source);
    return 'rest';
  }
  const source = schemas.of(schema, 'input', `${place} body`);
  if (fields.has('body'))
    document.problems.add(place, 'both a parameter and the body are named "body"');
  fields.set('body', body.required === true ? source : `${source}.optional()`);
  return 'field';
}

function outputOf(
  document: ReferencedDocument,
  schemas: ZodSource,
  operation: Json,
  place: string,
): string {
  const sources = new Set<string>();
  for (const [status, response] of responsesOf(document, operation, place)) {
    if (!/^2(\d\d|XX)$/i.test(status)) continue;
    const schema = jsonSchemaOf(response);
    if (schema === undefined) {
      const media = Object.keys(isJson(response.content) ? response.content : {});
      if (media.length > 0) {
        document.problems.add(place, `the answer is ${media.join(', ')}; only JSON can be read`);
      }
    }
    sources.add(
      schema === undefined ? 'z.void()' : schemas.of(schema, 'output', `${place} answer ${status}`),
    );
  }
  const list = [...sources];
  return list.length > 1 ? `z.union([${list.join(', ')}])` : (list[0] ?? 'z.void()');
}

function responsesOf(
  document: ReferencedDocument,
  operation: Json,
  place: string,
): readonly (readonly [string, Json])[] {
  const { responses } = operation;
  if (!isJson(responses)) return [];
  return Object.entries(responses).flatMap(([status, raw]) => {
    const response = document.resolve(raw, `${place} answer ${status}`);
    return response ? [[status, response] as const] : [];
  });
}

function jsonSchemaOf({ content }: Json): unknown {
  if (!isJson(content)) return undefined;
  const kind = Object.keys(content).find((one) => jsonMedia.test(one));
  const media = kind === undefined ? undefined : content[kind];
  return isJson(media) ? (media.schema ?? true) : undefined;
}

/** Statuses after which asking again may help, or that say something of the key: never a business no. */
const noRefusals = new Set([401, 408, 425, 429]);

function errorsOf(
  document: ReferencedDocument,
  operation: Json,
  place: string,
  service: string,
): readonly DescribedError[] {
  const errors: DescribedError[] = [];
  for (const [key, response] of responsesOf(document, operation, place)) {
    const status = Number(key);
    if (!(status >= 400 && status < 500) || noRefusals.has(status)) continue;
    const codes = codesOf(document, jsonSchemaOf(response), place);
    const words = typeof response.description === 'string' ? firstLine(response.description) : '';
    for (const code of codes) {
      if (generalCodes.has(code)) continue;
      errors.push({ code, status, named: true, title: titleOf(response, code) ?? (words || code) });
    }
    if (codes.length > 0) continue;
    const code = `${codePrefix(service)}_${status}`;
    errors.push({ code, status, named: false, title: words || `Answered ${status}` });
  }
  return errors;
}

/** `payment-service` as the beginning of a code. */
export function codePrefix(service: string): string {
  return service.replaceAll('-', '_').toUpperCase();
}

/** The values that the field `code` of a problem may have. */
function codesOf(
  document: ReferencedDocument,
  schema: unknown,
  place: string,
  depth = 0,
): readonly string[] {
  if (schema === undefined || schema === true || depth > 10) return [];
  const target = document.resolve(schema, place);
  if (!target) return [];
  const code = isJson(target.properties) ? target.properties.code : undefined;
  const own = isJson(code) ? (Array.isArray(code.enum) ? code.enum : [code.const]) : [];
  const parts = [target.allOf, target.oneOf, target.anyOf].flatMap((list) =>
    Array.isArray(list) ? list.flatMap((part) => codesOf(document, part, place, depth + 1)) : [],
  );
  const found = [...own, ...parts].filter(
    (one): one is string => typeof one === 'string' && /^[A-Za-z][\w.-]{0,99}$/.test(one),
  );
  return [...new Set(found)];
}

/** Our own documents give an example of each code, with its title. */
function titleOf({ content }: Json, code: string): string | null {
  if (!isJson(content)) return null;
  for (const media of Object.values(content)) {
    const examples = isJson(media) ? media.examples : undefined;
    const example = isJson(examples) ? examples[code] : undefined;
    const value = isJson(example) ? example.value : undefined;
    if (isJson(value) && typeof value.title === 'string') return value.title.slice(0, 200);
  }
  return null;
}

/** A name for the constant of an operation or event, e.g. `paymentsCreateSession`. */
export function constantName(name: string): string {
  const joined = identifier(name);
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}
