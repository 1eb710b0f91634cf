/**
 * Makes one input object of path, query and body, so that a procedure need not know where a field
 * came from. A field may be given twice only with the same value: nothing is silently preferred.
 */
import { type FieldIssue, type Refusal, refuse } from '../kernel/errors.ts';
import { jsonPointer } from '../kernel/field-issues.ts';
import { invalidInput } from '../procedures/index.ts';
import { canonicalJson } from './canonical-json.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The three places that input comes from. */
export interface RequestParts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

/** The merged input, or the refusal that names what contradicts itself. */
export function mergeInput({ params, query, body }: RequestParts): Fields | Refusal {
  if (body !== undefined && body !== null && !isFields(body)) {
    const found = Array.isArray(body) ? 'a list' : `a ${typeof body}`;
    return refuse(invalidInput, `expected a JSON object as the body, found ${found}`, {
      issues: [{ pointer: '', expected: 'object', found, message: 'expected a JSON object' }],
    });
  }
  const input: Record<string, unknown> = {};
  const issues: FieldIssue[] = [];
  for (const part of [body, query, params]) {
    if (!isFields(part)) continue;
    for (const [name, value] of Object.entries(part)) {
      if (Object.hasOwn(input, name) && !same(input[name], value)) {
        issues.push(contradiction(name));
      }
      input[name] = value;
    }
  }
  return issues.length === 0
    ? input
    : refuse(invalidInput, 'expected each field once, found different values for one field', {
        issues,
      });
}

function contradiction(name: string): FieldIssue {
  return {
    pointer: jsonPointer([name]),
    expected: 'one value for this field',
    found: 'different values in path, query and body',
    message: 'give the field in one place only',
  };
}

/** Path and query know only text: there `5` and `"5"` are the same. */
function same(a: unknown, b: unknown): boolean {
  return (
    canonicalJson(a) === canonicalJson(b) || (isPlain(a) && isPlain(b) && String(a) === String(b))
  );
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
