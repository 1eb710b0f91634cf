/**
 * FEEL of decisions: expressions, and the unary tests in the cells of tables. Each text is judged and
 * parsed once. Values between them are FEEL's own; they become JSON only where a decision ends.
 */
import { parseExpression, parseUnaryTests } from 'feelin';
import { compileFeel } from '../expressions/compile-feel.ts';
import { type FeelProblem, judge, plainFeel } from '../expressions/feel.ts';
import { atMoment } from '../expressions/moment.ts';
import { TooMuchWork } from '../expressions/work-meter.ts';
import type { Variables } from '../model/expression.ts';

/** Characters of one text. */
const longestText = 4_000;

/** A text that can be evaluated; gives FEEL's own values. */
export interface FeelText {
  readonly source: string;
  evaluate(variables: Variables): unknown;
}

/** A cell: whether a value passes its tests. */
export interface CellTest {
  readonly source: string;
  passes(value: unknown, variables: Variables): boolean;
}

/** The name under which the tests of a cell see the value of its column, beside `?`. */
export const cellInput = 'cellInput';

/**
 * Reads an expression. `names`: what is known where it stands; it decides how names of several words are
 * read, its values do not matter.
 */
export function readExpression(text: string, names: Variables): FeelText | FeelProblem {
  const source = text.trim();
  const problem = sizeProblem(source) ?? judge(source, parseExpression(source, names, undefined));
  return problem ?? compiled(source, names);
}

/** Reads the tests of a cell. */
export function readTests(text: string, names: Variables): CellTest | FeelProblem {
  const source = text.trim();
  const known = { ...names, [cellInput]: null, '?': null };
  const tree = parseUnaryTests(source, known, undefined);
  const problem = sizeProblem(source) ?? judge(source, tree);
  if (problem) return problem;
  const { isNegated, parts } = partsOf(source, tree as unknown as Tree);
  const tests: CellTest[] = [];
  for (const part of parts) {
    const test = readTest(part, known);
    if ('rule' in test) return test;
    tests.push(test);
  }
  return {
    source,
    passes: (value, variables) => tests.some((test) => test.passes(value, variables)) !== isNegated,
  };
}

/** A number, a text or another constant as an expression, which needs no FEEL; null for any other. */
export function plainExpression(text: string): FeelText | null {
  const source = text.trim();
  const isPlain = /^(-?\d{1,15}(\.\d{1,9})?|"[^"\\\n]*"|true|false|null)$/.test(source);
  // What such a text says is the same in JSON; numbers that begin with 0 are none there.
  if (!isPlain || /^-?0\d/.test(source)) return null;
  const value: unknown = JSON.parse(source.replaceAll('\t', '\\t'));
  return { source, evaluate: () => value };
}

/** Equal as FEEL has it, for values of any kind. */
export function areEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(plainFeel(a)) === JSON.stringify(plainFeel(b));
}

/** A value for people, clipped. */
export function shown(value: unknown): string {
  const text = JSON.stringify(plainFeel(value));
  return text.length > 200 ? `${text.slice(0, 197)}...` : text;
}

function sizeProblem(text: string): FeelProblem | null {
  if (text === '') return { rule: 'expression-invalid', message: 'expected FEEL, found nothing' };
  if (text.length <= longestText) return null;
  const message = `expected at most ${longestText} characters of FEEL, found ${text.length}`;
  return { rule: 'expression-unbounded', message };
}

function compiled(source: string, names: Variables): FeelText | FeelProblem {
  try {
    const evaluate = compileFeel(source, names);
    // What the tree does not show, trying it without variables does.
    atMoment(0, () => evaluate({}));
    return { source, evaluate };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'an error';
    const found = source.length > 60 ? `${source.slice(0, 57)}...` : source;
    const rule = error instanceof TooMuchWork ? 'expression-unbounded' : 'expression-invalid';
    return { rule, message: `expected FEEL, found "${found}": ${message}` };
  }
}

interface Node {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly firstChild: Node | null;
  readonly nextSibling: Node | null;
}
interface Tree {
  readonly topNode: Node;
}
interface Part {
  readonly text: string;
  /** A comparison without a left side, or an interval: true or false by itself. */
  readonly isSimple: boolean;
}

