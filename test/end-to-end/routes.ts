/** Every route that follows from the manifests, as the program's own OpenAPI document tells them. */
import type { HttpClient } from './shop.ts';

/** What the tests read of a JSON Schema. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
}

interface Parameter {
  readonly name?: string;
  readonly in: string;
  readonly schema: Schema;
}

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema: Schema }>> };
  readonly security: readonly unknown[];
  readonly 'x-roles'?: readonly string[];
}

/** One procedure over HTTP. */
export interface Route {
  /** The procedure's name. */
  readonly name: string;
  readonly method: string;
  /** With parameters in braces. */
  readonly path: string;
  readonly parameters: readonly { name: string; in: string; schema: Schema }[];
  readonly body: Schema | undefined;
  /** Who may call it; a list of roles means one of them. */
  readonly access: 'public' | 'authenticated' | readonly string[];
}

/** Well formed, and the id of nothing. */
export const someId = '01900000-0000-7000-8000-0000000000ff';

/** The routes of all procedures; webhooks are none of them. */
export async function routesOf(client: HttpClient): Promise<readonly Route[]> {
  const { body } = await client.get<{ paths: Record<string, Record<string, Operation>> }>(
    '/openapi.json',
  );
  return Object.entries(body.paths)
    .filter(([path]) => !path.startsWith('/webhooks'))
    .flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { operationId }]) => operationId?.includes('.'))
        .map(([method, operation]) => routeOf(method, path, operation)),
    );
}

function routeOf(method: string, path: string, operation: Operation): Route {
  return {
    name: operation.operationId,
    method: method.toUpperCase(),
    path: `/api/v1${path.replace(/^\/api\/v1/, '')}`,
    parameters: (operation.parameters ?? []).flatMap(({ name, ...rest }) =>
      name === undefined ? [] : [{ name, ...rest }],
    ),
    body: operation.requestBody?.content['application/json']?.schema,
    access: operation['x-roles'] ?? (operation.security.length === 0 ? 'public' : 'authenticated'),
  };
}

/** The path with every parameter filled in: as given, or well formed and of nothing that exists. */
export function pathOf({ path, parameters }: Route, given: Record<string, string> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const schema = parameters.find((one) => one.name === name)?.schema;
    const numeric = schema?.type === 'integer' || schema?.type === 'number';
    return given[name] ?? (numeric ? '7' : wellFormed(schema));
  });
}

/** Names of things that do not exist, as ids, digests and plain names have them. */
const names = [someId, 'prod-nowhere', 'x'.repeat(43)];

function wellFormed({ format, pattern, anyOf }: Schema = {}): string {
  if (anyOf) return wellFormed(anyOf[0]);
  if (format === 'uuid') return someId;
  const name = names.slice(1).find((one) => new RegExp(pattern ?? '', 'u').test(one));
  if (name === undefined) throw new Error(`expected a name that fits ${pattern}; add one here`);
  return name;
}
