/**
 * CloudEvents 1.0 over Kafka. Events go out in binary mode: the attributes are headers (`ce_…`) and the
 * value is the payload alone. Messages come in in binary mode, in structured mode (the value is the
 * whole event, as JSON), or as no CloudEvent at all.
 */
import { formatTraceparent, parseTraceparent } from '../../kernel/tracing.ts';
import { cloudEventAttributes, cloudEventMediaType } from '../cloud-event.ts';
import type { LoggedEvent } from '../logged-event.ts';

/** A message as it is handed to a producer. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers: Map<Buffer, Buffer>;
  readonly timestamp: bigint;
}

/** Set when an earlier attempt may have brought the same event to a topic. */
export const redeliveryHeader = 'orderloom_redelivery';

/** Names the cluster that the event was meant for, when another one stands in. */
export const fallbackHeader = 'orderloom_fallback_for';

/** Names of headers and of events are the same few again and again: made once. */
const made = new Map<string, Buffer>();

/** Only for texts of which the program has few. */
function fewBytes(text: string): Buffer {
  let bytes = made.get(text);
  if (bytes === undefined) {
    bytes = Buffer.from(text);
    made.set(text, bytes);
  }
  return bytes;
}

/** Attributes with few values. */
const fewValues = new Set(['specversion', 'source', 'type', 'dataversion']);

/** How an event is sent this time. */
export interface Sending {
  readonly topic: string;
  readonly isRedelivery: boolean;
  /** The cluster that the event was meant for, when it goes to its fallback. */
  readonly fallbackFor: string | null;
}

/** The message of an event. Its id is the id for recognising repeats, wherever and however often it is sent. */
export function toKafkaMessage(event: LoggedEvent, sending: Sending): OutgoingMessage {
  const headers = new Map<Buffer, Buffer>();
  const add = (name: string, value: Buffer) => headers.set(fewBytes(name), value);
  const { datacontenttype, ...attributes } = cloudEventAttributes(event);
  add('content-type', fewBytes(datacontenttype));
  for (const [name, value] of Object.entries(attributes)) {
    add(`ce_${name}`, fewValues.has(name) ? fewBytes(value) : Buffer.from(value));
  }
  if (event.traceId !== null) add('traceparent', traceparentOf(event.traceId, event.id));
  if (sending.isRedelivery) add(redeliveryHeader, fewBytes('possible'));
  if (sending.fallbackFor !== null) add(fallbackHeader, fewBytes(sending.fallbackFor));
  return {
    topic: sending.topic,
    key: Buffer.from(event.key),
    value: Buffer.from(event.payloadJson),
    headers,
    timestamp: BigInt(event.occurredAt.getTime()),
  };
}

/** The span is the event itself: the end of its id, which is random. */
function traceparentOf(traceId: string, eventId: string): Buffer {
  return Buffer.from(
    formatTraceparent({ traceId, spanId: eventId.replaceAll('-', '').slice(-16) }),
  );
}

/** What a message says of itself. */
export interface IncomingEvent {
  /** Source and id of the CloudEvent; null when it is none. */
  readonly identity: string | null;
  readonly traceId: string | null;
  readonly data: unknown;
}

/** Reads a message's value. Throws what is wrong with it, for people. */
export function fromKafkaMessage(
  headers: Readonly<Record<string, string>>,
  value: Buffer,
): IncomingEvent {
  const json = parseJson(value);
  if (isStructured(headers)) return fromEnvelope(headers, json);
  return {
    identity: identityOf(headers.ce_source, headers.ce_id),
    traceId: traceOf(headers.traceparent ?? headers.ce_traceparent),
    data: json,
  };
}

function isStructured(headers: Readonly<Record<string, string>>): boolean {
  return (headers['content-type'] ?? '').startsWith(cloudEventMediaType);
}

function fromEnvelope(headers: Readonly<Record<string, string>>, json: unknown): IncomingEvent {
  if (typeof json !== 'object' || json === null || !('data' in json)) {
    throw new Error('expected a CloudEvent as JSON with `data`, found another value');
  }
  const text = (name: string) => {
    const found: unknown = (json as Readonly<Record<string, unknown>>)[name];
    return typeof found === 'string' ? found : undefined;
  };
  return {
    identity: identityOf(text('source'), text('id')),
    traceId: traceOf(headers.traceparent ?? text('traceparent')),
    data: json.data,
  };
}

function parseJson(value: Buffer): unknown {
  if (value.length === 0) throw new Error('expected JSON, found a message without a value');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch (error) {
    throw new Error(`expected JSON in UTF-8, found something else: ${(error as Error).message}`);
  }
}

function identityOf(source: string | undefined, id: string | undefined): string | null {
  return id === undefined || id === '' ? null : `${source ?? ''} ${id}`;
}

function traceOf(traceparent: string | undefined): string | null {
  return parseTraceparent(traceparent)?.traceId ?? null;
}
