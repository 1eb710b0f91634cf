/**
 * The choice between several sets of data of one activity, as the standard makes it: the first input set whose data
 * inputs all have a value is taken when the activity begins, and the first such output set gives what is copied when
 * it has ended. A value is available when it is not null. Where no set is whole there is an incident: the
 * activity can be retried when the data has been set.
 */
import type { ModdleElement } from 'bpmn-moddle';
import { type Expression, expression, type Variables } from '../model/expression.ts';
import { everyMember, namedValues } from '../model/named-values.ts';
import { elementsOf } from './moddle-values.ts';

/** The data of one set, by the names that the activity has for it. */
export interface DataSet {
  readonly names: readonly string[];
  /** Those without which the set is not available. */
  readonly required: readonly string[];
}

/** A data input, and how its value is read when the activity begins. */
export interface DataInput {
  readonly name: string;
  readonly value: Expression;
}

/** A data output that is copied into a variable when the activity has ended. */
export interface DataOutput {
  readonly name: string;
  readonly target: string;
  /** Sees what the activity gave as `output`. */
  readonly value: Expression;
}

/** The sets of an activity in the order in which they are tried. */
export function dataSets(
  io: ModdleElement,
  kind: 'input' | 'output',
  nameOf: (data: ModdleElement) => string,
): readonly DataSet[] {
  const word = kind === 'input' ? 'Input' : 'Output';
  return elementsOf(io, `${kind}Sets`).map((set) => {
    const optional = elementsOf(set, `optional${word}Refs`).map(nameOf);
    const listed = elementsOf(set, `data${word}Refs`).map(nameOf);
    return {
      names: [...new Set([...listed, ...optional])],
      required: listed.filter((name) => !optional.includes(name)),
    };
  });
}

/** Every data input: those of the set that is taken have their values, all others are null. */
export function inputsOfFirstSet(
  sets: readonly DataSet[],
  inputs: readonly DataInput[],
): Expression {
  const read = new Map(inputs.map(({ name, value }) => [name, value]));
  const evaluate = (variables: Variables) => {
    const value = (name: string) => read.get(name)?.evaluate(variables) ?? null;
    const { names } = firstWhole(sets, 'input', value);
    return Object.fromEntries(
      [...read.keys()].map((name) => [name, names.includes(name) ? value(name) : null]),
    );
  };
  return expression(evaluate, sourceOf(sets, inputs));
}

/**
 * What the inputs of the set that was taken are together, without those that have no value. Reads what
 * `inputsOfFirstSet` gave: since all others are null there, the same set is found again.
 */
export function fieldsOfFirstSet(
  sets: readonly DataSet[],
  inputs: readonly DataInput[],
): Expression {
  const copied = new Set(inputs.map(({ name }) => name));
  const evaluate = (variables: Variables) => {
    const value = (name: string) => ownValue(variables, name);
    const { names } = firstWhole(sets, 'input', value);
    // Without an association, the name may be that of something else.
    const given = names
      .filter((name) => copied.has(name))
      .map((name) => [name, value(name)] as const);
    return Object.fromEntries(given.filter(([, one]) => one !== null));
  };
  return expression(evaluate, sourceOf(sets, inputs));
}

/** The variables that the outputs of the first set that is whole are copied into. */
export function outputsOfFirstSet(
  sets: readonly DataSet[],
  outputs: readonly DataOutput[],
): Expression {
  const evaluate = (variables: Variables) => {
    const given = namedValues(everyMember, variables.output);
    const { names } = firstWhole(sets, 'output', (name) => ownValue(given, name));
    // What is optional and was not given leaves the variable as it is.
    const copied = outputs.filter(
      ({ name }) => names.includes(name) && ownValue(given, name) !== null,
    );
    return Object.fromEntries(
      copied.map(({ target, value }) => [target, value.evaluate(variables)]),
    );
  };
  return expression(evaluate, sourceOf(sets, outputs));
}

/** Throws when a value is missing in each of them. */
function firstWhole(
  sets: readonly DataSet[],
  kind: 'input' | 'output',
  value: (name: string) => unknown,
): DataSet {
  const missing: string[] = [];
  for (const set of sets) {
    const lacks = set.required.find((name) => value(name) === null);
    if (lacks === undefined) return set;
    missing.push(`"${lacks}"`);
  }
  const remedy =
    kind === 'input'
      ? 'set the data that they are copied from, then retry'
      : 'let the activity give one of them whole, or say which are optional';
  throw new Error(
    `expected one of ${sets.length} ${kind} sets whose data all has a value, found ` +
      `${missing.join(' and ')} without one; ${remedy}`,
  );
}

function ownValue(values: Variables, name: string): unknown {
  return Object.hasOwn(values, name) ? (values[name] ?? null) : null;
}

function sourceOf(
  sets: readonly DataSet[],
  data: readonly { readonly name: string; readonly target?: string; readonly value: Expression }[],
): string {
  const values = data.map(({ name, target, value }) => [name, target, value.source]);
  return `the first set of ${JSON.stringify([sets, values])}`;
}
