/**
 * Names for prepared statements. A text that is run a second time with values is prepared under a
 * name, so that PostgreSQL parses and plans it once per connection; a text that is run once (an `in`
 * list of unusual length, a migration) leaves nothing behind on the server.
 */

/** More texts than any sane program has; beyond it, statements stay unnamed instead of filling memory. */
const mostTexts = 4_000;

/** 0: seen once. Otherwise the number in the name. */
const numbers = new Map<string, number>();
let lastNumber = 0;

/** The name to prepare this text under, or undefined for a text that is not yet worth it. */
export function statementName(text: string): string | undefined {
  const number = numbers.get(text);
  if (number === undefined) {
    if (numbers.size < mostTexts) numbers.set(text, 0);
    return undefined;
  }
  if (number > 0) return `s${number}`;
  lastNumber += 1;
  numbers.set(text, lastNumber);
  return `s${lastNumber}`;
}

/** The name that this text has already, without counting this as a run of it. */
export function knownStatementName(text: string): string | undefined {
  const number = numbers.get(text) ?? 0;
  return number > 0 ? `s${number}` : undefined;
}
