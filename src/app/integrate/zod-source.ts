/**
 * Writes the Zod schema of a JSON Schema as TypeScript source. What a schema asks for and Zod cannot
 * check is a problem, never left out in silence; only what JSON Schema itself calls an annotation
 * (titles, examples, unknown formats) is.
 *
 * Two things differ on purpose between what is sent (`input`) and what comes back (`output`): a field
 * that nobody announced is refused on the way out and ignored on the way in, so that the other service
 * may add fields; and `readOnly` fields are not sent, `writeOnly` ones not expected.
 */
import { isJson, type Json } from './read-service-document.ts';
import type { ReferencedDocument } from './references.ts';

/** Whether a value is sent or received. */
export type Direction = 'input' | 'output';

/** Keywords that no Zod schema of ours says. */
const unsupported = [
  'not',
  'if',
  'then',
  'else',
  'contains',
  'patternProperties',
  'dependentSchemas',
  'dependentRequired',
  'unevaluatedProperties',
  'unevaluatedItems',
  'minProperties',
  'maxProperties',
  '$dynamicRef',
];

const formats: Readonly<Record<string, string>> = {
  'date-time': 'z.iso.datetime({ offset: true })',
  date: 'z.iso.date()',
  time: 'z.iso.time()',
  duration: 'z.iso.duration()',
  uuid: 'z.guid()',
  email: 'z.email()',
  uri: 'z.url()',
  url: 'z.url()',
  ipv4: 'z.ipv4()',
  ipv6: 'z.ipv6()',
  byte: 'z.base64()',
};

/** Collects the schemas of one document as source: components once, the rest where it is used. */
export class ZodSource {
  readonly #document: ReferencedDocument;
  readonly #components = new Map<string, string>();
  readonly #names = new Map<string, string>();
  readonly #underWay = new Set<string>();
  readonly #recursive = new Set<string>();
  /** True when the source needs `allDifferent`. */
  usesAllDifferent = false;

  constructor(document: ReferencedDocument) {
    this.#document = document;
  }

  /** Declarations of the components, in an order in which each stands before its use. */
  declarations(): readonly string[] {
    return [...this.#components].map(([name, source]) =>
      // The type of a schema that contains itself cannot be inferred; it is left open.
      this.#recursive.has(name)
        ? `const ${name}: z.ZodType = ${source};`
        : `const ${name} = ${source};`,
    );
  }

  /** The source of a schema. */
  of(schema: unknown, direction: Direction, place: string): string {
    if (schema === true || schema === undefined) return 'z.unknown()';
    if (schema === false) return 'z.never()';
    if (!isJson(schema)) return this.#problem(place, 'expected a schema, found something else');
    if (typeof schema.$ref === 'string') return this.#reference(schema.$ref, direction, place);
    return this.#described(schema, this.#plain(schema, direction, place));
  }

  /** The fields of a schema that is a plain object with known fields; null for any other. */
  fields(schema: unknown, direction: Direction, place: string): ReadonlyMap<string, string> | null {
    const merged = this.#asObject(schema, place);
    return merged && !isOpen(merged) ? this.#fieldsOf(merged, direction, place) : null;
  }

