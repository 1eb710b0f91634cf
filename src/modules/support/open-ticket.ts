/** Asking a person to look after an order. */
import { assert } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { ticketOpened } from './events.ts';
import { findTicketOf, insertTicket } from './store.ts';
import type { Ticket } from './ticket.ts';

/** Opens a ticket. The same reason for the same order answers with the ticket that is there. */
export async function openTicket(
  context: TransactionalContext,
  input: { orderId: string; userId?: string | undefined; subject: string; reason: string },
): Promise<Ticket> {
  const ticket: Ticket = {
    id: context.newId(),
    orderId: input.orderId,
    userId: input.userId ?? null,
    subject: input.subject,
    reason: input.reason,
    status: 'open',
    resolution: null,
    createdAt: context.clock.now(),
    closedAt: null,
    closedBy: null,
  };
  if (!(await insertTicket(context.tx, ticket))) {
    const earlier = await findTicketOf(context.tx, input.orderId, input.reason);
    assert(
      earlier,
      `expected the ticket of order ${input.orderId} that blocked another, found none`,
    );
    return earlier;
  }
  await context.emit(ticketOpened, {
    ticketId: ticket.id,
    orderId: ticket.orderId,
    userId: ticket.userId,
    reason: ticket.reason,
    openedAt: ticket.createdAt.toISOString(),
  });
  return ticket;
}
