/**
 * Reads another service's OpenAPI document, from a URL or a file. Guarantees that what comes back is an
 * OpenAPI 3.0 or 3.1 document of bounded size and depth whose references stay inside of it. Nothing in
 * it is trusted further: it is data, and is never run.
 */
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { CommandError } from '../api-client.ts';

/** A JSON object whose fields are not known yet. */
export type Json = { readonly [name: string]: unknown };

/** Documents beyond these are no interfaces that anybody could read. */
const largestBytes = 10 * 1024 * 1024;
const deepest = 100;
const mostValues = 500_000;
const patienceMs = 20_000;

/** Where services keep their documents, when only their address is given. */
const usualPlaces = ['openapi.json', 'openapi.yaml', 'v3/api-docs', 'swagger.json'];

/** True for an object that is no list. */
export function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A document and where it was found. */
export interface FoundDocument {
  readonly document: Json;
  /** The URL or path from which it came. */
  readonly source: string;
}

/** Reads and checks. What cannot be used is a `CommandError` that says what was found. */
export async function readServiceDocument(source: string): Promise<FoundDocument> {
  if (!/^https?:\/\//.test(source)) {
    return { document: checked(await fileText(source), source), source };
  }
  const url = new URL(source);
  if (url.pathname !== '/' && url.pathname !== '') {
    return { document: checked(await download(url), source), source };
  }
  const tried: string[] = [];
  for (const place of usualPlaces) {
    const at = new URL(place, url);
    try {
      return { document: checked(await download(at), at.href), source: at.href };
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      tried.push(`  ${error.message}`);
    }
  }
  throw new CommandError(
    `found no OpenAPI document at ${source}; give its full address. Tried:\n${tried.join('\n')}`,
  );
}

async function fileText(path: string): Promise<string> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) {
    throw new CommandError(
      `expected a URL (http:// or https://) or the path of a file, found ${path}`,
    );
  }
  if (found.size > largestBytes) throw tooLarge(path);
  return await readFile(path, 'utf8');
}

async function download(url: URL): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5' },
      signal: AbortSignal.timeout(patienceMs),
    });
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    const why = cause?.message || message;
    throw new CommandError(`${url.href} cannot be read: ${why}; does the service run there?`);
  }
  const text = await boundedText(response, url.href);
  if (response.ok) return text;
  throw new CommandError(`${url.href} was answered ${response.status}, expected a document`);
}

async function boundedText(response: Response, source: string): Promise<string> {
  const decoder = new TextDecoder();
  let read = 0;
  let text = '';
  for await (const chunk of response.body ?? []) {
    read += chunk.byteLength;
    if (read > largestBytes) throw tooLarge(source);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function tooLarge(source: string): CommandError {
  return new CommandError(`${source}: expected at most ${largestBytes} bytes, found more`);
}

function checked(text: string, source: string): Json {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 1_000, logLevel: 'error' });
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new CommandError(`${source}: expected JSON or YAML, found text that is neither: ${why}`);
  }
  if (!isJson(document)) {
    throw new CommandError(`${source}: expected an OpenAPI document, found something else`);
  }
  const version = document.openapi;
  if (typeof version !== 'string' || !/^3\.[01]\./.test(version)) {
    const found =
      version ?? (document.swagger === undefined ? 'none' : `Swagger ${document.swagger}`);
    throw new CommandError(
      `${source}: expected OpenAPI 3.0 or 3.1, found ${found}; convert the document first`,
    );
  }
  measure(document, source);
  return document;
}

/** Bounds depth and size as they are after aliases of YAML were followed. */
function measure(document: Json, source: string): void {
  let values = 0;
  const visit = (value: unknown, depth: number): void => {
    values += 1;
    if (depth > deepest || values > mostValues) {
      throw new CommandError(
        `${source}: expected at most ${deepest} levels and ${mostValues} values, found more`,
      );
    }
    if (typeof value !== 'object' || value === null) return;
    for (const part of Object.values(value)) visit(part, depth + 1);
  };
  visit(document, 0);
}
