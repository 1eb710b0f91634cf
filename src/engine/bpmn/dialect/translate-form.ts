/**
 * Fields of a form that stand in the drawing (`formData` of Camunda 7, `formProperty` of Flowable), as the
 * JSON Schema of the answer. What a field checks here is checked for every answer, whoever sends it.
 */
import type { DialectContext } from './dialect-context.ts';
import { add, says } from './our-words.ts';
import type { VendorElement, VendorWords } from './vendor-words.ts';

type Schema = Record<string, unknown>;

const types: Readonly<Record<string, Schema>> = {
  string: { type: 'string' },
  long: { type: 'integer' },
  int: { type: 'integer' },
  double: { type: 'number' },
  boolean: { type: 'boolean' },
  // Dates are texts in variables.
  date: { type: 'string' },
  enum: { type: 'string' },
};

/** What is said of one field, whichever engine it was written for. */
interface Field {
  readonly id: string;
  readonly label: string | undefined;
  readonly type: string;
  readonly preset: string | undefined;
  readonly values: readonly string[];
  /** What it must fulfil, by the names that Camunda 7 has for it. */
  readonly constraints: Readonly<Record<string, string>>;
}

/** Writes the form of a user task in our words; its own words stay. */
export function translateForm(context: DialectContext, words: VendorWords): void {
  const data = words.takeElements('formData');
  const fields = [
    ...data.flatMap(({ children }) => children).map(camundaField),
    ...words.takeElements('formProperty').map(flowableField),
  ];
  if (fields.length === 0 || says(words.element, 'Form')) return;
  const properties: Schema = {};
  const required: string[] = [];
  for (const field of fields) {
    const schema = schemaOf(field);
    if (typeof schema === 'string') {
      refuse(context, words, field, schema);
      return;
    }
    properties[field.id] = schema;
    if ('required' in field.constraints) required.push(field.id);
  }
  const schema = { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
  add(words.element, 'Form', { schema: JSON.stringify(schema) });
}

function camundaField({ attributes, children }: VendorElement): Field {
  const { id = '', label, type = 'string', defaultValue: preset } = attributes;
  const validation = children.find(({ name }) => name === 'validation')?.children ?? [];
  const constraints = validation.map(({ attributes: one }) => [one.name ?? '', one.config ?? '']);
  return {
    ...{ id, label, type, preset, values: valuesOf(children) },
    constraints: Object.fromEntries(constraints),
  };
}

function flowableField({ attributes, children }: VendorElement): Field {
  const {
    id = '',
    name: label,
    type = 'string',
    default: preset,
    variable,
    expression,
  } = attributes;
  return {
    ...{ id, label, type, preset, values: valuesOf(children) },
    constraints: {
      ...(attributes.required === 'true' ? { required: '' } : {}),
      ...(attributes.writable === 'false' ? { readonly: '' } : {}),
      ...(variable === undefined || variable === id ? {} : { variable }),
      ...(expression === undefined ? {} : { expression }),
    },
  };
}

function valuesOf(children: readonly VendorElement[]): readonly string[] {
  return children.flatMap(({ name, attributes }) =>
    name === 'value' ? [attributes.id ?? ''] : [],
  );
}

/** The schema of a field, or what it says that cannot be checked. */
function schemaOf({ id, label, type, preset, values, constraints }: Field): Schema | string {
  const known = Object.hasOwn(types, type) ? types[type] : undefined;
  if (id === '') return 'no id';
  if (!known) return `type "${type}"`;
  const schema: Schema = { ...known, ...(label === undefined ? {} : { title: label }) };
  if (type === 'enum') schema.enum = values;
  for (const [name, config] of Object.entries(constraints)) {
    const word = numericWords[name];
    if (name === 'required') continue;
    if (name === 'readonly') schema.not = {};
    else if (word !== undefined && config !== '' && Number.isFinite(Number(config))) {
      schema[word] = Number(config);
    } else return config === '' ? name : `${name} "${config}"`;
  }
  if (preset === undefined || 'readonly' in constraints) return schema;
  if (/[$#]\{/.test(preset)) return `the default ${preset}`;
  const value = presetOf(known.type, preset);
  return value === undefined ? `the default "${preset}"` : { ...schema, default: value };
}

const numericWords: Readonly<Record<string, string>> = {
  minlength: 'minLength',
  maxlength: 'maxLength',
  min: 'minimum',
  max: 'maximum',
};

function presetOf(type: unknown, text: string): unknown {
  if (type === 'string') return text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined;
  const number = Number(text);
  return text.trim() !== '' && Number.isFinite(number) ? number : undefined;
}

function refuse(
  { report }: DialectContext,
  words: VendorWords,
  { id }: Field,
  found: string,
): void {
  report.add(
    'form-invalid',
    words.element,
    `expected fields of types ${Object.keys(types).join(', ')} with constraints that can be checked, found ${found} at field "${id}"`,
    'take it out, or write the form as JSON Schema in <orderloom:form>',
  );
}