/** The tests that are separated by commas, and whether `not(...)` stands around all of them. */
function partsOf(text: string, { topNode }: Tree) {
  const parts: Part[] = [];
  let isNegated = false;
  const visit = (node: Node, depth: number): void => {
    if (node.name === 'PositiveUnaryTest') {
      const isSimple = node.firstChild?.name === 'SimplePositiveUnaryTest';
      parts.push({ text: text.slice(node.from, node.to), isSimple });
      return;
    }
    if (node.name === 'not' && depth <= 2) isNegated = true;
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child, depth + 1);
  };
  visit(topNode, 0);
  return { isNegated, parts };
}

/**
 * One test passes when it is an expression that is true with the value as `?`, or has the value itself, or
 * has it among its own: DMN 1.3, 10.3.2.7.
 */
function readTest({ text, isSimple }: Part, names: Variables): CellTest | FeelProblem {
  if (text === 'null') return { source: text, passes: (value) => value === null };
  const asked = compiled(`${cellInput} in (${text})`, names);
  if ('rule' in asked) return asked;
  const looksAtValue = text.includes('?') || text.includes(cellInput);
  const isAmong = (value: unknown, variables: Variables) => {
    // A boolean test would be compared with what it sees as `?`, besides.
    const seen = looksAtValue && typeof value !== 'boolean' ? { '?': value } : {};
    return asked.evaluate({ ...variables, ...seen, [cellInput]: value }) === true;
  };
  if (isSimple) return { source: text, passes: isAmong };
  const told = compiled(text, names);
  if ('rule' in told) return told;
  return {
    source: text,
    passes(value, variables) {
      const result = told.evaluate({ ...variables, '?': value, [cellInput]: value });
      if (result === null) return false;
      if (typeof result === 'boolean' && (looksAtValue || typeof value !== 'boolean')) {
        return result;
      }
      return isAmong(value, variables);
    },
  };
}

const textCell = /^"[^"\\]*"(\s*,\s*"[^"\\]*")*$/;
const numberCell = /^(<=|>=|<|>)?\s*(-?\d{1,15}(?:\.\d{1,9})?)$/;
const intervalCell =
  /^([[\]()])\s*(-?\d{1,15}(?:\.\d{1,9})?)\s*\.\.\s*(-?\d{1,15}(?:\.\d{1,9})?)\s*([[\]()])$/;

/**
 * What most cells hold needs no FEEL: nothing, texts, numbers, comparisons with numbers, and intervals of
 * them. Null for any other.
 */
export function plainTests(text: string): CellTest | null {
  const source = text.trim();
  if (source === '' || source === '-') return { source: '-', passes: () => true };
  if (source === 'true' || source === 'false') {
    const told = source === 'true';
    return { source, passes: (value) => value === told };
  }
  if (textCell.test(source)) {
    const texts = new Set(source.match(/"[^"]*"/g)?.map((text) => text.slice(1, -1)));
    return { source, passes: (value) => typeof value === 'string' && texts.has(value) };
  }
  const [, sign, number] = numberCell.exec(source) ?? [];
  if (number !== undefined) return comparing(source, sign, Number(number));
  const [, left = '', from, to, right = ''] = intervalCell.exec(source) ?? [];
  if (from === undefined || to === undefined || left === ')' || right === '(') return null;
  const [low, high] = [Number(from), Number(to)];
  const passes = (value: unknown) =>
    typeof value === 'number' &&
    (left === '[' ? value >= low : value > low) &&
    (right === ']' ? value <= high : value < high);
  return { source, passes };
}

function comparing(source: string, sign: string | undefined, told: number): CellTest {
  const holds: Readonly<Record<string, (value: number) => boolean>> = {
    '<': (value) => value < told,
    '<=': (value) => value <= told,
    '>': (value) => value > told,
    '>=': (value) => value >= told,
    '=': (value) => value === told,
  };
  const compare = holds[sign ?? '='];
  return { source, passes: (value) => typeof value === 'number' && compare?.(value) === true };
}
