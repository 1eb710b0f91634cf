/** The logic of decisions: literal expressions, tables, and the other boxes of DMN, each ready to be run. */
import type { Variables } from '../model/expression.ts';
import type { DecisionRun, Logic } from './decision-run.ts';
import { type DecisionTable, decideTable } from './decision-table.ts';
import { logicElements } from './dmn-names.ts';
import { childrenOf, type LogicReader } from './logic-reader.ts';
import { readTable } from './read-table.ts';
import { asType, type ItemTypes } from './value-types.ts';
import type { XmlElement } from './xml-tree.ts';

/** The one element that holds logic; undefined when there is none. */
export function logicIn(element: XmlElement): XmlElement | undefined {
  return element.children.find(({ name }) => logicElements.has(name));
}

/** What a call or an expression counts, in rules tried. */
const workOfCall = 5;

/** Logic as a decision has it: a table tells more of itself than its result. */
export type ReadLogic = { readonly table: DecisionTable } | { readonly logic: Logic };

/** Reads logic; null when it cannot be read, and then the report says why. */
export async function readLogic(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<ReadLogic | null> {
  switch (element.name) {
    case 'decisionTable': {
      const table = await readTable(reader, element, owner, names);
      return table && { table };
    }
    case 'literalExpression':
      return await readLiteral(reader, element, owner, names);
    case 'context':
      return await readContext(reader, element, owner, names);
    case 'invocation':
      return await readInvocation(reader, element, owner, names);
    case 'list':
      return await readList(reader, element, owner, names);
    case 'relation':
      return await readRelation(reader, element, owner, names);
    default:
      reader.refuse(
        'dmn-element',
        element,
        owner,
        `expected logic that is read here, found a ${element.name}`,
        {
          remedy: 'write it as a FEEL expression, or as a business knowledge model',
        },
      );
      return null;
  }
}

/** Logic whose result is all that is asked of it. */
export function plainLogic(read: ReadLogic): Logic {
  if ('logic' in read) return read.logic;
  return (run, scope) => decideTable(read.table, run, scope).result;
}

async function readLiteral(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<ReadLogic | null> {
  const text = await reader.expression(element, owner, names);
  if (!text) return null;
  const logic: Logic = (run, scope) => {
    run.spend(workOfCall);
    const value = text.evaluate(scope);
    run.check();
    return value;
  };
  return { logic };
}

/** Reads the logic inside of a box; a problem when there is none. */
async function readInner(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<Logic | null> {
  const inner = logicIn(element);
  if (!inner) {
    reader.refuse(
      'nothing-decided',
      element,
      owner,
      `expected logic inside of ${element.name}, found none`,
      {
        remedy: 'add an expression to it',
      },
    );
    return null;
  }
  const read = await readLogic(reader, inner, owner, names);
  return read && plainLogic(read);
}

async function readContext(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<ReadLogic | null> {
  const entries: { readonly name: string | undefined; readonly logic: Logic }[] = [];
  let known = names;
  for (const entry of childrenOf(element, 'contextEntry')) {
    const name = childrenOf(entry, 'variable')[0]?.attributes.get('name');
    const logic = await readInner(reader, entry, owner, known);
    if (!logic) return null;
    if (name !== undefined) known = { ...known, [name]: known[name] ?? null };
    entries.push({ name, logic });
  }
  const logic: Logic = (run, scope) => {
    const made = new Map<string, unknown>();
    for (const { name, logic: own } of entries) {
      const value = own(run, { ...scope, ...Object.fromEntries(made) });
      if (name === undefined) return value;
      made.set(name, value);
    }
    return Object.fromEntries(made);
  };
  return { logic };
}

async function readInvocation(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<ReadLogic | null> {
  const called = await readInner(reader, element, owner, names);
  const bindings: { readonly name: string; readonly logic: Logic }[] = [];
  for (const binding of childrenOf(element, 'binding')) {
    const name = childrenOf(binding, 'parameter')[0]?.attributes.get('name') ?? '';
    const logic = await readInner(reader, binding, owner, names);
    if (logic) bindings.push({ name, logic });
  }
  if (!called) return null;
  const logic: Logic = (run, scope) => {
    const callee = called(run, scope) as NamedFunction | null;
    if (typeof callee !== 'function') return null;
    const given = new Map(bindings.map(({ name, logic: own }) => [name, own(run, scope)]));
    return callee(...(callee.$args ?? []).map((name) => given.get(name) ?? null));
  };
  return { logic };
}

/** A function as FEEL calls it: with the names of its parameters. */
export type NamedFunction = ((...given: unknown[]) => unknown) & {
  readonly $args?: readonly string[];
};

async function readList(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<ReadLogic | null> {
  const items: Logic[] = [];
  for (const child of element.children.filter(({ name }) => logicElements.has(name))) {
    const read = await readLogic(reader, child, owner, names);
    if (!read) return null;
    items.push(plainLogic(read));
  }
  return { logic: (run, scope) => items.map((item) => item(run, scope)) };
}

async function readRelation(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<ReadLogic | null> {
  const columns = childrenOf(element, 'column').map(
    ({ attributes }) => attributes.get('name') ?? '',
  );
  const rows: Logic[] = [];
  for (const row of childrenOf(element, 'row')) {
    const read = await readList(reader, row, owner, names);
    if (!read) return null;
    const cells = plainLogic(read);
    rows.push((run, scope) => {
      const values = cells(run, scope) as readonly unknown[];
      return Object.fromEntries(columns.map((name, at) => [name, values[at] ?? null]));
    });
  }
  return { logic: (run, scope) => rows.map((row) => row(run, scope)) };
}

/** The value of a decision, an input or a parameter by its type. */
export function typedOr(
  value: unknown,
  type: string | undefined,
  types: ItemTypes,
  refuse: (expected: string) => Error,
): unknown {
  const read = asType(value, type, types);
  if ('value' in read) return read.value;
  throw refuse(read.expected);
}

/** A function that runs logic with its parameters as variables, beside `around`. */
export function functionOf(
  run: DecisionRun,
  parameters: readonly string[],
  logic: Logic,
  around: Variables,
): NamedFunction {
  return Object.assign(
    (...given: unknown[]) => {
      run.spend(workOfCall);
      const own = parameters.map((name, at) => [name, given[at] ?? null] as const);
      return logic(run, { ...around, ...Object.fromEntries(own) });
    },
    { $args: parameters },
  );
}
