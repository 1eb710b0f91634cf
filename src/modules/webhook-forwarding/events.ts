/** What webhook forwarding tells: that a delivery was taken in and is to be passed on. */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

/** A delivery for another service was taken in. Begins the process that passes it on. */
export const webhookReceived = defineEvent({
  name: 'webhook.received',
  version: 1,
  summary: 'A webhook for another service was taken in',
  payload: z.object({
    deliveryId: idSchema,
    webhook: z.string(),
    body: z.string().describe('JSON, as it will be passed on'),
  }),
  key: ({ webhook, deliveryId }) => `${webhook}/${deliveryId}`,
});
