/** Files of decisions that are refused, each rule once, and files that mean harm. Nothing throws. */
import fc from 'fast-check';
import { unaryTest } from 'feelin';
import { expect, it } from 'vitest';
import { decisionRules } from './decision-rules.ts';
import { plainTests, readTests } from './feel-text.ts';
import { isDecisionFile, readDecisions } from './read-decisions.ts';
import { decision, dmn, literal, tableOf } from './testing-dmn.ts';

const table = { inputs: ['n'], outputs: ['x'], rules: ['1 => 2'] };
const withText = (text: string) => dmn(decision('d', literal(text)));
const withTable = (changed: object) => dmn(decision('d', tableOf({ ...table, ...changed })));
const deep = `${'<context><contextEntry>'.repeat(40)}${literal('1')}${'</contextEntry></context>'.repeat(40)}`;

const refused: readonly (readonly [rule: string, xml: string])[] = [
  ['file-too-large', dmn(decision('d', deep))],
  ['no-doctype', `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${withText('1')}`],
  ['xml-malformed', withText('1').replace('</definitions>', '')],
  ['dmn-unknown', '<definitions xmlns="urn:other"/>'],
  ['dmn-unknown', '<definitions xmlns="https://www.omg.org/spec/DMN/20990101/MODEL/"/>'],
  ['dmn-element', dmn('<decisionService id="s"/>')],
  ['dmn-element', dmn(decision('d', `<conditional><if>${literal('true')}</if></conditional>`))],
  ['dmn-element', dmn(`${decision('d', literal('1'))}<surprise id="s"/>`)],
  ['extension-foreign', dmn(decision('d', literal('1')), 'xmlns:v="urn:vendor" v:magic="1"')],
  ['id-invalid', dmn(decision('no good', literal('1')))],
  ['id-duplicate', dmn(decision('d', literal('1')) + decision('d', literal('2')))],
  ['nothing-decided', dmn('<inputData id="i" name="i"/>')],
  ['nothing-decided', dmn(decision('d', ''))],
  ['reference-missing', dmn(decision('d', literal('1'), ['e']))],
  [
    'requirement-cycle',
    dmn(decision('d', literal('1'), ['e']) + decision('e', literal('1'), ['d'])),
  ],
  ['requirement-cycle', dmn(decision('d', literal('1'), ['d']))],
  [
    'type-unknown',
    dmn(
      '<inputData id="i" name="i"><variable name="i" typeRef="Odd"/></inputData>' +
        decision('d', literal('1')),
    ),
  ],
  ['expression-invalid', withText('1 +')],
  ['expression-invalid', withTable({ rules: ['> => 1'] })],
  [
    'expression-language',
    dmn(
      decision(
        'd',
        literal('1').replace(
          '<literalExpression',
          '<literalExpression expressionLanguage="groovy"',
        ),
      ),
    ),
  ],
  ['expression-unbounded', withText('random number()')],
  ['expression-unbounded', withText('(function(x) x)(1)')],
  ['expression-unbounded', withText('for i in 1..1000000000 return i')],
  ['expression-unbounded', withTable({ rules: ['matches(?, "(a+)+") => 1'] })],
  ['hit-policy', withTable({ policy: 'GUESS' })],
  ['hit-policy', withTable({ policy: 'COLLECT', aggregation: 'AVG' })],
  ['hit-policy', withTable({ policy: 'UNIQUE', aggregation: 'SUM' })],
  ['hit-policy', withTable({ policy: 'PRIORITY' })],
  ['table-shape', withTable({ rules: ['1 | 2 => 1'] })],
  ['table-shape', withTable({ outputs: ['x', 'x'], rules: ['1 => 1 | 2'] })],
];

it.each(refused)('%s', async (rule, xml) => {
  const read = await readDecisions({ name: 'd.dmn', xml });
  const problems = 'problems' in read ? read.problems : [];
  expect(problems.map((problem) => problem.rule)).toContain(rule);
  for (const { message, remedy, line } of problems) {
    expect(message).toMatch(/^expected .*found/s);
    expect(remedy).not.toBe('');
    expect(line).toBeGreaterThan(0);
  }
});

it('every rule is broken by one of these', () => {
  const broken = new Set(refused.map(([rule]) => rule));
  expect(Object.keys(decisionRules).filter((rule) => !broken.has(rule))).toEqual([]);
});

