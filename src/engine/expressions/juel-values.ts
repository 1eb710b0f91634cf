/** How values of `${...}` become one another: the rules of the language, for what JSON can hold. */

/** Null is nothing; everything that is no text is written as JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Null and empty text are 0, text is read. Throws for what is no number. */
export function numberOf(value: unknown): number {
  if (value === null || value === undefined || value === '') return 0;
  if (typeof value === 'number') return value;
  const read = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  if (Number.isFinite(read)) return read;
  throw new Error(`expected a number, found ${clip(value)}`);
}

/** Null and empty text are false, `"true"` is true. Throws for numbers, lists and objects. */
export function truthOf(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.toLowerCase() === 'true';
  throw new Error(`expected true or false, found ${clip(value)}`);
}

/** Null, and text, lists and objects without anything in them. */
export function isEmptyValue(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Equality: a number with text as numbers, a truth with text as truths, lists and objects by their JSON. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b || (isNothing(a) && isNothing(b))) return true;
  if (isNothing(a) || isNothing(b)) return false;
  if (typeof a === 'boolean' || typeof b === 'boolean') return truthOf(a) === truthOf(b);
  if (typeof a === 'number' || typeof b === 'number') return numberOf(a) === numberOf(b);
  if (typeof a === 'object' && typeof b === 'object')
    return JSON.stringify(a) === JSON.stringify(b);
  return false;
}

/** Order: as numbers when one is a number, else as text. With null nothing is in order. */
export function compared(a: unknown, b: unknown, holds: (order: number) => boolean): boolean {
  if (isNothing(a) || isNothing(b)) return false;
  if (typeof a === 'string' && typeof b === 'string') return holds(a < b ? -1 : a > b ? 1 : 0);
  return holds(numberOf(a) - numberOf(b));
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}

function clip(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
