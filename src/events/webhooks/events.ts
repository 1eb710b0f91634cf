/** The events that outgoing webhooks themselves emit. */
import { z } from 'zod';
import { defineEvent } from '../../kernel/event.ts';
import { idSchema } from '../../kernel/ids.ts';

export const webhookSubscriptionDisabled = defineEvent({
  name: 'webhook-subscription.disabled',
  version: 1,
  summary: 'A subscription was switched off because its receiver did not work for too long',
  payload: z.object({
    subscriptionId: idSchema,
    url: z.string(),
    reason: z.string(),
    disabledAt: z.iso.datetime(),
  }),
  key: ({ subscriptionId }) => subscriptionId,
});
