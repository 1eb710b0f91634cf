/**
 * Forms as JSON Schema: judged when they are declared, and used to check answers. A form may come from
 * anybody who deploys, so nothing in it may make the check of an answer slow: no references in circles,
 * none that multiply, and no pattern over text of unbounded length.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FieldIssue } from '../../kernel/errors.ts';

/** A JSON Schema. */
export type FormSchema = Readonly<Record<string, unknown>>;

const longestForm = 64_000;
const deepestForm = 30;
/** Schemas that a check may go through, with those that are referred to counted wherever they are. */
const largestForm = 5_000;
const longestPattern = 200;
const longestMatched = 1_000;
const mostUnique = 1_000;
const mostIssues = 50;

const compiled = new WeakMap<FormSchema, ValidateFunction>();

/** What is wrong with a form; null when it can be used. */
export function checkForm(schema: FormSchema): string | null {
  try {
    if (JSON.stringify(schema).length > longestForm) {
      return `expected at most ${longestForm} characters, found more`;
    }
    const { $id: _, ...plain } = schema;
    measure(plain, schema, [], { left: largestForm });
    if (schema.type !== 'object') {
      return `expected the schema of an object ("type": "object"), found ${JSON.stringify(schema.type ?? 'none')}`;
    }
    validatorOf(schema);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The answer with the form's defaults, or what is wrong with it. */
export function readAnswer(
  schema: FormSchema,
  answer: Readonly<Record<string, unknown>>,
): { readonly answer: Readonly<Record<string, unknown>> } | { readonly issues: FieldIssue[] } {
  const validate = validatorOf(schema);
  const copy = structuredClone(answer) as Record<string, unknown>;
  if (validate(copy)) return { answer: copy };
  const errors = (validate.errors ?? []).filter(({ keyword }) => !summaries.has(keyword));
  return {
    issues: (errors.length > 0 ? errors : (validate.errors ?? []))
      .slice(0, mostIssues)
      .map((error) => issueOf(error, answer)),
  };
}

/** They only say that something inside did not hold, which is told by itself. */
const summaries: ReadonlySet<string> = new Set(['if', 'allOf']);

function validatorOf(schema: FormSchema): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    useDefaults: true,
    validateFormats: true,
    logger: false,
    verbose: false,
  });
  addFormats.default(ajv);
  // What programs that draw forms add to a schema says nothing about answers.
  for (const word of ['x-order', 'x-widget', 'x-label', 'enumNames', 'ui:widget']) {
    ajv.addKeyword({ keyword: word });
  }
  const { $id: _, $schema: _written, ...plain } = schema;
  const validate = ajv.compile(plain);
  compiled.set(schema, validate);
  return validate;
}

/** Goes through a form as a check of an answer would at most. */
function measure(
  node: unknown,
  root: FormSchema,
  within: readonly string[],
  budget: { left: number },
  depth = 0,
): void {
  if (typeof node !== 'object' || node === null) return;
  budget.left -= 1;
  if (budget.left < 0 || depth > deepestForm) {
    throw new Error(
      `expected a form of at most ${largestForm} parts, ${deepestForm} levels deep; found more (references count wherever they are)`,
    );
  }
  if (Array.isArray(node)) {
    for (const part of node) measure(part, root, within, budget, depth + 1);
    return;
  }
  const schema = node as Record<string, unknown>;
  checkWords(schema);
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    if (!/^#(\/|$)/.test($ref)) {
      throw new Error(`expected references into the form itself, found "${$ref}"`);
    }
    if ($ref === '#' || within.includes($ref)) {
      throw new Error(`expected a form without circles, found "${$ref}" within itself`);
    }
    measure(pointed(root, $ref), root, [...within, $ref], budget, depth + 1);
  }
  for (const [word, part] of Object.entries(schema)) {
    if (['$defs', 'definitions', 'const', 'enum', 'default', 'examples'].includes(word)) continue;
    // Here names are those of the answer, whatever words they are.
    const isByName = word === 'properties' || word === 'dependentSchemas';
    const inner =
      isByName && typeof part === 'object' && part !== null ? Object.values(part) : part;
    measure(inner, root, within, budget, depth + 1);
  }
}

