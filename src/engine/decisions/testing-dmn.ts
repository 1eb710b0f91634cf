/** Files of decisions for tests, written short. */

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const cell = (kind: string, text: string) => `<${kind}><text>${escaped(text)}</text></${kind}>`;

/** A file of DMN 1.3 with this inside. */
export function dmn(inside: string, attributes = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="file" name="file" namespace="urn:orderloom:decisions" ${attributes}>
${inside}
</definitions>
`;
}

/** A table, as text: a column of each input and output, and its rules as `input | input => output | output`. */
export interface WrittenTable {
  /** Expression, or expression and type. */
  readonly inputs: readonly (string | readonly [string, string])[];
  /** Name, or name and listed values. */
  readonly outputs: readonly (string | readonly [string, string])[];
  readonly rules: readonly string[];
  readonly policy?: string;
  readonly aggregation?: string;
  readonly fallback?: string;
}

/** A decision table. */
export function tableOf(table: WrittenTable): string {
  const { policy = 'UNIQUE', aggregation, fallback } = table;
  const inputs = table.inputs.map((given) => {
    const [text, type] = typeof given === 'string' ? [given, ''] : given;
    const typed = type === '' ? '' : ` typeRef="${type}"`;
    return `<input><inputExpression${typed}><text>${escaped(text)}</text></inputExpression></input>`;
  });
  const outputs = table.outputs.map((given) => {
    const [name, values] = typeof given === 'string' ? [given, ''] : given;
    const listed = values === '' ? '' : cell('outputValues', values);
    const usual = fallback === undefined ? '' : cell('defaultOutputEntry', fallback);
    return `<output name="${name}">${listed}${usual}</output>`;
  });
  const rules = table.rules.map((rule, index) => {
    const [tests = '', values = ''] = rule.split('=>');
    const cells = (text: string, kind: string) =>
      text.trim() === ''
        ? ''
        : text
            .split('|')
            .map((one) => cell(kind, one.trim()))
            .join('');
    return `<rule id="r${index + 1}">${cells(tests, 'inputEntry')}${cells(values, 'outputEntry')}</rule>\n`;
  });
  const gathered = aggregation === undefined ? '' : ` aggregation="${aggregation}"`;
  return `<decisionTable hitPolicy="${policy}"${gathered}>
${inputs.join('')}${outputs.join('')}
${rules.join('')}</decisionTable>`;
}

/** A literal expression. */
export function literal(text: string): string {
  return cell('literalExpression', text);
}

/** A decision; `requires` are ids: of decisions, `input:` of inputs, `knows:` of knowledge. */
export function decision(
  id: string,
  logic: string,
  requires: readonly string[] = [],
  variable = id,
) {
  const wanted = requires.map((one) => {
    const [, kind = '', name = ''] = /^(?:(input|knows):)?(.*)$/.exec(one) ?? [];
    const tag = { input: 'requiredInput', knows: 'requiredKnowledge' }[kind] ?? 'requiredDecision';
    const around = kind === 'knows' ? 'knowledgeRequirement' : 'informationRequirement';
    return `<${around}><${tag} href="#${name}"/></${around}>`;
  });
  return `<decision id="${id}" name="${id}"><variable name="${variable}"/>${wanted.join('')}
${logic}</decision>
`;
}
