/** Asks a person to look after a delivery that failed. One order has one ticket for one reason. */
import { z } from 'zod';
import { step } from '../../engine/index.ts';

/** Opens one ticket of the order for the reason, or finds it. */
export const openTicket = step({
  id: 'open-ticket',
  input: z.object({
    orderId: z.string(),
    userId: z.string(),
    subject: z.string(),
    reason: z.string(),
  }),
  execute: ({ engine, inputData }) => engine.run('support.open-ticket', inputData),
  irreversible: 'a ticket is closed by the person who has looked after it',
});
