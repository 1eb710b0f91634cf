/** What the readers of one process share: its report, its code if it refers to some, and expressions. */
import type { ModdleElement } from 'bpmn-moddle';
import { readFeel } from '../expressions/feel.ts';
import { isJuel, readJuel } from '../expressions/juel.ts';
import { constant, type Expression, type Variables } from '../model/expression.ts';
import type { BusinessCalendar } from '../model/human-work.ts';
import { everyMember, namedValues } from '../model/named-values.ts';
import type { ElementType, FlowNode, NodeOf, ProcessModel } from '../model/process-model.ts';
import type { CorrelationKeys } from './events/correlation-keys.ts';
import { textOf } from './moddle-values.ts';
import type { ElementExtension } from './read-extension.ts';
import type { Scripts } from './read-script.ts';
import type { Report } from './report.ts';

/** Language of expressions that stand in code. */
export const codeLanguage = 'urn:orderloom:code';

const feelLanguages = /^(feel|https?:\/\/www\.omg\.org\/spec\/(DMN\/\d+\/FEEL\/?|FEEL\/\d+))$/i;
/** Names that FEEL reads as one variable, whatever stands around them. */
const variableName = /^[A-Za-z_][A-Za-z0-9_]{0,79}$/;
const feelWords: ReadonlySet<string> = new Set([
  ...['and', 'between', 'else', 'every', 'external', 'false', 'for', 'function', 'if', 'in'],
  ...['instance', 'null', 'of', 'or', 'return', 'satisfies', 'some', 'then', 'true', 'item'],
]);

/** One process that is being read. */
export interface ProcessContext {
  readonly report: Report;
  /** The code that the drawing refers to for what cannot travel in XML. */
  readonly code: ProcessModel | undefined;
  /** Undefined where nobody knows which procedures there are. */
  readonly knowsProcedure: ((name: string) => boolean) | undefined;
  /** Undefined where nobody knows which decisions are deployed. */
  readonly knowsDecision?: ((name: string) => boolean) | undefined;
  /** Who runs scripts in JavaScript; absent: they are refused. */
  readonly scripts?: Scripts;
  /** Start events that must all happen in one instance: the others of each, by its id. */
  readonly together?: ReadonlyMap<string, readonly string[]>;
  /** What the file says of how messages find instances. */
  readonly correlationKeys?: CorrelationKeys;
  /** Business calendars by name: those of the process, and those of the program. */
  readonly calendars?: CalendarsByName;
}

/** The calendars that a task may name; `undefined`: nobody knows them all here. */
export interface CalendarsByName {
  readonly own: ReadonlyMap<string, BusinessCalendar>;
  readonly program: ((name: string) => BusinessCalendar | undefined) | undefined;
}

/** FEEL, or text with `${...}`, as an expression; null, and a problem, when it is none. */
export function feel(
  { report }: Pick<ProcessContext, 'report'>,
  at: ModdleElement,
  text: string,
): Expression | null {
  const trimmed = text.trim();
  const read = isJuel(trimmed) ? readJuel(trimmed) : readFeel(trimmed);
  if ('expression' in read) return read.expression;
  report.add(read.rule, at, read.message, 'write an expression of the variables that ends');
  return null;
}

/** FEEL in an element of the standard, whose language may be said beside it. */
export function feelOf(
  context: ProcessContext,
  at: ModdleElement,
  expression: ModdleElement,
): Expression | null {
  // Without an xsi:type the standard's reader does not take it for a formal expression.
  const language = textOf(expression, 'language') ?? expression.$attrs?.language;
  if (language !== undefined && !feelLanguages.test(language)) {
    context.report.add(
      'expression-language',
      at,
      `expected an expression in FEEL, found one in "${language}"`,
      'write it in FEEL and leave out the language',
    );
    return null;
  }
  return feel(context, at, textOf(expression, 'body') ?? '');
}

