/**
 * FEEL whose work is counted. The text of an expression is written anew with calls of counting functions around
 * what costs: the lists that it runs through, both sides of comparisons, texts that are joined, and the functions of
 * FEEL that take lists. They give back what they are given, so the result stays the same. Simple expressions, which
 * most are, stay as they are.
 */
import { evaluate, parseExpression } from 'feelin';
import { WorkMeter } from './work-meter.ts';

/** An expression with its counting. */
export interface MeteredFeel {
  readonly text: string;
  readonly meter: WorkMeter;
  /** The functions of FEEL that the text names, counted. A variable of the same name is meant before them. */
  readonly builtins: Readonly<Record<string, unknown>>;
  /** What counts. */
  readonly counters: Readonly<Record<string, unknown>>;
}

interface Node {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly type: { readonly isError: boolean };
  readonly firstChild: Node | null;
  readonly nextSibling: Node | null;
}

/** Names of the counting functions. Nobody's variables are called so. */
const counts = {
  run: 'meteredRun',
  range: 'meteredRange',
  whole: 'meteredWhole',
  path: 'meteredPath',
};

/** Whatever has none of these runs through nothing, and joins less than ten texts. */
const maybeCostly = /[[({=<>]|\b(?:for|some|every|in|instance)\b/;
const fewSigns = 8;
const fewPaths = 40;

/** Names of FEEL's functions whose arguments are read with all that is in them. */
const deepFunctions: ReadonlySet<string> = new Set([
  ...[
    'flatten',
    'string',
    'index of',
    'list contains',
    'list replace',
    'is',
    'mode',
    'string join',
  ],
  'context put',
]);
/** Each value is compared with each other one. */
const squareFunctions: ReadonlySet<string> = new Set(['distinct values', 'union']);
const literals: ReadonlySet<string> = new Set([
  ...['NumericLiteral', 'StringLiteral', 'BooleanLiteral', 'null', 'AtLiteral'],
]);

/** The expression with counting; null when it needs none, or cannot be read. */
export function meterFeel(
  text: string,
  names: Readonly<Record<string, unknown>>,
): MeteredFeel | null {
  const signs = text.split('+').length - 1;
  if (!maybeCostly.test(text) && signs <= fewSigns && text.split('.').length <= fewPaths)
    return null;
  const tree = parseExpression(text, { ...names }, undefined) as unknown as {
    readonly topNode: Node;
  };
  const writer = new MeteredWriter(text, tree.topNode, signs);
  const metered = writer.write();
  const builtins = writer.builtins();
  if (metered === text && Object.keys(builtins).length === 0) return null;
  return { text: metered, meter: writer.meter, builtins, counters: writer.counters() };
}

class MeteredWriter {
  readonly meter = new WorkMeter();
  readonly #text: string;
  readonly #top: Node;
  readonly #isGrowing: boolean;
  readonly #hasManyPaths: boolean;
  readonly #called = new Set<string>();

  constructor(text: string, top: Node, signs: number) {
    this.#text = text;
    this.#top = top;
    const kinds = kindsIn(top);
    const has = (kind: string) => (kinds.get(kind) ?? 0) > 0;
    this.#isGrowing = signs > fewSigns || has('ContextEntry') || has('ForExpression');
    this.#hasManyPaths = (kinds.get('PathExpression') ?? 0) > fewPaths;
  }

  write(): string {
    return this.#render(this.#top, false);
  }

  counters(): Readonly<Record<string, unknown>> {
    const { meter } = this;
    const own = {
      [counts.run]: feelFunction(['list', 'steps'], (list, steps) =>
        meter.run(list, Number(steps)),
      ),
      [counts.range]: feelFunction(['from', 'to', 'steps'], (from, to, steps) => {
        const [first, last] = [Number(from), Number(to)];
        meter.run({ start: first, end: last }, Number(steps));
        const step = first <= last ? 1 : -1;
        return Array.from(
          { length: Math.abs(last - first) + 1 },
          (_, index) => first + index * step,
        );
      }),
      [counts.whole]: feelFunction(['value'], (value) => meter.whole(value)),
      [counts.path]: feelFunction(['value'], (value) =>
        Array.isArray(value) ? meter.run(value, 1) : value,
      ),
    };
    return Object.fromEntries(Object.entries(own).filter(([name]) => this.#called.has(name)));
  }

  builtins(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      [...this.#called].flatMap((name) => {
        const counted = countedBuiltin(name, this.meter);
        return counted ? [[name, counted]] : [];
      }),
    );
  }

  /** The text of a node, with the counting of all that is in it. */
  #render(node: Node, isInLoop: boolean): string {
    if (node.name === 'VariableName') this.#called.add(this.#own(node).replace(/\s+/g, ' '));
    let written = '';
    let at = node.from;
    let index = 0;
    for (let child = node.firstChild; child; child = child.nextSibling) {
      written += this.#text.slice(at, child.from) + this.#child(node, child, index, isInLoop);
      at = child.to;
      index += 1;
    }
    return written + this.#text.slice(at, node.to);
  }

  #child(node: Node, child: Node, index: number, isInLoop: boolean): string {
    const repeats = ['ForExpression', 'QuantifiedExpression', 'FilterExpression'].includes(
      node.name,
    );
    const own = () => this.#render(child, isInLoop || repeats);
    switch (node.name) {
      case 'InExpressions':
        return this.#source(child, own, sizeOf(this.#loopAround(node)));
      case 'FilterExpression':
        return index === 0 && !isIndex(node)
          ? this.#call(counts.run, own(), String(stepsOf(sizeOf(node))))
          : own();
      case 'Comparison':
        return isOperand(node, child) ? this.#call(counts.whole, own()) : own();
      case 'PositiveUnaryTest':
      case 'InstanceOfExpression':
        return index === 0 && isCostly(child) ? this.#call(counts.whole, own()) : own();
      case 'SimplePositiveUnaryTest':
        return index === 1 && isCostly(child) ? this.#call(counts.whole, own()) : own();
      case 'ArithmeticExpression':
        return this.#isGrowing && isCostly(child) && child.name !== 'ArithOp'
          ? this.#call(counts.whole, own())
          : own();
      case 'PathExpression':
        return index === 0 && (isInLoop || this.#hasManyPaths)
          ? this.#call(counts.path, own())
          : own();
      default:
        return own();
    }
  }

  /** `name in list`, with its list counted each time that it is run through. */
  #source(inExpression: Node, own: () => string, size: number): string {
    const context = lastChild(inExpression);
    if (inExpression.name !== 'InExpression' || context?.name !== 'IterationContext') return own();
    const before = this.#text.slice(inExpression.from, context.from);
    const steps = String(stepsOf(size));
    const range = /^\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*$/.exec(this.#own(context));
    const counted = range
      ? this.#call(counts.range, `${range[1]}, ${range[2]}`, steps)
      : this.#call(counts.run, this.#render(context, true), steps);
    return before + counted;
  }

  #loopAround(node: Node): Node {
    return (node as Node & { readonly parent: Node | null }).parent ?? node;
  }

  #call(name: string, ...given: readonly string[]): string {
    this.#called.add(name);
    return `${name}(${given.join(', ')})`;
  }

  #own({ from, to }: Node): string {
    return this.#text.slice(from, to);
  }
}

