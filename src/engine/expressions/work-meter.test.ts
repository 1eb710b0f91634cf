/**
 * Expressions that mean harm: what would run for hours or take all memory is refused when it is read, or fails when
 * it is evaluated, soon and with words; and counting never changes what an expression gives.
 */
import fc from 'fast-check';
import { evaluate } from 'feelin';
import { describe, expect, it } from 'vitest';
import { compileFeel } from './compile-feel.ts';
import { plainFeel, readFeel } from './feel.ts';
import { atMoment } from './moment.ts';

const messageOf = (text: string) => {
  const read = readFeel(text);
  return 'rule' in read ? `${read.rule}: ${read.message}` : 'can be used';
};
function resultOf(text: string, variables: Record<string, unknown>): unknown {
  const read = readFeel(text);
  if (!('expression' in read)) throw new Error(read.message);
  return atMoment(0, () => read.expression.evaluate(variables));
}
/** `a` has ten ones, `b` ten times `a`, and so on. */
const laughs = [...'bcdefghij'].map((name, index) => {
  const before = 'abcdefghij'[index];
  return `${name}: [${new Array(10).fill(before).join(', ')}]`;
});
const sums = [...'bcdefghij'].map((name, index) => {
  const before = 'abcdefghij'[index];
  return `${name}: ${new Array(10).fill(before).join(' + ')}`;
});

describe('what is refused when it is read', () => {
  it.each([
    ['loops in loops', 'count(for i in 1..9999, j in 1..9999, k in 1..9999 return 1)'],
    ['a range in a name', '{ r: [1..1000000000], l: for x in r return x }.l'],
    ['a range without steps', '{ r: [1.5..3], l: for x in r return x }.l'],
    [
      'a range that never meets its end',
      '{ r: [99999999999999999..99999999999999990], l: r[item > 1] }.l',
    ],
    ['a list of lists of lists', `{ a: [1, 1, 1], ${laughs.join(', ')} }`],
    ['its comparison', `{ a: [1, 1, 1], ${laughs.join(', ')}, same: j = j }.same`],
    ['its flattening', `{ a: [1, 1, 1], ${laughs.join(', ')}, all: count(flatten(j)) }.all`],
    ['its text', `{ a: [1, 1, 1], ${laughs.join(', ')}, all: string(j) }.all`],
    ['a text of texts of texts', `{ a: "ha", ${sums.join(', ')} }`],
    [
      'a text that doubles',
      'for i in 1..9999 return if i = 1 then "ha" else partial[-1] + partial[-1]',
    ],
    [
      'a list that doubles',
      'for i in 1..999 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])',
    ],
    ['a result that is deep', 'for i in 1..9999 return [partial[-1]]'],
    [
      'a list that is looked through for each',
      'every i in 1..9999 satisfies list contains(for j in 1..9999 return j, i)',
    ],
  ])('%s', (_, text) => {
    expect(messageOf(text)).toMatch(/^expression-unbounded: .*found more|at most/);
  });
});

describe('what fails when it meets much data', () => {
  const many = Array.from({ length: 60_000 }, (_, n) => ({ n, own: [n] }));
  it.each([
    ['for a in input.many, b in input.many return a.n'],
    ['some a in input.many, b in input.many satisfies a.n + b.n = -1'],
    ['input.many[list contains(input.many, item) = true]'],
    ['distinct values(input.many)'],
    ['union(input.many, input.many)'],
    ['for a in 1..1000 return input.many.n'],
    ['for a in 1..1000 return input.many = input.other'],
    [`count([${new Array(30).fill('index of(input.many, 7)').join(', ')}])`],
    [`[${new Array(30).fill('input.many.n').join(', ')}]`],
    ['string join(for a in 1..999 return input.text, "")'],
  ])('%s', (text) => {
    const input = { many, other: structuredClone(many), text: 'x'.repeat(100_000) };
    expect(() => resultOf(text, { input })).toThrow(/run through shorter lists/);
  });

  it('but not when it does what people do', () => {
    const items = Array.from({ length: 10_000 }, (_, n) => ({ id: n, price: n % 7 }));
    const input = { items, id: 9_999 };
    expect(resultOf('input.items[id = 77].price', { input })).toEqual([0]);
    expect(resultOf('sum(input.items.price)', { input })).toBe(29_994);
    expect(resultOf('count(for i in input.items return i.price * 2)', { input })).toBe(10_000);
    expect(resultOf('sum(input.items[price > 3].price)', { input })).toBe(21_420);
  });

  it('and counts what is evaluated at one moment together', () => {
    const read = readFeel('count(for i in 1..9999, j in 1..10 return 1)');
    if (!('expression' in read)) throw new Error(read.message);
    const { expression } = read;
    expect(expression.evaluate({})).toBe(99_990);
    const often = () => Array.from({ length: 100 }, () => expression.evaluate({}));
    expect(() => atMoment(0, often)).toThrow('all expressions of one transition');
    expect(atMoment(0, () => expression.evaluate({}))).toBe(99_990);
  });
});

