/**
 * Turns Zod schemas into the JSON Schemas of an OpenAPI 3.1 or an AsyncAPI 2.6 document. Schemas that carry an id, or
 * refer to themselves, become components; everything else stays where it is used.
 */
import { z } from 'zod';

/** A schema as the document carries it: its references point at components of the same document. */
export type JsonSchema = Record<string, unknown>;

/** Which JSON Schema a document speaks. */
type Dialect = 'draft-2020-12' | 'draft-7';

/** Collects the components of one document. */
export class SchemaComponents {
  readonly #components: Record<string, JsonSchema> = {};
  readonly #target: Dialect;

  /** OpenAPI 3.1 knows `draft-2020-12`, AsyncAPI 2.6 `draft-7`. */
  constructor(target: Dialect = 'draft-2020-12') {
    this.#target = target;
  }

  /**
   * The schema of what comes back (`output`), of what is sent (`input`), or of what is sent where fields that the
   * schema does not know are refused (`request`).
   */
  convert(schema: z.ZodType, io: 'input' | 'request' | 'output', name: string): JsonSchema {
    const {
      $schema: _,
      $defs,
      definitions,
      ...converted
    } = z.toJSONSchema(schema, {
      io: io === 'output' ? 'output' : 'input',
      target: this.#target,
      unrepresentable: 'any',
      override(context) {
        describeUnrepresentable(context);
        if (io === 'request') closeObject(context);
      },
    }) as JsonSchema & {
      $defs?: Record<string, JsonSchema>;
      /** What draft 7 calls them. */
      definitions?: Record<string, JsonSchema>;
    };
    const named = $defs ?? definitions ?? {};
    const names = new Map<string, string>();
    // Definitions without a name of their own are only unique within their schema.
    for (const key of Object.keys(named)) {
      names.set(key, /^__schema\d+$/.test(key) ? `${name}${key.slice(8)}` : key);
    }
    for (const [key, definition] of Object.entries(named)) {
      const { id: _id, ...rest } = definition;
      this.#components[names.get(key)!] = rewriteReferences(rest, names, name) as JsonSchema;
    }
    const rewritten = rewriteReferences(converted, names, name) as JsonSchema;
    if (refersToItself(rewritten, name)) {
      this.#components[name] = rewritten;
      return { $ref: `#/components/schemas/${name}` };
    }
    return rewritten;
  }

  /** Puts a schema under a name and returns the reference to it. */
  add(name: string, schema: JsonSchema): JsonSchema {
    this.#components[name] = schema;
    return { $ref: `#/components/schemas/${name}` };
  }

  /** All components, sorted by name, so that the document does not depend on the order of modules. */
  all(): Record<string, JsonSchema> {
    return Object.fromEntries(
      Object.entries(this.#components).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}

/** A schema, and what JSON Schema makes of it so far. */
interface Converted {
  readonly zodSchema: z.core.$ZodType;
  readonly jsonSchema: JsonSchema;
}

/** An object that does not say that it takes more fields takes no others. */
function closeObject({ zodSchema, jsonSchema }: Converted): void {
  const { def } = (zodSchema as z.core.$ZodTypes)._zod;
  if (def.type === 'object' && !def.catchall) jsonSchema.additionalProperties = false;
}

/** What JSON knows no type for: dates travel as text. */
function describeUnrepresentable({ zodSchema, jsonSchema }: Converted): void {
  const { type } = zodSchema._zod.def;
  if (type === 'date') Object.assign(jsonSchema, { type: 'string', format: 'date-time' });
  if (type === 'bigint') Object.assign(jsonSchema, { type: 'string', pattern: '^-?\\d+$' });
}

function rewriteReferences(value: unknown, names: Map<string, string>, self: string): unknown {
  if (Array.isArray(value)) return value.map((entry) => rewriteReferences(entry, names, self));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      if (key !== '$ref' || typeof field !== 'string') {
        return [key, rewriteReferences(field, names, self)];
      }
      const definition = field.replace(/^#\/(\$defs|definitions)\//, '');
      return [
        key,
        `#/components/schemas/${field === '#' ? self : (names.get(definition) ?? definition)}`,
      ];
    }),
  );
}

function refersToItself(schema: JsonSchema, name: string): boolean {
  return JSON.stringify(schema).includes(`"#/components/schemas/${name}"`);
}
