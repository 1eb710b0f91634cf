/**
 * Values of a vendor's extension as expressions. A text is what it says, with `${...}` in it; parameters
 * may also be lists, maps and scripts, which hold more of the same.
 */

import { readFeel } from '../../expressions/feel.ts';
import { isJuel, readJuel } from '../../expressions/juel.ts';
import { constant, type Expression, type Variables } from '../../model/expression.ts';
import { asJson } from '../../model/json.ts';
import type { RuleName } from '../rules.ts';
import type { VendorElement } from './vendor-words.ts';

/** Why a value cannot be used. */
export interface UnusableValue {
  readonly rule: RuleName;
  readonly message: string;
  readonly remedy: string;
}

/** A text as our readers take it: `${...}` stays, anything else is a text of FEEL. */
export function toldText(text: string): string {
  if (!/[$#]\{/.test(text)) return `= ${JSON.stringify(text)}`;
  // Else a reader would take what it begins with for FEEL.
  return /^[$#]\{/.test(text) ? text : `\${''}${text}`;
}

/** A name of a variable, or `${...}`, as an expression whose value is null where there is none. */
export function variableText(text: string): string {
  return /[$#]\{/.test(text)
    ? text
    : `\${execution.getVariable('${text.replace(/['\\]/g, '\\$&')}')}`;
}

/** A text with `${...}`, as an expression. */
export function textExpression(text: string): Expression | UnusableValue {
  if (!isJuel(text) && !/[$#]\{/.test(text)) return constant(text);
  const read = readJuel(text);
  return 'expression' in read ? read.expression : unusable(read.rule, read.message);
}

function unusable(rule: RuleName, message: string): UnusableValue {
  return {
    rule,
    message,
    remedy: 'write what needs Java as a procedure, and read its result here',
  };
}

/** An input or output parameter: text, a list, a map or a script. */
export function parameterValue(parameter: VendorElement): Expression | UnusableValue {
  const [inner, more] = parameter.children;
  if (!inner) return textExpression(parameter.body);
  if (more) {
    return unusable(
      'dialect-unsupported',
      `expected one value, found ${inner.name} and ${more.name}`,
    );
  }
  switch (inner.name) {
    case 'list':
      return listOf(inner);
    case 'map':
      return mapOf(inner);
    case 'script':
      return scriptOf(inner);
    default:
      return textValue(inner);
  }
}

/** `<value>` of a list: text, or anything that a parameter may be. */
function textValue(given: VendorElement): Expression | UnusableValue {
  if (['value', 'string', 'expression'].includes(given.name)) return textExpression(given.body);
  return unusable(
    'dialect-unsupported',
    `expected a text, a list, a map or a script, found <${given.name}>`,
  );
}

function listOf(given: VendorElement): Expression | UnusableValue {
  const items: Expression[] = [];
  for (const child of given.children) {
    const item = parameterValue({ name: '', attributes: {}, body: '', children: [child] });
    if ('rule' in item) return item;
    items.push(item);
  }
  return joined(items, (values) => values);
}

function mapOf(given: VendorElement): Expression | UnusableValue {
  const items: Expression[] = [];
  const keys: string[] = [];
  for (const entry of given.children) {
    const item = parameterValue(entry);
    if ('rule' in item) return item;
    keys.push(entry.attributes.key ?? '');
    items.push(item);
  }
  return joined(items, (values) => Object.fromEntries(keys.map((key, at) => [key, values[at]])));
}

function joined(
  items: readonly Expression[],
  make: (values: readonly unknown[]) => unknown,
): Expression {
  const source = `[${items.map((item) => item.source).join(', ')}]`;
  const evaluate = (variables: Variables) =>
    make(items.map((item) => asJson(item.evaluate(variables))));
  return Object.freeze({ source, evaluate });
}

function scriptOf(given: VendorElement): Expression | UnusableValue {
  const format = (given.attributes.scriptFormat ?? '').toLowerCase();
  if (given.attributes.resource !== undefined || !['feel', 'juel'].includes(format)) {
    return unusable(
      'expression-language',
      `expected a script in FEEL inside of the drawing, found one in "${format}"`,
    );
  }
  if (format === 'juel') return textExpression(given.body);
  const read = readFeel(given.body);
  return 'expression' in read ? read.expression : unusable(read.rule, read.message);
}
