/** The webhook of biller and network, served at `POST /webhooks/billing`; its body is that of the topics. */
import { z } from 'zod';
import type { WebhookDefinition } from '../../kernel/webhook.ts';

const eventSchema = z.object({ eventId: z.string().min(1).max(200) });

/** Repeats are recognised by the sender's event id. */
export const billingWebhook: WebhookDefinition = Object.freeze<WebhookDefinition>({
  name: 'billing',
  summary: 'Biller and network report what became of an order',
  procedure: 'billing-orders.receive-event',
  deliveryId: (body) => eventSchema.safeParse(body).data?.eventId ?? null,
});
