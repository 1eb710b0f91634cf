/**
 * Finds the fields that a schema would drop in silence: a client who writes `variables` where `input` is
 * meant is told, and nothing starts without its input. What a schema declares to be free (a record, an
 * object that takes more, any value) is taken as it comes.
 */
import type { z } from 'zod';
import type { FieldIssue } from '../kernel/errors.ts';
import { foundAt, jsonPointer } from '../kernel/field-issues.ts';
import { didYouMean } from '../kernel/near-names.ts';

/** More known names than a person reads at a glance are not told. */
const mostKnown = 12;

type Schema = z.core.$ZodType;
type Path = readonly PropertyKey[];
type Fields = Readonly<Record<string, unknown>>;

/** A field that no schema knows, with the names that are known at its place. */
interface Unknown {
  readonly path: Path;
  readonly known: readonly string[];
}

/** One issue for each field of `input` that the schema does not know, at whatever depth; none for most inputs. */
export function unknownFields(schema: Schema, input: unknown): FieldIssue[] {
  return find(schema, input, []).map(({ path, known }) => ({
    pointer: jsonPointer(path),
    expected: 'no such field',
    found: foundAt(path, input),
    message: `there is no field "${String(path.at(-1))}"${hint(String(path.at(-1)), known)}`,
  }));
}

function hint(name: string, known: readonly string[]): string {
  const meant = didYouMean(name, known);
  if (meant !== '') return meant;
  if (known.length === 0) return '; nothing is taken here: leave it out';
  const some = known.slice(0, mostKnown).join(', ');
  return `; known here: ${some}${known.length > mostKnown ? ', …' : ''}`;
}

function find(schema: Schema, value: unknown, path: Path): readonly Unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
      return isFields(value) ? inObject(def, value, path) : [];
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((entry, index) => find(def.element, entry, [...path, index]))
        : [];
    case 'tuple':
      return Array.isArray(value)
        ? def.items.flatMap((item, index) => find(item, value[index], [...path, index]))
        : [];
    case 'record':
      return isFields(value)
        ? Object.entries(value).flatMap(([key, entry]) =>
            find(def.valueType, entry, [...path, key]),
          )
        : [];
    case 'union': {
      const option = optionFor(def.options, value);
      return option ? find(option, value, path) : [];
    }
    case 'intersection':
      return inBoth(find(def.left, value, path), find(def.right, value, path));
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'default':
    case 'prefault':
    case 'catch':
    case 'readonly':
      return find(def.innerType, value, path);
    case 'pipe':
      return find(def.in, value, path);
    case 'lazy':
      return find(def.getter(), value, path);
    default:
      return [];
  }
}

function inObject(def: z.core.$ZodObjectDef, value: Fields, path: Path): Unknown[] {
  const known = Object.keys(def.shape);
  const unknown = def.catchall
    ? []
    : Object.keys(value)
        .filter((name) => !Object.hasOwn(def.shape, name))
        .map((name) => ({ path: [...path, name], known }));
  const deeper = known.flatMap((name) => find(def.shape[name]!, value[name], [...path, name]));
  return [...unknown, ...deeper];
}

/** The branch that will be taken: a union takes the first that fits. What fits none is refused by the schema. */
function optionFor(options: readonly Schema[], value: unknown): Schema | undefined {
  return options.find((option) => (option as z.ZodType).safeParse(value).success);
}

/** Each half of an intersection knows only its own fields: unknown is what neither of them knows. */
function inBoth(left: readonly Unknown[], right: readonly Unknown[]): Unknown[] {
  const others = new Map(right.map((one) => [jsonPointer(one.path), one.known]));
  return left.flatMap(({ path, known }) => {
    const more = others.get(jsonPointer(path));
    return more ? [{ path, known: [...known, ...more] }] : [];
  });
}

function isFields(value: object): value is Fields {
  return !Array.isArray(value);
}
