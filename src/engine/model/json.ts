/**
 * Values as the database gives them back. What enters a state passes through here, so that an
 * instance in memory and the same instance after a crash are equal.
 */

/**
 * A deeply frozen copy of the value as JSON has it; `undefined` becomes null. Frozen, because
 * expressions and jobs are handed the state's own values and must not be able to change them.
 */
export function asJson(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return scalar(value);
  const text = JSON.stringify(value);
  return text === undefined ? null : freezeDeep(JSON.parse(text));
}

/** Numbers that JSON does not know become null there; a function or symbol has no JSON at all. */
function scalar(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  throw new Error(`expected a value that JSON can hold, found a ${typeof value}`);
}

/** Freezes a value that JSON gave, and all that is in it. */
export function freezeDeep<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const key in value) freezeDeep(value[key]);
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