  #problem(place: string, message: string): string {
    this.#document.problems.add(place, message);
    return 'z.unknown()';
  }

  #described(schema: Json, source: string): string {
    const { description } = schema;
    return typeof description === 'string' && description.length <= 300
      ? `${source}.describe(${text(description)})`
      : source;
  }

  #reference(reference: string, direction: Direction, place: string): string {
    const target = this.#document.resolve({ $ref: reference }, place);
    if (!target) return 'z.unknown()';
    const name = this.#nameOf(reference, direction);
    if (this.#underWay.has(name)) {
      this.#recursive.add(name);
      return `z.lazy(() => ${name})`;
    }
    if (!this.#components.has(name)) {
      this.#underWay.add(name);
      const source = this.of(target, direction, reference);
      this.#underWay.delete(name);
      this.#components.set(name, source);
    }
    return name;
  }

  /** One name for each reference and direction; names that fall together are numbered. */
  #nameOf(reference: string, direction: Direction): string {
    const key = `${direction} ${reference}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const wanted = `${direction}${identifier(reference.split('/').at(-1) ?? '')}`;
    const taken = new Set(this.#names.values());
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}${n}`;
    this.#names.set(key, name);
    return name;
  }

  #plain(schema: Json, direction: Direction, place: string): string {
    if (isNever(schema)) return 'z.never()';
    const found = unsupported.filter((keyword) => schema[keyword] !== undefined);
    if (found.length > 0) {
      return this.#problem(place, `${found.map((one) => `"${one}"`).join(', ')} cannot be mapped`);
    }
    const source = this.#withoutNull(schema, direction, place);
    return schema.nullable === true ? `${source}.nullable()` : source;
  }

  #withoutNull(schema: Json, direction: Direction, place: string): string {
    if (schema.const !== undefined) return this.#literals([schema.const], place);
    if (Array.isArray(schema.enum)) return this.#literals(schema.enum, place);
    if (Array.isArray(schema.allOf)) return this.#all(schema, direction, place);
    for (const keyword of ['oneOf', 'anyOf'] as const) {
      const options = schema[keyword];
      if (Array.isArray(options))
        return this.#union(schema, options, direction, `${place}/${keyword}`);
    }
    const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? impliedType(schema)];
    const nullable = types.includes('null') && types.length > 1;
    const sources = types
      .filter((type) => !nullable || type !== 'null')
      .map((type) => this.#ofType(type, schema, direction, place));
    const [only = 'z.unknown()'] = sources;
    const source = sources.length > 1 ? `z.union([${sources.join(', ')}])` : only;
    return nullable ? `${source}.nullable()` : source;
  }

  #literals(values: readonly unknown[], place: string): string {
    const plain = values.every((value) => value === null || typeof value !== 'object');
    if (!plain || values.length === 0) {
      return this.#problem(place, 'a constant that is an object or a list cannot be mapped');
    }
    if (values.length > 1 && values.every((value) => typeof value === 'string')) {
      return `z.enum(${text(values)})`;
    }
    return values.length === 1 ? `z.literal(${text(values[0])})` : `z.literal(${text(values)})`;
  }

  /** Several schemas at once: fields of plain objects are put together, others must all hold. */
  #all(schema: Json, direction: Direction, place: string): string {
    const merged = this.#asObject(schema, place);
    if (merged) return this.#object(merged, direction, place);
    const { allOf, ...rest } = schema;
    const parts = (allOf as readonly unknown[]).map((part, index) =>
      this.of(part, direction, `${place}/allOf/${index}`),
    );
    const { description: _, nullable: __, ...own } = rest;
    if (Object.keys(own).length > 0) parts.push(this.#plain(own, direction, place));
    return parts.reduce((left, right) => `z.intersection(${left}, ${right})`);
  }

  #union(schema: Json, options: readonly unknown[], direction: Direction, place: string): string {
    if (schema.properties !== undefined) {
      return this.#problem(place, 'fields beside "oneOf" or "anyOf" cannot be mapped; use "allOf"');
    }
    const others = options.filter((option) => !(isJson(option) && option.type === 'null'));
    const sources = others.map((option, index) => this.of(option, direction, `${place}/${index}`));
    const [only = 'z.null()'] = sources;
    const source = sources.length > 1 ? `z.union([${sources.join(', ')}])` : only;
    return others.length < options.length && sources.length > 0 ? `${source}.nullable()` : source;
  }

  #ofType(type: unknown, schema: Json, direction: Direction, place: string): string {
    switch (type) {
      case 'string':
        return this.#string(schema, place);
      case 'integer':
        return `z.int()${numberChecks(schema)}`;
      case 'number':
        return `z.number()${numberChecks(schema)}`;
      case 'boolean':
        return 'z.boolean()';
      case 'null':
        return 'z.null()';
      case 'array':
        return this.#array(schema, direction, place);
      case 'object':
        return this.#object(this.#asObject(schema, place) ?? schema, direction, place);
      case undefined:
        return 'z.unknown()';
      default:
        return this.#problem(place, `expected a type of JSON Schema, found ${text(type)}`);
    }
  }

  #string({ format, pattern, minLength, maxLength }: Json, place: string): string {
    let source = (typeof format === 'string' && formats[format]) || 'z.string()';
    if (isCount(minLength)) source += `.min(${minLength})`;
    if (isCount(maxLength)) source += `.max(${maxLength})`;
    // The pattern of a known format says the same once more, often in another dialect.
    if (typeof pattern !== 'string' || !source.startsWith('z.string()')) return source;
    for (const flags of ['u', '']) {
      try {
        new RegExp(pattern, flags);
        return `${source}.regex(new RegExp(${text(pattern)}${flags && `, '${flags}'`}))`;
      } catch {
        // Tried without Unicode next; a pattern that is none in either way is told below.
      }
    }
    return this.#problem(place, `the pattern ${text(pattern)} is no regular expression`);
  }

  #array(schema: Json, direction: Direction, place: string): string {
    const { items, prefixItems, minItems, maxItems, uniqueItems } = schema;
    if (Array.isArray(prefixItems)) {
      const first = prefixItems.map((item, index) =>
        this.of(item, direction, `${place}/prefixItems/${index}`),
      );
      const rest = items === undefined ? true : items;
      const more = rest === false ? '' : `, ${this.of(rest, direction, `${place}/items`)}`;
      return `z.tuple([${first.join(', ')}]${more})`;
    }
    let source = `z.array(${this.of(items, direction, `${place}/items`)})`;
    if (isCount(minItems)) source += `.min(${minItems})`;
    if (isCount(maxItems)) source += `.max(${maxItems})`;
    if (uniqueItems !== true) return source;
    this.usesAllDifferent = true;
    return `${source}.refine(allDifferent, 'expected all items to differ')`;
  }

  #object(schema: Json, direction: Direction, place: string): string {
    const { properties, additionalProperties, propertyNames } = schema;
    const others = isJson(additionalProperties) && Object.keys(additionalProperties).length > 0;
    if (!isJson(properties)) {
      if (additionalProperties === false) return 'z.strictObject({})';
      const key =
        propertyNames === undefined
          ? 'z.string()'
          : this.of(propertyNames, direction, `${place}/propertyNames`);
      const value = others
        ? this.of(additionalProperties, direction, `${place}/additionalProperties`)
        : 'z.unknown()';
      return `z.record(${key}, ${value})`;
    }
    const fields = [...this.#fieldsOf(schema, direction, place)].map(
      ([name, source]) => `${text(name)}: ${source}`,
    );
    const shape = `{ ${fields.join(', ')} }`;
    if (others) {
      return `z.object(${shape}).catchall(${this.of(additionalProperties, direction, place)})`;
    }
    if (additionalProperties !== undefined && additionalProperties !== false) {
      return `z.looseObject(${shape})`;
    }
    return additionalProperties === false && direction === 'input'
      ? `z.strictObject(${shape})`
      : `z.object(${shape})`;
  }

  #fieldsOf(schema: Json, direction: Direction, place: string): ReadonlyMap<string, string> {
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const hidden = direction === 'input' ? 'readOnly' : 'writeOnly';
    const fields = new Map<string, string>();
    for (const [name, field] of Object.entries(
      isJson(schema.properties) ? schema.properties : {},
    )) {
      if (isJson(field) && field[hidden] === true) continue;
      const source = this.of(field, direction, `${place}/properties/${name}`);
      // Zod makes an object's own prototype of a field of this name.
      if (name === '__proto__') this.#problem(place, 'a field named "__proto__" cannot be mapped');
      else fields.set(name, required.has(name) ? source : `${source}.optional()`);
    }
    for (const name of required) {
      if (typeof name === 'string' && !fields.has(name) && !hasField(schema, name)) {
        fields.set(name, 'z.unknown()');
      }
    }
    return fields;
  }

  /** An object whose `allOf` is resolved into one list of fields; null when it is not made of objects. */
  #asObject(schema: unknown, place: string, depth = 0): Json | null {
    const target = this.#document.resolve(schema, place);
    if (!target || depth > 20) return null;
    if (target.oneOf || target.anyOf || target.nullable === true) return null;
    const parts = Array.isArray(target.allOf) ? target.allOf : [];
    const { allOf: _, ...own } = target;
    const isObject = own.type === 'object' || isJson(own.properties);
    if (parts.length === 0) return isObject ? own : null;
    if (own.type !== undefined && !isObject) return null;
    let merged: Json = { ...own, type: 'object', properties: own.properties ?? {} };
    for (const [index, part] of parts.entries()) {
      const object = this.#asObject(part, `${place}/allOf/${index}`, depth + 1);
      const clash = object && sharedFields(merged, object);
      if (!object || clash || object.additionalProperties !== undefined) return null;
      merged = {
        ...merged,
        properties: { ...(object.properties as Json), ...(merged.properties as Json) },
        required: [...listOf(merged.required), ...listOf(object.required)],
      };
    }
    return merged;
  }
}