it('all problems are told at once, each on its line', async () => {
  const xml = dmn(`${decision('a', literal('1 +'))}${decision('b', literal('2 *'))}`);
  const read = await readDecisions({ name: 'd.dmn', xml });
  const found = 'problems' in read ? read.problems : [];
  expect(found.map(({ element, line }) => [element, line])).toEqual([
    ['a', 4],
    ['b', 6],
  ]);
});

it('a diagram and notes for people change nothing', async () => {
  const extra =
    '<textAnnotation id="t"><text>why</text></textAnnotation>' +
    '<dmndi:DMNDI xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"><dmndi:DMNDiagram/></dmndi:DMNDI>';
  expect(
    await readDecisions({ name: 'd.dmn', xml: dmn(decision('d', literal('1')) + extra) }),
  ).toHaveProperty('graph');
});

it('files of decisions are told from others by their root', () => {
  expect(isDecisionFile(withText('1'))).toBe(true);
  expect(isDecisionFile('<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>')).toBe(
    false,
  );
  expect(isDecisionFile('no xml')).toBe(false);
});

const pieces = [
  ...[
    '<',
    '>',
    '/',
    '"',
    '&amp;',
    '&#0;',
    '<decision id="d">',
    '</decision>',
    '<text>',
    'xmlns:a="b"',
  ],
  ...['<![CDATA[', ']]>', '<!--', '<?x', '__proto__', '\u0000', '\ud800'],
];

it('reads any file, or says why not, and never throws', async () => {
  const whole = withTable({ rules: ['> 1 => 1', '"a" => "b"'] });
  const change = fc.record({
    at: fc.nat(whole.length),
    length: fc.nat(30),
    text: fc.oneof(fc.constantFrom(...pieces), fc.string()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const xml = changes.reduce(
        (text, { at, length, text: piece }) => text.slice(0, at) + piece + text.slice(at + length),
        whole,
      );
      const read = await readDecisions({ name: 'd.dmn', xml });
      expect('graph' in read || read.problems.length > 0).toBe(true);
    }),
    { interruptAfterTimeLimit: 800, numRuns: 2_000 },
  );
});

it('cells that need no FEEL give what FEEL would', () => {
  const number = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(0.5, -0.25, 1e6));
  const text = fc.constantFrom('a', 'b', 'A', '');
  const cell = fc.oneof(
    fc
      .tuple(fc.constantFrom('', '<', '<=', '>', '>='), number)
      .map(([sign, n]) => `${sign} ${n}`.trim()),
    fc
      .tuple(fc.constantFrom('[', '(', ']'), number, number, fc.constantFrom(']', ')', '['))
      .map(([left, a, b, right]) => `${left}${Math.min(a, b)}..${Math.max(a, b)}${right}`),
    fc
      .array(text, { minLength: 1, maxLength: 3 })
      .map((all) => all.map((one) => `"${one}"`).join(', ')),
    fc.constantFrom('-', 'true', 'false', 'null', 'not("a")', 'not(1, 2)'),
  );
  fc.assert(
    fc.property(cell, fc.oneof(number, text), (written, value) => {
      const read = plainTests(written) ?? readTests(written, {});
      if ('rule' in read) throw new Error(`${written}: ${read.message}`);
      // FEEL says null of values that cannot be compared, which feelin does not always.
      const isComparable = typeof value === 'number' || !/^[<>[\](]/.test(written);
      const expected = isComparable && unaryTest(written, { '?': value }).value === true;
      expect([written, value, read.passes(value, {})]).toEqual([written, value, expected]);
    }),
    { interruptAfterTimeLimit: 800 },
  );
});

it('reads the text of any cell, or says why not, and it always ends', () => {
  const token = fc.constantFrom(
    ...[
      'not(',
      '(',
      ')',
      '[',
      ']',
      '..',
      '<',
      '?',
      'a',
      'b.c',
      '"x"',
      '1',
      ',',
      '-',
      ' and ',
      ' in ',
    ],
    ...[
      'for x in ? return x',
      'some x in a satisfies x',
      'null',
      '@"2026-01-01"',
      '{a: 1}',
      'date("x")',
    ],
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 8 }), fc.jsonValue(), (tokens, value) => {
      const read = readTests(tokens.join(''), { a: null });
      if ('rule' in read) return;
      try {
        expect(typeof read.passes(value, { a: value })).toBe('boolean');
      } catch (error) {
        // What cannot be compared at all; the evaluation says so.
        expect((error as Error).message).toMatch(/^(unsupported range|expected functions)/);
      }
    }),
    { interruptAfterTimeLimit: 800, numRuns: 2_000 },
  );
});
