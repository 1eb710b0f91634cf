/** The list of trace events, newest first; with a trace id, the whole way of one order. */
import { decodeCursor, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import { readTraceEventPage, type TraceEventFilter } from './store.ts';
import type { TraceEvent } from './trace-event.ts';

/** One page of the trace events that fit every part of the filter. */
export async function listTraceEvents(
  context: ReadContext,
  input: TraceEventFilter & { limit: number; cursor?: string | undefined },
): Promise<Page<TraceEvent>> {
  const { limit, cursor, ...filter } = input;
  const [at, id] = (cursor && decodeCursor(cursor, 2)) || [];
  const { events, counted } = await readTraceEventPage(context.tx, {
    filter,
    after: at === undefined || id === undefined ? undefined : { at, id },
    limit,
  });
  return toPage({
    rows: events,
    limit,
    counted,
    cursorOf: (event) => [event.at.toISOString(), event.id],
    itemOf: (event) => event,
  });
}