/** Steps for each value that is run through, by the nodes of what is done with it. */
const stepsOf = (size: number) => 1 + Math.ceil(size / 8);

function sizeOf(node: Node): number {
  let size = 0;
  for (const count of kindsIn(node).values()) size += count;
  return size;
}

function kindsIn(top: Node): ReadonlyMap<string, number> {
  const kinds = new Map<string, number>();
  const visit = (node: Node): void => {
    kinds.set(node.name, (kinds.get(node.name) ?? 0) + 1);
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child);
  };
  visit(top);
  return kinds;
}

function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(child);
  return children;
}

const lastChild = (node: Node): Node | undefined => childrenOf(node).at(-1);

/** `list[1]`, which runs through nothing. */
function isIndex(filter: Node): boolean {
  return childrenOf(filter)[2]?.name === 'NumericLiteral';
}

/** Where a value is read with all that is in it; numbers and texts that stand there are none. */
function isCostly({ name }: Node): boolean {
  return !literals.has(name) && !/^(?:Simple|Interval)/.test(name);
}

/** A side of a comparison whose other side is no literal either: only then they are compared part by part. */
function isOperand(comparison: Node, child: Node): boolean {
  const sides = childrenOf(comparison).filter(({ name }) => !betweenSides.has(name));
  // The tree gives another object for the same node each time.
  const isOne = sides.some(({ from }) => from === child.from);
  return isOne && isCostly(child) && sides.every(isSide);
}

const betweenSides: ReadonlySet<string> = new Set(['CompareOp', 'in', 'between', 'and', '(', ')']);

function isSide({ name }: Node): boolean {
  return !literals.has(name) && !name.startsWith('PositiveUnaryTest');
}

function feelFunction(names: readonly string[], run: (...given: unknown[]) => unknown) {
  return Object.assign(run, { $args: names });
}

type Builtin = ((...given: unknown[]) => unknown) & { readonly $args?: readonly string[] };

/** A function of FEEL with its arguments and its result counted; null when there is none of that name. */
function countedBuiltin(name: string, meter: WorkMeter): unknown {
  if (!/^[a-z][a-z ]*$/.test(name)) return null;
  const builtin = evaluate(name).value as Builtin | null;
  if (typeof builtin !== 'function' || !builtin.$args) return null;
  const isDeep = deepFunctions.has(name);
  const isSquare = squareFunctions.has(name);
  return feelFunction(builtin.$args, (...given) => {
    for (const one of given) {
      if (isDeep) meter.whole(one);
      else countShallow(meter, one);
    }
    if (isSquare) countSquare(meter, given);
    if (name === 'sort') meter.run(given[0], 20);
    if (name === 'string join') meter.text(joinedLength(given));
    const result = builtin(...given);
    countShallow(meter, result);
    return result;
  });
}

function countShallow(meter: WorkMeter, value: unknown): void {
  if (typeof value === 'string') meter.text(value.length);
  else if (Array.isArray(value)) meter.spend(1 + value.length / 20);
  else if (typeof value === 'object' && value !== null)
    meter.spend(1 + Object.keys(value).length / 20);
}

/** Numbers and texts are looked up; all else is compared with what came before. */
function countSquare(meter: WorkMeter, given: readonly unknown[]): void {
  const values = given.flatMap((one) => (Array.isArray(one) ? one : [one]));
  const complex = values.filter((one) => typeof one === 'object' && one !== null);
  for (const one of complex) {
    meter.whole(one);
    meter.spend(values.length);
  }
}

function joinedLength([list, delimiter]: readonly unknown[]): number {
  const parts = Array.isArray(list) ? list : [];
  const between = typeof delimiter === 'string' ? delimiter.length : 0;
  return parts.reduce<number>(
    (sum, part) => sum + between + (typeof part === 'string' ? part.length : 0),
    0,
  );
}
