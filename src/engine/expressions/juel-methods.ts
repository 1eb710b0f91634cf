/** The methods that `${...}` may call on values, by the names that Java gives them. */
import { numberOf, sameValue, textOf } from './juel-values.ts';

type Method = (base: never, ...given: unknown[]) => unknown;

const ofText: Readonly<Record<string, Method>> = {
  length: (text: string) => text.length,
  isEmpty: (text: string) => text === '',
  toLowerCase: (text: string) => text.toLowerCase(),
  toUpperCase: (text: string) => text.toUpperCase(),
  trim: (text: string) => text.trim(),
  contains: (text: string, part) => text.includes(textOf(part)),
  startsWith: (text: string, part) => text.startsWith(textOf(part)),
  endsWith: (text: string, part) => text.endsWith(textOf(part)),
  equalsIgnoreCase: (text: string, other) => text.toLowerCase() === textOf(other).toLowerCase(),
  indexOf: (text: string, part) => text.indexOf(textOf(part)),
  concat: (text: string, other) => text + textOf(other),
  substring: (text: string, from, to) =>
    text.substring(numberOf(from), to === undefined ? text.length : numberOf(to)),
};

const ofList: Readonly<Record<string, Method>> = {
  size: (list: readonly unknown[]) => list.length,
  isEmpty: (list: readonly unknown[]) => list.length === 0,
  contains: (list: readonly unknown[], item) => list.some((one) => sameValue(one, item)),
  get: (list: readonly unknown[], at) => list[numberOf(at)] ?? null,
  indexOf: (list: readonly unknown[], item) => list.findIndex((one) => sameValue(one, item)),
};

type Entries = Readonly<Record<string, unknown>>;
const ofObject: Readonly<Record<string, Method>> = {
  size: (object: Entries) => Object.keys(object).length,
  isEmpty: (object: Entries) => Object.keys(object).length === 0,
  containsKey: (object: Entries, key) => Object.hasOwn(object, textOf(key)),
  get: (object: Entries, key) => (Object.hasOwn(object, textOf(key)) ? object[textOf(key)] : null),
};

const ofAny: Readonly<Record<string, Method>> = {
  equals: (one: unknown, other) => sameValue(one, other),
  toString: (one: unknown) => textOf(one),
};

const ofNumber: Readonly<Record<string, Method>> = {
  intValue: (number: number) => Math.trunc(number),
  longValue: (number: number) => Math.trunc(number),
  doubleValue: (number: number) => number,
};

/** Every method of any value. */
export const methodNames: ReadonlySet<string> = new Set(
  [ofText, ofList, ofObject, ofAny, ofNumber].flatMap((methods) => Object.keys(methods)),
);

/** Calls one. Throws when the value has no such method. */
export function callMethod(base: unknown, name: string, given: readonly unknown[]): unknown {
  const methods = { ...ofAny, ...methodsOf(base) };
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method && base !== null) return method(base as never, ...given);
  const what = base === null ? 'null' : Array.isArray(base) ? 'a list' : `a ${typeof base}`;
  throw new Error(`expected a value that has the method ${name}(), found ${what}`);
}

function methodsOf(base: unknown): Readonly<Record<string, Method>> {
  if (typeof base === 'string') return ofText;
  if (typeof base === 'number') return ofNumber;
  if (Array.isArray(base)) return ofList;
  return typeof base === 'object' && base !== null ? ofObject : {};
}
