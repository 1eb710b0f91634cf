/** FEEL as drawings use it: what it gives, what is refused when a drawing is read, and that it always ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asCondition, readFeel } from './feel.ts';
import { atMoment } from './moment.ts';

function resultOf(text: string, variables: Record<string, unknown> = {}): unknown {
  const read = readFeel(text);
  if (!('expression' in read)) throw new Error(read.message);
  return read.expression.evaluate(variables);
}
const ruleOf = (text: string) => {
  const read = readFeel(text);
  return 'rule' in read ? read.rule : null;
};

describe('values', () => {
  it.each([
    ['= input.total * 2', { input: { total: 21 } }, 42],
    ['input.items[n = 2].name', { input: { items: [{ n: 1 }, { n: 2, name: 'b' }] } }, ['b']],
    [
      '{ id: input.id, tags: ["a", input.id] }',
      { input: { id: 'o' } },
      { id: 'o', tags: ['a', 'o'] },
    ],
    ['if input = null then "none" else "some"', {}, 'none'],
    ['duration("PT1H") + duration("PT5M")', {}, 'PT1H5M'],
    ['date and time("2026-01-01T10:00:00Z") + duration("P1D")', {}, '2026-01-02T10:00:00Z'],
    ['for i in 1..3 return i * 2', {}, [2, 4, 6]],
    ['missing.field', {}, null],
  ])('%s', (text, variables, expected) => {
    expect(resultOf(text, variables)).toEqual(expected);
  });
});

describe('the clock', () => {
  it.each([
    ['now()', '2026-03-01T23:30:00Z'],
    ['today()', '2026-03-01'],
    ['today() + duration("P1D")', '2026-03-02'],
    ['now() > date and time(input.since)', true],
  ])('%s is the moment of the transition', (text, expected) => {
    const at = Date.UTC(2026, 2, 1, 23, 30);
    const variables = { input: { since: '2026-03-01T00:00:00Z' } };
    expect(atMoment(at, () => resultOf(text, variables))).toEqual(expected);
    expect(atMoment(at, () => resultOf(text, variables))).toEqual(expected);
  });

  it('is refused where nobody has said a moment', () => {
    expect(() => resultOf('now()')).toThrow('while it moves');
  });
});

it('does not reach what is refused by another name', () => {
  const read = readFeel('[random number][1]()');
  expect('rule' in read && read.message).toContain('functions that are bounded');
});

it('keeps the variables of each evaluation to itself', () => {
  const read = readFeel('if a = null then "none" else a');
  if (!('expression' in read)) throw new Error(read.message);
  expect(read.expression.evaluate({ a: 1 })).toBe(1);
  expect(read.expression.evaluate({ b: 1 })).toBe('none');
  expect(read.expression.evaluate({ a: 2 })).toBe(2);
});

it('takes nothing but true and false for a condition', () => {
  const read = readFeel('input.total > 3');
  if (!('expression' in read)) throw new Error('expected an expression');
  const condition = asCondition(read.expression);
  expect(condition.evaluate({ input: { total: 4 } })).toBe(true);
  expect(() => condition.evaluate({})).toThrow('to be true or false, found null');
});

describe('what is refused when a drawing is read', () => {
  it.each([
    ['', 'expression-invalid'],
    ['input.total >', 'expression-invalid'],
    ['if x then 1', 'expression-invalid'],
    ['random number()', 'expression-unbounded'],
    ['for i in 1..100000000 return i', 'expression-unbounded'],
    ['for i in 1..input.n return i', 'expression-unbounded'],
    ['function(a) a', 'expression-unbounded'],
    ['replace(input.name, "(a+)+$", "b")', 'expression-unbounded'],
    ['for a in x, b in x, c in x, d in x return 1', 'expression-unbounded'],
    ['('.repeat(500), 'expression-unbounded'],
    [`1${' + 1'.repeat(2_000)}`, 'expression-unbounded'],
  ])('%s', (text, rule) => {
    expect(ruleOf(text)).toBe(rule);
  });
});

it('reads any text, or says why not, and never throws', () => {
  const word = fc.constantFrom(
    ...[
      'input',
      '.',
      'a',
      '1',
      '"x"',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      ':',
      ',',
      '+',
      '>',
      '=',
      'and',
      'not(',
    ],
    ...[
      'for i in',
      'return',
      'some',
      'satisfies',
      'if',
      'then',
      'else',
      'null',
      '..',
      '@"P1D"',
      'date(',
    ],
  );
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.array(word, { maxLength: 14 }).map((w) => w.join(' ')),
  );
  fc.assert(
    fc.property(text, (given) => {
      const read = readFeel(given);
      expect('expression' in read || read.message !== '').toBe(true);
    }),
    { numRuns: 400 },
  );
});
