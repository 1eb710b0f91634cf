/** Decision tables of a file: columns, rules and hit policy, all checked. */
import type { Variables } from '../model/expression.ts';
import {
  type Aggregation,
  aggregations,
  type DecisionTable,
  type HitPolicy,
  hitPolicies,
  type TableInput,
  type TableOutput,
  type TableRule,
} from './decision-table.ts';
import { cellInput, readExpression } from './feel-text.ts';
import { childrenOf, type LogicReader, textIn } from './logic-reader.ts';
import type { XmlElement } from './xml-tree.ts';

/** Reads a table; null when it cannot be read, and then the report says why. */
export async function readTable(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<DecisionTable | null> {
  const before = reader.report.problems.length;
  const inputs: TableInput[] = [];
  for (const given of childrenOf(element, 'input')) {
    const input = await readInput(reader, given, owner, names);
    if (input) inputs.push(input);
  }
  const outputs: TableOutput[] = [];
  const columns = childrenOf(element, 'output');
  for (const given of columns) {
    outputs.push(await readOutput(reader, given, owner, names, columns.length));
  }
  if (outputs.length === 0) {
    refuseShape(reader, element, owner, 'expected a table to have an output, found none');
  }
  if (new Set(outputs.map(({ name }) => name)).size < outputs.length) {
    refuseShape(reader, element, owner, 'expected outputs of different names, found some twice');
  }
  const { policy, aggregation } = readPolicy(reader, element, owner, outputs);
  if (reader.report.problems.length > before) return null;
  const rules: TableRule[] = [];
  for (const [index, rule] of childrenOf(element, 'rule').entries()) {
    const read = await readRule(reader, rule, owner, { names, inputs, outputs, number: index + 1 });
    if (read) rules.push(read);
  }
  if (reader.report.problems.length > before) return null;
  return { policy, aggregation, inputs, outputs, rules, types: reader.types };
}

function refuseShape(reader: LogicReader, at: XmlElement, owner: string, message: string): void {
  reader.refuse('table-shape', at, owner, message, { remedy: 'mend the table there' });
}

async function readInput(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
): Promise<TableInput | null> {
  const [written] = childrenOf(element, 'inputExpression');
  if (!written) {
    refuseShape(reader, element, owner, 'expected an input to have an expression, found none');
    return null;
  }
  const expression = await reader.expression(written, owner, names);
  const type = written.attributes.get('typeRef');
  reader.checkType(type, written, owner);
  const [values] = childrenOf(element, 'inputValues');
  const allowed = values && (await reader.tests(values, owner, names));
  if (!expression) return null;
  return {
    name: element.attributes.get('label') ?? expression.source,
    expression,
    type,
    allowed: allowed ?? undefined,
    variable: [...element.attributes].find(([name]) => name.endsWith('}inputVariable'))?.[1],
  };
}

async function readOutput(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  names: Variables,
  columns: number,
): Promise<TableOutput> {
  const name = element.attributes.get('name');
  if (name === undefined && columns > 1) {
    refuseShape(
      reader,
      element,
      owner,
      'expected each of several outputs to have a name, found none',
    );
  }
  const type = element.attributes.get('typeRef');
  reader.checkType(type, element, owner);
  const [values] = childrenOf(element, 'outputValues');
  const [fallback] = childrenOf(element, 'defaultOutputEntry');
  return {
    name: name ?? element.attributes.get('label') ?? 'output',
    type,
    ranks: values ? ranksOf(reader, values, owner) : null,
    fallback: fallback ? await reader.expression(fallback, owner, names) : null,
  };
}

/** Values as they are listed; null where what is listed are tests, which have no order. */
function ranksOf(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
): readonly unknown[] | null {
  const read = readExpression(`[${textIn(element)}]`, {});
  if ('rule' in read) {
    reader.refuse(read.rule, element, owner, read.message, { remedy: 'list the values in FEEL' });
    return null;
  }
  const values = read.evaluate({});
  return Array.isArray(values) ? values : null;
}

function readPolicy(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  outputs: readonly TableOutput[],
): { readonly policy: HitPolicy; readonly aggregation: Aggregation | null } {
  const written = element.attributes.get('hitPolicy') ?? 'UNIQUE';
  const gathered = element.attributes.get('aggregation');
  const policy = hitPolicies.find((one) => one === written);
  const aggregation = aggregations.find((one) => one === gathered) ?? null;
  const refuse = (message: string, remedy: string) =>
    reader.refuse('hit-policy', element, owner, message, { remedy });
  if (!policy) {
    refuse(
      `expected a hit policy of ${hitPolicies.join(', ')}, found "${written}"`,
      'name one of them',
    );
  }
  if (gathered !== undefined && !aggregation) {
    refuse(
      `expected an aggregation of ${aggregations.join(', ')}, found "${gathered}"`,
      'name one of them',
    );
  }
  if (aggregation && (policy !== 'COLLECT' || outputs.length !== 1)) {
    refuse(
      `expected an aggregation with hit policy COLLECT and one output, found ${written} and ${outputs.length}`,
      'take the aggregation out, or the other outputs',
    );
  }
  const isRanked = policy === 'PRIORITY' || policy === 'OUTPUT ORDER';
  if (isRanked && !outputs.some(({ ranks }) => ranks !== null)) {
    refuse(
      `expected output values, whose order hit policy ${policy} goes by, found none`,
      'list the output values, the most important first',
    );
  }
  return { policy: policy ?? 'UNIQUE', aggregation };
}

async function readRule(
  reader: LogicReader,
  element: XmlElement,
  owner: string,
  table: {
    readonly names: Variables;
    readonly inputs: readonly TableInput[];
    readonly outputs: readonly TableOutput[];
    readonly number: number;
  },
): Promise<TableRule | null> {
  const { names, inputs, outputs, number } = table;
  const cells = childrenOf(element, 'inputEntry');
  const entries = childrenOf(element, 'outputEntry');
  if (cells.length !== inputs.length || entries.length !== outputs.length) {
    refuseShape(
      reader,
      element,
      owner,
      `expected rule ${number} to have ${inputs.length} and ${outputs.length} cells, found ${cells.length} and ${entries.length}`,
    );
    return null;
  }
  const tests = [];
  for (const [at, cell] of cells.entries()) {
    const variable = inputs[at]?.variable;
    const known = variable === undefined ? names : { ...names, [variable]: null };
    tests.push(await reader.tests(cell, owner, { ...known, [cellInput]: null }));
  }
  const values = [];
  for (const entry of entries) {
    const isEmpty = textIn(entry).trim() === '' || textIn(entry).trim() === '-';
    values.push(isEmpty ? null : await reader.expression(entry, owner, names));
  }
  const read = tests.flatMap((test) => test ?? []);
  if (read.length < cells.length) return null;
  return { id: element.attributes.get('id') ?? String(number), tests: read, outputs: values };
}
