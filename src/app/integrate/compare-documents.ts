/**
 * Compares what is kept of a service's document with what the service says now. A difference is called
 * breaking when a caller that was right before may be wrong now, or when what comes back may no longer
 * fit; where that cannot be told, it is called breaking.
 */
import { isJson, type Json } from './read-service-document.ts';
import { Problems, ReferencedDocument } from './references.ts';
import { placedOperations, sorted } from './take-document.ts';

/** One difference. */
export interface Difference {
  readonly kind: 'added' | 'removed' | 'changed';
  /** Name of the operation or event. */
  readonly what: string;
  readonly breaking: boolean;
  /** What differs, in a few words. */
  readonly detail: string;
}

/** The differences from the kept document to the one of now; none when they say the same. */
export function compareDocuments(kept: Json, now: Json): readonly Difference[] {
  const before = partsOf(kept);
  const after = partsOf(now);
  const differences: Difference[] = [];
  for (const [what, old] of before) {
    const found = after.get(what);
    if (!found) {
      differences.push({ kind: 'removed', what, breaking: true, detail: `${old.place} is gone` });
      continue;
    }
    const changes = [
      ...(old.place === found.place ? [] : [{ breaking: true, detail: `moved to ${found.place}` }]),
      ...changesOf(old.value, found.value, ''),
    ];
    if (changes.length === 0) continue;
    const breaking = changes.some((one) => one.breaking);
    const detail = changes
      .filter((one) => one.breaking === breaking)
      .slice(0, 5)
      .map((one) => one.detail)
      .join('; ');
    differences.push({ kind: 'changed', what, breaking, detail });
  }
  for (const [what, { place }] of after) {
    if (before.has(what)) continue;
    differences.push({ kind: 'added', what, breaking: false, detail: place });
  }
  return differences;
}

interface Part {
  readonly place: string;
  /** With references followed, and without words that bind nobody. */
  readonly value: unknown;
}

function partsOf(root: Json): ReadonlyMap<string, Part> {
  const document = new ReferencedDocument(root, new Problems());
  const parts = new Map<string, Part>();
  for (const { name, method, path, item, operation } of placedOperations(document)) {
    const value = inlined({ ...operation, shared: item.parameters ?? [] }, document);
    parts.set(name, { place: `${method.toUpperCase()} ${path}`, value });
  }
  for (const [name, item] of Object.entries(isJson(root.webhooks) ? root.webhooks : {})) {
    const value = inlined(isJson(item) ? { event: item.post } : item, document);
    parts.set(`event ${name}`, { place: `webhook ${name}`, value });
  }
  return parts;
}

const mereWords = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'title',
  'tags',
  'externalDocs',
]);

function inlined(
  value: unknown,
  document: ReferencedDocument,
  within: readonly string[] = [],
): unknown {
  if (Array.isArray(value)) return value.map((one) => inlined(one, document, within));
  if (!isJson(value)) return value;
  const { $ref } = value;
  if (typeof $ref === 'string') {
    // A schema that contains itself is compared by name from there on.
    if (within.includes($ref) || within.length > 30) return { $ref };
    return inlined(document.resolve(value, $ref) ?? { $ref }, document, [...within, $ref]);
  }
  const isMap = within.at(-1) === 'properties';
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isMap || !mereWords.has(name))
      .map(([name, part]) => [
        name,
        inlined(
          part,
          document,
          name === 'properties' && !isMap
            ? [...within, name]
            : within.filter((one) => one !== 'properties'),
        ),
      ]),
  );
}

interface Change {
  readonly breaking: boolean;
  readonly detail: string;
}

/** Within a response or an event, more may be promised; within a request, less may be asked. */
function changesOf(before: unknown, after: unknown, place: string): readonly Change[] {
  if (JSON.stringify(sorted(before)) === JSON.stringify(sorted(after))) return [];
  if (!isJson(before) || !isJson(after)) return listChanges(before, after, place);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => {
    const at = `${place}/${name}`;
    if (!(name in before)) return [addition(after, name, at)];
    if (!(name in after)) return [{ breaking: !isLoosening(name, at), detail: `${at} is gone` }];
    return changesOf(before[name], after[name], at);
  });
}

function isOutward(place: string): boolean {
  return place.startsWith('/responses') || place.startsWith('/event');
}

/** Bounds that are dropped let a request say more; of an answer they promised something. */
function isLoosening(name: string, place: string): boolean {
  const bounds = [
    'minimum',
    'maximum',
    'minLength',
    'maxLength',
    'minItems',
    'maxItems',
    'pattern',
    'format',
    'enum',
    'required',
  ];
  return !isOutward(place) && bounds.includes(name);
}

function addition(after: Json, name: string, place: string): Change {
  const isField = /\/properties\/[^/]+$/.test(place);
  const isAnswer = /^\/responses\/[^/]+$/.test(place);
  const isRefusal = isAnswer && /^[45]/.test(name);
  const note = isRefusal || isField || (isOutward(place) && name !== 'nullable');
  const breaking = isAnswer && !isRefusal ? true : !note && !name.startsWith('x-');
  return { breaking, detail: `${place} is new${after[name] === true ? ' and true' : ''}` };
}

function listChanges(before: unknown, after: unknown, place: string): readonly Change[] {
  if (!Array.isArray(before) || !Array.isArray(after)) {
    return [{ breaking: true, detail: `${place} was ${short(before)}, is ${short(after)}` }];
  }
  if (/\/(allOf|oneOf|anyOf|prefixItems)$/.test(place) && before.length === after.length) {
    return before.flatMap((one, index) => changesOf(one, after[index], `${place}/${index}`));
  }
  const [old, now] = [before, after].map((list) => list.map((one) => JSON.stringify(sorted(one))));
  const gone = old!.filter((one) => !now!.includes(one));
  const come = now!.filter((one) => !old!.includes(one));
  const outward = isOutward(place);
  const breaking =
    place.endsWith('/required') || place.endsWith('/enum')
      ? (outward
          ? place.endsWith('/required')
            ? gone
            : come
          : place.endsWith('/required')
            ? come
            : gone
        ).length > 0
      : gone.length > 0 ||
        come.some((one) => !(/\/parameters$/.test(place) && !one.includes('"required":true')));
  // A new code of a refusal ends a step with a code that nobody catches, as any other refusal may.
  const isCode = /\/code\/enum$/.test(place);
  return [
    {
      breaking: breaking && !isCode,
      detail: `${place}: ${[...gone.map((one) => `without ${short(one)}`), ...come.map((one) => `with ${short(one)}`)].slice(0, 4).join(', ')}`,
    },
  ];
}

function short(value: unknown): string {
  const words = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return words.length > 60 ? `${words.slice(0, 57)}...` : words;
}
