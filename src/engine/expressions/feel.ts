/**
 * FEEL expressions of drawings, as the core's pure expressions. An expression is judged once, when its
 * drawing is read: it must be readable, may not ask chance, and may not be able to run for long, whatever
 * the variables are. It is parsed once; `now()` and `today()` are the moment of the transition.
 */
import { parseExpression } from 'feelin';
import type { Expression, Variables } from '../model/expression.ts';
import { type CompiledFeel, compileFeel } from './compile-feel.ts';
import { atMoment } from './moment.ts';
import { ResultMeter, TooMuchWork } from './work-meter.ts';

/** An expression that can be used, or why it cannot. */
export type FeelResult =
  | { readonly expression: Expression }
  | { readonly rule: 'expression-invalid' | 'expression-unbounded'; readonly message: string };

/** Characters of one expression. */
const longestText = 4_000;
/** Values that a range in a `for`, `some` or `every` may run through. */
const longestRange = 10_000;
/** Lists that one expression may run through inside of each other. */
const mostIterations = 3;
const deepestTree = 60;

const impure: ReadonlySet<string> = new Set(['random number']);
/** They take regular expressions, of which some take for ever. */
const patterned: ReadonlySet<string> = new Set(['matches', 'replace', 'split', 'extract']);

/**
 * Short expressions that were read. A drawing says `input.orderId` at each of its steps, and parsing it is
 * most of the time that a program with drawings needs to start.
 */
const readBefore = new Map<string, FeelResult>();
const mostRead = 1_000;
const longestRead = 200;

/** Reads an expression; a leading `=` is no part of it. */
export function readFeel(given: string): FeelResult {
  const known = readBefore.get(given);
  if (known) return known;
  const result = readAnew(given);
  if (given.length <= longestRead) {
    if (readBefore.size >= mostRead) readBefore.clear();
    readBefore.set(given, result);
  }
  return result;
}

function readAnew(given: string): FeelResult {
  const text = given.trim().replace(/^=\s*/, '');
  if (text === '') return { rule: 'expression-invalid', message: 'expected FEEL, found nothing' };
  if (text.length > longestText) {
    const message = `expected at most ${longestText} characters of FEEL, found ${text.length}`;
    return { rule: 'expression-unbounded', message };
  }
  const judged = judge(text, parseExpression(text, {}, undefined));
  if (judged) return judged;
  const read = tried(text);
  if ('rule' in read) return read;
  const evaluate = (variables: Variables) => plainFeel(read.compiled(variables));
  return { expression: Object.freeze({ source: text, evaluate }) };
}

/**
 * What FEEL calls a value of time is text in JSON; everything else is JSON already. Throws for a result that is too
 * large: a list that refers to another one many times is small until it is written out.
 */
export function plainFeel(value: unknown): unknown {
  if (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'string') {
    return value ?? null;
  }
  return plain(value, new ResultMeter(), 0);
}

function plain(value: unknown, meter: ResultMeter, depth: number): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'function') throw new Error('expected a value, found a function');
  meter.take(value, depth);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((inner) => plain(inner, meter, depth + 1));
  if ('iso' in value) return String(value);
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new Error(`expected a value that JSON can hold, found ${value.constructor.name}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, plain(inner, meter, depth + 1)]),
  );
}

/** Why a text of FEEL cannot be used. */
export type FeelProblem = Exclude<FeelResult, { expression: Expression }>;
/** What feelin's parser gives. */
export interface FeelTree {
  cursor(): unknown;
}
interface Cursor {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly type: { readonly isError: boolean };
  firstChild(): boolean;
  nextSibling(): boolean;
  parent(): boolean;
}

/** Null when the expression, or unary tests, may be used. */
export function judge(text: string, tree: FeelTree): FeelProblem | null {
  let found: FeelProblem | null = null;
  const refuse = (rule: FeelProblem['rule'], message: string) => {
    found ??= { rule, message };
  };
  const invalid = (at: Cursor) =>
    refuse(
      'expression-invalid',
      `expected FEEL, found "${clip(text)}", which breaks off at "${clip(text.slice(at.from)) || 'its end'}"`,
    );
  let ranges = 0;
  const cursor = tree.cursor() as Cursor;
  const visit = (depth: number): void => {
    if (depth > deepestTree) {
      refuse('expression-unbounded', `expected FEEL of at most ${deepestTree} levels, found more`);
      return;
    }
    const { name, from, to } = cursor;
    const own = text.slice(from, to);
    if (cursor.type.isError) invalid(cursor);
    if (name === 'FunctionDefinition') {
      refuse(
        'expression-unbounded',
        'expected no functions of its own, found one in the expression',
      );
    }
    if (name === 'InExpression' || name === 'FilterExpression') ranges += 1;
    if (name === 'IterationContext' && own.includes('..') && !isShortRange(own)) {
      refuse(
        'expression-unbounded',
        `expected a range between two numbers with at most ${longestRange} values, found "${clip(own)}"`,
      );
    }
    if (name === 'FunctionInvocation') {
      const called = own.slice(0, own.indexOf('(')).trim().replace(/\s+/g, ' ');
      if (impure.has(called)) {
        refuse(
          'expression-unbounded',
          `expected an expression of the variables alone, found ${called}(), which gives something ` +
            'else each time',
        );
      }
      if (patterned.has(called)) {
        refuse(
          'expression-unbounded',
          `expected functions whose time is bounded, found ${called}() with a regular expression`,
        );
      }
    }
    if (cursor.firstChild()) {
      do visit(depth + 1);
      while (cursor.nextSibling());
      cursor.parent();
    }
  };
  visit(0);
  if (ranges > mostIterations) {
    refuse(
      'expression-unbounded',
      `expected at most ${mostIterations} lists that are run through, found ${ranges}`,
    );
  }
  return found;
}

/** What the tree does not show, trying it without variables does. */
function tried(text: string): { readonly compiled: CompiledFeel } | FeelProblem {
  try {
    const compiled = compileFeel(text);
    atMoment(0, () => plainFeel(compiled({})));
    return { compiled };
  } catch (error) {
    const message = error instanceof Error ? error.message : 'an error';
    return {
      rule: error instanceof TooMuchWork ? 'expression-unbounded' : 'expression-invalid',
      message: `expected FEEL, found "${clip(text)}": ${message}`,
    };
  }
}

function isShortRange(text: string): boolean {
  const [, from, to] = /^\s*(-?\d{1,9})\s*\.\.\s*(-?\d{1,9})\s*$/.exec(text) ?? [];
  return from !== undefined && Math.abs(Number(to) - Number(from)) < longestRange;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Reads an expression whose value decides: anything but true and false is an error. */
export function asCondition({ source, evaluate: read }: Expression): Expression<boolean> {
  return Object.freeze({
    source,
    evaluate(variables: Variables) {
      const value = read(variables);
      if (typeof value === 'boolean') return value;
      throw new Error(
        `expected "${source}" to be true or false, found ${JSON.stringify(value)}; correct the ` +
          'variables that it reads, or ask for null in it',
      );
    },
  });
}

/** Reads an expression whose value is text. */
export function asText({ source, evaluate: read }: Expression): Expression<string> {
  return Object.freeze({
    source,
    evaluate(variables: Variables) {
      const value = read(variables);
      return typeof value === 'string' ? value : JSON.stringify(value);
    },
  });
}
