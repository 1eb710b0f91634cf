/**
 * Reads an OpenAPI 3.1 document and makes checks of its operations. Clients check the answers of
 * an outside system with it, sandboxes check the requests that they get, so that both sides are
 * held to the one document that is committed. References to other documents beside it are
 * followed.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { z } from 'zod';
import { assert } from '../../kernel/errors.ts';
import { type ContractIssue, issuesOf, type Validate } from './contract-issue.ts';

/** The parts of a request that a document speaks of. */
export interface RequestParts {
  readonly path: unknown;
  readonly query: unknown;
  readonly header: unknown;
  readonly body: unknown;
}

/** One operation, with its checks. */
export interface ContractOperation {
  readonly operationId: string;
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'PATCH';
  /** As in the document, with parameters in braces. */
  readonly path: string;
  /** True when the caller must show the API key. */
  readonly secured: boolean;
  /** What in the request does not fit; empty when all does. */
  checkRequest(request: RequestParts): readonly ContractIssue[];
  /** What in the answer does not fit; a status that the document does not know is an issue. */
  checkResponse(status: number, body: unknown): readonly ContractIssue[];
}

/** A document, ready for checking. */
export interface Contract {
  readonly title: string;
  readonly operations: readonly ContractOperation[];
  /** Checks the body of an outgoing call that the document lists under `webhooks`. */
  checkWebhook(name: string, body: unknown): readonly ContractIssue[];
}

const parameterShape = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean().optional(),
  schema: z.unknown(),
});
type Parameter = z.infer<typeof parameterShape>;

