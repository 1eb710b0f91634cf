/** The published JSON Schema of AsyncAPI 2.6, as a check of a document, and what the schema cannot say. */
import asyncApiSpecs from '@asyncapi/specs';
import { Ajv, type AnySchema } from 'ajv';
import addFormats from 'ajv-formats';

// The schema brings its own copy of JSON Schema's, so Ajv's is left out.
const ajv = new Ajv({ meta: false, strict: false, validateSchema: false, allErrors: true });
addFormats.default(ajv);
const isValid = ajv.compile(asyncApiSpecs.schemas['2.6.0'] as AnySchema);

/** What is wrong with a document; empty when it is valid AsyncAPI 2.6. */
export function asyncApiProblems(document: unknown): readonly string[] {
  isValid(structuredClone(document));
  const problems = isValid.errors ?? [];
  return [
    ...problems.map(({ instancePath, message }) => `${instancePath}: ${message}`),
    ...['operationId', 'messageId'].flatMap((id) => repeated(document, id)),
  ];
}

/** Ids that have to be unique in a document, and are not. */
function repeated(document: unknown, id: string): readonly string[] {
  const all = JSON.stringify(document).matchAll(new RegExp(`"${id}":"([^"]+)"`, 'g'));
  const found = [...all].map(([, value = '']) => value);
  return found
    .filter((value, at) => found.indexOf(value) < at)
    .map((v) => `${id} ${v} is repeated`);
}

/** The references of a document that lead nowhere within it. */
export function brokenReferences(document: unknown): readonly string[] {
  const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
  return [...references].flatMap(([, reference = '']) => {
    let place: unknown = document;
    for (const step of reference.replace(/^#\//, '').split('/')) {
      place = (place as Record<string, unknown> | undefined)?.[step];
    }
    return typeof place === 'object' ? [] : [reference];
  });
}
