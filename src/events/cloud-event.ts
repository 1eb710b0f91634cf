/**
 * Events in the form of CloudEvents 1.0, for everybody outside: the stream, webhooks, brokers. The
 * payload is spliced in as the text that the database holds, so nothing is parsed to be passed on.
 */
import type { LoggedEvent } from './logged-event.ts';

/** Where the events of this program come from: the `source` of every one of them. */
export const cloudEventSource = '/orderloom';

/** The media type of an event as JSON in structured mode. */
export const cloudEventMediaType = 'application/cloudevents+json';

/** The attributes of an event; all of them are texts, as the standard's extensions must be. */
export interface CloudEventAttributes {
  readonly specversion: '1.0';
  /** The de-duplication id: the same whenever this event is sent again. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  /** What the event is about, e.g. an order's id. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  /** Version of the payload's schema. */
  readonly dataversion: string;
  /** Events with the same one keep their order (extension `partitioning`). */
  readonly partitionkey: string;
  /** The position in the log (extension `sequence`). */
  readonly sequence: string;
  /** The trace that the event happened in, as 32 hex digits. */
  readonly traceid?: string;
}

/** The attributes of an event, in the order in which they are written. */
export function cloudEventAttributes(event: LoggedEvent): CloudEventAttributes {
  return {
    specversion: '1.0',
    id: event.id,
    source: cloudEventSource,
    type: event.name,
    subject: event.key,
    time: event.occurredAt.toISOString(),
    datacontenttype: 'application/json',
    dataversion: String(event.version),
    partitionkey: event.key,
    sequence: event.position,
    ...(event.traceId === null ? {} : { traceid: event.traceId }),
  };
}

/** The event as one JSON text in structured mode. */
export function cloudEventJson(event: LoggedEvent): string {
  const attributes = JSON.stringify(cloudEventAttributes(event));
  return `${attributes.slice(0, -1)},"data":${event.payloadJson}}`;
}
