/**
 * Reads what a service sends by itself: the `webhooks` of its document, and the `callbacks` of its
 * operations. Each becomes an event. Documents of Orderloom services say with `x-event` which part of
 * the body is the payload and which field keeps the order; elsewhere the whole body is the payload.
 */

import type { PlacedOperation } from './describe-operations.ts';
import { isJson, type Json } from './read-service-document.ts';
import type { ReferencedDocument } from './references.ts';
import type { ZodSource } from './zod-source.ts';

/** One event. Schemas are source. */
export interface DescribedEvent {
  /** Without the service's name. */
  readonly name: string;
  readonly version: number;
  readonly summary: string;
  readonly body: string;
  readonly payload: string;
  readonly payloadIn: string | null;
  /** Field of the payload whose value keeps events in order; null: all of the service are one order. */
  readonly key: string | null;
}

/** A place of the document where an event is described. */
export interface PlacedEvent {
  readonly name: string;
  /** Where it stands, for problems. */
  readonly place: string;
  /** The path item; its `post` describes the body. */
  readonly item: unknown;
}

/** Every event that a document speaks of, by the names that they have there. */
export function placedEvents(
  document: ReferencedDocument,
  operations: readonly PlacedOperation[],
): readonly PlacedEvent[] {
  const { root } = document;
  const webhooks = [root.webhooks, root['x-webhooks']].flatMap((list) =>
    isJson(list) ? Object.entries(list) : [],
  );
  const callbacks = operations.flatMap(({ name, operation }) =>
    Object.entries(isJson(operation.callbacks) ? operation.callbacks : {}).flatMap(
      ([callback, raw]) => {
        const place = `callback ${callback} of ${name}`;
        const expressions = Object.values(document.resolve(raw, place) ?? {});
        return expressions.map((item) => ({ name: `${name}.${callback}`, place, item }));
      },
    ),
  );
  return [
    ...webhooks.map(([name, item]) => ({ name, place: `webhook ${name}`, item })),
    ...callbacks,
  ];
}

/** Describes one event; null (and a problem) when nothing can be taken in. */
export function describeEvent(
  { name, place, item }: PlacedEvent,
  document: ReferencedDocument,
  schemas: ZodSource,
): DescribedEvent | null {
  const operation = document.resolve(document.resolve(item, place)?.post, place);
  const requestBody = operation && document.resolve(operation.requestBody, `${place} body`);
  const content = requestBody && isJson(requestBody.content) ? requestBody.content : {};
  const media = content['application/json'];
  if (!operation || !isJson(media)) {
    document.problems.add(place, 'expected a POST with a JSON body, found something else');
    return null;
  }
  const marks = isJson(operation['x-event']) ? operation['x-event'] : {};
  const payloadIn = typeof marks.payload === 'string' ? marks.payload : null;
  const whole = document.resolve(media.schema ?? {}, place);
  const payload =
    payloadIn === null ? whole : (propertyOf(document, whole, payloadIn, place) ?? whole);
  const { summary } = operation;
  return {
    name,
    version: typeof marks.version === 'number' ? marks.version : 1,
    summary: typeof summary === 'string' && summary !== '' ? summary.slice(0, 200) : name,
    body: schemas.of(media.schema, 'output', place),
    payload: schemas.of(payload ?? true, 'output', place),
    payloadIn,
    key: typeof marks.key === 'string' ? marks.key : likelyKey(payload),
  };
}

function propertyOf(
  document: ReferencedDocument,
  schema: Json | null,
  name: string,
  place: string,
): Json | null {
  const properties = schema?.properties;
  return isJson(properties) ? document.resolve(properties[name], place) : null;
}

/** What the event is about: its first required field that is called like an id. */
function likelyKey(payload: Json | null): string | null {
  const { properties, required } = payload ?? {};
  if (!isJson(properties) || !Array.isArray(required)) return null;
  const ids = Object.entries(properties).filter(
    ([name, field]) =>
      required.includes(name) &&
      isJson(field) &&
      field.type === 'string' &&
      /(^id|Id|_id)$/.test(name),
  );
  return (ids.find(([name]) => name !== 'id') ?? ids[0])?.[0] ?? null;
}
