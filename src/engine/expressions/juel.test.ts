/** `${...}`: what it gives, what is refused when it is read, and that nothing of the program is reached. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what is tested
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJuel, readJuel } from './juel.ts';
import { atMoment } from './moment.ts';

const order = {
  id: 'o-1',
  total: 120.5,
  items: [{ sku: 'a' }, { sku: 'b' }],
  note: null,
  tags: [],
};
const variables = { order, approved: true, amount: 7, name: 'Ada', limit: '10', nothing: null };

function resultOf(text: string): unknown {
  const read = readJuel(text);
  if (!('expression' in read)) throw new Error(read.message);
  return read.expression.evaluate(variables);
}

describe('values', () => {
  it.each([
    ['${approved}', true],
    ['#{order.total}', 120.5],
    ['${order.items[1].sku}', 'b'],
    ["${order['id']}", 'o-1'],
    ['${order.note.deep}', null],
    ['${order.missing}', null],
    ['${amount > 5 && approved}', true],
    ['${amount gt 5 and not approved}', false],
    ['${amount le 7 or nothing.x == 1}', true],
    ['${limit > amount}', true],
    ["${name == 'Ada' ? 'yes' : 'no'}", 'yes'],
    ['${name != "Ada"}', false],
    ['${empty order.tags && !empty name}', true],
    ['${nothing == null}', true],
    ['${1 + 2 * 3 - 4 div 2}', 5],
    ['${-amount + 10 mod 4}', -5],
    ['${(1 + 2) * 3}', 9],
    ['${order.items.size() == 2}', true],
    ["${name.toLowerCase().startsWith('a')}", true],
    ["${order.tags.contains('x')}", false],
    ["${execution.getVariable('amount') + 1}", 8],
    ["${execution.hasVariable('other')}", false],
    ['${vars:getOrDefault("other", 3)}', 3],
    ['${variables:gte("amount", 7)}', true],
    ["${'it\\'s'}", "it's"],
    ['Order ${order.id} of ${name}, ${nothing}!', 'Order o-1 of Ada, !'],
    ['costs \\${amount}', 'costs ${amount}'],
    ['plain text', 'plain text'],
    ['${now()}', '2026-01-01T00:00:00.000Z'],
  ])('%s', (text, expected) => {
    expect(atMoment(Date.UTC(2026, 0, 1), () => resultOf(text))).toEqual(expected);
  });
});

it('says which variable is missing', () => {
  expect(() => resultOf('${other > 1}')).toThrow('expected a variable "other", found none');
});

describe('what is refused when it is read', () => {
  it.each([
    ['${', 'expression-invalid'],
    ['${}', 'expression-invalid'],
    ['${a b}', 'expression-invalid'],
    ['${a ? b}', 'expression-invalid'],
    ["${'open}", 'expression-invalid'],
    ['${pricing.calculate(order)}', 'expression-invalid'],
    ["${execution.setVariable('a', 1)}", 'expression-invalid'],
    ['${fn:length(a)}', 'expression-invalid'],
    ["${''.getClass().forName('java.lang.Runtime')}", 'expression-invalid'],
    [`\${${'('.repeat(60)}1${')'.repeat(60)}}`, 'expression-unbounded'],
    [`\${${'!'.repeat(60)}a}`, 'expression-unbounded'],
    [`\${a${' + 1'.repeat(2_000)}}`, 'expression-unbounded'],
  ])('%s', (text, rule) => {
    const read = readJuel(text);
    expect('rule' in read ? read.rule : null).toBe(rule);
  });
});

it.each([
  ['${order.constructor}', null],
  ["${order['__proto__']}", null],
  ["${name['constructor']}", 'throws'],
  ['${constructor}', 'throws'],
  ["${execution.getVariable('__proto__')}", null],
  ["${order.items['constructor']}", 'throws'],
  ["${order.get('toString')}", null],
])('reaches nothing but own properties: %s', (text, expected) => {
  if (expected === 'throws') expect(() => resultOf(text)).toThrow();
  else expect(resultOf(text)).toBe(expected);
});

it.each([
  ['${a}', true],
  ['text #{a}', true],
  ['= "${a}"', false],
  ['"${a}"', false],
  ['a > 1', false],
])('%s is of this language: %s', (text, expected) => {
  expect(isJuel(text)).toBe(expected);
});

it('reads any text, or says why not; what it gives is JSON or an error that says what was found', () => {
  const word = fc.constantFrom(
    ...['order', 'amount', 'name', '.', 'items', '[', ']', '(', ')', '0', '1.5', "'x'", ',', '?'],
    ...[':', '==', '!=', '<', '&&', 'or', 'not', 'empty', '-', '+', '*', '/', '%', 'null'],
    ...['.size()', '.contains(', 'vars:get(', 'constructor', '__proto__', '}', '${'],
  );
  const text = fc.oneof(
    fc.string({ maxLength: 40 }).map((inner) => `\${${inner}}`),
    fc.array(word, { maxLength: 14 }).map((found) => `\${${found.join(' ')}}`),
  );
  fc.assert(
    fc.property(text, (given) => {
      const read = readJuel(given);
      if ('rule' in read) {
        expect(read.message).toContain('expected');
        return;
      }
      let value: unknown;
      try {
        value = read.expression.evaluate(variables);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
        expect((error as Error).message).toContain('expected');
        return;
      }
      expect(typeof value).not.toBe('function');
      expect(() => JSON.stringify(value)).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});
