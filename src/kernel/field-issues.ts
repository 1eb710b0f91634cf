/**
 * Turns what a schema found into field issues: where, what was expected, what was found. Values of
 * fields that are named like secrets are never echoed.
 */
import type { z } from 'zod';
import type { FieldIssue } from './errors.ts';
import { isSecretName } from './secrets.ts';

/** More issues than a person reads; a huge wrong body must not become a huge answer. */
export const mostIssues = 50;
const longestFound = 80;

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The issues of a failed parse of `input`, each with a JSON pointer into it. */
export function fieldIssues(error: z.ZodError, input: unknown): FieldIssue[] {
  return error.issues.flatMap((issue) => issuesOf(issue, [], input)).slice(0, mostIssues);
}

function issuesOf(issue: Issue, base: Path, input: unknown): FieldIssue[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField([...path, key], input));
  }
  if (issue.code === 'invalid_union') {
    const branch = nearestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => issuesOf(inner, path, input));
  }
  return [
    {
      pointer: jsonPointer(path),
      expected: expectedBy(issue),
      found: foundAt(path, input),
      message: issue.message,
    },
  ];
}

function unknownField(path: Path, input: unknown): FieldIssue {
  return {
    pointer: jsonPointer(path),
    expected: 'no such field',
    found: foundAt(path, input),
    message: `Unrecognized field "${String(path.at(-1))}"`,
  };
}

/** The branch of a union that got furthest; none when all failed at the very value itself. */
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const deep = branches.filter((issues) => issues.some(({ path }) => path.length > 0));
  return deep.sort((a, b) => a.length - b.length)[0];
}

/** RFC 6901. The empty pointer is the whole input. */
export function jsonPointer(path: Path): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

function expectedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `text matching ${issue.pattern}` : issue.format;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'invalid_union':
      return expectedByUnion(issue.errors);
    default:
      return issue.message.replace(/^expected /i, '');
  }
}

function expectedByUnion(branches: readonly (readonly Issue[])[]): string {
  const all = branches.flatMap((issues) => issues.slice(0, 1).map(expectedBy));
  return all.length === 0 ? 'one of the allowed shapes' : [...new Set(all)].join(' or ');
}

function unitOf(origin: string, count: number | bigint): string {
  const isOne = Number(count) === 1;
  if (origin === 'string') return isOne ? ' character' : ' characters';
  if (origin === 'array' || origin === 'set') return isOne ? ' entry' : ' entries';
  return '';
}

/** What is at that place of an input, in words that fit into a message; nothing of what is named like a secret. */
export function foundAt(path: Path, input: unknown): string {
  if (path.some((part) => typeof part === 'string' && isSecretName(part))) {
    return 'a value that is not shown';
  }
  let value = input;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      return 'nothing';
    }
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return describe(value);
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
  return text.length > longestFound ? `${text.slice(0, longestFound)}…` : text;
}
