/**
 * An event as it is read from the log: what was recorded, with its position. The payload stays text
 * until somebody asks for the value, since most readers only pass it on.
 */
import type { RecordedEvent } from '../kernel/event.ts';

/** A recorded event and its place in the log. */
export interface LoggedEvent extends RecordedEvent {
  /** A whole number as text; later events of one key have higher ones. */
  readonly position: string;
  /** The payload as JSON text, to be passed on as it is. */
  readonly payloadJson: string;
}

/** A row of the log, as `loggedEventColumns` reads it. */
export interface LoggedEventRow {
  readonly position: string;
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly key: string;
  readonly payload: string;
  readonly occurred_at: Date;
  readonly trace_id: string | null;
}

/** The columns of `events.event e` that make a logged event. */
export const loggedEventColumns =
  'e.position, e.id, e.name, e.version, e.key, e.payload::text as payload, e.occurred_at, e.trace_id';

/** Makes a logged event of a row. */
export function toLoggedEvent(row: LoggedEventRow): LoggedEvent {
  return {
    position: row.position,
    id: row.id,
    name: row.name,
    version: row.version,
    key: row.key,
    payloadJson: row.payload,
    get payload(): unknown {
      return JSON.parse(row.payload);
    },
    occurredAt: row.occurred_at,
    traceId: row.trace_id,
  };
}
