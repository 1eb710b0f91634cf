/**
 * What a ticket is.
 *
 * - `open`: a person should look after an order, for the reason that the ticket names. It is left by
 *   closing it.
 * - `closed`: final. The same reason for the same order answers with this ticket and does not open it
 *   again; another trouble has another reason.
 */
import { z } from 'zod';
import { type Caller, hasRole } from '../../kernel/caller.ts';
import { idSchema } from '../../kernel/ids.ts';
import { type Action, actionSchema } from '../../kernel/page.ts';
import { canTransition, defineStateMachine } from '../../kernel/state-machine.ts';

export const ticketStates = defineStateMachine({
  name: 'ticket',
  initial: 'open',
  transitions: { open: ['closed'], closed: [] },
});

/** Every state of a ticket, for schemas. */
export const ticketStatuses = ['open', 'closed'] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

/** A ticket as it is now. */
export interface Ticket {
  readonly id: string;
  readonly orderId: string;
  readonly userId: string | null;
  readonly subject: string;
  readonly reason: string;
  readonly status: TicketStatus;
  readonly resolution: string | null;
  readonly createdAt: Date;
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
}

/** A ticket on the wire. */
export const ticketSchema = z.object({
  id: idSchema,
  orderId: idSchema,
  userId: idSchema.nullable(),
  subject: z.string(),
  reason: z.string(),
  status: z.enum(ticketStatuses),
  resolution: z.string().nullable(),
  createdAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  closedBy: idSchema.nullable(),
});

/** A ticket in a list, with what the reader may do with it. */
export const ticketRowSchema = ticketSchema.extend({ can: z.array(actionSchema) });

/** The ticket as the API shows it. */
export function ticketView(ticket: Ticket): z.input<typeof ticketSchema> {
  return {
    ...ticket,
    createdAt: ticket.createdAt.toISOString(),
    closedAt: ticket.closedAt?.toISOString() ?? null,
  };
}

/** Who works on tickets. */
export const ticketStaff = ['support', 'manager', 'operator', 'admin'] as const;

/** What `caller` may do with a ticket. */
export function ticketActions(caller: Caller, ticket: Ticket): Action[] {
  const action = 'support.close-ticket';
  if (!hasRole(caller, ...ticketStaff)) {
    return [{ action, allowed: false, reason: 'Only staff may close tickets.' }];
  }
  return canTransition(ticketStates, ticket.status, 'closed')
    ? [{ action, allowed: true }]
    : [{ action, allowed: false, reason: 'The ticket is closed already.' }];
}
