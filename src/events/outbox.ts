/**
 * The outbox: events are rows of the same transaction as the change that they tell of, so an event
 * exists if, and only if, its change was committed. In-process subscribers hear of the events before
 * that commit and write in the same transaction; when one of them fails, nothing is kept.
 */
import type { RecordedEvent } from '../kernel/event.ts';
import type { Transaction } from '../kernel/transaction.ts';

/**
 * Hears of events inside the transaction that records them. What it writes through `tx` commits with
 * them; a rejection rolls everything back.
 */
export type EventSubscriber = (tx: Transaction, events: readonly RecordedEvent[]) => Promise<void>;

/** Where events are recorded. */
export interface Outbox {
  /**
   * Records the events in the given order, with one statement that travels with the commit, and tells
   * the subscribers in turn.
   */
  append(tx: Transaction, events: readonly RecordedEvent[]): Promise<void>;
}

const columns = '(id, name, version, key, payload, occurred_at, trace_id)';

/** Up to so many events are written as plain values, one text for each number of them. */
const mostAsValues = 8;
const insertTexts = Array.from({ length: mostAsValues + 1 }, (_, rows) => {
  const row = (index: number) =>
    `(${Array.from({ length: 7 }, (_none, place) => `$${index * 7 + place + 1}`).join(', ')})`;
  const values = Array.from({ length: rows }, (_none, index) => row(index)).join(', ');
  return `insert into events.event ${columns} values ${values}`;
});

// `with ordinality` keeps the order of the list, and with it the order of the positions.
const insertMany = `
  insert into events.event ${columns}
  select id, name, version, key, payload, occurred_at, trace_id
  from unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::jsonb[], $6::timestamptz[],
    $7::text[]) with ordinality
    as list(id, name, version, key, payload, occurred_at, trace_id, place)
  order by place`;

/** Makes the outbox. Subscribers are called in the order given, one after the other. */
export function createOutbox(options: {
  readonly subscribers: readonly EventSubscriber[];
}): Outbox {
  return {
    async append(tx, events) {
      if (events.length === 0) return;
      insert(tx, events);
      for (const subscriber of options.subscribers) await subscriber(tx, events);
    },
  };
}

function insert(tx: Transaction, events: readonly RecordedEvent[]): void {
  const text = insertTexts[events.length];
  if (text !== undefined) {
    tx.send(
      text,
      events.flatMap(({ id, name, version, key, payload, occurredAt, traceId }) => [
        id,
        name,
        version,
        key,
        JSON.stringify(payload),
        occurredAt,
        traceId,
      ]),
    );
    return;
  }
  tx.send(insertMany, [
    events.map(({ id }) => id),
    events.map(({ name }) => name),
    events.map(({ version }) => version),
    events.map(({ key }) => key),
    events.map(({ payload }) => JSON.stringify(payload)),
    events.map(({ occurredAt }) => occurredAt),
    events.map(({ traceId }) => traceId),
  ]);
}
