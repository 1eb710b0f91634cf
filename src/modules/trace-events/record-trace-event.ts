/** Keeping a trace event: what the runner calls for every procedure that declares one. */
import type { RecordTraceEvent } from '../../kernel/trace.ts';
import { insertTraceEvent } from './store.ts';
import { toTraceEvent } from './trace-event.ts';

/** Keeps the event in this transaction, with one statement; whatever its details are, it is stored. */
export const recordTraceEvent: RecordTraceEvent = (tx, event) =>
  insertTraceEvent(tx, toTraceEvent(event));
