/** The list of tickets, newest first. */
import { cursorValue, type Page, toPage } from '../../kernel/page.ts';
import type { ReadContext } from '../../kernel/procedure.ts';
import { readTicketPage, type TicketFilter } from './store.ts';
import type { Ticket } from './ticket.ts';

/** One page of tickets. Ids are UUIDv7, so their order is the order of opening. */
export async function listTickets(
  context: ReadContext,
  input: TicketFilter & { limit: number; cursor?: string | undefined },
): Promise<Page<Ticket>> {
  const { limit, cursor, status, orderId, userId } = input;
  const { tickets, counted } = await readTicketPage(context.tx, {
    filter: { status, orderId, userId },
    afterId: cursorValue(cursor),
    limit,
  });
  return toPage({
    rows: tickets,
    limit,
    counted,
    cursorOf: (ticket) => [ticket.id],
    itemOf: (ticket) => ticket,
  });
}
