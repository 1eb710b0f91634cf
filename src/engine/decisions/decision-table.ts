/** Decision tables: which rules hold, and what the hit policy makes of them. */
import type { MatchedRule } from '../model/decision-step.ts';
import type { Variables } from '../model/expression.ts';
import { DecisionError } from './decision-problem.ts';
import type { DecisionRun, TableOutcome } from './decision-run.ts';
import { areEqual, type CellTest, type FeelText, readExpression, shown } from './feel-text.ts';
import { asType, type ItemTypes } from './value-types.ts';

/** What becomes of several rules that hold. */
export const hitPolicies = [
  ...(['UNIQUE', 'FIRST', 'ANY', 'PRIORITY'] as const),
  ...(['COLLECT', 'RULE ORDER', 'OUTPUT ORDER'] as const),
] as const;
export type HitPolicy = (typeof hitPolicies)[number];

/** What `COLLECT` makes of its values. */
export const aggregations = ['SUM', 'MIN', 'MAX', 'COUNT'] as const;
export type Aggregation = (typeof aggregations)[number];

/** A column that is tested. */
export interface TableInput {
  readonly name: string;
  readonly expression: FeelText;
  readonly type: string | undefined;
  readonly allowed: CellTest | undefined;
  /** Under which other name cells see its value, beside `?`. */
  readonly variable: string | undefined;
}

/** A column that is given. */
export interface TableOutput {
  readonly name: string;
  readonly type: string | undefined;
  /** All values in the order of their priority, the highest first; null when they are not listed. */
  readonly ranks: readonly unknown[] | null;
  readonly fallback: FeelText | null;
}

/** A row. */
export interface TableRule {
  readonly id: string;
  readonly tests: readonly CellTest[];
  readonly outputs: readonly (FeelText | null)[];
}

/** A decision table. */
export interface DecisionTable {
  readonly policy: HitPolicy;
  readonly aggregation: Aggregation | null;
  readonly inputs: readonly TableInput[];
  readonly outputs: readonly TableOutput[];
  readonly rules: readonly TableRule[];
  readonly types: ItemTypes;
}

interface Match {
  readonly rule: MatchedRule;
  readonly values: readonly unknown[];
}

/** Decides a table. Throws a `DecisionError` when its values or its policy do not allow a result. */
export function decideTable(
  table: DecisionTable,
  run: DecisionRun,
  scope: Variables,
): TableOutcome {
  const inputs = table.inputs.map((input) => inputValue(table, input, scope));
  const scopes = table.inputs.map(({ variable }, at) =>
    variable === undefined ? scope : { ...scope, [variable]: inputs[at] },
  );
  const matches: Match[] = [];
  for (const [index, rule] of table.rules.entries()) {
    run.spend();
    if (!rule.tests.every((test, at) => test.passes(inputs[at], scopes[at] ?? scope))) continue;
    matches.push(matchOf(table, rule, index + 1, scope));
    if (table.policy === 'FIRST') break;
  }
  run.check();
  const chosen = choose(table, matches, scope);
  return {
    result: resultOf(table, chosen),
    inputs: table.inputs.map(({ name }, at) => ({ name, value: inputs[at] })),
    matched: matches.map(({ rule }) => rule),
    rows: chosen.map((values) => rowOf(table, values)),
  };
}

function inputValue({ types }: DecisionTable, input: TableInput, scope: Variables): unknown {
  const read = asType(input.expression.evaluate(scope), input.type, types);
  if ('expected' in read) {
    const found = shown(input.expression.evaluate(scope));
    throw new DecisionError(
      'input',
      `expected "${input.name}" to be ${read.expected}, found ${found}`,
    );
  }
  const { value } = read;
  if (value === null || !input.allowed || input.allowed.passes(value, scope)) return value;
  throw new DecisionError(
    'input',
    `expected "${input.name}" to be one of ${input.allowed.source}, found ${shown(value)}`,
  );
}

