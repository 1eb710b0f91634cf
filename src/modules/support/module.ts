/** The support module: tickets for what a person must look after. */
import { defineModule, type ModuleDefinition } from '../../kernel/module.ts';
import { supportErrors } from './errors.ts';
import { ticketClosed, ticketOpened } from './events.ts';
import { closeTicketProcedure, listTicketsProcedure, openTicketProcedure } from './procedures.ts';
import { ticketStates } from './ticket.ts';

/** The manifest. */
export function supportModule(): ModuleDefinition {
  return defineModule({
    name: 'support',
    summary: 'Tickets for what a person must look after',
    schema: 'support',
    migrations: new URL('./migrations/', import.meta.url),
    procedures: [openTicketProcedure, listTicketsProcedure, closeTicketProcedure],
    events: [ticketOpened, ticketClosed],
    errors: supportErrors,
    stateMachines: [ticketStates],
  });
}