/** True when an expression of the standard refers to code. */
export function isCode(expression: ModdleElement | undefined): boolean {
  return expression !== undefined && textOf(expression, 'language') === codeLanguage;
}

/** Whether a variable of a drawing may be called so. */
export function isVariableName(name: string): boolean {
  return variableName.test(name) && !feelWords.has(name);
}

/** A name that a variable may have in a drawing; undefined, and a problem, when it is none. */
export function variable(
  { report }: ProcessContext,
  at: ModdleElement,
  name: string | undefined,
): string | undefined {
  if (name === undefined) return undefined;
  if (name === everyMember || isVariableName(name)) return name;
  report.add(
    'extension-invalid',
    at,
    `expected the name of a variable, such as paymentResult, found "${name}"`,
    'use letters, digits and underscores, and no word of FEEL; or * for each member of it',
  );
  return undefined;
}

/** Values of mappings that are expressions already, as those that another dialect says in its own way. */
export const readyValues = new WeakMap<ModdleElement, Expression>();

/** Every variable that can be seen, as one object. */
export const allVariables: Expression = Object.freeze({
  source: 'all variables',
  evaluate: (variables: Variables) => variables,
});

/**
 * Named expressions as one that makes an object; a nameless one is the whole. The members of one that is
 * named `*` are members of the object; `*` for all variables.
 */
export function mapping(
  context: ProcessContext,
  at: ModdleElement,
  entries: readonly ModdleElement[],
): Expression | null {
  if (entries.length === 0) return null;
  const read = entries.map((entry) => {
    const name = textOf(entry, 'name');
    const value = textOf(entry, 'value');
    const ready = readyValues.get(entry);
    if (ready) return { name, value: ready };
    if (name === everyMember && value === everyMember) return { name, value: allVariables };
    if (value === undefined) {
      context.report.add(
        'extension-invalid',
        at,
        `expected ${name === undefined ? 'a mapping' : `mapping "${name}"`} to have a value, found none`,
        'add value="= ..." to it',
      );
    }
    return { name, value: value === undefined ? null : feel(context, at, value) };
  });
  const names = read.map(({ name }) => name);
  if (new Set(names).size < names.length || (names.length > 1 && names.includes(undefined))) {
    context.report.add(
      'extension-invalid',
      at,
      `expected mappings of different names, found ${names.map((name) => name ?? 'one without a name').join(', ')}`,
      'give each another name, or leave one that makes the whole',
    );
  }
  const parts = read.flatMap(({ name, value }) => (value ? [{ name, value }] : []));
  const [first] = parts;
  if (first && first.name === undefined) return first.value;
  return Object.freeze({
    source: `{ ${parts.map(({ name, value }) => `${name}: ${value.source}`).join(', ')} }`,
    evaluate: (variables: Variables) =>
      // Not assigned: a member named __proto__ is a member like any other.
      Object.fromEntries(
        parts.flatMap(({ name = '', value }) =>
          Object.entries(namedValues(name, value.evaluate(variables))),
        ),
      ),
  });
}

/** The node of the code that an element refers to with `handler`; null when it refers to none. */
export function handlerOf<Type extends ElementType>(
  { code, report }: ProcessContext,
  at: ModdleElement,
  extension: ElementExtension,
  kind: 'task' | 'event',
  type: Type,
): NodeOf<Type> | null | 'missing' {
  const name = extension.text(kind, 'handler');
  if (name === undefined) return null;
  const node: FlowNode | undefined = code?.nodes[name];
  if (node?.type === type) return node as NodeOf<Type>;
  const where = code
    ? `"${code.key}" version ${code.version}`
    : 'the code, to which the process does not refer';
  report.add(
    'code-missing',
    at,
    `expected a ${type} "${name}" in ${where}, found ${node ? `a ${node.type}` : 'none'}`,
    'name one that is there, and the process and version in <orderloom:code>',
  );
  return 'missing';
}

/** Stands where an expression could not be read; a drawing with problems never runs. */
export const unread: Expression<never> = constant(null as never);