const content = z.record(z.string(), z.object({ schema: z.unknown().optional() }));
const operationShape = z.object({
  operationId: z.string(),
  parameters: z.array(z.unknown()).default([]),
  security: z.array(z.unknown()).optional(),
  requestBody: z.object({ required: z.boolean().optional(), content }).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const responseShape = z.object({ content: content.optional() });
const pathItemShape = z.object({ parameters: z.array(z.unknown()).default([]) });
const documentShape = z.object({
  info: z.object({ title: z.string() }),
  security: z.array(z.unknown()).optional(),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  webhooks: z.record(z.string(), z.object({ post: operationShape })).default({}),
});

const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;

/** Reads the document at `url`. A document that cannot be used is a bug, seen at start. */
export function loadContract(url: URL): Contract {
  const schemas = new SchemaStore(url);
  const document = documentShape.parse(schemas.root);
  const operations: ContractOperation[] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    const shared = pathItemShape.parse(item).parameters;
    for (const method of methods) {
      if (item[method] === undefined) continue;
      const operation = operationShape.parse(item[method]);
      operations.push({
        operationId: operation.operationId,
        method: method.toUpperCase() as ContractOperation['method'],
        path,
        secured: (operation.security ?? document.security ?? []).length > 0,
        checkRequest: requestCheck(schemas, operation, [...shared, ...operation.parameters]),
        checkResponse: responseCheck(schemas, operation),
      });
    }
  }
  const webhooks = new Map(
    Object.entries(document.webhooks).map(([name, { post }]) => [
      name,
      bodyCheck(schemas, post.requestBody, 'body'),
    ]),
  );
  return {
    title: document.info.title,
    operations,
    checkWebhook(name, body) {
      const check = webhooks.get(name);
      assert(check, `${document.info.title} has no webhook "${name}"; its document names them`);
      return check(body);
    },
  };
}

/** As `loadContract`, at the first call and once: a program starts without the documents it may need. */
export function lazyContract(url: URL): () => Contract {
  let contract: Contract | undefined;
  return () => {
    contract ??= loadContract(url);
    return contract;
  };
}

function requestCheck(
  schemas: SchemaStore,
  operation: z.infer<typeof operationShape>,
  rawParameters: readonly unknown[],
): ContractOperation['checkRequest'] {
  const parameters = rawParameters.map((raw) => parameterShape.parse(schemas.resolve(raw)));
  const checkPart = (where: Parameter['in']) => {
    // HTTP lower-cases header names, and knows more headers than any document.
    const named = (name: string) => (where === 'header' ? name.toLowerCase() : name);
    const ofPart = parameters.filter((parameter) => parameter.in === where);
    const validate = schemas.compileParameters({
      type: 'object',
      properties: Object.fromEntries(ofPart.map((p) => [named(p.name), p.schema])),
      required: ofPart.filter((p) => p.required).map((p) => named(p.name)),
      additionalProperties: where === 'header',
    });
    return (value: unknown) => issuesOf(validate, value ?? {}, where);
  };
  const path = checkPart('path');
  const query = checkPart('query');
  const header = checkPart('header');
  const body = bodyCheck(schemas, operation.requestBody, 'body');
  return (request) => [
    ...path(request.path),
    ...query(request.query),
    ...header(request.header),
    ...body(request.body),
  ];
}

function bodyCheck(
  schemas: SchemaStore,
  requestBody: z.infer<typeof operationShape>['requestBody'],
  where: string,
): (body: unknown) => readonly ContractIssue[] {
  if (!requestBody) return () => [];
  const json = requestBody.content['application/json'];
  assert(json?.schema, 'a request body without an application/json schema cannot be checked');
  const validate = schemas.compile(json.schema);
  return (body) => {
    if (body === undefined || body === null) {
      const issue = { pointer: where, expected: 'a JSON body', found: 'nothing' };
      return requestBody.required ? [issue] : [];
    }
    return issuesOf(validate, body, where);
  };
}

function responseCheck(
  schemas: SchemaStore,
  operation: z.infer<typeof operationShape>,
): ContractOperation['checkResponse'] {
  const checks = new Map<string, (body: unknown) => readonly ContractIssue[]>();
  for (const [status, raw] of Object.entries(operation.responses)) {
    const response = responseShape.parse(schemas.resolve(raw));
    const schema = response.content?.['application/json']?.schema;
    const validate = schema === undefined ? undefined : schemas.compile(schema);
    checks.set(status, (body) => (validate ? issuesOf(validate, body, 'body') : []));
  }
  const known = [...checks.keys()].join(', ');
  return (status, body) => {
    const check = checks.get(String(status)) ?? checks.get(`${Math.floor(status / 100)}XX`);
    if (check) return check(body);
    return [{ pointer: 'status', expected: `one of ${known}`, found: String(status) }];
  };
}

/** The document, the documents that it refers to, and the compilers that know them all. */
class SchemaStore {
  readonly root: unknown;
  readonly #url: URL;
  readonly #documents = new Map<string, unknown>();
  readonly #ajv = newAjv(false);
  /** Parameters arrive as text, so numbers and booleans are read from it. */
  readonly #parameterAjv = newAjv(true);

  constructor(url: URL) {
    this.#url = url;
    this.root = this.#add(url);
  }

  /** Follows a `$ref` to what it names; anything else is given back as it is. */
  resolve(value: unknown): unknown {
    const reference = z.object({ $ref: z.string() }).safeParse(value);
    if (!reference.success) return value;
    const target = new URL(reference.data.$ref, this.#url);
    const pointer = decodeURIComponent(target.hash.slice(1));
    target.hash = '';
    let found = this.#documents.get(target.href);
    for (const part of pointer.split('/').slice(1)) {
      found = z.record(z.string(), z.unknown()).parse(found)[
        part.replaceAll('~1', '/').replaceAll('~0', '~')
      ];
    }
    assert(found !== undefined, `${reference.data.$ref} names nothing; correct the document`);
    return found;
  }

  compile(schema: unknown): Validate {
    return this.#compile(this.#ajv, schema);
  }

  compileParameters(schema: unknown): Validate {
    return this.#compile(this.#parameterAjv, schema);
  }

  /**
   * Compiled when first used: a program asks for a few of the operations, and wants to start soon.
   */
  #compile(ajv: Ajv2020, schema: unknown): Validate {
    let validate: ValidateFunction | undefined;
    return (value) => {
      validate ??= ajv.compile(this.#based(schema));
      return validate(value) ? [] : (validate.errors ?? []);
    };
  }

  /** References in the schema are relative to the document in which it stands. */
  #based(schema: unknown): object {
    const absolute: unknown = JSON.parse(JSON.stringify(schema), (key, value) =>
      key === '$ref' && typeof value === 'string' ? new URL(value, this.#url).href : value,
    );
    return z.record(z.string(), z.unknown()).parse(absolute);
  }

  #add(url: URL): unknown {
    const known = this.#documents.get(url.href);
    if (known !== undefined) return known;
    const document: unknown = parse(readFileSync(url, 'utf8'));
    this.#documents.set(url.href, document);
    const schema = { ...z.record(z.string(), z.unknown()).parse(document), $id: url.href };
    this.#ajv.addSchema(schema);
    this.#parameterAjv.addSchema(schema);
    for (const [, reference = ''] of JSON.stringify(document).matchAll(/"\$ref":"([^"#]+)#/g)) {
      this.#add(new URL(reference, url));
    }
    return document;
  }
}

function newAjv(coerceTypes: boolean): Ajv2020 {
  // A whole OpenAPI document is registered, whose own keywords are not those of JSON Schema.
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateSchema: false,
    verbose: true,
    coerceTypes,
  });
  addFormats.default(ajv);
  return ajv;
}
