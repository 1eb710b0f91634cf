/** The list of trace events, newest first; with a trace id, the whole way of one order. */
import { decodeCursor, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import { findOrdersOfTrace, readTraceEventPage, type TraceEventFilter } from './store.ts';
import type { TraceEvent } from './trace-event.ts';

/**
 * One page of the trace events that fit every part of the filter. A trace id stands for the whole way
 * of the orders that the trace touched.
 */
export async function listTraceEvents(
  context: ReadContext,
  input: Omit<TraceEventFilter, 'traceOrderIds'> & { limit: number; cursor?: string | undefined },
): Promise<Page<TraceEvent>> {
  const { limit, cursor, ...filter } = input;
  const [at, id] = (cursor && decodeCursor(cursor, 2)) || [];
  const { traceId } = filter;
  const traceOrderIds = traceId === undefined ? [] : await findOrdersOfTrace(context.tx, traceId);
  const { events, counted } = await readTraceEventPage(context.tx, {
    filter: { ...filter, traceOrderIds },
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
