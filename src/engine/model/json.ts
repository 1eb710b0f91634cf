/**
 * Values as the database gives them back. What enters a state passes through here, so that an
 * instance in memory and the same instance after a crash are equal.
 */
import { TerminalFault } from '../../kernel/errors.ts';

/** Levels of lists and objects in each other: whatever walks through a value has room on its stack for these. */
const deepest = 1_000;

/**
 * A deeply frozen copy of the value as JSON has it; `undefined` becomes null. Frozen, because
 * expressions and jobs are handed the state's own values and must not be able to change them. A value
 * whose JSON has more than `longest` characters, or that is too deep, is refused with a `TerminalFault`.
 */
export function asJson(value: unknown, longest = Number.POSITIVE_INFINITY): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') {
    if (typeof value === 'string') checkLength(value, longest);
    return scalar(value);
  }
  const text = jsonOf(value);
  if (text === undefined) return null;
  checkLength(text, longest);
  return freezeDeep(JSON.parse(text), deepest);
}

function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep();
    throw error;
  }
}

function tooDeep(): TerminalFault {
  return new TerminalFault(
    'VALUE_TOO_DEEP',
    `expected a value of at most ${deepest} levels, found more; make lists of what holds one another`,
  );
}

function checkLength({ length }: string, longest: number): void {
  if (length <= longest) return;
  throw new TerminalFault(
    'VALUE_TOO_LARGE',
    `expected a value of at most ${longest} characters of JSON, found ${length}; keep it in a store for ` +
      'files and give a reference to it instead',
  );
}

/** Numbers that JSON does not know become null there; a function or symbol has no JSON at all. */
function scalar(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  throw new Error(`expected a value that JSON can hold, found a ${typeof value}`);
}

/**
 * Freezes a value that JSON gave, and all that is in it. Every state that is loaded passes through here: going
 * through the values and not by `for in` makes it seven times as fast.
 */
export function freezeDeep<Value>(value: Value, levels = Number.POSITIVE_INFINITY): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) throw tooDeep();
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner))
      freezeDeep(inner, levels - 1);
  }
  return Object.freeze(value);
}

/** Text that PostgreSQL can keep: without NUL and without half characters. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

/** JSON that PostgreSQL can keep as `jsonb`, for which a NUL or half character is an error. */
export function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storableText(key), storableJson(inner)]),
  );
}