function matchOf(table: DecisionTable, rule: TableRule, number: number, scope: Variables): Match {
  const values = table.outputs.map((output, at) => {
    const read = asType(rule.outputs[at]?.evaluate(scope) ?? null, output.type, table.types);
    if ('value' in read) return read.value;
    throw new DecisionError(
      'decision',
      `expected "${output.name}" of rule ${number} to be ${read.expected}, found something else`,
    );
  });
  return { rule: { number, id: rule.id, outputs: rowOf(table, values) }, values };
}

function rowOf({ outputs }: DecisionTable, values: readonly unknown[]) {
  return Object.fromEntries(outputs.map(({ name }, at) => [name, values[at]]));
}

/** The rows that the hit policy leaves, in its order. */
function choose(
  table: DecisionTable,
  matches: readonly Match[],
  scope: Variables,
): readonly (readonly unknown[])[] {
  const { policy, outputs } = table;
  if (matches.length === 0) {
    const hasFallback = outputs.some(({ fallback }) => fallback !== null);
    if (!hasFallback || table.aggregation !== null) return [];
    return [outputs.map(({ fallback }) => fallback?.evaluate(scope) ?? null)];
  }
  const all = matches.map(({ values }) => values);
  const [first = []] = all;
  switch (policy) {
    case 'UNIQUE':
      if (all.length > 1)
        throw conflict(matches, 'at most one rule that holds (hit policy UNIQUE)');
      return all;
    case 'FIRST':
      return [first];
    case 'ANY':
      if (!all.every((values) => areEqual(values, first))) {
        throw conflict(matches, 'rules that hold to agree (hit policy ANY)');
      }
      return [first];
    case 'PRIORITY':
      return ordered(table, matches).slice(0, 1);
    case 'OUTPUT ORDER':
      return ordered(table, matches);
    default:
      return all;
  }
}

function conflict(matches: readonly Match[], expected: string): DecisionError {
  const numbers = matches.slice(0, 10).map(({ rule }) => rule.number);
  return new DecisionError(
    'decision',
    `expected ${expected}, found rules ${numbers.join(', ')}; mend the table, or choose another hit policy`,
  );
}

/** By the first output, then the second, and so on; then by their order in the table. */
function ordered({ outputs }: DecisionTable, matches: readonly Match[]) {
  const ranked = matches.map(({ values, rule }) => ({
    values,
    ranks: outputs.map(({ ranks, name }, at) => {
      if (ranks === null) return 0;
      const rank = ranks.findIndex((one) => areEqual(one, values[at]));
      if (rank >= 0) return rank;
      throw new DecisionError(
        'decision',
        `expected "${name}" of rule ${rule.number} to be one of its output values, found ${shown(values[at])}`,
      );
    }),
  }));
  const compare = (a: readonly number[], b: readonly number[]) => {
    const at = a.findIndex((rank, index) => rank !== b[index]);
    return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
  };
  return ranked.toSorted((a, b) => compare(a.ranks, b.ranks)).map(({ values }) => values);
}

function resultOf(table: DecisionTable, rows: readonly (readonly unknown[])[]): unknown {
  const { policy, outputs, aggregation } = table;
  const given = (values: readonly unknown[]) =>
    outputs.length === 1 ? (values[0] ?? null) : rowOf(table, values);
  if (policy === 'COLLECT' && aggregation) {
    return aggregate(
      aggregation,
      rows.map((values) => values[0]),
    );
  }
  if (policy === 'COLLECT' || policy === 'RULE ORDER' || policy === 'OUTPUT ORDER') {
    return rows.map(given);
  }
  const [only] = rows;
  return only ? given(only) : null;
}

const aggregators = new Map<Aggregation, FeelText>();

function aggregate(aggregation: Aggregation, values: readonly unknown[]): unknown {
  if (aggregation === 'COUNT') return values.length;
  if (values.length === 0) return null;
  let aggregator = aggregators.get(aggregation);
  if (!aggregator) {
    const read = readExpression(`${aggregation.toLowerCase()}(values)`, {});
    if ('rule' in read) throw new Error(read.message);
    aggregator = read;
    aggregators.set(aggregation, read);
  }
  const found = aggregator.evaluate({ values });
  if (found !== null) return found;
  throw new DecisionError(
    'decision',
    `expected values that ${aggregation} can be made of, found ${shown(values)}`,
  );
}
