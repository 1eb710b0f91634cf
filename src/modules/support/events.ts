/** Facts that the support module publishes. Subjects and resolutions stay inside: people write them. */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

/** Somebody must look after the order. */
export const ticketOpened = defineEvent({
  name: 'support.ticket-opened',
  version: 1,
  summary: 'A support ticket was opened',
  payload: z.object({
    ticketId: idSchema,
    orderId: idSchema,
    userId: idSchema.nullable(),
    reason: z.string(),
    openedAt: z.iso.datetime(),
  }),
  key: (payload) => payload.orderId,
});

/** Somebody has looked after it. */
export const ticketClosed = defineEvent({
  name: 'support.ticket-closed',
  version: 1,
  summary: 'A support ticket was closed',
  payload: z.object({
    ticketId: idSchema,
    orderId: idSchema,
    closedBy: idSchema.nullable(),
    closedAt: z.iso.datetime(),
  }),
  key: (payload) => payload.orderId,
});
