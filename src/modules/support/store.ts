/** The only SQL of the support module. */
import type { Kysely } from 'kysely';
import type { Transaction } from '../../kernel/transaction.ts';
import { readKeysetPage, tables } from '../../postgres/index.ts';
import type { Ticket, TicketStatus } from './ticket.ts';

interface TicketRow {
  id: string;
  order_id: string;
  user_id: string | null;
  subject: string;
  reason: string;
  status: TicketStatus;
  resolution: string | null;
  created_at: Date;
  closed_at: Date | null;
  closed_by: string | null;
}

interface SupportTables {
  'support.tickets': TicketRow;
}

function toTicket(row: TicketRow): Ticket {
  return {
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    subject: row.subject,
    reason: row.reason,
    status: row.status,
    resolution: row.resolution,
    createdAt: row.created_at,
    closedAt: row.closed_at,
    closedBy: row.closed_by,
  };
}

/** Adds the open ticket; false, and nothing is written, when its order and reason have one. */
export async function insertTicket(tx: Transaction, ticket: Ticket): Promise<boolean> {
  const { rowCount } = await tx.query(
    `insert into support.tickets (id, order_id, user_id, subject, reason, status, created_at)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (order_id, reason) do nothing`,
    [
      ticket.id,
      ticket.orderId,
      ticket.userId,
      ticket.subject,
      ticket.reason,
      ticket.status,
      ticket.createdAt,
    ],
  );
  return rowCount === 1;
}

/** The ticket of this order for this reason. */
export async function findTicketOf(
  tx: Transaction,
  orderId: string,
  reason: string,
): Promise<Ticket | undefined> {
  const { rows } = await tx.query<TicketRow>(
    'select * from support.tickets where order_id = $1 and reason = $2',
    [orderId, reason],
  );
  return rows[0] && toTicket(rows[0]);
}

/** Closes the ticket if it is open; of two who close it at once, one gets the ticket. */
export async function closeOpenTicket(
  tx: Transaction,
  closing: { ticketId: string; resolution: string | null; closedBy: string | null; at: Date },
): Promise<Ticket | undefined> {
  const { rows } = await tx.query<TicketRow>(
    `update support.tickets
     set status = 'closed', resolution = $2, closed_by = $3, closed_at = $4
     where id = $1 and status = 'open'
     returning *`,
    [closing.ticketId, closing.resolution, closing.closedBy, closing.at],
  );
  return rows[0] && toTicket(rows[0]);
}

/** The ticket of this id. */
export async function findTicket(tx: Transaction, ticketId: string): Promise<Ticket | undefined> {
  const { rows } = await tx.query<TicketRow>('select * from support.tickets where id = $1', [
    ticketId,
  ]);
  return rows[0] && toTicket(rows[0]);
}

/** Which tickets a list shows. */
export interface TicketFilter {
  readonly status?: TicketStatus | undefined;
  readonly orderId?: string | undefined;
  readonly userId?: string | undefined;
}

function filtered(db: Kysely<SupportTables>, { status, orderId, userId }: TicketFilter) {
  let query = db.selectFrom('support.tickets');
  if (status !== undefined) query = query.where('status', '=', status);
  if (orderId !== undefined) query = query.where('order_id', '=', orderId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  return query;
}

/** One page of tickets, newest first, read with one row more than `limit`, and the capped count. */
export async function readTicketPage(
  tx: Transaction,
  options: { filter: TicketFilter; afterId: string | undefined; limit: number },
): Promise<{ tickets: Ticket[]; counted: number }> {
  const { filter, afterId: after, limit } = options;
  const rows = filtered(tables<SupportTables>(tx), filter);
  const page = { rows, by: 'id', after, limit };
  const { found, counted } = await readKeysetPage(tx, page, (one) => one.selectAll());
  return { tickets: found.map(toTicket), counted };
}
