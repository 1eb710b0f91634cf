/**
 * What an operation of this dialect is: a route, the procedures that it runs, and how it translates. What a
 * caller may do follows from the procedures; an operation itself permits and reads nothing.
 */
import type { Engine } from '../engine/index.ts';
import { invalid } from './rest-error.ts';

/** A request, as operations see it. */
export interface RestRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Parts of a multipart body. */
  readonly form?: FormData;
  /** Aborted when nobody hears the answer any more. */
  readonly signal: AbortSignal;
  /** Runs a procedure as the caller; its refusals are thrown in the words of this dialect. */
  run<Output>(procedure: string, input: object): Promise<Output>;
  readonly engine: Engine;
  /** Where this dialect answers, without a slash at the end; for links. */
  readonly baseUrl: string;
}

/** An answer: JSON, or text of another type; without either it has no body. */
export interface RestAnswer {
  /** @defaultValue 200 with a body, 204 without */
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  /** Type of the text. @defaultValue text/plain */
  readonly type?: string;
}

/** One operation. */
export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/engine-rest`, parameters in braces. */
  readonly path: string;
  /** Procedures that it runs; the first one decides who is let in. None: anybody is. */
  readonly procedures: readonly string[];
  /** What is different from Camunda 7, in a sentence or two. */
  readonly note?: string;
  answer(request: RestRequest): Promise<RestAnswer>;
}

/** A text of a body, or an error that names it. */
export function textOf(body: RestRequest['body'], name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`expected "${name}" to be a text, found ${JSON.stringify(value) ?? 'nothing'}`);
}

/** A text that may be absent. */
export function optionalText(body: RestRequest['body'], name: string): string | undefined {
  const value = body[name];
  if (value === undefined || value === null || value === '') return undefined;
  return textOf(body, name);
}

/** A whole number of a body or query; undefined when absent. */
export function optionalNumber(body: RestRequest['body'], name: string): number | undefined {
  const value = body[name];
  if (value === undefined || value === null || value === '') return undefined;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw invalid(`expected "${name}" to be a whole number, found ${JSON.stringify(value)}`);
}

/** A whole number of a body. */
export function numberOf(body: RestRequest['body'], name: string): number {
  const found = optionalNumber(body, name);
  if (found !== undefined) return found;
  throw invalid(`expected "${name}" to be a whole number, found nothing`);
}

/** True for `true` and the text of it. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}

/** A list that is written as a list, or as text with commas. */
export function listOf(value: unknown): string[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (Array.isArray(value)) return value.map(String);
  return String(value)
    .split(',')
    .map((one) => one.trim());
}

/** Throws when a filter is given that this engine cannot apply: a list is never wider than was asked. */
export function onlyKnown(
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const odd = Object.entries(given)
    .filter(([name, value]) => value !== undefined && value !== null && !known.includes(name))
    .map(([name]) => name);
  if (odd.length === 0) return;
  throw invalid(
    `expected parameters that this engine knows here (${known.join(', ') || 'none'}), found ` +
      `${odd.join(', ')}`,
  );
}
