/**
 * Types of values in decisions: those of FEEL, and those that a file defines. What comes from outside is
 * JSON, in which moments and durations are text; by its type it becomes FEEL's own value.
 */
import type { Variables } from '../model/expression.ts';
import { type CellTest, readExpression } from './feel-text.ts';

/** A type that a file defines. */
export interface ItemType {
  readonly name: string;
  /** What it is a list of, or the same as; absent for one that has components. */
  readonly base?: string | undefined;
  readonly isList: boolean;
  readonly allowed?: CellTest | undefined;
  readonly components: readonly ItemType[];
}

/** The types of a file by name. */
export type ItemTypes = ReadonlyMap<string, ItemType>;

/** Types inside of each other; deeper ones are not looked at. */
const deepest = 20;

const scalars: Readonly<Record<string, string>> = {
  ...{ any: 'any', string: 'string', number: 'number', boolean: 'boolean' },
  ...{ integer: 'integer', long: 'integer', double: 'number' },
  ...{ date: 'date', time: 'time', datetime: 'date and time', 'date and time': 'date and time' },
  ...{ dateandtime: 'date and time', daytimeduration: 'duration', yearmonthduration: 'duration' },
  ...{ 'days and time duration': 'duration', 'years and months duration': 'duration' },
  ...{ context: 'any', duration: 'duration' },
};

/** Name of a type of FEEL, in the words of this program; undefined for any other. */
function scalarOf(type: string): string | undefined {
  const local = type.replace(/^[\w.-]+:/, '').trim();
  const name = local.toLowerCase();
  return Object.hasOwn(scalars, name) ? scalars[name] : undefined;
}

/** True for a type that is known to FEEL or to the file. */
export function isKnownType(type: string, types: ItemTypes): boolean {
  return scalarOf(type) !== undefined || types.has(localType(type));
}

/** A value as its type has it, or what was expected instead. Null is of every type. */
export type Typed = { readonly value: unknown } | { readonly expected: string };

/** Reads a value by its type. */
export function asType(value: unknown, type: string | undefined, types: ItemTypes): Typed {
  return typed(value, type, types, 0);
}

function typed(value: unknown, type: string | undefined, types: ItemTypes, depth: number): Typed {
  if (value === null || value === undefined) return { value: null };
  if (type === undefined || depth > deepest) return { value };
  const own = types.get(localType(type));
  if (own) return item(value, own, types, depth);
  return scalar(value, scalarOf(type) ?? 'any');
}

function item(value: unknown, type: ItemType, types: ItemTypes, depth: number): Typed {
  if (!type.isList) return one(value, type, types, depth);
  if (!Array.isArray(value)) return { expected: `a list of ${type.name}` };
  const items: unknown[] = [];
  for (const each of value) {
    const read = one(each, type, types, depth);
    if ('expected' in read) return { expected: `a list of which each is ${read.expected}` };
    items.push(read.value);
  }
  return { value: items };
}

function one(value: unknown, type: ItemType, types: ItemTypes, depth: number): Typed {
  if (value === null) return { value };
  const read =
    type.components.length > 0
      ? structure(value, type, types, depth + 1)
      : typed(value, type.base, types, depth + 1);
  if ('expected' in read || !type.allowed) return read;
  if (type.allowed.passes(read.value, {})) return read;
  return { expected: `one of ${type.allowed.source}` };
}

function structure(value: unknown, type: ItemType, types: ItemTypes, depth: number): Typed {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { expected: `${type.name}, an object` };
  }
  const given = value as Readonly<Record<string, unknown>>;
  const members = new Map<string, unknown>(Object.entries(given));
  for (const component of type.components) {
    if (!Object.hasOwn(given, component.name)) continue;
    const read = item(given[component.name] ?? null, component, types, depth);
    if ('expected' in read) return { expected: `${component.name}: ${read.expected}` };
    members.set(component.name, read.value);
  }
  return { value: Object.fromEntries(members) };
}

function scalar(value: unknown, type: string): Typed {
  switch (type) {
    case 'any':
      return { value };
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type ? { value } : { expected: `a ${type}` };
    case 'integer':
      return Number.isInteger(value) ? { value } : { expected: 'a whole number' };
    default:
      return temporal(value, type);
  }
}

const readers = new Map<string, (text: string) => unknown>();

function temporal(value: unknown, type: string): Typed {
  // FEEL's own value of time; another decision gave it.
  if (typeof value === 'object' && value !== null && 'iso' in value) return { value };
  if (typeof value === 'string' && value.length <= 100) {
    // What is called a date elsewhere may have a time.
    const reader = type === 'date' && value.includes('T') ? 'date and time' : type;
    const read = feelReader(reader)(value);
    if (read !== null && read !== undefined) return { value: read };
  }
  return { expected: `a ${type} in ISO 8601` };
}

function feelReader(type: string): (text: string) => unknown {
  let reader = readers.get(type);
  if (!reader) {
    const read = readExpression(`${type}(text)`, {});
    if ('rule' in read) throw new Error(read.message);
    reader = (text) => read.evaluate({ text });
    readers.set(type, reader);
  }
  return reader;
}

function localType(type: string): string {
  return type.trim().replace(/^[\w.-]+:/, '');
}

/** An example of a type, which tells FEEL the names of its components. */
export function exampleOf(type: string | undefined, types: ItemTypes, depth = 0): unknown {
  const own = type === undefined || depth > 5 ? undefined : types.get(localType(type));
  if (!own) return null;
  const shape = shapeOf(own, types, depth);
  return own.isList ? [shape] : shape;
}

function shapeOf(type: ItemType, types: ItemTypes, depth: number): unknown {
  if (type.components.length === 0) return exampleOf(type.base, types, depth + 1);
  const members = type.components.map((component) => {
    const shape = depth > 5 ? null : shapeOf(component, types, depth + 1);
    return [component.name, component.isList ? [shape] : shape] as const;
  });
  return Object.fromEntries(members) as Variables;
}