/** `{"not": {}}`: nothing fits. */
function isNever(schema: Json): boolean {
  return isJson(schema.not) && Object.keys(schema.not).length === 0;
}

function isOpen({ additionalProperties }: Json): boolean {
  return additionalProperties !== undefined && additionalProperties !== false;
}

function hasField({ properties }: Json, name: string): boolean {
  return isJson(properties) && Object.hasOwn(properties, name);
}

function sharedFields(left: Json, right: Json): boolean {
  return Object.keys((right.properties ?? {}) as Json).some(
    (name) =>
      hasField(left, name) &&
      JSON.stringify((left.properties as Json)[name]) !==
        JSON.stringify((right.properties as Json)[name]),
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function impliedType(schema: Json): string | undefined {
  if (schema.properties !== undefined || schema.additionalProperties !== undefined) return 'object';
  return schema.items !== undefined || schema.prefixItems !== undefined ? 'array' : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** OpenAPI 3.0 marks a bound as exclusive by a boolean beside it, 3.1 by a bound of its own. */
function numberChecks(schema: Json): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const check = (name: string, bound: unknown) =>
    typeof bound === 'number' && Number.isFinite(bound) ? `.${name}(${bound})` : '';
  return [
    check(exclusiveMinimum === true ? 'gt' : 'gte', minimum),
    check(exclusiveMaximum === true ? 'lt' : 'lte', maximum),
    check('gt', exclusiveMinimum),
    check('lt', exclusiveMaximum),
    check('multipleOf', multipleOf),
  ].join('');
}

/** A value as source. Line separators are written as escapes, which source needs. */
export function text(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (found) =>
    found === '\u2028' ? '\\u2028' : '\\u2029',
  );
}

/** `orders.create-order` as `OrdersCreateOrder`. */
export function identifier(name: string): string {
  const joined = name
    .replace(/(?:^|[^a-zA-Z0-9]+)([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replace(/[^a-zA-Z0-9]/g, '');
  return /^[A-Za-z]/.test(joined) ? joined : `N${joined}`;
}
