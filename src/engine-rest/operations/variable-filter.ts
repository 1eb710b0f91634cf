/**
 * Instances by values of their variables, as this dialect asks: `name_operator_value` in a query, objects in a body.
 * The engine has no index of all variables, so instances that the other filters leave are looked at one by
 * one, up to a bound; who needs more names a process or business key, or declares what is searched for.
 */
import { like } from '../like.ts';
import { isTrue, type RestRequest } from '../operation.ts';
import { readRows } from '../pages.ts';
import { invalid } from '../rest-error.ts';
import type { Instance, InstanceDetails } from './instance-view.ts';

/** Instances that one answer looks at for their variables. */
const mostLooked = 2_000;
/** Instances that are looked at at the same time. */
const together = 8;

type Comparison = (found: unknown, wanted: unknown) => boolean;

const operators: Readonly<Record<string, Comparison>> = {
  eq: isEqual,
  neq: (found, wanted) => !isEqual(found, wanted),
  gt: (found, wanted) => isOrdered(found, wanted, (order) => order > 0),
  gteq: (found, wanted) => isOrdered(found, wanted, (order) => order >= 0),
  lt: (found, wanted) => isOrdered(found, wanted, (order) => order < 0),
  lteq: (found, wanted) => isOrdered(found, wanted, (order) => order <= 0),
  like: isLike,
  notLike: (found, wanted) => typeof found === 'string' && !isLike(found, wanted),
};

interface Condition {
  readonly name: string;
  readonly compare: Comparison;
  readonly value: unknown;
}

/** The names of the parameters that ask for variables. */
export const variableParameters = [
  ...['variables', 'variableNamesIgnoreCase', 'variableValuesIgnoreCase'],
];

/** What variables must be; null when nobody asks for any. */
export function variablesFilter(
  given: Readonly<Record<string, unknown>>,
): ((variables: Readonly<Record<string, unknown>>) => boolean) | null {
  const { variables } = given;
  if (variables === undefined || variables === null || variables === '') return null;
  const conditions = Array.isArray(variables)
    ? variables.map(conditionOf)
    : String(variables).split(',').map(writtenCondition);
  const [ofNames, ofValues] = [
    isTrue(given.variableNamesIgnoreCase) ? lower : same,
    isTrue(given.variableValuesIgnoreCase) ? lower : same,
  ];
  return (all) =>
    conditions.every(({ name, compare, value }) =>
      Object.entries(all).some(
        ([own, found]) =>
          ofNames(own) === ofNames(name) && compare(ofValues(found), ofValues(value)),
      ),
    );
}

/** What is asked of instances beside the filter of the list. */
interface Wanted {
  readonly keep: (row: Instance) => boolean;
  readonly fits: (variables: Readonly<Record<string, unknown>>) => boolean;
}

/** The instances of a list whose variables fit, in its order; throws when too many had to be looked at. */
export async function foundByVariables(
  request: RestRequest,
  filter: object,
  { keep, fits }: Wanted,
): Promise<readonly Instance[]> {
  const all = { ...request, query: { maxResults: String(mostLooked + 1) } };
  const rows = await readRows<Instance>(all, 'processes.list', filter, { keep });
  if (rows.length > mostLooked) {
    throw invalid(
      `expected at most ${mostLooked} instances to look at for their variables, found more; ` +
        'name a process, a version or a business key beside them',
    );
  }
  const kept: Instance[] = [];
  for (let at = 0; at < rows.length; at += together) {
    const some = rows.slice(at, at + together);
    const found = await Promise.all(
      some.map(({ id }) =>
        request.run<InstanceDetails>('processes.get', { instanceId: id, from: 1 }),
      ),
    );
    kept.push(...some.filter((_, index) => fits(found[index]?.variables ?? {})));
  }
  return kept;
}

function conditionOf(given: unknown): Condition {
  const {
    name,
    operator = 'eq',
    value = null,
  } = (given ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || name === '') {
    throw invalid(
      'expected each of "variables" to be {"name": ..., "operator": ..., "value": ...}',
    );
  }
  return { name, compare: comparisonOf(operator), value };
}

/** `amount_gteq_5`: neither a name nor a value may hold an underscore or a comma, as in Camunda 7. */
function writtenCondition(text: string): Condition {
  const [name = '', operator = '', value, ...others] = text.trim().split('_');
  if (name === '' || value === undefined || others.length > 0) {
    throw invalid(`expected a variable as name_operator_value, found "${text}"`);
  }
  return { name, compare: comparisonOf(operator), value };
}

function comparisonOf(operator: unknown): Comparison {
  const name = String(operator);
  const found = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (found) return found;
  const known = Object.keys(operators).join(', ');
  throw invalid(`expected the operator of a variable to be one of ${known}, found "${name}"`);
}

const same = (value: unknown) => value;
const lower = (value: unknown) => (typeof value === 'string' ? value.toLowerCase() : value);

/** A value in a query is text, whatever the variable is. */
function isEqual(found: unknown, wanted: unknown): boolean {
  if (typeof wanted === 'string' && typeof found !== 'object') return String(found) === wanted;
  return JSON.stringify(found) === JSON.stringify(wanted);
}

function isOrdered(found: unknown, wanted: unknown, holds: (order: number) => boolean): boolean {
  if (typeof found === 'number') {
    const number = Number(wanted);
    return wanted !== '' && Number.isFinite(number) && holds(found - number);
  }
  if (typeof found !== 'string' || typeof wanted !== 'string') return false;
  return holds(found < wanted ? -1 : found > wanted ? 1 : 0);
}

function isLike(found: unknown, wanted: unknown): boolean {
  return typeof found === 'string' && typeof wanted === 'string' && like(wanted, found);
}
