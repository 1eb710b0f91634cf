/** What the support module offers, as data: who may call what, where, and which use case answers. */
import { z } from 'zod';
import { isRefusal } from '../../kernel/errors.ts';
import { idSchema } from '../../kernel/ids.ts';
import { pageOf, pageQueryBy } from '../../kernel/page.ts';
import { defineRead, defineTransactional } from '../../kernel/procedure.ts';
import { textSchema } from '../../kernel/text.ts';
import { closeTicket } from './close-ticket.ts';
import { ticketAlreadyClosed, ticketNotFound } from './errors.ts';
import { ticketClosed, ticketOpened } from './events.ts';
import { listTickets } from './list-tickets.ts';
import { openTicket } from './open-ticket.ts';
import {
  ticketActions,
  ticketRowSchema,
  ticketSchema,
  ticketStaff,
  ticketStatuses,
  ticketView,
} from './ticket.ts';

export const openTicketProcedure = defineTransactional({
  name: 'support.open-ticket',
  summary: 'Ask a person to look after an order',
  description:
    'There is one ticket for an order and a reason; asking again answers with it, open or closed.',
  input: z.object({
    orderId: idSchema,
    userId: idSchema.optional(),
    subject: textSchema(200),
    reason: textSchema(100).meta({ examples: ['delivery_failed'] }),
  }),
  output: ticketSchema,
  access: ['service', ...ticketStaff],
  http: { method: 'POST', path: '/tickets', status: 201 },
  errors: [],
  emits: [ticketOpened],
  execute: async (context, input) => ticketView(await openTicket(context, input)),
});

export const listTicketsProcedure = defineRead({
  name: 'support.list-tickets',
  summary: 'List tickets, newest first',
  input: pageQueryBy([idSchema]).extend({
    status: z.enum(ticketStatuses).optional(),
    orderId: idSchema.optional(),
    userId: idSchema.optional(),
  }),
  output: pageOf(ticketRowSchema),
  access: ['service', ...ticketStaff],
  http: { method: 'GET', path: '/tickets' },
  errors: [],
  async execute(context, input) {
    const page = await listTickets(context, input);
    return {
      ...page,
      items: page.items.map((ticket) => ({
        ...ticketView(ticket),
        can: ticketActions(context.caller, ticket),
      })),
    };
  },
});

export const closeTicketProcedure = defineTransactional({
  name: 'support.close-ticket',
  summary: 'Close a ticket',
  input: z.object({ ticketId: idSchema, resolution: textSchema(2000).optional() }),
  output: ticketSchema,
  access: ticketStaff,
  http: { method: 'POST', path: '/tickets/{ticketId}/close' },
  errors: [ticketNotFound, ticketAlreadyClosed],
  emits: [ticketClosed],
  async execute(context, input) {
    const result = await closeTicket(context, input);
    return isRefusal(result) ? result : ticketView(result);
  },
});
