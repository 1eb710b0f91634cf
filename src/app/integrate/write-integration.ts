/**
 * Keeps an integration: its document, what is generated from it, and the list of all services. Writes
 * only files whose text differs, so that a second run changes nothing.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { CommandError } from '../api-client.ts';
import { constantName } from './describe-operations.ts';
import { describeService } from './describe-service.ts';
import { type DescribedService, indexSource, serviceSource } from './integration-source.ts';
import { isJson, type Json, readServiceDocument } from './read-service-document.ts';
import { digestOf, documentText, type Origin, originOf, sorted } from './take-document.ts';

/** A service's document as it is kept. */
export interface KeptDocument {
  readonly document: Json;
  readonly origin: Origin;
}

/** The folder of an integration, from the project's root. */
export function integrationFolder(name: string): string {
  return `src/integrations/${name}`;
}

/** What is kept of a service; null when there is no such integration. Another kind of folder is refused. */
export async function keptDocument(root: string, name: string): Promise<KeptDocument | null> {
  const folder = join(root, integrationFolder(name));
  const text = await readFile(join(folder, 'openapi.yaml'), 'utf8').catch(() => null);
  const document: unknown = text === null ? null : parse(text);
  const origin = isJson(document) ? originOf(document) : null;
  if (isJson(document) && origin) return { document, origin };
  const files = await readdir(folder).catch(() => []);
  if (files.length === 0) return null;
  throw new CommandError(
    `${integrationFolder(name)} holds something that \`orderloom integrate\` did not write; choose ` +
      'another name with --name',
  );
}

/** The files of an integration, by path from the project's root. */
export async function integrationFiles(options: {
  readonly root: string;
  readonly name: string;
  readonly source: string;
  readonly only?: readonly string[] | undefined;
}): Promise<ReadonlyMap<string, string>> {
  const { root, name, only } = options;
  const { document, source } = await readServiceDocument(options.source);
  const { kept } = describeService({ document, name, only, source });
  const service = describeKept(kept, name, only);
  const folder = integrationFolder(name);
  const sha256 = digestOf(kept);
  const origin: Origin = { source: portable(root, source), sha256, ...(only ? { only } : {}) };
  const text = documentText(kept, origin);
  return new Map([
    [`${folder}/openapi.yaml`, text],
    [`${folder}/generated/openapi.ts`, await typesOf(kept, origin)],
    [`${folder}/generated/service.ts`, serviceSource(service)],
    [`${folder}/index.ts`, indexSource(service)],
  ]);
}

/** The description that follows from what is kept, whatever the order of the fields was. */
export function describeKept(
  kept: Json,
  name: string,
  only: readonly string[] | undefined,
): DescribedService {
  const document = sorted(kept) as Json;
  return describeService({ document, name, only, source: 'openapi.yaml' }).service;
}

/** The text of the list of all integrated services. */
export async function serviceListText(root: string, added?: string): Promise<string> {
  const folders = await readdir(join(root, 'src/integrations'), { withFileTypes: true });
  const names: string[] = [];
  for (const { name } of folders.filter((entry) => entry.isDirectory())) {
    const text = await readFile(join(root, integrationFolder(name), 'openapi.yaml'), 'utf8').catch(
      () => '',
    );
    if (name === added || /^x-integration:/m.test(text)) names.push(name);
  }
  if (added !== undefined && !names.includes(added)) names.push(added);
  names.sort();
  const imports = [
    ...names.map((name) => ({ path: `${name}/index.ts`, what: `{ ${constantName(name)} }` })),
    { path: 'remote/service.ts', what: 'type { RemoteService }' },
  ]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, what }) => `import ${what} from '../integrations/${path}';`);
  const list = names.map(constantName);
  const oneLine = `export const integratedServices: readonly RemoteService[] = [${list.join(', ')}];`;
  return [
    '// The other services that this program knows, each in its folder. Written by `orderloom integrate`.',
    ...imports,
    '',
    '/** Every service that was integrated; those without an address in the configuration are not called. */',
    oneLine.length <= 100
      ? oneLine
      : `export const integratedServices: readonly RemoteService[] = [\n${list.map((one) => `  ${one},`).join('\n')}\n];`,
    '',
  ].join('\n');
}

/** Writes what differs, and gives the paths that were written. */
export async function writeFiles(
  root: string,
  files: ReadonlyMap<string, string>,
): Promise<readonly string[]> {
  const written: string[] = [];
  for (const [path, text] of files) {
    const file = join(root, path);
    if ((await readFile(file, 'utf8').catch(() => null)) === text) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    written.push(path);
  }
  return written;
}

/** A file of the project is named from its root, so that the next checkout finds it. */
function portable(root: string, source: string): string {
  if (/^https?:\/\//.test(source)) return source;
  const inside = relative(root, resolve(source));
  return inside.startsWith('..') ? resolve(source) : inside;
}

/** The generator of types is a tool of development and not part of what runs. */
async function typesOf(kept: Json, origin: Origin): Promise<string> {
  const generator = await import('@orderloom/api-types').catch(() => null);
  if (!generator) {
    throw new CommandError(
      'the generator of types is not installed; run `npm ci` without --omit=dev, and again',
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'orderloom-integrate-'));
  try {
    const file = join(folder, 'openapi.yaml');
    await writeFile(file, documentText(kept, origin));
    return await generator.clientTypes(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}