describe('counting changes nothing', () => {
  const variables = {
    ...{ a: 1, b: 'x', list: [3, 1, 2], texts: ['p', 'q'], none: null, yes: true },
    rows: [
      { id: 1, name: 'one', of: { deep: [1, 2] } },
      { id: 2, name: 'two', of: { deep: [] } },
    ],
  };
  const plainly = (text: string) => {
    try {
      return plainFeel(evaluate(text, structuredClone(variables)).value);
    } catch (error) {
      return (error as Error).name;
    }
  };
  const counted = (text: string) => {
    try {
      return plainFeel(compileFeel(text)(structuredClone(variables)));
    } catch (error) {
      return (error as Error).name;
    }
  };

  it.each([
    'for p in [{ first name: "a" }] return p.first name',
    '[{ first name: "a" }][first name = "a"].first name',
    'for x in -1..3, y in [x, x + 1] return { sum: x + y, last: partial[-1] }',
    'for x in 3..1 return x',
    'rows[id > 1].of.deep',
    'rows[of.deep = [1, 2]]',
    'list[item in [1..2]]',
    'list[> 1]',
    'rows[1].name in ("one", b, texts)',
    'a in list',
    'a between 1 and 2 and not(yes = none)',
    'some r in rows, d in r.of.deep satisfies d = r.id',
    'list contains(list: texts, element: "p")',
    'string join(texts, ", ") + b + b + b + b + b + b + b + b + b',
    'sort(list, before)',
    'union(list, texts, [1])',
    'append(list, 1, "z")',
    'a instance of number',
    'get entries({ k: a })[key = "k"].value',
    '[index of][1](list, 2)',
    '{ a b: 1, c: a b + 1 }.c',
  ])('%s', (text) => {
    expect(counted(text)).toEqual(plainly(text));
  });

  it('whatever the expression is', () => {
    const leaf = fc.constantFrom(
      'a',
      'b',
      'list',
      'texts',
      'rows',
      'none',
      'yes',
      '1',
      '"x"',
      'item',
      'r',
    );
    const { text } = fc.letrec<{ text: string }>((tie) => ({
      text: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc
          .tuple(tie('text'), fc.constantFrom('+', '-', '=', '!=', '<', 'and', 'or'), tie('text'))
          .map(([left, sign, right]) => `(${left}) ${sign} (${right})`),
        fc.tuple(tie('text'), tie('text')).map(([one, other]) => `[${one}, ${other}]`),
        fc.tuple(tie('text'), tie('text')).map(([one, other]) => `{ r: ${one}, s: ${other} }`),
        fc.tuple(tie('text'), tie('text')).map(([one, other]) => `(${one})[${other}]`),
        fc
          .tuple(tie('text'), fc.constantFrom('id', 'r', 'of'))
          .map(([one, name]) => `(${one}).${name}`),
        fc.tuple(tie('text'), tie('text')).map(([one, other]) => `for r in ${one} return ${other}`),
        fc
          .tuple(tie('text'), tie('text'))
          .map(([one, other]) => `some r in ${one} satisfies ${other}`),
        fc.tuple(tie('text'), tie('text')).map(([one, other]) => `(${one}) in (${other}, [1..3])`),
        fc
          .tuple(
            fc.constantFrom('count', 'flatten', 'string', 'not', 'distinct values', 'sum', 'max'),
            tie('text'),
          )
          .map(([name, given]) => `${name}(${given})`),
      ),
    }));
    fc.assert(
      fc.property(text, (given) => {
        expect(counted(given)).toEqual(plainly(given));
      }),
      { numRuns: Number(process.env.FUZZ_RUNS ?? 150) },
    );
  });
});
