/**
 * What does not fit a document, told so that it can be mended: where, what was expected, what was
 * found. Guarantees that the value of a field that holds a secret is never shown.
 */
import type { ErrorObject } from 'ajv/dist/2020.js';
import { isSecretName, redacted } from '../../kernel/secrets.ts';

/** One way in which a message does not fit the document. */
export interface ContractIssue {
  /** Where: `body`, `query`, `header` or `path`, then a JSON pointer, e.g. `body/items/0`. */
  readonly pointer: string;
  readonly expected: string;
  /** What was there; secrets are not shown. */
  readonly found: string;
}

/** A compiled schema: gives what does not fit, nothing when all does. */
export type Validate = (value: unknown) => readonly ErrorObject[];

/** The issues of a value in this part of a message. */
export function issuesOf(
  validate: Validate,
  value: unknown,
  where: string,
): readonly ContractIssue[] {
  return validate(value).map((error) => issueOf(error, where));
}

function issueOf(error: ErrorObject, where: string): ContractIssue {
  const params = error.params as Record<string, unknown>;
  const extra = params.additionalProperty;
  if (typeof extra === 'string') {
    const pointer = `${where}${error.instancePath}/${extra}`;
    return { pointer, expected: 'no such field', found: 'a field' };
  }
  const missing = params.missingProperty;
  if (typeof missing === 'string') {
    const pointer = `${where}${error.instancePath}/${missing}`;
    return { pointer, expected: 'a value', found: 'nothing' };
  }
  const allowed = params.allowedValues;
  const expected = Array.isArray(allowed)
    ? `one of ${allowed.join(', ')}`
    : (error.message ?? error.keyword).replace(/^must be /, '').replace(/^must /, 'to ');
  const pointer = `${where}${error.instancePath}`;
  return { pointer, expected, found: shown(pointer, error.data) };
}

const longestShown = 80;

function shown(pointer: string, value: unknown): string {
  if (isSecretName(pointer.slice(pointer.lastIndexOf('/') + 1))) return redacted;
  const text = typeof value === 'object' && value !== null ? typeName(value) : String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text;
}

function typeName(value: object): string {
  return Array.isArray(value) ? 'a list' : 'an object';
}
