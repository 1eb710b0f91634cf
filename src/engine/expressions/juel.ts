/**
 * `${...}` and `#{...}` of drawings made for Camunda 7 and Flowable, as pure expressions: the part of the
 * unified expression language that needs no Java. It reads own properties of JSON, compares, calculates,
 * chooses, and calls a few methods by name; nothing of the program can be reached from it. What it
 * cannot do is refused when it is read. One evaluation takes steps in proportion to the length of its text.
 */
import type { Expression, Variables } from '../model/expression.ts';
import type { FeelProblem } from './feel.ts';
import { callFunction, functionNames } from './juel-functions.ts';
import { callMethod, methodNames } from './juel-methods.ts';
import { type Token, tokensOf } from './juel-tokens.ts';
import { compared, isEmptyValue, numberOf, sameValue, textOf, truthOf } from './juel-values.ts';

/** Characters of one text, with everything in it. */
const longestText = 4_000;
const deepest = 50;

type Run = (variables: Variables) => unknown;

/** Why a text is no expression of this language. */
class Unreadable extends Error {
  readonly rule: FeelProblem['rule'];
  constructor(message: string, rule: FeelProblem['rule'] = 'expression-invalid') {
    super(message);
    this.rule = rule;
  }
}

/** True for a text that says itself that it is in this language. */
export function isJuel(text: string): boolean {
  return !/^\s*[="]/.test(text) && /[$#]\{/.test(text);
}

/**
 * Reads a text with any number of `${...}`. One that is nothing else gives its value as it is; with text
 * around it, or several, the whole is text, in which null is nothing.
 */
export function readJuel(text: string): { readonly expression: Expression } | FeelProblem {
  try {
    if (text.length > longestText) {
      const message = `expected at most ${longestText} characters, found ${text.length}`;
      throw new Unreadable(message, 'expression-unbounded');
    }
    const parts = partsOf(text);
    const [first] = parts;
    const evaluate: Run =
      parts.length === 1 && typeof first === 'function'
        ? first
        : (variables) =>
            parts
              .map((part) => (typeof part === 'string' ? part : textOf(part(variables))))
              .join('');
    return { expression: Object.freeze({ source: text, evaluate }) };
  } catch (error) {
    if (!(error instanceof Unreadable || error instanceof SyntaxError)) throw error;
    const rule = error instanceof Unreadable ? error.rule : 'expression-invalid';
    return { rule, message: `${error.message} in "${clip(text)}"` };
  }
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Literal text and expressions, in their order. `\${` is text. */
function partsOf(text: string): readonly (string | Run)[] {
  const parts: (string | Run)[] = [];
  let literal = '';
  let at = 0;
  while (at < text.length) {
    const two = text.slice(at, at + 2);
    if (/^\\[$#]$/.test(two) && text[at + 2] === '{') {
      literal += text.slice(at + 1, at + 3);
      at += 3;
    } else if (two === '${' || two === '#{') {
      const { tokens, end } = tokensOf(text, at + 2);
      if (literal !== '') parts.push(literal);
      literal = '';
      parts.push(new Parser(tokens).whole());
      at = end + 1;
    } else {
      literal += text[at];
      at += 1;
    }
  }
  if (literal !== '' || parts.length === 0) parts.push(literal);
  return parts;
}

/** Binary operators from the loosest to the tightest, each with what it does. */
const levels: readonly Readonly<Record<string, (a: unknown, b: () => unknown) => unknown>>[] = [
  { '||': (a, b) => truthOf(a) || truthOf(b()) },
  { '&&': (a, b) => truthOf(a) && truthOf(b()) },
  { '==': (a, b) => sameValue(a, b()), '!=': (a, b) => !sameValue(a, b()) },
  {
    '<': (a, b) => compared(a, b(), (order) => order < 0),
    '>': (a, b) => compared(a, b(), (order) => order > 0),
    '<=': (a, b) => compared(a, b(), (order) => order <= 0),
    '>=': (a, b) => compared(a, b(), (order) => order >= 0),
  },
  {
    '+': (a, b) => finite(numberOf(a) + numberOf(b())),
    '-': (a, b) => numberOf(a) - numberOf(b()),
  },
  {
    '*': (a, b) => finite(numberOf(a) * numberOf(b())),
    '/': (a, b) => finite(numberOf(a) / numberOf(b())),
    '%': (a, b) => finite(numberOf(a) % numberOf(b())),
  },
];

/** The words that stand for signs. */
const words: Readonly<Record<string, string>> = {
  ...{ or: '||', and: '&&', eq: '==', ne: '!=', lt: '<', gt: '>', le: '<=', ge: '>=' },
  ...{ div: '/', mod: '%', not: '!' },
};

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new Error('expected a calculation with a finite result, found a division by zero or more');
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Run {
    const run = this.#choice();
    const left = this.#tokens[this.#at];
    if (left) throw new Unreadable(`expected the end of the expression, found "${left.text}"`);
    return run;
  }

  #choice(): Run {
    this.#depth += 1;
    if (this.#depth > deepest) {
      const message = `expected at most ${deepest} levels, found more`;
      throw new Unreadable(message, 'expression-unbounded');
    }
    const condition = this.#binary(0);
    let run = condition;
    if (this.#takes('?')) {
      const yes = this.#choice();
      this.#expect(':');
      const no = this.#choice();
      run = (variables) => (truthOf(condition(variables)) ? yes(variables) : no(variables));
    }
    this.#depth -= 1;
    return run;
  }

  #binary(level: number): Run {
    const operators = levels[level];
    if (!operators) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators[this.#sign() ?? ''];
      if (!operator) return left;
      this.#at += 1;
      const [a, b] = [left, this.#binary(level + 1)];
      left = (variables) => operator(a(variables), () => b(variables));
    }
  }

  #unary(): Run {
    const signs: string[] = [];
    for (;;) {
      const sign = this.#sign();
      if (sign !== '!' && sign !== '-' && sign !== 'empty') break;
      signs.unshift(sign);
      this.#at += 1;
    }
    if (signs.length > deepest) {
      const message = `expected at most ${deepest} signs in a row, found ${signs.length}`;
      throw new Unreadable(message, 'expression-unbounded');
    }
    const value = this.#value();
    if (signs.length === 0) return value;
    return (variables) =>
      signs.reduce<unknown>((found, sign) => {
        if (sign === '!') return !truthOf(found);
        return sign === '-' ? -numberOf(found) : isEmptyValue(found);
      }, value(variables));
  }

  #value(): Run {
    let run = this.#primary();
    for (;;) {
      if (this.#takes('.')) {
        const { text, kind } = this.#next('the name of a property');
        if (kind !== 'name') {
          throw new Unreadable(`expected the name of a property, found "${text}"`);
        }
        run = this.#peeks('(') ? this.#method(run, text) : property(run, () => text);
      } else if (this.#takes('[')) {
        const name = this.#choice();
        this.#expect(']');
        run = property(run, name);
      } else return run;
    }
  }

  #method(base: Run, name: string): Run {
    const given = this.#arguments();
    if (!methodNames.has(name)) {
      throw new Unreadable(
        `expected one of the methods ${[...methodNames].sort().join(', ')}; found ${name}()`,
      );
    }
    return (variables) =>
      callMethod(
        base(variables),
        name,
        given.map((one) => one(variables)),
      );
  }

  #arguments(): readonly Run[] {
    this.#expect('(');
    const given: Run[] = [];
    if (this.#takes(')')) return given;
    do given.push(this.#choice());
    while (this.#takes(','));
    this.#expect(')');
    return given;
  }

  #primary(): Run {
    const token = this.#next('a value');
    const { kind, text } = token;
    if (kind === 'value') return () => token.value;
    if (text === '(') {
      const run = this.#choice();
      this.#expect(')');
      return run;
    }
    if (kind !== 'name' || words[text] !== undefined) {
      throw new Unreadable(`expected a value, found "${text}"`);
    }
    return this.#named(text);
  }

  #named(text: string): Run {
    let name = text;
    if (name === 'execution' && this.#takes('.')) name = `execution.${this.#next('a method').text}`;
    else if (this.#takes(':')) name = `${name}:${this.#next('a function').text}`;
    const isCall = this.#peeks('(');
    if (!isCall && name === text) return variable(name);
    const known = functionNames.has(name);
    if (!isCall || !known) {
      throw new Unreadable(
        `expected a variable, or one of ${[...functionNames].sort().join('(), ')}(); found ` +
          `${name}${isCall ? '()' : ''}`,
      );
    }
    const given = this.#arguments();
    return (variables) =>
      callFunction(
        name,
        given.map((one) => one(variables)),
        variables,
      );
  }

  /** The operator that stands here, a word as its sign. */
  #sign(): string | undefined {
    const token = this.#tokens[this.#at];
    if (!token || token.kind === 'value') return undefined;
    return token.kind === 'name' ? (words[token.text] ?? emptyOnly(token.text)) : token.text;
  }

  #peeks(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'sign' && token.text === text;
  }

  #takes(text: string): boolean {
    const isHere = this.#peeks(text);
    if (isHere) this.#at += 1;
    return isHere;
  }

  #expect(text: string): void {
    if (this.#takes(text)) return;
    const found = this.#tokens[this.#at];
    throw new Unreadable(`expected "${text}", found ${found ? `"${found.text}"` : 'the end'}`);
  }

  #next(what: string): Token {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    if (token) return token;
    throw new Unreadable(`expected ${what}, found the end`);
  }
}

function emptyOnly(text: string): string | undefined {
  return text === 'empty' ? text : undefined;
}

function variable(name: string): Run {
  return (variables) => {
    if (Object.hasOwn(variables, name)) return variables[name];
    throw new Error(
      `expected a variable "${name}", found none; set it before, or ask with ` +
        `execution.hasVariable('${name}')`,
    );
  };
}

/** An own property, or an item of a list. Nothing has none. */
function property(base: Run, name: Run): Run {
  return (variables) => {
    const of = base(variables);
    const key = name(variables);
    if (of === null || of === undefined || key === null) return null;
    if (Array.isArray(of)) return of[numberOf(key)] ?? null;
    if (typeof of !== 'object') {
      throw new Error(`expected an object to read "${textOf(key)}" of, found ${typeof of}`);
    }
    const found = textOf(key);
    return Object.hasOwn(of, found) ? (of as Readonly<Record<string, unknown>>)[found] : null;
  };
}
