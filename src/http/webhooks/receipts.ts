/** The SQL of webhook receipts: what came in, and what became of it. */
import type { Transaction } from '../../kernel/transaction.ts';
import type { Problem } from '../problem.ts';

/** One delivery as it came in. */
export interface Delivery {
  readonly id: string;
  readonly source: string;
  /** The sender's own id, or the digest of the body. */
  readonly deliveryId: string;
  /** Without credentials. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
  readonly signed: boolean;
  readonly traceId: string;
  readonly receivedAt: Date;
}

const columns = `(id, source, delivery_id, state, headers, body, signed, problem, trace_id,
  received_at, updated_at)`;

const upsert = (state: string, problem: string) => `
  insert into http.webhook_receipt as known ${columns}
  values ($1, $2, $3, ${state}, $4, $5, $6, ${problem}, $7, $8, $8)
  on conflict (source, delivery_id) do update set
    state = excluded.state, problem = excluded.problem, headers = excluded.headers,
    body = excluded.body, signed = excluded.signed, trace_id = excluded.trace_id,
    attempts = known.attempts + 1, updated_at = excluded.updated_at
  where known.state <> 'accepted'
  returning id`;

const values = (delivery: Delivery) => [
  delivery.id,
  delivery.source,
  delivery.deliveryId,
  JSON.stringify(delivery.headers),
  delivery.body,
  delivery.signed,
  delivery.traceId,
  delivery.receivedAt,
];

const acceptSql = upsert(`'accepted'`, 'null');
const rejectSql = upsert('$9', '$10');

/**
 * Takes the delivery on, to be acted upon in the same transaction; the receipt's id. Null when it was
 * taken on before. Of two that come at once, the second waits here for the first one's end.
 */
export async function acceptDelivery(tx: Transaction, delivery: Delivery): Promise<string | null> {
  const { rows } = await tx.query<{ id: string }>(acceptSql, values(delivery));
  return rows[0]?.id ?? null;
}

/** Keeps a delivery that could not be acted upon, with the reason; it may be tried again. */
export async function rejectDelivery(
  tx: Transaction,
  delivery: Delivery,
  state: 'refused' | 'failed',
  problem: Problem,
): Promise<void> {
  await tx.query(rejectSql, [...values(delivery), state, JSON.stringify(problem)]);
}
