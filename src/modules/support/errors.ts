/** How the support module says no. */
import { defineError } from '../../kernel/errors.ts';

export const ticketNotFound = defineError({
  code: 'TICKET_NOT_FOUND',
  status: 404,
  title: 'The ticket does not exist.',
});

export const ticketAlreadyClosed = defineError({
  code: 'TICKET_ALREADY_CLOSED',
  status: 409,
  title: 'The ticket is closed already.',
});

/** Every refusal of the module. */
export const supportErrors = [ticketNotFound, ticketAlreadyClosed] as const;
