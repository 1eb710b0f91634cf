/** Closing a ticket, with what was done about it. */
import { type Refusal, refuse } from '../../kernel/errors.ts';
import type { TransactionalContext } from '../../kernel/procedure.ts';
import { ticketAlreadyClosed, ticketNotFound } from './errors.ts';
import { ticketClosed } from './events.ts';
import { closeOpenTicket, findTicket } from './store.ts';
import type { Ticket } from './ticket.ts';

/** Closes an open ticket once; of two people who close it at once, the second one is told. */
export async function closeTicket(
  context: TransactionalContext,
  input: { ticketId: string; resolution?: string | undefined },
): Promise<Ticket | Refusal<'TICKET_NOT_FOUND' | 'TICKET_ALREADY_CLOSED'>> {
  const { ticketId } = input;
  const at = context.clock.now();
  const ticket = await closeOpenTicket(context.tx, {
    ticketId,
    resolution: input.resolution ?? null,
    closedBy: context.caller.userId,
    at,
  });
  if (!ticket) return refuseClosing(ticketId, await findTicket(context.tx, ticketId));
  await context.emit(ticketClosed, {
    ticketId,
    orderId: ticket.orderId,
    closedBy: ticket.closedBy,
    closedAt: at.toISOString(),
  });
  return ticket;
}

function refuseClosing(ticketId: string, ticket: Ticket | undefined) {
  if (!ticket) {
    return refuse(
      ticketNotFound,
      `Expected the id of a ticket, found ${ticketId}; support.list-tickets lists them.`,
      { data: { ticketId } },
    );
  }
  return refuse(
    ticketAlreadyClosed,
    `Expected an open ticket, found ${ticketId}, which was closed at ` +
      `${ticket.closedAt?.toISOString()}; there is nothing left to do.`,
    { data: { ticketId, closedAt: ticket.closedAt?.toISOString() } },
  );
}