function checkWords(schema: Readonly<Record<string, unknown>>): void {
  for (const word of ['$id', '$dynamicRef', '$recursiveRef', '$dynamicAnchor', '$anchor']) {
    if (typeof schema[word] === 'string') throw new Error(`expected no ${word}, found one`);
  }
  const { pattern, maxLength, uniqueItems, maxItems, patternProperties } = schema;
  if (typeof pattern === 'string') {
    if (typeof maxLength !== 'number' || maxLength > longestMatched) {
      throw new Error(
        `expected a maxLength of at most ${longestMatched} beside the pattern "${pattern}", found ${JSON.stringify(maxLength ?? 'none')}`,
      );
    }
    checkPattern(pattern);
  }
  if (typeof patternProperties === 'object' && patternProperties !== null) {
    throw new Error('expected properties by name, found patternProperties');
  }
  if (uniqueItems === true && (typeof maxItems !== 'number' || maxItems > mostUnique)) {
    throw new Error(`expected a maxItems of at most ${mostUnique} beside uniqueItems, found none`);
  }
}

/**
 * A pattern whose time is at most the square of the text's length: nothing is repeated that holds a
 * repetition or a choice, and at most two things are repeated without end.
 */
function checkPattern(pattern: string): void {
  const bare = pattern.replace(/\\./g, 'x').replace(/\[(?:[^\]])*\]/g, 'x');
  const endless = bare.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  const isGroupRepeated = /\)(?:[*+]|\{)/.test(bare);
  const refersBack = /\\[1-9]|\\k</.test(pattern);
  const looksAround = /\(\?[=!<]/.test(bare);
  if (
    pattern.length > longestPattern ||
    endless > 2 ||
    isGroupRepeated ||
    refersBack ||
    looksAround
  ) {
    throw new Error(
      `expected a pattern of at most ${longestPattern} characters without repeated groups, back references ` +
        `or look-around, and with at most two endless repetitions; found "${pattern.slice(0, 80)}"`,
    );
  }
  new RegExp(pattern, 'u');
}

function pointed(root: FormSchema, ref: string): unknown {
  let at: unknown = root;
  for (const part of ref.slice(2).split('/')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    const holder = at as Record<string, unknown> | null;
    if (typeof holder !== 'object' || holder === null || !Object.hasOwn(holder, name)) {
      throw new Error(`expected "${ref}" to name a part of the form, found none`);
    }
    at = holder[name];
  }
  return at;
}

function issueOf(error: ErrorObject, answer: unknown): FieldIssue {
  const { keyword, params, instancePath, message = 'does not fit' } = error;
  const extra = params as Record<string, unknown>;
  const missing = keyword === 'required' ? `/${escaped(String(extra.missingProperty))}` : '';
  const unknown =
    keyword === 'additionalProperties' ? `/${escaped(String(extra.additionalProperty))}` : '';
  const pointer = `${instancePath}${missing}${unknown}`;
  return { pointer, expected: expectedBy(error), found: foundAt(pointer, answer), message };
}

function expectedBy({ keyword, params, message = '' }: ErrorObject): string {
  const extra = params as Record<string, unknown>;
  switch (keyword) {
    case 'required':
      return 'a value';
    case 'additionalProperties':
      return 'no such field';
    case 'type':
      return String(extra.type);
    case 'enum':
      return (extra.allowedValues as readonly unknown[])
        .map((value) => JSON.stringify(value))
        .join(' or ');
    case 'const':
      return JSON.stringify(extra.allowedValue);
    case 'format':
      return String(extra.format);
    case 'pattern':
      return `text matching ${String(extra.pattern)}`;
    case 'minLength':
      return `at least ${String(extra.limit)} characters`;
    case 'maxLength':
      return `at most ${String(extra.limit)} characters`;
    default:
      return message.replace(/^must be /, '').replace(/^must /, '');
  }
}

function foundAt(pointer: string, answer: unknown): string {
  let value = answer;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return 'nothing';
    value = (value as Record<string, unknown>)[name];
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
