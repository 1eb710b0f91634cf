/** Keeping trace events: what the runner calls for every procedure that declares one. */
import type { RecordTraceEvents } from '../../kernel/trace.ts';
import { insertTraceEvents } from './store.ts';
import { toTraceEvent } from './trace-event.ts';

/** Keeps the events with this transaction, in one statement; whatever their details are, they are stored. */
export const recordTraceEvents: RecordTraceEvents = (tx, events) =>
  insertTraceEvents(tx, events.map(toTraceEvent));
