/** Writes the files of an integration from a service's description. Pure: the same in, the same out. */
import type { DescribedEvent } from './describe-events.ts';
import {
  constantName,
  type DescribedError,
  type DescribedOperation,
} from './describe-operations.ts';
import { text } from './zod-source.ts';

/** A service as its files say it. */
export interface DescribedService {
  readonly name: string;
  readonly title: string;
  readonly basePath: string;
  readonly credential: { readonly header: string; readonly prefix: string } | null;
  readonly operations: readonly DescribedOperation[];
  readonly events: readonly DescribedEvent[];
  /** Source of the components, in their order. */
  readonly declarations: readonly string[];
  readonly usesAllDifferent: boolean;
}

/** The name of the constant that is the service, e.g. `paymentService`. */
function serviceConstant(name: string): string {
  return constantName(name);
}

/** The text of `index.ts`, the folder's public face. */
export function indexSource({ name }: Pick<DescribedService, 'name'>): string {
  return [
    `/** The public face of ${name}: its operations as procedures and its events, from its OpenAPI document. */`,
    `export * from './generated/service.ts';`,
    '',
  ].join('\n');
}

/** The text of `generated/service.ts`. */
export function serviceSource(service: DescribedService): string {
  const names = new Names();
  const errors = errorsOf(service);
  const constants = new Map(
    [...errors.values()].map((error) => [
      error.code,
      names.take(constantName(error.code.toLowerCase())),
    ]),
  );
  const operations = service.operations.map((operation) => ({
    constant: names.take(constantName(operation.name)),
    operation,
  }));
  const events = service.events.map((event) => ({
    constant: names.take(constantName(event.name)),
    event,
  }));
  const imports = [
    ...(service.usesAllDifferent ? ['allDifferent'] : []),
    ...(events.length > 0 ? ['defineRemoteEvent'] : []),
    ...(operations.length > 0 ? ['defineRemoteProcedure'] : []),
    'defineRemoteService',
  ];
  const usesZod = operations.length + events.length > 0;
  const parts = [
    '// Generated from ../openapi.yaml by `orderloom integrate`; not to be edited.',
    '',
    ...(usesZod ? [`import { z } from 'zod';`] : []),
    ...(errors.size > 0 ? [`import { defineError } from '../../../kernel/errors.ts';`] : []),
    `import { ${imports.join(', ')} } from '../../remote/service.ts';`,
    '',
    ...service.declarations,
    ...[...errors.values()].map(
      ({ code, status, title }) =>
        `const ${constants.get(code)} = defineError(${text({ code, status, title })});`,
    ),
    '',
    ...operations.map(({ constant, operation }) =>
      operationSource(service.name, constant, operation, constants),
    ),
    ...events.map(({ constant, event }) => eventSource(service.name, constant, event)),
    '/** The service with all that was taken from its document. */',
    `export const ${names.take(serviceConstant(service.name))} = defineRemoteService({`,
    `  name: ${text(service.name)},`,
    `  title: ${text(service.title)},`,
    `  basePath: ${text(service.basePath)},`,
    `  credential: ${text(service.credential)},`,
    `  procedures: [${operations.map(({ constant }) => constant).join(', ')}],`,
    `  events: [${events.map(({ constant }) => constant).join(', ')}],`,
    '});',
    '',
  ];
  return parts.join('\n');
}

function operationSource(
  service: string,
  constant: string,
  operation: DescribedOperation,
  constants: ReadonlyMap<string, string>,
): string {
  const { placement, errors, description } = operation;
  const unnamed = errors.filter(({ named }) => !named);
  const known = [...new Set(errors.map(({ code }) => constants.get(code)))];
  const where = [
    ...(placement.path.length > 0 ? [`path: ${text(placement.path)}`] : []),
    ...(placement.query.length > 0 ? [`query: ${text(placement.query)}`] : []),
    ...(Object.keys(placement.headers).length > 0 ? [`headers: ${text(placement.headers)}`] : []),
    ...(placement.body === 'none' ? [] : [`body: ${text(placement.body)}`]),
  ];
  return [
    `export const ${constant} = defineRemoteProcedure({`,
    `  name: ${text(`${service}.${operation.name}`)},`,
    `  summary: ${text(operation.summary)},`,
    ...(description === null ? [] : [`  description: ${text(description)},`]),
    `  input: ${operation.input},`,
    `  output: ${operation.output},`,
    `  errors: [${known.join(', ')}],`,
    '  request: {',
    `    method: ${text(operation.method.toUpperCase())},`,
    `    path: ${text(operation.path)},`,
    `    placement: { ${where.join(', ')} },`,
    `    repeatable: ${operation.repeatable},`,
    ...(unnamed.length === 0
      ? []
      : [
          `    byStatus: { ${unnamed.map(({ status, code }) => `${status}: ${constants.get(code)}`).join(', ')} },`,
        ]),
    '  },',
    '});',
    '',
  ].join('\n');
}

function eventSource(service: string, constant: string, event: DescribedEvent): string {
  const key =
    event.key === null
      ? `() => ${text(service)}`
      : `(payload) => String((payload as Readonly<Record<string, unknown>>)[${text(event.key)}])`;
  return [
    `export const ${constant} = defineRemoteEvent({`,
    `  name: ${text(`${service}.${event.name}`)},`,
    `  version: ${event.version},`,
    `  summary: ${text(event.summary)},`,
    `  payload: ${event.payload},`,
    `  body: ${event.body},`,
    `  payloadIn: ${text(event.payloadIn)},`,
    `  key: ${key},`,
    '});',
    '',
  ].join('\n');
}

/** One definition for each code: the status that stands first counts. */
function errorsOf({ operations }: DescribedService): ReadonlyMap<string, DescribedError> {
  const found = new Map<string, DescribedError>();
  for (const error of operations.flatMap(({ errors }) => errors)) {
    if (!found.has(error.code)) found.set(error.code, error);
  }
  return found;
}

/** Words that cannot name a constant, or that the file uses already. */
const taken = [
  'z',
  'allDifferent',
  'delete',
  'new',
  'class',
  'return',
  'import',
  'export',
  'default',
];

/** Names of constants, each once. */
class Names {
  readonly #used = new Set<string>(taken);

  take(wanted: string): string {
    let name = wanted;
    for (let n = 2; this.#used.has(name); n++) name = `${wanted}${n}`;
    this.#used.add(name);
    return name;
  }
}
