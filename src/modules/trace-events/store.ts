/** The only SQL of the trace-events module. */
import { type Kysely, sql } from 'kysely';
import type { TracedService, TraceEventStatus, TraceEventType } from '../../kernel/trace.ts';
import type { Transaction } from '../../kernel/transaction.ts';
import { cappedCount, tables } from '../../postgres/index.ts';
import { detailsJson, type TraceEvent } from './trace-event.ts';

interface TraceEventRow {
  id: string;
  type: TraceEventType;
  service: TracedService;
  procedure: string;
  status: TraceEventStatus;
  trace_id: string;
  span_id: string;
  order_id: string | null;
  user_id: string | null;
  details: Record<string, unknown>;
  error_code: string | null;
  at: Date;
  duration_ms: number;
}

interface TraceEventTables {
  'trace_events.events': TraceEventRow;
}

function toTraceEvent(row: TraceEventRow): TraceEvent {
  const { trace_id, span_id, order_id, user_id, error_code, duration_ms, ...same } = row;
  return {
    ...same,
    traceId: trace_id,
    spanId: span_id,
    orderId: order_id,
    userId: user_id,
    errorCode: error_code,
    durationMs: duration_ms,
  };
}

const insertColumns = `id, type, service, procedure, status, trace_id, span_id, order_id, user_id,
  details, error_code, at, duration_ms`;
const columnCount = 13;

/** One text for each number of rows, so that the server prepares it once. */
const insertTexts = new Map<number, string>();

function insertText(rows: number): string {
  let text = insertTexts.get(rows);
  if (text === undefined) {
    const row = (index: number) =>
      Array.from({ length: columnCount }, (_, place) => `$${index * columnCount + place + 1}`);
    const values = Array.from({ length: rows }, (_, index) => `(${row(index).join(', ')})`);
    text = `insert into trace_events.events (${insertColumns}) values ${values.join(', ')}`;
    insertTexts.set(rows, text);
  }
  return text;
}

/** Most rows of one statement; more are written by several. */
const rowsPerStatement = 20;

/** Adds events, without waiting for the answer. */
export function insertTraceEvents(tx: Transaction, events: readonly TraceEvent[]): void {
  for (let from = 0; from < events.length; from += rowsPerStatement) {
    const some = events.slice(from, from + rowsPerStatement);
    tx.send(
      insertText(some.length),
      some.flatMap((event) => [
        event.id,
        event.type,
        event.service,
        event.procedure,
        event.status,
        event.traceId,
        event.spanId,
        event.orderId,
        event.userId,
        detailsJson(event.details),
        event.errorCode,
        event.at,
        event.durationMs,
      ]),
    );
  }
}

/** Which trace events a list shows. */
export interface TraceEventFilter {
  readonly type?: TraceEventType | undefined;
  readonly status?: TraceEventStatus | undefined;
  readonly service?: TracedService | undefined;
  readonly procedure?: string | undefined;
  readonly orderId?: string | undefined;
  readonly userId?: string | undefined;
  readonly traceId?: string | undefined;
  /** With `traceId`: events of these orders are shown as well, whatever their trace. */
  readonly traceOrderIds?: readonly string[] | undefined;
  /** Not before this moment. */
  readonly from?: string | undefined;
  /** Before this moment. */
  readonly to?: string | undefined;
}

/** A trace with more orders than this is no longer the way of one; the newest ones are shown whole. */
const mostOrdersOfTrace = 50;

/**
 * The orders that a trace touched. What happens to an order later comes in under other traces (the
 * gateway's webhook, the courier's), and belongs to its way all the same.
 */
export async function findOrdersOfTrace(
  tx: Transaction,
  traceId: string,
): Promise<readonly string[]> {
  const { rows } = await tx.query<{ order_id: string }>(
    `select order_id from trace_events.events
      where trace_id = $1 and order_id is not null
      group by order_id order by max(at) desc limit ${mostOrdersOfTrace}`,
    [traceId],
  );
  return rows.map((row) => row.order_id);
}

function filtered(db: Kysely<TraceEventTables>, filter: TraceEventFilter) {
  let query = db.selectFrom('trace_events.events');
  if (filter.type !== undefined) query = query.where('type', '=', filter.type);
  if (filter.status !== undefined) query = query.where('status', '=', filter.status);
  if (filter.service !== undefined) query = query.where('service', '=', filter.service);
  if (filter.procedure !== undefined) query = query.where('procedure', '=', filter.procedure);
  if (filter.orderId !== undefined) query = query.where('order_id', '=', filter.orderId);
  if (filter.userId !== undefined) query = query.where('user_id', '=', filter.userId);
  const { traceId, traceOrderIds = [] } = filter;
  if (traceId !== undefined) {
    // Two plain conditions, so that each is looked up in its own index.
    query = query.where((where) =>
      where.or([
        where('trace_id', '=', traceId),
        ...(traceOrderIds.length > 0 ? [where('order_id', 'in', traceOrderIds)] : []),
      ]),
    );
  }
  if (filter.from !== undefined) query = query.where('at', '>=', new Date(filter.from));
  if (filter.to !== undefined) query = query.where('at', '<', new Date(filter.to));
  return query;
}

/** One page of events, newest first, read with one row more than `limit`, and the capped count. */
export async function readTraceEventPage(
  tx: Transaction,
  options: {
    filter: TraceEventFilter;
    after: { at: string; id: string } | undefined;
    limit: number;
  },
): Promise<{ events: TraceEvent[]; counted: number }> {
  const { after, limit } = options;
  const db = tables<TraceEventTables>(tx);
  const query = filtered(db, options.filter);
  const page = after
    ? query.where(sql<boolean>`(at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`)
    : query;
  const rows = await page
    .selectAll()
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  return { events: rows.map(toTraceEvent), counted: await cappedCount(tx, query) };
}

/** Removes the oldest events from before a moment; gives how many. They lie in the order of their key. */
export async function deleteTraceEvents(
  tx: Transaction,
  before: Date,
  limit: number,
): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from trace_events.events where ctid = any (array(
       select ctid from trace_events.events where at < $1 order by at limit $2))`,
    [before, limit],
  );
  return rowCount;
}
