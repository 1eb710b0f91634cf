/** The functions that `${...}` may call: variables by name, as the execution gives them, and the moment. */
import type { Variables } from '../model/expression.ts';
import { compared, isEmptyValue, sameValue, textOf } from './juel-values.ts';
import { momentNow } from './moment.ts';

type NamedFunction = (variables: Variables, ...given: unknown[]) => unknown;

const read = (variables: Variables, name: unknown) =>
  Object.hasOwn(variables, textOf(name)) ? (variables[textOf(name)] ?? null) : null;
const has = (variables: Variables, name: unknown) => Object.hasOwn(variables, textOf(name));
const comparing =
  (holds: (order: number) => boolean): NamedFunction =>
  (variables, name, value) =>
    compared(read(variables, name), value, holds);
const including = (list: unknown, value: unknown) =>
  Array.isArray(list) && list.some((one) => sameValue(one, value));

const equals: NamedFunction = (variables, name, value) => sameValue(read(variables, name), value);
const differs: NamedFunction = (variables, name, value) => !sameValue(read(variables, name), value);
const less = comparing((order) => order < 0);
const lessOrEqual = comparing((order) => order <= 0);
const greater = comparing((order) => order > 0);
const greaterOrEqual = comparing((order) => order >= 0);

/** Flowable's functions over variables, which it knows under three names. */
const overVariables: Readonly<Record<string, NamedFunction>> = {
  get: read,
  getOrDefault: (variables, name, other) => read(variables, name) ?? other,
  exists: has,
  exist: has,
  isEmpty: (variables, name) => isEmptyValue(read(variables, name)),
  empty: (variables, name) => isEmptyValue(read(variables, name)),
  isNotEmpty: (variables, name) => !isEmptyValue(read(variables, name)),
  notEmpty: (variables, name) => !isEmptyValue(read(variables, name)),
  ...{ equals, eq: equals, notEquals: differs, ne: differs },
  ...{ lowerThan: less, lessThan: less, lt: less },
  ...{ lowerThanOrEquals: lessOrEqual, lessThanOrEquals: lessOrEqual, lte: lessOrEqual },
  ...{ greaterThan: greater, gt: greater },
  ...{ greaterThanOrEquals: greaterOrEqual, gte: greaterOrEqual },
  contains: (variables, name, ...values) =>
    values.every((value) => including(read(variables, name), value)),
  containsAny: (variables, name, ...values) =>
    values.some((value) => including(read(variables, name), value)),
};

const functions: Readonly<Record<string, NamedFunction>> = {
  'execution.getVariable': read,
  'execution.hasVariable': has,
  now: () => new Date(momentNow()).toISOString(),
  ...Object.fromEntries(
    ['variables', 'vars', 'var'].flatMap((prefix) =>
      Object.entries(overVariables).map(([name, run]) => [`${prefix}:${name}`, run]),
    ),
  ),
};

/** Every function. */
export const functionNames: ReadonlySet<string> = new Set(Object.keys(functions));

/** Calls one of them. */
export function callFunction(
  name: string,
  given: readonly unknown[],
  variables: Variables,
): unknown {
  return functions[name]?.(variables, ...given) ?? null;
}
